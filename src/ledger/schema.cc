#include "migrate/ledger/schema.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "kMysqlFields.inc"
#include "kMysqlIndexes.inc"
#include "kMysqlReview.inc"
#include "kMysqlSchema.inc"
#include "kMysqlVersions.inc"
#include "kSqliteIndexes.inc"
#include "kSqliteReview.inc"
#include "kSqliteSchema.inc"
#include "kSqliteVersions.inc"
#include "migrate/ledger/ledger.h"

namespace migrate::ledger {
namespace {

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
  return text;
}

std::string WithCollation(const std::string& ddl, store::Dialect dialect) {
  return Replaced(ddl, "{bin}", dialect == store::Dialect::kMysql ? "utf8mb4_0900_bin" : "utf8mb4_nopad_bin");
}

// DDL of sql/mysql with its placeholders filled in.
std::string MysqlDdl(const std::string& ddl, store::Dialect dialect, const TableOptions& options) {
  std::string fields = kMysqlFields;
  fields.erase(fields.find_last_not_of('\n') + 1);
  std::string pages;
  if (!options.compression.empty())
    pages = dialect == store::Dialect::kMysql ? " COMPRESSION='" + options.compression + "'" : " PAGE_COMPRESSED=1";
  return WithCollation(Replaced(Replaced(Replaced(Replaced(ddl, "{fields}", fields), "{pages}", pages), "{compression}",
                                         options.compression),
                                "{partitions}", std::to_string(options.partitions)),
                       dialect);
}

std::string MysqlSchema(store::Dialect dialect, const TableOptions& options) {
  // Last, so that a current schema has all of its tables.
  return MysqlDdl(std::string(kMysqlSchema) + kMysqlReview + kMysqlVersions, dialect, options) +
         fmt::format("\nREPLACE INTO setting (name, value) VALUES ('schema_version', '{}');\n", kSchemaVersion);
}

Status Foreign(const store::Connection& db) {
  return Status::Plan(db.name() + ": holds tables that this tool did not make; it is not used as a target",
                      db.dialect() == store::Dialect::kSqlite
                          ? "name another file in target.url, or move that database away"
                          : "name a database of its own in target.url");
}

Status OtherVersion(const store::Connection& db, const std::string& version) {
  return Status::Plan(
      fmt::format("{}: has schema version {}, this migrate writes version {}", db.name(), version, kSchemaVersion),
      "use the version of migrate that wrote it, or a newer one");
}

Result<SchemaState> CheckSqlite(store::Connection* db) {
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("PRAGMA application_id"));
  MIGRATE_ASSIGN(int64_t version, db->QueryInteger("PRAGMA user_version"));
  MIGRATE_ASSIGN(int64_t tables, db->QueryInteger("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) return SchemaState::kEmpty;
  if (id != kApplicationId) return Foreign(*db);
  if (version != kSchemaVersion) return OtherVersion(*db, std::to_string(version));
  return SchemaState::kCurrent;
}

constexpr char kTablesHere[] = "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()";

Result<SchemaState> CheckMysql(store::Connection* db) {
  MIGRATE_ASSIGN(int64_t tables, db->QueryInteger(kTablesHere));
  if (tables == 0) return SchemaState::kEmpty;
  MIGRATE_ASSIGN(int64_t settings, db->QueryInteger(std::string(kTablesHere) + " AND table_name = 'setting'"));
  if (settings == 0) return Foreign(*db);
  MIGRATE_ASSIGN(int64_t columns,
                 db->QueryInteger("SELECT count(*) FROM information_schema.columns WHERE table_schema = DATABASE() AND "
                                  "table_name = 'setting' AND column_name IN ('name', 'value')"));
  if (columns != 2) return Foreign(*db);
  MIGRATE_ASSIGN(std::string application, Setting(db, "application"));
  if (application != "migrate") {
    // A crash may have left the first table alone and empty.
    MIGRATE_ASSIGN(int64_t rows, db->QueryInteger("SELECT count(*) FROM setting"));
    if (tables != 1 || rows != 0) return Foreign(*db);
  }
  MIGRATE_ASSIGN(std::string version, Setting(db, "schema_version"));
  if (version.empty()) return SchemaState::kEmpty;
  if (version != std::to_string(kSchemaVersion)) return OtherVersion(*db, version);
  return SchemaState::kCurrent;
}

// Words of DDL: names, numbers and punctuation, without comments, in small letters.
std::vector<std::string> Words(const std::string& ddl) {
  std::vector<std::string> words;
  for (size_t i = 0; i < ddl.size();) {
    const char c = ddl[i];
    if (ddl.compare(i, 2, "--") == 0) {
      i = std::min(ddl.find('\n', i), ddl.size());
    } else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      std::string word;
      for (; i < ddl.size() && (std::isalnum(static_cast<unsigned char>(ddl[i])) != 0 || ddl[i] == '_'); ++i)
        word.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(ddl[i]))));
      words.push_back(word);
    } else if (c == '\'') {
      const size_t end = ddl.find('\'', i + 1);
      words.push_back(ddl.substr(i, end + 1 - i));
      i = end + 1;
    } else {
      if (c == '(' || c == ')' || c == ',' || c == ';') words.emplace_back(1, c);
      ++i;
    }
  }
  return words;
}

struct Column {
  std::string type;
  bool nullable = true;
  bool operator==(const Column&) const = default;
  std::string Text() const { return type + (nullable ? "" : " not null"); }
};
struct TableShape {
  std::map<std::string, Column> columns;
  std::vector<std::string> key;
  uint32_t partitions = 0;  // 0: not partitioned
};

// MariaDB writes int(10) unsigned where MySQL writes int unsigned: widths of integers say nothing.
std::string PlainType(std::string type) {
  if (type.find("int") != std::string::npos)
    if (const size_t open = type.find('('); open != std::string::npos) type.erase(open, type.find(')') + 1 - open);
  return type;
}

// The tables of our own DDL. Each item of a CREATE TABLE is `name type ...` or PRIMARY KEY (...) or INDEX ...
std::map<std::string, TableShape> ShapesOf(const std::string& ddl) {
  std::map<std::string, TableShape> shapes;
  const std::vector<std::string> w = Words(ddl);
  for (size_t i = 0; i + 6 < w.size(); ++i) {
    if (w[i] != "create" || w[i + 1] != "table") continue;
    TableShape& shape = shapes[w[i + 5]];
    size_t at = i + 7;  // create table if not exists NAME (
    for (int depth = 1; depth > 0 && at < w.size();) {
      std::vector<std::string> item;
      for (; at < w.size(); ++at) {
        if (w[at] == "(") ++depth;
        if (w[at] == ")" && --depth == 0) break;
        if (w[at] == "," && depth == 1) break;
        item.push_back(w[at]);
      }
      ++at;
      if (item.empty()) continue;
      if (item[0] == "primary") {
        for (size_t k = 3; k + 1 < item.size(); ++k)
          if (item[k] != ",") shape.key.push_back(item[k]);
      } else if (item[0] != "index") {
        std::string type = item[1];
        size_t k = 2;
        if (k < item.size() && item[k] == "(") {
          for (; item[k] != ")"; ++k) type += item[k];
          type += ")";
          ++k;
        }
        if (k < item.size() && item[k] == "unsigned") type += " unsigned";
        const bool not_null = std::find(item.begin(), item.end(), "not") != item.end();
        shape.columns[item[0]] = {type, !not_null};
      }
    }
    for (; at < w.size() && w[at] != ";"; ++at)
      if (w[at] == "partitions") shape.partitions = static_cast<uint32_t>(std::stoul(w[at + 1]));
  }
  return shapes;
}

Result<std::map<std::string, TableShape>> ShapesIn(store::Connection* db) {
  std::map<std::string, TableShape> shapes;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT table_name, column_name, lower(column_type), is_nullable FROM "
                                     "information_schema.columns WHERE table_schema = DATABASE()"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    shapes[std::string(q->Text(0))].columns[std::string(q->Text(1))] = {PlainType(std::string(q->Text(2))),
                                                                        q->Text(3) == "YES"};
  }
  MIGRATE_ASSIGN(q,
                 db->Prepare("SELECT table_name, column_name FROM information_schema.statistics WHERE table_schema = "
                             "DATABASE() AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    shapes[std::string(q->Text(0))].key.emplace_back(q->Text(1));
  }
  MIGRATE_ASSIGN(q, db->Prepare("SELECT table_name, count(partition_name), max(partition_method) FROM "
                                "information_schema.partitions WHERE table_schema = DATABASE() GROUP BY table_name"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    if (q->Text(2) == "HASH") shapes[std::string(q->Text(0))].partitions = static_cast<uint32_t>(q->Integer(1));
  }
  return shapes;
}

void CompareTable(const std::string& name, const TableShape& want, const TableShape& have,
                  std::vector<std::string>* out) {
  for (const auto& [column, w] : want.columns) {
    auto h = have.columns.find(column);
    if (h == have.columns.end())
      out->push_back(fmt::format("table {}: column {} is missing", name, column));
    else if (Column{PlainType(w.type), w.nullable} != h->second)
      out->push_back(fmt::format("table {}: column {} is {}, expected {}", name, column, h->second.Text(), w.Text()));
  }
  for (const auto& [column, h] : have.columns)
    if (!want.columns.contains(column))
      out->push_back(fmt::format("table {}: column {} does not belong there", name, column));
  if (want.key != have.key)
    out->push_back(fmt::format("table {}: its primary key is ({}), expected ({})", name, fmt::join(have.key, ", "),
                               fmt::join(want.key, ", ")));
  if (want.partitions != have.partitions)
    out->push_back(
        fmt::format("table {}: it has {} partitions by hash, expected {}", name, have.partitions, want.partitions));
}

struct Index {
  std::string table, name, add;  // add: "ADD INDEX name (columns)"
};

// Of our DDL: ALTER TABLE t ADD INDEX i (a, b), ADD INDEX ...;
std::vector<Index> MysqlIndexes() {
  std::vector<Index> out;
  const std::vector<std::string> w = Words(kMysqlIndexes);
  std::string table;
  for (size_t i = 0; i + 3 < w.size(); ++i) {
    if (w[i] == "alter" && w[i + 1] == "table") table = w[i + 2];
    if (w[i] != "add" || w[i + 1] != "index") continue;
    std::string columns;
    for (size_t k = i + 4; k < w.size() && w[k] != ")"; ++k) columns += w[k] == "," ? ", " : w[k];
    out.push_back({table, w[i + 2], "ADD INDEX " + w[i + 2] + " (" + columns + ")"});
  }
  return out;
}

Result<std::vector<std::string>> CompareMysql(store::Connection* db) {
  MIGRATE_ASSIGN(std::string partitions, Setting(db, "schema_partitions", "0"));
  std::map<std::string, TableShape> want =
      ShapesOf(MysqlSchema(db->dialect(), {static_cast<uint32_t>(std::stoul(partitions)), ""}));
  MIGRATE_ASSIGN(auto have, ShapesIn(db));
  std::vector<std::string> out;
  for (const auto& [name, shape] : want) {
    auto found = have.find(name);
    if (found == have.end())
      out.push_back("table " + name + " is missing");
    else
      CompareTable(name, shape, found->second, &out);
  }
  for (const auto& [name, shape] : have)
    if (!want.contains(name)) out.push_back("table " + name + " is none of this tool's");
  if (!out.empty()) return out;
  MIGRATE_ASSIGN(int64_t filled, db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person)"));
  for (const Index& i : MysqlIndexes()) {
    MIGRATE_ASSIGN(auto q,
                   db->Prepare("SELECT count(*) FROM information_schema.statistics WHERE table_schema = DATABASE() "
                               "AND table_name = ? AND index_name = ?"));
    q->BindText(1, i.table);
    q->BindText(2, i.name);
    MIGRATE_ASSIGN(bool row, q->Step());
    if (filled != 0 && row && q->Integer(0) == 0)
      out.push_back("table " + i.table + ": index " + i.name + " is missing; `migrate schema apply` makes it");
  }
  return out;
}

// SQLite keeps the text of each CREATE TABLE: it must be the one in our DDL.
Result<std::vector<std::string>> CompareSqlite(store::Connection* db) {
  std::map<std::string, std::vector<std::string>> want, have;
  std::string ddl = std::string(kSqliteSchema) + kSqliteReview + kSqliteVersions;
  ddl = Replaced(ddl, "IF NOT EXISTS ", "");  // SQLite does not keep it
  const std::vector<std::string> all = Words(ddl);
  for (size_t i = 0; i + 2 < all.size(); ++i) {
    if (all[i] != "create" || all[i + 1] != "table") continue;
    const auto end = std::find(all.begin() + static_cast<ptrdiff_t>(i), all.end(), ";");
    want[all[i + 2]] = {all.begin() + static_cast<ptrdiff_t>(i), end};
  }
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE "
                                     "'sqlite~_%' ESCAPE '~'"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    have[std::string(q->Text(0))] = Words(std::string(q->Text(1)));
  }
  std::vector<std::string> out;
  for (const auto& [name, words] : want) {
    auto found = have.find(name);
    if (found == have.end())
      out.push_back("table " + name + " is missing");
    else if (found->second != words)
      out.push_back("table " + name + " was made by other DDL than `schema show` gives");
  }
  for (const auto& [name, words] : have)
    if (!want.contains(name)) out.push_back("table " + name + " is none of this tool's");
  return out;
}

// ALTER TABLE t ADD INDEX ... for what is not there yet.
Status BuildMysqlIndexes(store::Connection* db) {
  std::set<std::string> there;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT DISTINCT table_name, index_name FROM information_schema.statistics WHERE "
                                     "table_schema = DATABASE()"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    there.emplace(q->Text(1));
  }
  std::map<std::string, std::string> missing;  // by table: ADD INDEX ..., ADD INDEX ...
  for (const Index& i : MysqlIndexes())
    if (!there.contains(i.name)) missing[i.table] += (missing[i.table].empty() ? "" : ", ") + i.add;
  for (const auto& [table, add] : missing)
    if (Status s = db->Execute("ALTER TABLE " + table + " " + add); !s.ok())
      return Status(s.kind(), s.message(),
                    MayNotIndex(s) ? "GRANT ALTER and INDEX, or let an account that may run `migrate schema apply PLAN`"
                                   : s.hint())
          .MayPass(s.may_pass());
  return {};
}

// A server that cannot pack pages refuses the tables, or makes them and packs nothing (CompressionFinding).
Status MakeMysqlTables(store::Connection* db, const TableOptions& options) {
  constexpr char kHint[] = "take target.compression out of the plan";
  Status made = db->Execute(MysqlSchema(db->dialect(), options));
  if (options.compression.empty()) return made;
  if (!made.ok() && !made.may_pass())
    return Status(made.kind(), fmt::format("target.compression: {}: {}", options.compression, made.message()),
                  fmt::format("if the server cannot do that: {}", kHint));
  return made;
}

// Targets that an earlier version made get the tables that came since.
Status AddLaterTables(store::Connection* db) {
  if (db->dialect() != store::Dialect::kSqlite) {
    MIGRATE_ASSIGN(int64_t there, db->QueryInteger(std::string(kTablesHere) +
                                                   " AND table_name IN ('record_undone', 'quarantine_fix')"));
    if (there == 2) return {};
    MIGRATE_ASSIGN(auto partitions, PartitionsOf(db));
    MIGRATE_ASSIGN(const std::string compression, Setting(db, "schema_compression"));
    Status s = db->Execute(
        MysqlDdl(std::string(kMysqlReview) + kMysqlVersions, db->dialect(), {partitions.value_or(32), compression}));
    if (!MayNotIndex(s)) return s;
    return Status(s.kind(), "an older version made this target, and this one needs more tables in it: " + s.message(),
                  "GRANT CREATE, or let an account that may run `migrate schema apply PLAN`");
  }
  if (db->Prepare("SELECT record_id, quarantine_id FROM record_undone, quarantine_fix").ok()) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute(kSqliteReview));
  MIGRATE_TRY(db->Execute(kSqliteVersions));
  return transaction.Commit();
}

}  // namespace

Result<SchemaState> CheckSchema(store::Connection* db) {
  return db->dialect() == store::Dialect::kSqlite ? CheckSqlite(db) : CheckMysql(db);
}

Status ApplySchema(store::Connection* db, TableOptions options) {
  MIGRATE_ASSIGN(SchemaState state, CheckSchema(db));
  if (state == SchemaState::kCurrent) return AddLaterTables(db);
  if (db->dialect() != store::Dialect::kSqlite) {
    MIGRATE_ASSIGN(int64_t tables, db->QueryInteger(kTablesHere));
    if (tables > 0) {
      MIGRATE_ASSIGN(std::string begun, Setting(db, "schema_partitions"));
      if (!begun.empty()) options.partitions = static_cast<uint32_t>(std::stoul(begun));
      MIGRATE_ASSIGN(options.compression, Setting(db, "schema_compression", options.compression));
    }
    return MakeMysqlTables(db, options);
  }
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute(kSqliteSchema));
  MIGRATE_TRY(db->Execute(kSqliteReview));
  MIGRATE_TRY(db->Execute(kSqliteVersions));
  MIGRATE_TRY(
      db->Execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, kSchemaVersion)));
  return transaction.Commit();
}

Result<std::string> CompressionFinding(store::Connection* db, const std::string& wanted) {
  if (db->dialect() == store::Dialect::kSqlite || wanted.empty()) return std::string();
  MIGRATE_ASSIGN(const std::string made, Setting(db, "schema_compression"));
  if (made != wanted)
    return fmt::format("its tables were made with compression: {}, and stay so; target.compression: {} is not used",
                       made.empty() ? "none" : made, wanted);
  const bool mariadb = db->dialect() == store::Dialect::kMariadb;
  if (mariadb) {
    MIGRATE_ASSIGN(const std::string algorithm, db->QueryText("SELECT @@innodb_compression_algorithm"));
    if (algorithm == "none") return std::string("the server packs no pages: its innodb_compression_algorithm is none");
    if (algorithm != wanted)
      return fmt::format("its pages are packed by {}, as its innodb_compression_algorithm says", algorithm);
  }
  // What lies on its disk of the files' size. The view needs the right PROCESS.
  auto sizes =
      db->Prepare(fmt::format("SELECT coalesce(sum(allocated_size), 0), coalesce(sum(file_size), 0) FROM "
                              "information_schema.{} WHERE name LIKE concat(DATABASE(), '/record#%')",
                              mariadb ? "innodb_sys_tablespaces" : "innodb_tablespaces"));
  if (!sizes.ok()) return std::string();
  auto row = (*sizes)->Step();
  constexpr int64_t kTelling = int64_t{64} << 20;  // the first extents of a file are not full of pages
  if (!row.ok() || !*row || (*sizes)->Integer(1) < kTelling) return std::string();
  if ((*sizes)->Integer(0) < (*sizes)->Integer(1) / 100 * 98) return std::string();
  return std::string("the server packs no pages: its file system makes no holes in files, or the server takes no heed");
}

bool MayNotIndex(const Status& s) { return !s.ok() && s.message().find("(error 1142)") != std::string::npos; }

Status BuildIndexes(store::Connection* db) {
  if (db->dialect() != store::Dialect::kSqlite) return BuildMysqlIndexes(db);
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute(kSqliteIndexes));
  return transaction.Commit();
}

std::vector<std::string> SecondaryIndexNames() {
  std::vector<std::string> names;
  for (const Index& i : MysqlIndexes()) names.push_back(i.name);
  return names;
}

std::string SchemaText(store::Dialect dialect, const TableOptions& options) {
  return dialect == store::Dialect::kSqlite
             ? std::string(kSqliteSchema) + kSqliteReview + kSqliteVersions + kSqliteIndexes
             : MysqlSchema(dialect, options) + kMysqlIndexes;
}

Result<std::vector<std::string>> CompareSchema(store::Connection* db) {
  return db->dialect() == store::Dialect::kSqlite ? CompareSqlite(db) : CompareMysql(db);
}

}  // namespace migrate::ledger
