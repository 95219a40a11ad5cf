#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <fmt/core.h>
#include <sqlite3.h>

#include <filesystem>

#include "migrate/base/doing.h"
#include "migrate/base/file.h"
#include "migrate/store/connection.h"

namespace migrate::store {
namespace {

Status SqliteError(const std::string& database, const std::string& what, int code, const std::string& words) {
  std::string message = fmt::format("{}: {}: {}", database, what, words);
  switch (code & 0xff) {
    case SQLITE_FULL:
      return Status::Failed(message, "free some space on that disk, then run the same command again: it resumes");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Status::Failed(message,
                            "another program reads or writes this database: wait for it or stop it, then run again");
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return Status::Failed(message, "check the owner and the permissions of the database file and its folder");
    case SQLITE_CANTOPEN:
      return Status::Failed(message, "check that the folder exists and may be written");
    case SQLITE_NOTADB:
      return Status::Plan(message, "name a SQLite database, or move that file away");
    case SQLITE_CORRUPT:
      return Status::Failed(
          message, "the file is damaged: restore it from a backup, or salvage it with `sqlite3 FILE .recover`");
    default:
      return Status::Failed(message);
  }
}

class SqliteConnection;

class SqliteStatement : public Statement {
 public:
  SqliteStatement(SqliteConnection* db, sqlite3_stmt* stmt, std::string head)
      : db_(db), stmt_(stmt, &sqlite3_finalize), head_(std::move(head)) {}

  void Bind(int i, int64_t v) override { Note(sqlite3_bind_int64(stmt_.get(), i, v)); }
  void BindReal(int i, double v) override { Note(sqlite3_bind_double(stmt_.get(), i, v)); }
  void BindText(int i, std::string_view v) override {
    Note(sqlite3_bind_text64(stmt_.get(), i, v.data() ? v.data() : "", v.size(), SQLITE_STATIC, SQLITE_UTF8));
  }
  void BindBlob(int i, std::string_view v) override {
    Note(sqlite3_bind_blob64(stmt_.get(), i, v.data() ? v.data() : "", v.size(), SQLITE_STATIC));
  }
  void BindNull(int i) override { Note(sqlite3_bind_null(stmt_.get(), i)); }

  Result<int64_t> RunCount() override;
  Result<bool> Step() override;
  void Reset() override { sqlite3_reset(stmt_.get()); }
  int Columns() const override { return sqlite3_column_count(stmt_.get()); }
  std::string ColumnName(int i) const override { return sqlite3_column_name(stmt_.get(), i); }
  Type ColumnType(int i) const override {
    switch (sqlite3_column_type(stmt_.get(), i)) {
      case SQLITE_INTEGER:
        return Type::kInteger;
      case SQLITE_FLOAT:
        return Type::kReal;
      case SQLITE_TEXT:
        return Type::kText;
      case SQLITE_BLOB:
        return Type::kBlob;
      default:
        return Type::kNull;
    }
  }
  bool IsNull(int i) const override { return sqlite3_column_type(stmt_.get(), i) == SQLITE_NULL; }
  int64_t Integer(int i) const override { return sqlite3_column_int64(stmt_.get(), i); }
  double Real(int i) const override { return sqlite3_column_double(stmt_.get(), i); }
  std::string_view Text(int i) const override {
    const void* p = sqlite3_column_blob(stmt_.get(), i);
    return {static_cast<const char*>(p), p == nullptr ? 0 : static_cast<size_t>(sqlite3_column_bytes(stmt_.get(), i))};
  }

 private:
  // A failed bind (out of memory, too big) is reported by the next Run or Step.
  void Note(int rc) {
    if (rc != SQLITE_OK) bind_error_ = rc;
  }
  SqliteConnection* db_;
  std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> stmt_;
  std::string head_;
  int bind_error_ = SQLITE_OK;
};

// A prepared INSERT; no row is kept back.
class SqliteRows : public RowWriter {
 public:
  explicit SqliteRows(std::unique_ptr<Statement> insert) : insert_(std::move(insert)) {}
  void Bind(int i, int64_t v) override { insert_->Bind(i, v); }
  void BindReal(int i, double v) override { insert_->BindReal(i, v); }
  void BindText(int i, std::string_view v) override { insert_->BindText(i, v); }
  void BindBlob(int i, std::string_view v) override { insert_->BindBlob(i, v); }
  void BindNull(int i) override { insert_->BindNull(i); }
  Status Add() override { return insert_->Run(); }
  Status Flush() override { return {}; }

 private:
  std::unique_ptr<Statement> insert_;
};

class SqliteConnection : public Connection {
 public:
  SqliteConnection(std::unique_ptr<SQLite::Database> db, std::string name)
      : db_(std::move(db)), name_(std::move(name)) {}

  Dialect dialect() const override { return Dialect::kSqlite; }
  Result<std::unique_ptr<Statement>> Prepare(const std::string& sql) override {
    sqlite3_stmt* stmt = nullptr;
    int rc = sqlite3_prepare_v2(db_->getHandle(), sql.c_str(), static_cast<int>(sql.size()), &stmt, nullptr);
    if (rc != SQLITE_OK) return Error("cannot prepare `" + sql.substr(0, 80) + "`", rc);
    return std::unique_ptr<Statement>(new SqliteStatement(this, stmt, sql.substr(0, 80)));
  }
  Result<std::unique_ptr<Statement>> Scan(const std::string& sql) override { return Prepare(sql); }
  Result<std::unique_ptr<RowWriter>> Rows(const std::string& table, const std::vector<std::string>& columns,
                                          OnExisting on_existing, int) override {
    std::string names, marks;
    for (const auto& c : columns) {
      names += (names.empty() ? "" : ", ") + QuoteName(c);
      marks += marks.empty() ? "?" : ", ?";
    }
    MIGRATE_ASSIGN(auto insert, Prepare(std::string(on_existing == OnExisting::kReplace ? "REPLACE" : "INSERT") +
                                        " INTO " + QuoteName(table) + " (" + names + ") VALUES (" + marks + ")"));
    return std::unique_ptr<RowWriter>(new SqliteRows(std::move(insert)));
  }
  Status Execute(const std::string& sql) override {
    const Doing doing("waiting for", name_ + ": `" + sql.substr(0, 80) + "`");
    int rc = sqlite3_exec(db_->getHandle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return Error("cannot execute `" + sql.substr(0, 80) + "`", rc);
    return {};
  }
  Status Begin() override { return Execute("BEGIN IMMEDIATE"); }
  Status BeginRead() override {
    MIGRATE_TRY(Execute("BEGIN"));
    return Execute("SELECT 1 FROM sqlite_schema LIMIT 1");
  }
  Status Commit() override { return Execute("COMMIT"); }
  void Rollback() override {
    if (sqlite3_get_autocommit(db_->getHandle()) == 0)
      sqlite3_exec(db_->getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  const std::string& name() const override { return name_; }
  sqlite3* handle() { return db_->getHandle(); }
  Status Error(const std::string& what, int rc) {
    return SqliteError(name_, what, rc, sqlite3_errmsg(db_->getHandle()));
  }

 private:
  std::unique_ptr<SQLite::Database> db_;
  std::string name_;
};

Result<int64_t> SqliteStatement::RunCount() {
  int rc = bind_error_ != SQLITE_OK ? bind_error_ : sqlite3_step(stmt_.get());
  while (rc == SQLITE_ROW) rc = sqlite3_step(stmt_.get());
  if (rc != SQLITE_DONE) {
    Status error = db_->Error("cannot run `" + head_ + "`", rc);
    sqlite3_reset(stmt_.get());
    return error;
  }
  int64_t changed = sqlite3_changes64(db_->handle());
  sqlite3_reset(stmt_.get());
  return changed;
}

Result<bool> SqliteStatement::Step() {
  int rc = bind_error_ != SQLITE_OK ? bind_error_ : sqlite3_step(stmt_.get());
  if (rc == SQLITE_ROW) return true;
  if (rc == SQLITE_DONE) {
    sqlite3_reset(stmt_.get());
    return false;
  }
  Status error = db_->Error("cannot read `" + head_ + "`", rc);
  sqlite3_reset(stmt_.get());
  return error;
}

// A reader gives up soon; a run waits for readers that hold its commit up.
constexpr int kBusyMs = 5000, kWriterBusyMs = 300'000;

// A process that was killed leaves a rollback journal behind, which only a connection that may write can play back. A
// journal that a living writer holds is left alone by SQLite; if nothing can be done here, the reader's error says so.
void PlayBackJournal(const std::string& path) {
  if (!PathExists(RealPath(path) + "-journal")) return;
  sqlite3* db = nullptr;
  if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    sqlite3_busy_timeout(db, kBusyMs);
    sqlite3_exec(db, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
  }
  sqlite3_close(db);
}

}  // namespace

Result<std::unique_ptr<Connection>> OpenSqlite(const std::string& path, OpenMode mode) {
  if (mode == OpenMode::kReadOnly) PlayBackJournal(path);
  int flags = mode == OpenMode::kReadOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  if (mode == OpenMode::kCreate) {
    MIGRATE_TRY(MakeFolders(std::filesystem::path(path).parent_path().string()));
    flags |= SQLITE_OPEN_CREATE;
  }
  try {
    // A connection belongs to one thread at a time (connection.h), so it needs none of SQLite's own mutexes, which
    // would be locked three times a value.
    auto db = std::make_unique<SQLite::Database>(path, flags | SQLITE_OPEN_NOMUTEX, kBusyMs);
    auto connection = std::make_unique<SqliteConnection>(std::move(db), path);
    if (mode == OpenMode::kCreate) MIGRATE_TRY(connection->Execute("PRAGMA page_size=16384"));
    // The first look at the file: what is wrong with it shows here.
    int rc = sqlite3_exec(connection->handle(), "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
    if (rc != SQLITE_OK) return connection->Error("cannot open", rc);
    if (mode != OpenMode::kReadOnly)
      MIGRATE_TRY(connection->Execute("PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL"));
    MIGRATE_TRY(connection->Execute("PRAGMA cache_size=-65536; PRAGMA temp_store=FILE"));
    if (mode != OpenMode::kReadOnly) {
      // Another writer is told at once; only readers, who hold a commit up for a moment, are waited for.
      MIGRATE_TRY(connection->Begin());
      connection->Rollback();
    }
    if (mode != OpenMode::kReadOnly) sqlite3_busy_timeout(connection->handle(), kWriterBusyMs);
    return std::unique_ptr<Connection>(std::move(connection));
  } catch (const SQLite::Exception& e) {
    return SqliteError(path, "cannot open", e.getErrorCode(), e.what());
  }
}

Status CopySqlite(const std::string& from, const std::string& to) {
  PlayBackJournal(from);
  try {
    SQLite::Database source(from, SQLITE_OPEN_READONLY, kBusyMs);
    SQLite::Database copy(to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, kBusyMs);
    SQLite::Backup backup(copy, source);
    if (backup.executeStep() != SQLITE_DONE)
      return Status::Failed(from + ": cannot copy: the database is busy", "wait for the program that writes to it");
    return {};
  } catch (const SQLite::Exception& e) {
    return SqliteError(from, "cannot copy to " + to, e.getErrorCode(), e.what());
  }
}

std::string QuoteName(std::string_view name) {
  std::string out = "\"";
  for (char c : name) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  out.push_back('"');
  return out;
}

Result<int64_t> Connection::QueryInteger(const std::string& sql, int64_t fallback) {
  MIGRATE_ASSIGN(auto q, Prepare(sql));
  MIGRATE_ASSIGN(bool row, q->Step());
  return row && !q->IsNull(0) ? q->Integer(0) : fallback;
}

Result<std::string> Connection::QueryText(const std::string& sql, std::string fallback) {
  MIGRATE_ASSIGN(auto q, Prepare(sql));
  MIGRATE_ASSIGN(bool row, q->Step());
  return row && !q->IsNull(0) ? std::string(q->Text(0)) : fallback;
}

}  // namespace migrate::store
