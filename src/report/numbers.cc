#include "migrate/report/numbers.h"
#include "migrate/ledger/has_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "migrate/report/csv.h"
#include "snapshot.h"

namespace migrate::report {
namespace {

enum class Kind { kRecord, kPerson, kReject };

struct Number {
  NumberName name;
  Kind kind;
  // A SELECT of the columns of its kind, {0} being the import.
  std::string_view sql;
};

// Images that an import brought and that were current when it ended. The image that it was marked gone under later is
// the same row again: UNION leaves one.
#define MIGRATE_BROUGHT                                                                                              \
  "(SELECT record_id, source_id, source_key, import_id, file_no, line FROM record WHERE import_id = {0} UNION "      \
  "SELECT record_id, source_id, source_key, import_id, file_no, line FROM record_history WHERE import_id = {0} AND " \
  "ended_import > {0})"
#define MIGRATE_OLDER "EXISTS (SELECT 1 FROM record_history h WHERE h.record_id = b.record_id AND h.import_id < {0})"
#define MIGRATE_PERSONS                                                                                         \
  "(SELECT person_id, record_count, confidence, import_id FROM person WHERE import_id <= {0} UNION ALL SELECT " \
  "person_id, record_count, confidence, import_id FROM person_history WHERE import_id <= {0} AND ended_import > {0})"
#define MIGRATE_CREATED                                                                                               \
  "b.import_id = {0} AND NOT EXISTS (SELECT 1 FROM person_history h WHERE h.person_id = b.person_id AND h.import_id " \
  "< {0})"

const Number kNumbers[] = {
    {{"inserted", "records that the import brought", "sf"},
     Kind::kRecord,
     "SELECT * FROM " MIGRATE_BROUGHT " b WHERE NOT " MIGRATE_OLDER},
    {{"updated", "records whose row the import replaced by a newer one", "sf"},
     Kind::kRecord,
     "SELECT * FROM " MIGRATE_BROUGHT " b WHERE " MIGRATE_OLDER},
    {{"superseded", "rows older than the record's present one, kept as history", "sf"},
     Kind::kRecord,
     "SELECT record_id, source_id, source_key, import_id, file_no, line FROM record_history "
     "WHERE import_id = {0} AND ended_import = {0}"},
    {{"gone", "records that a snapshot source no longer held", "s"},
     Kind::kRecord,
     "SELECT record_id, source_id, source_key, import_id, file_no, line FROM record WHERE gone_import = {0} UNION "
     "SELECT record_id, source_id, source_key, import_id, file_no, line FROM record_history WHERE gone_import = {0} "
     "AND "
     "ended_import > {0}"},
    {{"records", "all records of the target", "sf"},
     Kind::kRecord,
     "SELECT record_id, source_id, source_key, import_id, file_no, line FROM record WHERE import_id <= {0} UNION "
     "SELECT record_id, source_id, source_key, import_id, file_no, line FROM record_history WHERE import_id <= {0} AND "
     "ended_import > {0}"},
    {{"quarantined", "rows of the import that went to quarantine", "sfr"},
     Kind::kReject,
     "SELECT * FROM quarantine WHERE import_id = {0}"},
    {{"unreadable", "those of them that could not be read: without repeated keys", "sfr"},
     Kind::kReject,
     "SELECT * FROM quarantine WHERE import_id = {0} AND reason NOT IN ('duplicate_key', 'record_id_collision')"},
    {{"persons", "all persons of the target", "n"}, Kind::kPerson, "SELECT * FROM " MIGRATE_PERSONS " b"},
    {{"persons-created", "persons that the import made", "n"},
     Kind::kPerson,
     "SELECT * FROM " MIGRATE_PERSONS " b WHERE " MIGRATE_CREATED},
    {{"persons-changed", "persons whose values, members or confidence changed", "n"},
     Kind::kPerson,
     "SELECT * FROM " MIGRATE_PERSONS " b WHERE b.import_id = {0} AND NOT (" MIGRATE_CREATED ")"},
    {{"persons-merged", "persons that went into another one, as they were before", "n"},
     Kind::kPerson,
     "SELECT person_id, record_count, confidence, import_id FROM person_history b WHERE ended_import = {0} AND EXISTS "
     "(SELECT 1 FROM person_alias a WHERE a.alias_id = b.person_id AND a.kind = 'merged_into' AND a.import_id = {0})"},
    {{"persons-split", "new persons made of records that belonged to an older one", "n"},
     Kind::kPerson,
     "SELECT * FROM " MIGRATE_PERSONS " b WHERE " MIGRATE_CREATED
     " AND EXISTS (SELECT 1 FROM person_alias a WHERE a.person_id = b.person_id AND a.kind <> 'came_back_as' AND "
     "a.import_id = {0})"},
};

const Number* FindNumber(std::string_view name) {
  for (const Number& n : kNumbers)
    if (n.name.name == name) return &n;
  return nullptr;
}

constexpr NumberName kInWorkspace[] = {
    {"read", "rows that were read, those in quarantine included", "sf", true},
    {"usable", "records with a value in --field after normalization", "sfF", true},
    {"flagged", "records whose value of --field could not be used as it stands", "sfF", true}};

Result<int64_t> ImportOf(store::Connection* db, int64_t asked) {
  std::string wanted = asked == 0 ? "state = 'done'" : fmt::format("import_id = {}", asked);
  // A matching has no rows; what the page of a report tells is of the import before it.
  MIGRATE_ASSIGN(const bool versions, ledger::HasTable(db, "import_version"));
  if (asked == 0 && versions)
    wanted += " AND import_id NOT IN (SELECT import_id FROM import_version WHERE kind = 'matching')";
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("SELECT max(import_id) FROM import WHERE " + wanted));
  if (id != 0) return id;
  return Status::Plan(asked == 0 ? db->name() + ": no import is done yet" : fmt::format("there is no import {}", asked),
                      "`migrate imports list` shows the imports");
}

// The rows of the number, joined with what people call them, filtered and sorted.
std::string RowsSql(const Number& n, int64_t import_id, const NumberQuery& q, store::Dialect dialect) {
  const std::string rows = fmt::format(fmt::runtime(n.sql), import_id);
  std::string where = " WHERE 1";
  if (!q.source.empty()) where += " AND s.name = ?1";
  if (!q.file.empty())
    where += fmt::format(" AND (f.path = ?2 OR substr(f.path, -{}(?2) - 1) = '/' || ?2)", store::CharLength(dialect));
  if (!q.reason.empty()) where += " AND n.reason = ?3";
  if (q.most != 0) where += fmt::format(" AND n.record_count BETWEEN {} AND {}", q.least, q.most);
  if (n.kind == Kind::kPerson)
    return std::string("SELECT n.person_id, n.record_count, ") +
           (dialect == store::Dialect::kSqlite ? "printf('%.4f', n.confidence)"
                                               : "cast(n.confidence AS DECIMAL(6,4))") +
           " AS confidence FROM (" + rows + ") n" + where + " ORDER BY n.person_id";
  const std::string from = " FROM (" + rows +
                           ") n JOIN source s ON s.source_id = n.source_id LEFT JOIN import_file f ON f.import_id = "
                           "n.import_id AND f.file_no = n.file_no ";
  if (n.kind == Kind::kReject)
    return "SELECT n.quarantine_id AS id, s.name AS source, coalesce(f.path, '') AS file, n.line, n.byte_offset, "
           "coalesce(n.source_key, '') AS source_key, n.reason, n.detail" +
           from + where + " ORDER BY s.name, coalesce(f.path, ''), n.byte_offset, n.row_no, n.quarantine_id";
  return "SELECT s.name AS source, n.source_key, n.record_id, p.person_id, coalesce(f.path, '') AS file, n.line" +
         from + "LEFT JOIN person_record p ON p.record_id = n.record_id" + where +
         " ORDER BY s.name, n.source_key, n.file_no, n.line";
}

void AddCell(const store::Statement& row, int column, CsvLine* line) {
  using Type = store::Statement::Type;
  const Type type = row.ColumnType(column);
  if (type == Type::kNull)
    line->Add("");
  else
    line->Add(type == Type::kInteger ? std::to_string(row.Integer(column)) : std::string(row.Text(column)));
}

}  // namespace

const std::vector<NumberName>& NumberNames() {
  static const std::vector<NumberName> names = [] {
    std::vector<NumberName> all;
    for (const Number& n : kNumbers) all.push_back(n.name);
    all.insert(all.end(), std::begin(kInWorkspace), std::end(kInWorkspace));
    return all;
  }();
  return names;
}

Result<NumberName> CheckNumber(const NumberQuery& q) {
  const auto& names = NumberNames();
  auto n = std::find_if(names.begin(), names.end(), [&q](const NumberName& name) { return name.name == q.name; });
  if (n == names.end()) return Status::Plan("no number is called '" + q.name + "'", "`migrate rows PLAN` names them");
  auto refuse = [&](bool given, char filter, const char* option) {
    return given && n->filters.find(filter) == std::string_view::npos
               ? Status::Plan(fmt::format("{} says nothing about '{}'", option, q.name), "leave it out")
               : Status();
  };
  MIGRATE_TRY(refuse(!q.source.empty(), 's', "--source"));
  MIGRATE_TRY(refuse(!q.file.empty(), 'f', "--file"));
  MIGRATE_TRY(refuse(!q.reason.empty(), 'r', "--reason"));
  MIGRATE_TRY(refuse(!q.field.empty(), 'F', "--field"));
  MIGRATE_TRY(refuse(q.most != 0, 'n', "--records"));
  return *n;
}

std::optional<std::pair<uint64_t, uint64_t>> ParseRange(std::string_view text) {
  uint64_t least = 0, most = 0;
  const char *at = text.data(), *end = at + text.size();
  auto first = std::from_chars(at, end, least);
  if (first.ec != std::errc() || least == 0) return std::nullopt;
  if (first.ptr == end) return std::pair(least, least);
  if (*first.ptr != '-') return std::nullopt;
  if (first.ptr + 1 == end) return std::pair(least, uint64_t{INT64_MAX});
  auto second = std::from_chars(first.ptr + 1, end, most);
  if (second.ec != std::errc() || second.ptr != end || most < least) return std::nullopt;
  return std::pair(least, most);
}

Result<NumberResult> WriteNumber(store::Connection* db, const NumberQuery& query, Output& out) {
  MIGRATE_ASSIGN(NumberName name, CheckNumber(query));
  const Number* number = FindNumber(name.name);
  if (number == nullptr) return Status::Failed(query.name + ": its rows are not in the target");
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  NumberResult result;
  MIGRATE_ASSIGN(result.import_id, ImportOf(db, query.import_id));
  MIGRATE_ASSIGN(auto rows, db->Scan(RowsSql(*number, result.import_id, query, db->dialect())));
  if (!query.source.empty()) rows->BindText(1, query.source);
  if (!query.file.empty()) rows->BindText(2, query.file);
  if (!query.reason.empty()) rows->BindText(3, query.reason);
  CsvLine line;
  MIGRATE_ASSIGN(bool row, rows->Step());
  for (int i = 0; i < rows->Columns(); ++i) line.Add(rows->ColumnName(i));
  MIGRATE_TRY(out.Write(line.Line()));
  for (;; ++result.count) {
    if (result.count > 0) {
      MIGRATE_ASSIGN(row, rows->Step());
    }
    if (!row) return result;
    if (query.limit && result.count >= *query.limit) continue;
    for (int i = 0; i < rows->Columns(); ++i) AddCell(*rows, i, &line);
    MIGRATE_TRY(out.Write(line.Line()));
  }
}

}  // namespace migrate::report
