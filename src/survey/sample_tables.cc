// Everything is asked through extract's reader, so that a database is opened here exactly as a run opens it: read-only,
// in one snapshot, without a file left beside it.
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "migrate/survey/sample.h"

namespace migrate::survey {
namespace {

// All rows of a query as texts ("" for NULL); its first column must be unique and not NULL.
Result<std::vector<std::vector<std::string>>> Ask(const std::string& path, const std::string& query,
                                                  const std::string& key) {
  extract::SqliteOptions options;
  options.source = "survey";
  options.query = query;
  options.key = {key};
  MIGRATE_ASSIGN(auto reader, extract::OpenSqlite(path, options));
  std::vector<std::vector<std::string>> rows;
  auto on_row = [&](const RawRow&, const std::vector<Cell>& cells) {
    std::vector<std::string>& row = rows.emplace_back();
    for (const Cell& c : cells) row.emplace_back(c.bytes);
  };
  MIGRATE_ASSIGN([[maybe_unused]] uint64_t n, ReadRows(reader.get(), 1'000'000, on_row, nullptr));
  return rows;
}

std::string SqlText(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

Status FindKey(const std::string& path, TableInfo* table) {
  MIGRATE_ASSIGN(
      auto columns,
      Ask(path, fmt::format("SELECT cid, name, pk, \"notnull\" FROM pragma_table_info({})", SqlText(table->name)),
          "cid"));
  std::map<int, std::string> primary;
  std::map<std::string, bool> not_null;
  bool has_rowid_name[3] = {false, false, false};
  constexpr const char* kRowids[] = {"rowid", "_rowid_", "oid"};
  for (const auto& c : columns) {
    if (c[2] != "0") primary[std::atoi(c[2].c_str())] = c[1];
    not_null[c[1]] = c[3] == "1";
    for (size_t i = 0; i < 3; ++i) has_rowid_name[i] |= c[1] == kRowids[i];
  }
  for (const auto& [n, name] : primary) table->key.push_back(name);
  for (size_t i = 3; i-- > 0 && !table->view;)
    if (!has_rowid_name[i] && table->rowid != "none") table->rowid = kRowids[i];
  if (table->rowid == "none") table->rowid.clear();
  if (!table->key.empty() || table->view) return {};
  MIGRATE_ASSIGN(
      auto indexes,
      Ask(path,
          fmt::format("SELECT l.seq * 1000 + i.seqno AS n, l.name, i.name AS col FROM pragma_index_list({}) l, "
                      "pragma_index_info(l.name) i WHERE l.\"unique\" = 1 AND l.partial = 0",
                      SqlText(table->name)),
          "n"));
  std::map<std::string, std::vector<std::string>> by_index;
  for (const auto& i : indexes) by_index[i[1]].push_back(i[2]);
  for (const auto& [name, key] : by_index) {
    const bool filled = std::all_of(key.begin(), key.end(), [&](const auto& c) { return not_null[c]; });
    if (filled && (table->key.empty() || key.size() < table->key.size())) table->key = key;
  }
  return {};
}

// The rows to look at, as one SELECT; stretches lie behind the first rows, so that no row comes twice.
Result<std::string> SampleQuery(const std::string& path, const TableInfo& table, uint64_t limit) {
  const std::string from = SqlName(table.name);
  std::string query = fmt::format("SELECT * FROM (SELECT * FROM {} LIMIT {})", from, limit);
  if (table.rowid.empty()) return query;
  query = fmt::format("SELECT * FROM (SELECT * FROM {0} ORDER BY {1} LIMIT {2})", from, table.rowid, limit);
  MIGRATE_ASSIGN(
      auto edges,
      Ask(path,
          fmt::format("SELECT 1 AS n, (SELECT max(r) FROM (SELECT {0} AS r FROM {1} ORDER BY {0} LIMIT {2})) AS "
                      "h, (SELECT max({0}) FROM {1}) AS m",
                      table.rowid, from, limit),
          "n"));
  const int64_t head = std::atoll(edges.at(0).at(1).c_str()), last = std::atoll(edges.at(0).at(2).c_str());
  const uint64_t span = static_cast<uint64_t>(last) - static_cast<uint64_t>(head);
  if (last <= head || span < kStretches || limit / 4 < kStretches) return query;
  const uint64_t step = span / kStretches;
  for (uint64_t i = 0; i < kStretches; ++i) {
    const uint64_t low = static_cast<uint64_t>(head) + 1 + i * step;
    query += fmt::format(
        " UNION ALL SELECT * FROM (SELECT * FROM {0} WHERE {1} BETWEEN {2} AND {3} ORDER BY {1} LIMIT {4})", from,
        table.rowid, static_cast<int64_t>(low), static_cast<int64_t>(low + step - 1), limit / 4 / kStretches);
  }
  return query;
}

}  // namespace

std::string SqlName(std::string_view name) {
  std::string out = "\"";
  for (char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

Result<std::vector<TableInfo>> ListTables(const std::string& path) {
  MIGRATE_ASSIGN(auto rows, Ask(path,
                                "SELECT l.name, l.type, l.wr, m.sql FROM pragma_table_list l JOIN sqlite_master m ON "
                                "m.name = l.name WHERE l.schema = 'main' AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
                                "name"));
  std::vector<TableInfo> tables;
  for (const auto& r : rows) {
    TableInfo t;
    t.name = r[0];
    t.view = r[1] == "view";
    if (t.view) t.sql = r[3];
    if (r[1] == "virtual" || r[1] == "shadow") t.other_kind = r[1] + " table";
    if (r[2] == "1") t.rowid = "none";
    if (t.other_kind.empty()) MIGRATE_TRY(FindKey(path, &t));
    tables.push_back(std::move(t));
  }
  return tables;
}

Result<uint64_t> ReadTable(const std::string& path, const TableInfo& table, uint64_t limit,
                           std::vector<extract::Column>* columns, const OnRow& on_row) {
  extract::SqliteOptions options;
  options.source = "survey";
  options.table = table.name;
  MIGRATE_ASSIGN(auto shape, extract::OpenSqlite(path, options));
  *columns = shape->columns();
  shape.reset();
  MIGRATE_ASSIGN(std::string query, SampleQuery(path, table, limit));
  // A number of its own keys each row, whatever the table has.
  constexpr const char* kNumber = "survey row number";
  options.table.clear();
  options.query = fmt::format("SELECT *, row_number() OVER () AS {} FROM ({})", SqlName(kNumber), query);
  options.key = {kNumber};
  MIGRATE_ASSIGN(auto reader, extract::OpenSqlite(path, options));
  auto without_number = [&](const RawRow& row, const std::vector<Cell>& cells) {
    std::vector<Cell> own(cells.begin(), cells.end() - 1);
    on_row(row, own);
  };
  return ReadRows(reader.get(), 2 * limit, without_number, nullptr);
}

}  // namespace migrate::survey
