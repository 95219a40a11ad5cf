// Connections of the SQLite reader: opened read-only, all looking at one snapshot.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sqlite3.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"

namespace migrate::extract {

struct StatementCloser {
  void operator()(sqlite3_stmt* s) const { sqlite3_finalize(s); }
};
// A statement stepped through the C API, which costs half of what a Column object per cell does.
using StatementHandle = std::unique_ptr<sqlite3_stmt, StatementCloser>;

// "path: [what: ]reason" of a SQLite result code, with what to do. kPlan for a file that is no database and for SQL
// that does not compile.
Status SqliteError(const std::string& path, const std::string& what, int code, std::string_view message);

// Several connections in read transactions that see the same state of the database. How that is known: one more
// connection, without a transaction, reads PRAGMA data_version before the first and after the last of them began; if
// nobody committed in between, all began on one state (else they begin again).
class SqliteSnapshot {
 public:
  static Result<std::unique_ptr<SqliteSnapshot>> Open(const std::string& path, int busy_ms, int connections);

  // A connection for the exclusive use of one thread; it is given back when the lease ends. Waits until one is free.
  class Lease {
   public:
    Lease(SqliteSnapshot* from, sqlite3* db) : from_(from), db_(db) {}
    ~Lease() { from_->GiveBack(db_); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    sqlite3* db() const { return db_; }

   private:
    SqliteSnapshot* from_;
    sqlite3* db_;
  };
  Lease Take();
  // The connection that is for the one that cuts; not among those that Take gives.
  sqlite3* cutter() const { return connections_[0]->getHandle(); }
  // Is the database file alone the snapshot, as long as the transactions last (no write-ahead log beside it)?
  bool in_one_file() const { return !wal_ || immutable_; }
  // One line on how the database was opened.
  const std::string& finding() const { return finding_; }
  // Error if the file itself was changed under the snapshot: only possible where no lock protects it (immutable), or
  // where somebody ignored the locks.
  Status CheckUnchanged() const;

 private:
  explicit SqliteSnapshot(std::string path) : path_(std::move(path)) {}
  Status Inspect();
  Status Connect(int busy_ms, int connections);
  Status BeginAll(sqlite3* witness);
  void GiveBack(sqlite3* db);

  std::string path_, uri_, finding_;
  FileStat stat_;
  bool wal_ = false, immutable_ = false;
  std::vector<std::unique_ptr<SQLite::Database>> connections_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<sqlite3*> free_;
};

// SQL that does not compile (no such table or column) is kPlan.
Result<StatementHandle> Prepare(const std::string& path, sqlite3* db, const std::string& sql);
// The one integer that a query gives; 0 for NULL or no row.
Result<int64_t> QueryInteger(const std::string& path, sqlite3* db, const std::string& sql);
// "\"name\"" with inner quotes doubled.
std::string QuotedName(std::string_view name);

}  // namespace migrate::extract
