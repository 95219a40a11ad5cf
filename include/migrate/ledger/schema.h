// Makes, checks and finishes the target's tables.
#pragma once

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

inline constexpr int64_t kSchemaVersion = 1;
inline constexpr int64_t kApplicationId = 0x4d494752;  // "MIGR", SQLite's application_id

enum class SchemaState { kEmpty, kCurrent };
// kPlan error for a database that holds something else, or that a newer version of this tool wrote.
Result<SchemaState> CheckSchema(store::Connection* db);

// Makes the tables in an empty database, in one transaction; nothing to do in a current one.
Status ApplySchema(store::Connection* db);

// Builds the secondary indexes that are missing (after the first load, in one transaction).
Status BuildIndexes(store::Connection* db);

}  // namespace migrate::ledger
