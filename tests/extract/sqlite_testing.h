// SQLite databases for tests, and reading them through the Reader.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <string>
#include <vector>

#include "csv_testing.h"

namespace migrate::extract {

namespace fs = std::filesystem;

// A database in a folder of its own, with a connection to write with.
class Database {
 public:
  Database() {
    std::string pattern = (fs::temp_directory_path() / "migrate_sqlite_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    path_ = folder_ + "/old data.db";
    EXPECT_EQ(sqlite3_open(path_.c_str(), &db_), SQLITE_OK);
    Run("PRAGMA synchronous = OFF");
  }
  ~Database() {
    Close();
    fs::permissions(folder_, fs::perms::owner_all);
    fs::remove_all(folder_);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  void Run(const std::string& sql) {
    char* error = nullptr;
    ASSERT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << error << "\n" << sql;
  }
  void Close() {
    sqlite3_close(db_);
    db_ = nullptr;
  }
  sqlite3* db() { return db_; }
  const std::string& path() const { return path_; }
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_, path_;
  sqlite3* db_ = nullptr;
};

inline SqliteOptions Options(const std::string& table, std::vector<std::string> key = {"id"}) {
  SqliteOptions options;
  options.source = "old";
  options.table = table;
  options.key = std::move(key);
  options.busy_ms = 50;
  return options;
}

inline ReadResult ReadSqlite(const std::string& path, const SqliteOptions& options) {
  auto reader = OpenSqlite(path, options);
  if (!reader.ok()) {
    ReadResult failed;
    failed.status = reader.status();
    return failed;
  }
  return ReadAll(**reader);
}

inline std::vector<std::string> Payloads(const ReadResult& r) {
  EXPECT_TRUE(r.status.ok()) << r.status.message();
  std::vector<std::string> out;
  for (const auto& i : r.items) out.push_back(i.reject ? "!" + i.reason + " " + i.detail : i.key + " " + i.payload);
  return out;
}

}  // namespace migrate::extract
