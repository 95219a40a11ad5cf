// Rows of an input to look at: the first ones, and some from all through it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/extract/mysql_source.h"
#include "migrate/extract/source.h"
#include "migrate/record/record.h"

namespace migrate::survey {

// The cells live until the call returns.
using OnRow = std::function<void(const RawRow& row, const std::vector<Cell>& cells)>;
using OnReject = std::function<void(const Reject& reject)>;

// The first `limit` rows (rejects count). Memory: one chunk of the reader. Returns how many there were; fewer than
// `limit` only where the input has no more.
Result<uint64_t> ReadRows(extract::Reader* reader, uint64_t limit, const OnRow& on_row, const OnReject& on_reject);

// Stretches into which the rest of a large input is divided; of each the first rows are looked at.
inline constexpr int kStretches = 16;

// Rows from kStretches places spread over a plain CSV file from byte `from` on, at most `rows` in all; none for packed
// and UTF-16 files, which have no middle that can be jumped to. A place that falls into a quoted line break may give a
// row that is none; rows whose number of fields differs from the header's are passed over. `on_row` gets rows without
// key or digest.
Result<uint64_t> ReadSpread(const std::string& path, size_t columns, uint64_t from, uint64_t rows, const OnRow& on_row);

// A table or view of a database.
struct TableInfo {
  std::string name;
  bool view = false;
  std::vector<std::string> key;  // declared primary key, else the columns of a unique index without NULLs; else empty
  std::string rowid;             // a name of the rowid that no column has; "" for views and WITHOUT ROWID
  std::string other_kind;        // "virtual table", "shadow table": nothing to look at
  std::string sql;               // of a view
};
Result<std::vector<TableInfo>> ListTables(const std::string& path);

// The first `limit` rows of the table, and as many as kStretches places give, at most `limit / 4`. `columns` are the
// table's.
Result<uint64_t> ReadTable(const std::string& path, const TableInfo& table, uint64_t limit,
                           std::vector<extract::Column>* columns, const OnRow& on_row);

// The same of a MySQL or MariaDB server's database, in the server's one snapshot: tables and views by name; a table's
// key is its primary key, else its smallest unique index without NULLs and prefixes. What stands at kStretches places
// is read only of tables whose primary key is one column of integers.
Result<std::vector<TableInfo>> ListMysqlTables(extract::MysqlServer* server, const std::string& database);
Result<uint64_t> ReadMysqlTable(const std::shared_ptr<extract::MysqlServer>& server, const std::string& database,
                                const TableInfo& table, uint64_t limit, std::vector<extract::Column>* columns,
                                const OnRow& on_row);

// "\"name\"" for SQL.
std::string SqlName(std::string_view name);

}  // namespace migrate::survey
