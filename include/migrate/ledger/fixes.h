// Rows of the quarantine that somebody has mended, and rows that have left it. Every function runs within the caller's
// transaction.
//
// A row that is rejected again by a later import (of a table that is read as a whole each time, say) is known again by
// its source, reason and original bytes. What somebody made of it holds on: if its replay stands and was made under the
// plan of now, the new reject is "replayed", too; else it is open, and its fix is copied to it.
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

// A file or table that an import reads, as far as its rejects go.
struct RejectInput {
  int64_t file_no = 0, source_id = 0;
  std::string path, sha256;
  bool snapshot = false;  // whatever its path is, it holds what the source holds now
  bool part = false;      // a table that is read in parts: a row that comes again replaces its open reject
  bool keyed = true;      // else rows are known by their place, and only in the same content
};
struct Inherited {
  uint64_t replayed = 0;  // rejects that an earlier replay has settled
  uint64_t fixed = 0;     // open ones that got the fix of an earlier import's reject
};
// For the open rejects that `import_id` has put there. `round`: 0 for those of extract, 1 for those of load (repeated
// keys); the pairs are kept in checkpoints "again". Time: one pass over the rejects of these sources, if any of their
// rows was ever mended or replayed. Memory: 100 bytes for each such row.
Result<Inherited> InheritFixes(store::Connection* db, int64_t import_id, int round,
                               const std::vector<RejectInput>& inputs);

// Records that replays brought of rows with a repeated key (reasons duplicate_key, record_id_collision): under their
// new keys no source knows them.
struct MendedRecord {
  int64_t since = 0;    // the first such import
  bool stands = false;  // one of them is not rolled back
};
Result<std::map<uint64_t, MendedRecord>> MendedRecords(store::Connection* db);

}  // namespace migrate::ledger
