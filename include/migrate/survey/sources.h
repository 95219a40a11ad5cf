// From what the operator names (files, folders, patterns, databases) to sources: which files belong together, which
// tables hold persons, and what of all that was left out, with the reason.
#pragma once

#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/survey/guess.h"
#include "migrate/survey/profile.h"
#include "migrate/survey/sample.h"

namespace migrate::survey {

// Rows of a source that are looked at from its beginning; a quarter as many from all through it.
inline constexpr uint64_t kHeadRows = 10'000;

// How servers are logged in to.
struct ServerAccess {
  std::string password_env = "MIGRATE_PASSWORD";  // the variable that plans will name
  std::string password;                           // what it holds
  std::string tls_mode, tls_ca;                   // as in a plan; "" is its default
};

struct SurveyedSource {
  std::string name;                   // fit for a plan
  bool sqlite = false;                // else csv, unless there is a url
  std::string url;                    // mysql: of the database; "" else
  ServerAccess access;                // mysql: without the password
  std::string path;                   // csv: absolute pattern, literal parts escaped; sqlite: absolute path
  std::string query;                  // sqlite: instead of the table, where that has no key; "" else
  std::vector<std::string> files;     // csv: those that the pattern matches
  TableInfo table;                    // sqlite, mysql
  std::vector<std::string> findings;  // dialect and packing of the first file
  TableProfile profile{{}};
  uint64_t head_rows = 0, spread_rows = 0, reject_rows = 0;
  bool whole = false;      // every row was looked at
  bool no_header = false;  // the first line looks like data
  std::vector<ColumnGuess> guesses;
  KeyGuess key;
};

struct LeftOut {
  std::string what;  // a file (absolute), "table orders of shop.db"
  std::string reason;
  std::string argument = {};  // what to give `migrate init` to have it read nevertheless (absolute); "" else
};
// "donors.xlsx: not a CSV file by its name", with paths as they read from `folder`.
std::string LeftOutText(const LeftOut& left_out, const std::string& folder);
// A path as it reads from `folder` ("" is the current one); far away it stays absolute.
std::string PathFrom(const std::string& path, const std::string& folder);

struct SurveyResult {
  std::vector<SurveyedSource> sources;
  std::vector<LeftOut> left_out;
};

// `args`: a file, a pattern, a folder, a SQLite database, mysql://user@host:port/database, or either with ":table"
// behind it. Errors (kPlan): something that is not there, is neither CSV nor SQLite, a login that the server refuses,
// or nothing that holds persons.
Result<SurveyResult> SurveySources(const std::vector<std::string>& args, const ServerAccess& access = {});

// A pattern that matches exactly `files` among `all` (names in one folder), or "" if there is none that is a prefix, a
// star and a suffix. Literal parts are escaped for glob(3).
std::string PatternFor(const std::vector<std::string>& files, const std::vector<std::string>& all);

// Does this header look like a row of data? `why` says by what.
bool LooksLikeData(const std::vector<extract::Column>& header, const TableProfile& profile, std::string* why);

}  // namespace migrate::survey
