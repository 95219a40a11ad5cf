#include "sqlite_structure.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>

#include "migrate/base/checksum.h"
#include "migrate/base/plural.h"
#include "structure.h"

namespace migrate::reconcile {
namespace {

using store::Connection;
using store::Statement;
using Type = Statement::Type;

struct Index {
  std::string table, name;
  std::vector<std::string> columns;  // the key of its entries: indexed columns, then what names the row
  std::vector<bool> nocase;
};

// A multiset of rows.
struct Multiset {
  uint64_t count = 0, xor_hash = 0, sum = 0;
  bool operator==(const Multiset&) const = default;
  void Add(const Statement& row, int columns, std::string* buffer) {
    buffer->clear();
    for (int c = 0; c < columns; ++c) {
      const std::string_view value = row.Text(c);
      buffer->push_back(static_cast<char>(row.ColumnType(c)));
      *buffer += std::to_string(value.size());
      buffer->push_back(':');
      *buffer += value;
    }
    const uint64_t hash = Xxh64(*buffer);
    ++count;
    xor_hash ^= hash;
    sum += hash;
  }
};

int Class(Type t) { return t == Type::kNull ? 0 : t == Type::kText ? 2 : t == Type::kBlob ? 3 : 1; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// As SQLite orders two values: -1, 0, 1.
int Compare(Type a_type, std::string_view a, int64_t a_number, const Statement& row, int column, bool nocase) {
  const Type b_type = row.ColumnType(column);
  if (Class(a_type) != Class(b_type)) return Class(a_type) < Class(b_type) ? -1 : 1;
  if (a_type == Type::kNull) return 0;
  if (Class(a_type) == 1) {
    const int64_t b = row.Integer(column);
    return a_number < b ? -1 : a_number > b ? 1 : 0;
  }
  const std::string_view b = row.Text(column);
  if (!nocase) return a < b ? -1 : a > b ? 1 : 0;
  const size_t n = std::min(a.size(), b.size());
  for (size_t i = 0; i < n; ++i)
    if (Lower(a[i]) != Lower(b[i]))
      return static_cast<unsigned char>(Lower(a[i])) < static_cast<unsigned char>(Lower(b[i])) ? -1 : 1;
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

// Are the entries of an index in its order?
class Order {
 public:
  explicit Order(const Index& index) : index_(index), values_(index.columns.size()) {}
  bool Next(const Statement& row) {
    bool fine = true;
    for (size_t c = 0; begun_ && c < values_.size(); ++c) {
      const Value& v = values_[c];
      const int order = Compare(v.type, v.text, v.number, row, static_cast<int>(c), index_.nocase[c]);
      if (order == 0) continue;
      fine = order < 0;
      break;
    }
    for (size_t c = 0; c < values_.size(); ++c) {
      const int column = static_cast<int>(c);
      values_[c].type = row.ColumnType(column);
      if (Class(values_[c].type) == 1)
        values_[c].number = row.Integer(column);
      else
        values_[c].text = row.Text(column);
    }
    begun_ = true;
    return fine;
  }

 private:
  struct Value {
    Type type = Type::kNull;
    std::string text;
    int64_t number = 0;
  };
  const Index& index_;
  std::vector<Value> values_;
  bool begun_ = false;
};

Result<std::vector<Index>> Indexes(Connection* db) {
  std::vector<Index> out;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT m.name, i.name FROM sqlite_schema m, pragma_index_list(m.name) i WHERE "
                                     "m.type = 'table' AND i.partial = 0 AND i.origin <> 'pk' ORDER BY 1, 2"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    out.push_back({std::string(q->Text(0)), std::string(q->Text(1)), {}, {}});
  }
  std::vector<Index> plain;
  MIGRATE_ASSIGN(auto columns,
                 db->Prepare("SELECT cid, name, coll, \"desc\" FROM pragma_index_xinfo(?) ORDER BY seqno"));
  for (Index& index : out) {
    bool ours = true;
    columns->BindText(1, index.name);
    for (;;) {
      MIGRATE_ASSIGN(bool more, columns->Step());
      if (!more) break;
      const std::string_view collation = columns->Text(2);
      ours = ours && columns->Integer(0) != -2 && columns->Integer(3) == 0 &&
             (collation == "BINARY" || collation == "NOCASE");
      index.columns.push_back(columns->Integer(0) == -1 ? "rowid" : store::QuoteName(columns->Text(1)));
      index.nocase.push_back(collation == "NOCASE");
    }
    if (ours) plain.push_back(std::move(index));
  }
  return plain;
}

Result<Check> CheckIndex(Connection* db, const Index& index, const Cancel* cancel) {
  std::string columns;
  for (const auto& c : index.columns) columns += (columns.empty() ? "" : ", ") + c;
  const auto n = static_cast<int>(index.columns.size());
  const std::string select = "SELECT " + columns + " FROM " + store::QuoteName(index.table);
  std::string buffer;
  Multiset rows, entries;
  bool sorted = true;
  for (const bool of_index : {false, true}) {
    MIGRATE_ASSIGN(auto q,
                   db->Scan(select + (of_index ? " INDEXED BY " + store::QuoteName(index.name) : " NOT INDEXED")));
    Order order(index);
    for (uint64_t i = 1;; ++i) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      (of_index ? entries : rows).Add(*q, n, &buffer);
      if (of_index && !order.Next(*q)) sorted = false;
      if (i % 65536 == 0 && cancel != nullptr && cancel->requested()) return Status::Cancelled("reconcile: cancelled");
    }
  }
  if (rows != entries)
    return Check{
        kIndexes, false,
        fmt::format("index {} of {} holds other values than the table ({}, {}); REINDEX builds it anew", index.name,
                    index.table, Counted(entries.count, "entry", "entries"), Counted(rows.count, "row"))};
  if (!sorted)
    return Check{kIndexes, false,
                 fmt::format("index {} of {} is out of order; REINDEX builds it anew", index.name, index.table)};
  return Check{kIndexes, true, ""};
}

// Walks two ascending lists of keys side by side.
class Keys {
 public:
  static Result<Keys> Of(Connection* db, const std::string& sql) {
    Keys keys;
    MIGRATE_ASSIGN(keys.rows_, db->Scan(sql));
    MIGRATE_TRY(keys.Next());
    return keys;
  }
  Status Next() {
    MIGRATE_ASSIGN(here_, rows_->Step());
    return {};
  }
  bool here() const { return here_; }
  int64_t key() const { return rows_->Integer(0); }
  int64_t second() const { return rows_->Integer(1); }

 private:
  std::unique_ptr<Statement> rows_;
  bool here_ = false;
};

Result<std::vector<Check>> RecordsAndLinks(const Options& options, Connection* db) {
  MIGRATE_ASSIGN(Keys records, Keys::Of(db, "SELECT record_id FROM record ORDER BY record_id"));
  MIGRATE_ASSIGN(Keys links, Keys::Of(db, "SELECT record_id FROM person_record ORDER BY record_id"));
  uint64_t alone = 0, dangling = 0;
  while (records.here() || links.here()) {
    const bool record = records.here() && (!links.here() || records.key() <= links.key());
    const bool link = links.here() && (!records.here() || links.key() <= records.key());
    alone += record && !link ? 1 : 0;
    dangling += link && !record ? 1 : 0;
    if (record) MIGRATE_TRY(records.Next());
    if (link) MIGRATE_TRY(links.Next());
  }
  MIGRATE_ASSIGN(Check has_person, RecordHasPerson(options, db, alone));
  return std::vector<Check>{std::move(has_person), CountCheck(kLinkHasRecord, dangling)};
}

// NOT INDEXED would sort; the index that is read instead is checked by itself.
Result<std::vector<Check>> PersonsAndLinks(Connection* db) {
  MIGRATE_ASSIGN(Keys persons, Keys::Of(db, "SELECT person_id, record_count FROM person ORDER BY person_id"));
  MIGRATE_ASSIGN(Keys links, Keys::Of(db, "SELECT person_id FROM person_record ORDER BY person_id"));
  uint64_t wrong = 0, dangling = 0;
  while (persons.here() || links.here()) {
    if (links.here() && (!persons.here() || links.key() < persons.key())) {
      ++dangling;
      MIGRATE_TRY(links.Next());
      continue;
    }
    int64_t n = 0;
    for (; links.here() && links.key() == persons.key(); ++n) MIGRATE_TRY(links.Next());
    wrong += n != persons.second() ? 1 : 0;
    MIGRATE_TRY(persons.Next());
  }
  return std::vector<Check>{CountCheck(kPersonHasRecords, wrong), CountCheck(kLinkHasPerson, dangling)};
}

}  // namespace

Result<std::vector<StructureTask>> SqliteStructure(const Options& options) {
  using Checks = Result<std::vector<Check>>;
  std::vector<StructureTask> tasks;
  tasks.push_back({"quick_check", [](Connection* db) -> Checks {
                     auto text = db->QueryText("PRAGMA quick_check(1)");
                     const bool ok = text.ok() && *text == "ok";
                     return std::vector<Check>{{kIntegrity, ok, text.ok() ? *text : text.status().message()}};
                   }});
  MIGRATE_ASSIGN(auto indexes, Indexes(options.db));
  for (Index& i : indexes) {
    std::string label = "index " + i.table + "." + i.name;
    tasks.push_back({std::move(label), [index = std::move(i), cancel = options.cancel](Connection* db) -> Checks {
                       MIGRATE_ASSIGN(Check check, CheckIndex(db, index, cancel));
                       return std::vector<Check>{std::move(check)};
                     }});
  }
  tasks.push_back({"", [](Connection* db) -> Checks {
                     MIGRATE_ASSIGN(Check audit, AuditCheck(db));
                     MIGRATE_ASSIGN(Check control, ControlCheck(db));
                     return std::vector<Check>{std::move(audit), std::move(control)};
                   }});
  if (options.persons) {
    tasks.push_back({"records and links", [&options](Connection* db) { return RecordsAndLinks(options, db); }});
    tasks.push_back({"persons and links", PersonsAndLinks});
  }
  return tasks;
}

}  // namespace migrate::reconcile
