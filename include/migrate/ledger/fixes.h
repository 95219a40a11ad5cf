// Rows of the quarantine that somebody has mended, and rows that have left it. Every function runs within the caller's
// transaction.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

// How a row of the quarantine is to be read instead.
struct Fix {
  std::optional<std::string> raw;            // the whole row, in the place of the original bytes
  std::map<std::string, std::string> cells;  // then these values in the place of its own, by column
  std::string who, at, why;                  // filled in by AddFix but for `why`
};

// Keeps a fix beside the row, and says so in the audit chain (without values). Later ones count on top of it.
Status AddFix(store::Connection* db, int64_t quarantine_id, const Fix& fix);

// What is in force for each mended row: the last `raw`, and the cells that were given after it. By quarantine_id.
Result<std::map<int64_t, Fix>> FixesInForce(store::Connection* db);

// Rows that an import has read from the quarantine are not open any more: state "replayed". Their digests are kept.
// Those that have left it before stay as they are.
Status MarkReplayed(store::Connection* db, int64_t import_id, const std::vector<int64_t>& quarantine_ids);

}  // namespace migrate::ledger
