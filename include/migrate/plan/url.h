// The parts of the URLs of a plan: sqlite:PATH and mysql://user@host[:port]/database.
#pragma once

#include <string>
#include <string_view>

namespace migrate::plan {

struct Url {
  std::string error;                 // what is wrong, without the URL; "" is: nothing
  std::string expected, suggestion;  // go with `error`
  bool sqlite = false;
  std::string path;                  // sqlite, as written
  std::string user, host, database;  // mysql; %XX decoded; an IPv6 host without its brackets
  int port = 3306;
};

// `sqlite_allowed`: a source's url and reader_url are of MySQL only.
Url ParseUrl(std::string_view url, bool sqlite_allowed);

}  // namespace migrate::plan
