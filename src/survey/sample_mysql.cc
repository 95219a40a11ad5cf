// Tables of a server, asked through extract's reader as a run asks them: in one snapshot, read only.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "migrate/survey/sample.h"

namespace migrate::survey {
namespace {

using store::MysqlSession;
using store::QuoteMysqlName;
using store::QuoteMysqlText;

std::optional<int64_t> Integer(const std::string& text) {
  int64_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return n;
}

// The columns of each unique index that no NULL can be in, by table and index; none if a part of it is no whole column.
Result<std::map<std::string, std::map<std::string, std::vector<std::string>>>> UniqueIndexes(
    MysqlSession* db, const std::string& database) {
  MIGRATE_ASSIGN(auto parts, db->Query("SELECT table_name, index_name, column_name, nullable, sub_part FROM "
                                       "information_schema.statistics WHERE non_unique = 0 AND table_schema = " +
                                       QuoteMysqlText(database) + " ORDER BY table_name, index_name, seq_in_index"));
  std::map<std::string, std::map<std::string, std::vector<std::string>>> all;
  std::map<std::string, std::map<std::string, bool>> bad;
  for (const auto& p : parts) {
    const std::string &table = *p[0], &index = *p[1];
    all[table][index].push_back(p[2].value_or(""));
    bad[table][index] |= !p[2] || p[3].value_or("") == "YES" || p[4].has_value();
  }
  for (auto& [table, indexes] : all) {
    auto& of_table = bad[table];
    std::erase_if(indexes, [&](const auto& i) { return of_table[i.first]; });
  }
  return all;
}

// The rows to look at, as one SELECT; stretches lie behind the first rows, so that no row comes twice. Each row has a
// constant before it, for a source needs a key and the tables that are looked at may have none.
Result<std::string> SampleQuery(MysqlSession* db, const std::string& database, const TableInfo& table, uint64_t limit,
                                size_t* columns) {
  const std::string name = QuoteMysqlName(database) + "." + QuoteMysqlName(table.name);
  MIGRATE_ASSIGN(auto found, db->Query(fmt::format(
                                 "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = "
                                 "{} AND table_name = {} ORDER BY ordinal_position",
                                 QuoteMysqlText(database), QuoteMysqlText(table.name))));
  std::string list, key;
  for (const auto& c : found) {
    const std::string quoted = QuoteMysqlName(c[0].value_or(""));
    list += ", " + quoted;
    // Also "bigint" and "INT": the case is the server's.
    const std::string type = c[1].value_or("");
    if (table.key.size() == 1 && table.key[0] == c[0] && (type.ends_with("int") || type.ends_with("INT"))) key = quoted;
  }
  *columns = found.size();
  auto rows = [&](size_t n, const std::string& which, uint64_t most) {
    return fmt::format("SELECT * FROM (SELECT 1 AS `survey row`{} FROM {}{} LIMIT {}) AS s{}", list, name, which, most,
                       n);
  };
  if (key.empty()) return rows(0, "", limit);
  const std::string order = " ORDER BY " + key;
  std::string query = rows(0, order, limit);
  MIGRATE_ASSIGN(std::string head,
                 db->QueryText(fmt::format("SELECT MAX({0}) FROM (SELECT {0} FROM {1}{2} LIMIT {3}) AS h", key, name,
                                           order, limit)));
  MIGRATE_ASSIGN(std::string last, db->QueryText(fmt::format("SELECT MAX({}) FROM {}", key, name)));
  const auto low = Integer(head), high = Integer(last);
  if (!low || !high || *high <= *low || limit / 4 < kStretches) return query;
  const uint64_t span = static_cast<uint64_t>(*high) - static_cast<uint64_t>(*low);
  if (span < kStretches) return query;
  const uint64_t step = span / kStretches;
  for (uint64_t i = 0; i < kStretches; ++i) {
    const uint64_t from = static_cast<uint64_t>(*low) + 1 + i * step;
    query += " UNION ALL " + rows(i + 1,
                                  fmt::format(" WHERE {} BETWEEN {} AND {}{}", key, static_cast<int64_t>(from),
                                              static_cast<int64_t>(from + step - 1), order),
                                  limit / 4 / kStretches);
  }
  return query;
}

}  // namespace

Result<std::vector<TableInfo>> ListMysqlTables(extract::MysqlServer* server, const std::string& database) {
  auto db = server->Cutter();
  MIGRATE_ASSIGN(auto rows,
                 db->Query("SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = " +
                           QuoteMysqlText(database) + " ORDER BY table_name"));
  MIGRATE_ASSIGN(auto unique, UniqueIndexes(db.get(), database));
  std::vector<TableInfo> tables;
  for (const auto& r : rows) {
    TableInfo t;
    t.name = r[0].value_or("");
    const std::string type = r[1].value_or("");
    t.view = type == "VIEW";
    if (!t.view && type != "BASE TABLE" && type != "SYSTEM VERSIONED") t.other_kind = type;
    for (const auto& [index, columns] : unique[t.name]) {
      if (index == "PRIMARY") {
        t.key = columns;
        break;
      }
      if (t.key.empty() || columns.size() < t.key.size()) t.key = columns;
    }
    tables.push_back(std::move(t));
  }
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return tables;
}

Result<uint64_t> ReadMysqlTable(const std::shared_ptr<extract::MysqlServer>& server, const std::string& database,
                                const TableInfo& table, uint64_t limit, std::vector<extract::Column>* columns,
                                const OnRow& on_row) {
  MIGRATE_ASSIGN(auto shape,
                 extract::OpenMysql(server, {.source = "survey", .database = database, .table = table.name}));
  *columns = shape->columns();
  shape.reset();
  std::string query;
  {
    auto db = server->Cutter();
    size_t found = 0;
    MIGRATE_ASSIGN(query, SampleQuery(db.get(), database, table, limit, &found));
    if (found != columns->size())
      return Status::Failed(fmt::format("{}: table {} was changed while it was looked at", server->name(), table.name),
                            "run the same command again");
  }
  MIGRATE_ASSIGN(
      auto reader,
      extract::OpenMysql(server, {.source = "survey", .database = database, .query = query, .key = {"survey row"}}));
  auto without_constant = [&](const RawRow& row, const std::vector<Cell>& cells) {
    std::vector<Cell> own(cells.begin() + 1, cells.end());
    on_row(row, own);
  };
  return ReadRows(reader.get(), 2 * limit, without_constant, nullptr);
}

}  // namespace migrate::survey
