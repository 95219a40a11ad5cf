#include "sqlite_storage.h"

#include <algorithm>

#include "sqlite_open.h"

namespace migrate::extract {
namespace {

// A statement of one parameter, the table's name.
Result<StatementHandle> About(const std::string& path, sqlite3* db, const std::string& table, const std::string& sql) {
  MIGRATE_ASSIGN(StatementHandle s, Prepare(path, db, sql));
  sqlite3_bind_text(s.get(), 1, table.data(), static_cast<int>(table.size()), SQLITE_TRANSIENT);
  return s;
}

}  // namespace

bool IsRealType(std::string_view declared) {
  std::string type(declared);
  for (char& c : type)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  const auto has = [&](std::string_view word) { return type.find(word) != std::string::npos; };
  if (has("INT") || has("CHAR") || has("CLOB") || has("TEXT") || has("BLOB")) return false;
  return has("REAL") || has("FLOA") || has("DOUB");
}

Result<std::optional<SqliteTable>> FindStorage(const std::string& path, sqlite3* db, const std::string& table) {
  MIGRATE_ASSIGN(
      StatementHandle root,
      About(path, db, table,
            "SELECT s.rootpage FROM sqlite_schema s JOIN pragma_table_list l ON l.name = s.name WHERE s.name "
            "= ?1 AND s.type = 'table' AND l.schema = 'main' AND l.type = 'table' AND l.wr = 0"));
  if (sqlite3_step(root.get()) != SQLITE_ROW || sqlite3_column_int64(root.get(), 0) <= 0)
    return std::optional<SqliteTable>();
  SqliteTable found;
  found.root = static_cast<uint32_t>(sqlite3_column_int64(root.get(), 0));

  MIGRATE_ASSIGN(
      StatementHandle columns,
      About(path, db, table, "SELECT type, dflt_value IS NULL, pk, hidden FROM pragma_table_xinfo(?1) ORDER BY cid"));
  std::vector<size_t> primary;
  while (sqlite3_step(columns.get()) == SQLITE_ROW) {
    if (sqlite3_column_int(columns.get(), 3) != 0) return std::optional<SqliteTable>();
    const auto* type = reinterpret_cast<const char*>(sqlite3_column_text(columns.get(), 0));
    if (sqlite3_column_int(columns.get(), 2) != 0) primary.push_back(found.columns.size());
    found.columns.push_back(
        {false, IsRealType(type == nullptr ? "" : type), sqlite3_column_int(columns.get(), 1) != 0});
  }
  // A primary key of one column that has no index is the rowid itself.
  MIGRATE_ASSIGN(StatementHandle index,
                 About(path, db, table, "SELECT count(*) FROM pragma_index_list(?1) WHERE origin = 'pk'"));
  if (sqlite3_step(index.get()) != SQLITE_ROW) return std::optional<SqliteTable>();
  if (primary.size() == 1 && sqlite3_column_int(index.get(), 0) == 0) found.columns[primary[0]].rowid = true;
  return std::optional<SqliteTable>(std::move(found));
}

}  // namespace migrate::extract
