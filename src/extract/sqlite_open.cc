#include "sqlite_open.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace migrate::extract {
namespace {

std::string UriOf(const std::string& path) {
  std::string uri = "file:";
  for (char c : path) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("/._-~").find(c) != std::string_view::npos;
    if (plain)
      uri.push_back(c);
    else
      uri += fmt::format("%{:02X}", static_cast<uint8_t>(c));
  }
  return uri + "?mode=ro";
}

}  // namespace

Status SqliteError(const std::string& path, const std::string& what, int code, std::string_view message) {
  std::string text =
      what.empty() ? fmt::format("{}: {}", path, message) : fmt::format("{}: {}: {}", path, what, message);
  switch (code & 0xff) {
    case SQLITE_NOTADB:
      return Status::Plan(path + ": is not a SQLite database", "check the path, or the type of the source");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Status::Failed(path + ": the database is locked: a writer holds it",
                            "stop the writer or wait for it, then run the same command again");
    case SQLITE_READONLY:
      return Status::Failed(text,
                            "a writer died and left a journal beside the file: open it once with sqlite3, which brings "
                            "it in order, or do that with a copy of both");
    case SQLITE_CORRUPT:
      return Status::Failed(text,
                            "the database is damaged: restore it from a backup, or salvage it with sqlite3's .recover");
    case SQLITE_CANTOPEN:
      return Status::Failed(text,
                            "check the permissions of the file and of its folder; beside a -wal file the folder must "
                            "be writable, or copy the database with its -wal file elsewhere");
    default:
      return Status::Failed(text);
  }
}

Result<StatementHandle> Prepare(const std::string& path, sqlite3* db, const std::string& sql) {
  sqlite3_stmt* s = nullptr;
  int rc = sqlite3_prepare_v2(db, sql.data(), static_cast<int>(sql.size()), &s, nullptr);
  if ((rc & 0xff) == SQLITE_ERROR) return Status::Plan(fmt::format("{}: {}", path, sqlite3_errmsg(db)));
  if (rc != SQLITE_OK) return SqliteError(path, "", rc, sqlite3_errmsg(db));
  return StatementHandle(s);
}

Result<int64_t> QueryInteger(const std::string& path, sqlite3* db, const std::string& sql) {
  MIGRATE_ASSIGN(StatementHandle s, Prepare(path, db, sql));
  int rc = sqlite3_step(s.get());
  if (rc == SQLITE_DONE) return int64_t{0};
  if (rc != SQLITE_ROW) return SqliteError(path, "", rc, sqlite3_errmsg(db));
  return static_cast<int64_t>(sqlite3_column_int64(s.get(), 0));
}

std::string QuotedName(std::string_view name) {
  std::string out = "\"";
  for (char c : name) out.append(c == '"' ? 2 : 1, c);
  return out + "\"";
}

Result<std::unique_ptr<SqliteSnapshot>> SqliteSnapshot::Open(const std::string& path, int busy_ms, int connections) {
  std::unique_ptr<SqliteSnapshot> snapshot(new SqliteSnapshot(path));
  MIGRATE_TRY(snapshot->Inspect());
  try {
    MIGRATE_TRY(snapshot->Connect(busy_ms, connections));
  } catch (const SQLite::Exception& e) {
    return SqliteError(path, "", e.getErrorCode(), e.what());
  }
  return snapshot;
}

// Decides how to open, from the file header (bytes 18 and 19 are 2 in WAL mode) and the files beside it. The header is
// read through SQLite: to close a descriptor of our own would give up the locks that another reader in this process
// holds on the file (POSIX).
Status SqliteSnapshot::Inspect() {
  MIGRATE_ASSIGN(stat_, StatFile(path_));
  if (::access(path_.c_str(), R_OK) != 0) return PosixError(path_, "cannot open", errno);
  const std::string uri = UriOf(path_);
  sqlite3* opened = nullptr;
  int rc = sqlite3_open_v2(uri.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, int (*)(sqlite3*)> db(opened, sqlite3_close);
  char head[20] = {};
  sqlite3_file* file = nullptr;
  if (rc == SQLITE_OK) rc = sqlite3_file_control(opened, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (rc == SQLITE_OK && file->pMethods != nullptr) rc = file->pMethods->xRead(file, head, sizeof head, 0);
  if (rc != SQLITE_OK && rc != SQLITE_IOERR_SHORT_READ) return SqliteError(path_, "", rc, sqlite3_errmsg(opened));
  if (stat_.size > 0 && std::string_view(head, std::min<size_t>(stat_.size, 15)) != "SQLite format 3")
    return SqliteError(path_, "", SQLITE_NOTADB, "");
  wal_ = head[18] == 2 || head[19] == 2;
  const std::string real = RealPath(path_), folder = std::filesystem::path(real).parent_path().string();
  bool writable = ::access(folder.empty() ? "." : folder.c_str(), W_OK) == 0;
  bool journals = PathExists(real + "-wal") || PathExists(real + "-journal");
  // Without its -wal file the database file is all there is, and opening it the normal way would create one.
  immutable_ = !journals && (wal_ || !writable);
  uri_ = UriOf(path_) + (immutable_ ? "&immutable=1" : "");
  finding_ = fmt::format("opened read-only{}{}", wal_ ? ", WAL mode" : "", immutable_ ? ", as immutable" : "");
  return {};
}

Status SqliteSnapshot::Connect(int busy_ms, int connections) {
  auto connect = [&] {
    auto db = std::make_unique<SQLite::Database>(uri_, SQLite::OPEN_READONLY | SQLite::OPEN_URI | SQLITE_OPEN_NOMUTEX,
                                                 busy_ms);
    sqlite3_extended_result_codes(db->getHandle(), 1);
    return db;
  };
  std::unique_ptr<SQLite::Database> witness = connect();
  for (int i = 0; i <= connections; ++i) connections_.push_back(connect());
  MIGRATE_TRY(BeginAll(witness->getHandle()));
  for (size_t i = 1; i < connections_.size(); ++i) free_.push_back(connections_[i]->getHandle());
  return {};
}

Status SqliteSnapshot::BeginAll(sqlite3* witness) {
  for (int attempt = 0; attempt < 100; ++attempt) {
    MIGRATE_ASSIGN(int64_t before, QueryInteger(path_, witness, "PRAGMA data_version"));
    for (auto& c : connections_) {
      MIGRATE_ASSIGN(StatementHandle begin, Prepare(path_, c->getHandle(), "BEGIN"));
      sqlite3_step(begin.get());
      // The transaction begins with the first read.
      Result<int64_t> read = QueryInteger(path_, c->getHandle(), "SELECT count(*) FROM sqlite_schema");
      if (!read.ok()) return read.status();
    }
    MIGRATE_ASSIGN(int64_t after, QueryInteger(path_, witness, "PRAGMA data_version"));
    if (before == after) return {};
    for (auto& c : connections_) sqlite3_exec(c->getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  return Status::Failed(path_ + ": a writer commits too often to read one state of the database",
                        "stop the writer, then run the same command again");
}

SqliteSnapshot::Lease SqliteSnapshot::Take() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [this] { return !free_.empty(); });
  sqlite3* db = free_.back();
  free_.pop_back();
  return {this, db};
}

void SqliteSnapshot::GiveBack(sqlite3* db) {
  {
    std::lock_guard lock(mutex_);
    free_.push_back(db);
  }
  freed_.notify_one();
}

Status SqliteSnapshot::CheckUnchanged() const {
  MIGRATE_ASSIGN(FileStat now, StatFile(path_));
  // In WAL mode a checkpoint may rewrite the file while the snapshot stays as it is.
  if (wal_ && !immutable_ ? now.inode == stat_.inode : now == stat_) return {};
  return Status::Failed(path_ + ": changed while it was read",
                        "wait until nothing writes to the database, then run the same command again");
}

}  // namespace migrate::extract
