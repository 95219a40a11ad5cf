// How a table lies in its file: what is needed to read it page by page.
#pragma once

#include <sqlite3.h>

#include <optional>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "sqlite_rows.h"

namespace migrate::extract {

struct SqliteTable {
  uint32_t root = 0;                   // page number of its b-tree's root
  std::vector<SqliteStorage> columns;  // in the order of SELECT *, which is that of the records
};

// nullopt for what SQLite must read itself: views, virtual tables, WITHOUT ROWID tables, generated columns.
Result<std::optional<SqliteTable>> FindStorage(const std::string& path, sqlite3* db, const std::string& table);

// Does a declared type give REAL affinity (https://www.sqlite.org/datatype3.html, section 3.1)?
bool IsRealType(std::string_view declared);

}  // namespace migrate::extract
