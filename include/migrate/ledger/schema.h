// Makes, checks and finishes the target's tables. The DDL is in sql/, one folder a dialect, and part of the executable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

inline constexpr int64_t kSchemaVersion = 1;
inline constexpr int64_t kApplicationId = 0x4d494752;  // "MIGR", SQLite's application_id

// kEmpty: no tables, or tables of this tool that a crash left half made.
enum class SchemaState { kEmpty, kCurrent };
// kPlan error for a database that holds something else, or that a newer version of this tool wrote.
Result<SchemaState> CheckSchema(store::Connection* db);

// Makes the tables in an empty database; nothing to do in a current one. SQLite: one transaction. MySQL commits each
// table by itself; a crash in between is mended by the next call. `partitions` is for MySQL's partitioned tables.
Status ApplySchema(store::Connection* db, uint32_t partitions = 32);

// Builds the secondary indexes that are missing (after the first load).
Status BuildIndexes(store::Connection* db);
// Is this BuildIndexes' error that the account has no right to make them? The target is sound then, lookups are slow.
bool MayNotIndex(const Status& s);

// Names of the secondary indexes that BuildIndexes makes on a server.
std::vector<std::string> SecondaryIndexNames();

// The DDL as ApplySchema runs it; secondary indexes behind it.
std::string SchemaText(store::Dialect dialect, uint32_t partitions);

// How the tables of a current target differ from the DDL: missing or strange tables, columns, types, keys, partitions,
// one a line; secondary indexes that are missing are no difference before the first load has ended. Empty: they agree.
Result<std::vector<std::string>> CompareSchema(store::Connection* db);

}  // namespace migrate::ledger
