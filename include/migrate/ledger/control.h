// Digests of control tables, which have no buckets: rows that never change once they are there. They are kept as the
// checkpoint "control" of each import that ends, JSON by table:
//   of the import itself    import (without its state), import_file: the multiset digest of its rows' hashes
//   of all that was there   source_schema, decision, decision_pin: {"max": the last number, "rows": that digest}
// A target that an older version of this tool wrote has none for its imports, and nothing is found there. Not covered:
// import_seen and quarantine_fix (a digest would read all of them at the end of each import), and rows that do change
// (setting, checkpoint, review_pair; of import_version only that its rows fit each other and an import each).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

// At the end of an import, behind its last word in `import`; within the caller's transaction.
Status KeepControlDigests(store::Connection* db, int64_t import_id);

// Tables that are not as they were, each with the import whose end tells it: "import_file of import 3".
Result<std::vector<std::string>> DamagedControl(store::Connection* db);

}  // namespace migrate::ledger
