// The database seam: Connection, Statement and RowWriter, with SQLite, MySQL and MariaDB behind them. No other room
// sees a connector.
//
//   MIGRATE_ASSIGN(auto db, store::OpenSqlite(path, store::OpenMode::kReadWrite));
//   MIGRATE_ASSIGN(auto insert, db->Prepare("INSERT INTO t VALUES (?, ?)"));
//   insert->Bind(1, int64_t{7});
//   insert->BindText(2, name);           // the bytes must live until Run() returns
//   MIGRATE_TRY(insert->Run());
//
// Not thread-safe: a connection and its statements belong to one thread at a time. Errors name the database, the
// statement's head, and the server's words; a full disk, a lock and a damaged file say what to do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::store {

// Takes the values of a statement's parameters or of a row's columns, which count from 1.
class Binder {
 public:
  virtual ~Binder() = default;
  // Views must outlive the next Run, Step, Add or Reset.
  virtual void Bind(int index, int64_t value) = 0;
  virtual void BindReal(int index, double value) = 0;
  virtual void BindText(int index, std::string_view utf8) = 0;
  virtual void BindBlob(int index, std::string_view bytes) = 0;
  virtual void BindNull(int index) = 0;
  // NULL if the text is empty.
  void BindTextOrNull(int index, std::string_view utf8) {
    if (utf8.empty())
      BindNull(index);
    else
      BindText(index, utf8);
  }
};

class Statement : public Binder {
 public:
  // Executes a statement that returns no rows, and makes it ready to be bound again. Returns the rows it changed.
  virtual Result<int64_t> RunCount() = 0;
  Status Run() {
    auto r = RunCount();
    return r.ok() ? Status() : r.status();
  }

  // The next row of a query: true, or false at the end (the statement is then ready to be bound again).
  virtual Result<bool> Step() = 0;
  virtual void Reset() = 0;
  // Columns count from 0, and are known after the first Step; views live until the next Step or Reset.
  virtual int Columns() const = 0;
  virtual std::string ColumnName(int index) const = 0;
  enum class Type { kNull, kInteger, kReal, kText, kBlob };
  virtual Type ColumnType(int index) const = 0;
  virtual bool IsNull(int index) const = 0;
  virtual int64_t Integer(int index) const = 0;
  virtual double Real(int index) const = 0;
  virtual std::string_view Text(int index) const = 0;  // text or blob; "" for NULL
};

// Many rows into one table. On a server they travel in bulk, so a row may be kept back until Flush.
class RowWriter : public Binder {
 public:
  // Takes the row that was bound. An error may speak of an earlier row.
  virtual Status Add() = 0;
  // Sends what was kept back; before the commit. An error unless every row arrived exactly as it was bound.
  virtual Status Flush() = 0;
};

// What becomes of a row whose key is there already: an error, or the new row takes its place.
enum class OnExisting { kError, kReplace };

enum class Dialect { kSqlite, kMysql, kMariadb };
// The function that counts characters: SQLite's length() is another server's bytes.
inline const char* CharLength(Dialect d) { return d == Dialect::kSqlite ? "length" : "char_length"; }

// SQL that all dialects share is written as it is, with reserved words in backticks; what differs asks for dialect().
class Connection {
 public:
  virtual ~Connection() = default;
  virtual Dialect dialect() const = 0;
  // A server keeps the whole result of a prepared query in this process's memory: for small results.
  virtual Result<std::unique_ptr<Statement>> Prepare(const std::string& sql) = 0;
  // A query whose rows are streamed: for results that grow with the data. It sees what was committed when its first row
  // was asked for, and not what this connection's own transaction has changed.
  virtual Result<std::unique_ptr<Statement>> Scan(const std::string& sql) = 0;
  // `partition`: of a partitioned table, the one that every row belongs to (the server refuses others); -1: any.
  virtual Result<std::unique_ptr<RowWriter>> Rows(const std::string& table, const std::vector<std::string>& columns,
                                                  OnExisting on_existing, int partition = -1) = 0;
  virtual Status Execute(const std::string& sql) = 0;  // one or more statements without parameters or results
  virtual Status Begin() = 0;                          // SQLite: takes the write lock at once
  virtual Status BeginRead() = 0;                      // one snapshot for all reads until Commit or Rollback
  virtual Status Commit() = 0;
  virtual void Rollback() = 0;                  // no-op outside a transaction
  virtual const std::string& name() const = 0;  // for messages
  // Names by which sessions of this tool's runs are known in a server: part 0 is a run's first one, the others are its
  // workers'. One session holds a name at a time, until it ends; waits so long for it. false: another session has it.
  // SQLite has no sessions: true.
  virtual Result<bool> TakeName(int /*part*/, int /*wait_seconds*/) { return true; }
  // Ends all other sessions that hold such names, and so rolls back what they had begun: for who takes the target
  // over from a run that does not answer.
  virtual Status EndOthers() { return {}; }
  // What an operator should know of the way in which this connection works; "" for nothing.
  virtual std::string finding() const { return ""; }

  // The single integer or text that a query gives; the fallback when it gives no row or NULL.
  Result<int64_t> QueryInteger(const std::string& sql, int64_t fallback = 0);
  Result<std::string> QueryText(const std::string& sql, std::string fallback = "");
};

// Rolls back unless Commit() was called and succeeded.
class Transaction {
 public:
  static Result<Transaction> Begin(Connection* db) {
    MIGRATE_TRY(db->Begin());
    return Transaction(db);
  }
  Transaction(Transaction&& o) noexcept : db_(o.db_) { o.db_ = nullptr; }
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction() {
    if (db_ != nullptr) db_->Rollback();
  }
  Status Commit() {
    MIGRATE_TRY(db_->Commit());
    db_ = nullptr;
    return {};
  }

 private:
  explicit Transaction(Connection* db) : db_(db) {}
  Connection* db_;
};

enum class OpenMode { kReadOnly, kReadWrite, kCreate };

// kCreate makes the file (pages of 16 KiB) and its folder. A file that is no SQLite database is a kPlan error.
// Rollback journal, synchronous=FULL: a commit survives power loss, and the finished database is one file that can be
// read from read-only media. A reader waits up to 5 s for a lock, a writer 5 minutes.
Result<std::unique_ptr<Connection>> OpenSqlite(const std::string& path, OpenMode mode);

// A consistent copy of a database into a new file (SQLite's backup API).
Status CopySqlite(const std::string& from, const std::string& to);

// The one quoting function for names: "name" with inner quotes doubled.
std::string QuoteName(std::string_view name);

}  // namespace migrate::store
