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

// What a server's tables are made with; fixed when they are made. Nothing of it counts in SQLite.
struct TableOptions {
  uint32_t partitions = 32;
  std::string
      compression;  // of InnoDB's pages: "lz4", "zlib", "" none. MariaDB takes the algorithm of its own setting.
};

// Makes the tables in an empty database; nothing to do in a current one. SQLite: one transaction. MySQL commits each
// table by itself; a crash in between is mended by the next call.
Status ApplySchema(store::Connection* db, TableOptions options = {});

// What became of TableOptions::compression in a target that has tables: "", or a sentence for the operator where the
// server packs nothing, or with another algorithm. "" as well where the account may not look.
Result<std::string> CompressionFinding(store::Connection* db, const std::string& wanted);

// Builds the secondary indexes that are missing (after the first load).
Status BuildIndexes(store::Connection* db);
// Is this BuildIndexes' error that the account has no right to make them? The target is sound then, lookups are slow.
bool MayNotIndex(const Status& s);

// Names of the secondary indexes that BuildIndexes makes on a server.
std::vector<std::string> SecondaryIndexNames();

// The DDL as ApplySchema runs it; secondary indexes behind it.
std::string SchemaText(store::Dialect dialect, const TableOptions& options);

// How the tables of a current target differ from the DDL: missing or strange tables, columns, types, keys, partitions,
// one a line; secondary indexes that are missing are no difference before the first load has ended. Empty: they agree.
Result<std::vector<std::string>> CompareSchema(store::Connection* db);

}  // namespace migrate::ledger
