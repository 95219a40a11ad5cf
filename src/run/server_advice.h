// What an operator should set on the server of a target before a large run: for `explain`. The server's memory is the
// operator's to give, so migrate asks for no more than what its way of reading and writing can use.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// The server's global variables by their names, as far as this advice asks for them and the server has them.
using ServerVariables = std::map<std::string, uint64_t>;
Result<ServerVariables> ReadServerVariables(store::Connection* db);

struct ServerUse {
  uint64_t tables = 0;   // bytes of the target's tables and indexes after the run
  uint64_t beside = 0;   // bytes of memory that must be left to others on the server's machine: the run, the system
  uint64_t machine = 0;  // bytes of memory of the server's machine; 0: not known, it is another one than this
};

struct ServerSetting {
  std::string variable;
  uint64_t now = 0, recommended = 0;  // bytes; recommended: at least
  std::optional<uint64_t> most;       // what its machine leaves to it, where that is known
  std::string why;
};

// Only what the server has, in the order of their weight.
std::vector<ServerSetting> AdviseServer(const ServerVariables& variables, const ServerUse& use);

}  // namespace migrate::run
