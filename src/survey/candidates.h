// What arguments name: files that can be read, grouped by header, and databases.
#pragma once

#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/survey/sources.h"

namespace migrate::survey {

// Files of one folder with one header that one pattern names.
struct FileGroup {
  std::vector<std::string> files;  // absolute, sorted
  std::string pattern;             // absolute
  std::vector<extract::Column> columns;
  bool named = false;  // the operator named them, not only their folder
};
struct DatabaseArgument {
  std::string path, table;  // table "": all; path: of a file, or the URL of a server's database
  bool mysql = false;
};
struct Candidates {
  std::vector<FileGroup> groups;
  std::vector<DatabaseArgument> databases;
  std::vector<LeftOut> left_out;
};
Result<Candidates> FindCandidates(const std::vector<std::string>& args);

}  // namespace migrate::survey
