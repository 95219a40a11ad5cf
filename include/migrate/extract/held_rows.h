// Rows that were kept in quarantine, read again as their source's reader would read them: the same key, payload and
// digest, or the same reject.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/extract/source.h"

namespace migrate::extract {

struct HeldRow {
  Place place;                               // as it was in its source
  std::string raw;                           // CSV: the record's bytes without the line end; tables: the payload
  std::map<std::string, std::string> cells;  // values that take the place of the row's own, by column; texts
};

struct HeldOptions {
  std::string source;
  bool csv = true;
  std::vector<Column> columns;
  std::vector<std::string> key;  // key columns; empty (csv): key_prefix and the row's number
  std::string key_prefix;        // first 16 hex digits of the file's SHA-256
  char delimiter = ',';
  std::string encoding;  // of the bytes, "" is utf-8
};

// One chunk a 4096 rows, in their order; `counted` is their number. A row whose cells are to be changed must be one
// that can be split into them; else it is the reject that it was. kPlan for a key column or an encoding that is not
// there. Memory: the rows.
Result<std::unique_ptr<Reader>> OpenHeld(HeldOptions options, std::shared_ptr<const std::vector<HeldRow>> rows);

}  // namespace migrate::extract
