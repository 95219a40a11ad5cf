// The rows behind the numbers of a report: what `migrate rows` lists, and what the page names beside each number.
//
// A number counts records, persons or rejects as they were when an import ended; later imports do not change it, for
// old images are kept in the target. Numbers whose rows are not kept (rows that were in the target already, pairs that
// were compared) are not among them. Read-only, one snapshot; a record or person costs no memory, rows are streamed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/report/output.h"
#include "migrate/store/connection.h"

namespace migrate::report {

// A number by name. `filters` are letters: s source, f file, r reason, n records of a person, F field.
struct NumberName {
  std::string_view name, means, filters;
  bool in_workspace = false;  // its rows lie there (run/work_rows.h), not in the target
};
const std::vector<NumberName>& NumberNames();

struct NumberQuery {
  std::string name;               // of NumberNames
  int64_t import_id = 0;          // 0: the last one that is done
  std::string source;             // "" is all
  std::string file;               // path as in the import, or an end of it that begins at a folder; "" is all
  std::string field;              // a field or attribute
  std::string reason;             // of a quarantine; "" is all
  uint64_t least = 0, most = 0;   // persons of so many records; 0 0 is all
  std::optional<uint64_t> limit;  // rows to write
};

struct NumberResult {
  int64_t import_id = 0;
  uint64_t count = 0;  // of all rows, also those beyond the limit
};

// kPlan error for a name that there is not, and for a filter that says nothing about it. Returns the number.
Result<NumberName> CheckNumber(const NumberQuery& query);

// Writes the rows as CSV with a header, in an order that is always the same: records and rejects by source, then key or
// place; persons by id. kPlan error for an import that there is not. Only numbers whose rows are in the target.
Result<NumberResult> WriteNumber(store::Connection* db, const NumberQuery& query, Output& out);

// "2" or "6-10" or "101-": a range of records; nullopt if it is none.
std::optional<std::pair<uint64_t, uint64_t>> ParseRange(std::string_view text);

}  // namespace migrate::report
