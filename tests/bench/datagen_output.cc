#include "datagen_output.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

#include "datagen_mysql.h"
#include "datagen_text.h"
#include "migrate/base/hash.h"

namespace migrate::datagen {
namespace {

constexpr uint64_t kChunkRows = 8192;
constexpr size_t kBufferBytes = 1 << 18;

// A file that is written once, from front to end.
class Writer {
 public:
  ~Writer() {
    if (file_) std::fclose(file_);
  }
  Status Open(const std::string& path) {
    path_ = path;
    file_ = std::fopen(path.c_str(), "wb");
    return file_ ? Status() : Status::Failed(fmt::format("{}: cannot open: {}", path, std::strerror(errno)));
  }
  Status Append(std::string_view bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_) == bytes.size()) return Status();
    return Status::Failed(fmt::format("{}: cannot write: {}", path_, std::strerror(errno)));
  }
  Status Close() {
    FILE* file = std::exchange(file_, nullptr);
    if (std::fclose(file) == 0) return Status();
    return Status::Failed(fmt::format("{}: cannot write: {}", path_, std::strerror(errno)));
  }

 private:
  std::string path_;
  FILE* file_ = nullptr;
};

struct DatabaseCloser {
  void operator()(sqlite3* db) const { sqlite3_close(db); }
};
struct StatementCloser {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// The legacy database. One transaction, no journal: a file that was not finished is of no use.
class Table {
 public:
  Status Open(const Source& source) {
    path_ = source.path;
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    sqlite3* db = nullptr;
    const int rc = sqlite3_open(path_.c_str(), &db);
    db_.reset(db);
    if (rc != SQLITE_OK) return Error();
    std::string quoted = "\"";
    for (char c : source.table) quoted.append(c == '"' ? 2 : 1, c);
    quoted += '"';
    MIGRATE_TRY(Execute("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN;"));
    MIGRATE_TRY(Execute(CreateTable(quoted)));
    sqlite3_stmt* insert = nullptr;
    if (sqlite3_prepare_v2(db, InsertStatement(quoted).c_str(), -1, &insert, nullptr) != SQLITE_OK) return Error();
    insert_.reset(insert);
    return Status();
  }
  Status Insert(uint64_t number, const Row& row) {
    BindTableRow(number, row, insert_.get());
    const int rc = sqlite3_step(insert_.get());
    sqlite3_reset(insert_.get());
    return rc == SQLITE_DONE ? Status() : Error();
  }
  Status Close() {
    insert_.reset();
    return Execute("COMMIT");
  }

 private:
  Status Execute(const std::string& sql) {
    return sqlite3_exec(db_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? Status() : Error();
  }
  Status Error() const { return Status::Failed(fmt::format("{}: {}", path_, sqlite3_errmsg(db_.get()))); }

  std::string path_;
  std::unique_ptr<sqlite3, DatabaseCloser> db_;
  std::unique_ptr<sqlite3_stmt, StatementCloser> insert_;
};

struct Chunk {
  uint64_t from = 0, to = 0;  // numbers in the source, from 0
  std::string lines;
};

void Fill(const World& world, const Source& source, Chunk& chunk) {
  chunk.lines.clear();
  Row row;
  for (uint64_t n = chunk.from; n < chunk.to; ++n) {
    world.MakeRow(source.first + n, row);
    AppendLine(source.layout, n + 1, row, chunk.lines);
  }
  if (source.layout == Layout::kTabs) {
    std::string wide;
    wide.reserve(chunk.lines.size() * 2);
    AppendUtf16(chunk.lines, wide);
    chunk.lines.swap(wide);
  }
}

// Gives a file's bytes to `take` from front to end, made by `threads` threads.
template <class Take>
Status MakeFile(const World& world, const Source& source, size_t threads, Take take) {
  std::string header(Header(source.layout));
  if (source.layout == Layout::kTabs) {
    std::string wide;
    AppendUtf16(header, wide);
    header = wide;
  }
  MIGRATE_TRY(take(header));
  std::vector<Chunk> chunks(threads);
  for (uint64_t at = 0; at < source.rows;) {
    std::vector<std::thread> workers;
    size_t used = 0;
    for (; used < threads && at < source.rows; ++used) {
      Chunk& chunk = chunks[used];
      chunk.from = at;
      chunk.to = at = std::min(source.rows, at + kChunkRows);
      if (threads == 1)
        Fill(world, source, chunk);
      else
        workers.emplace_back([&world, &source, &chunk] { Fill(world, source, chunk); });
    }
    for (std::thread& worker : workers) worker.join();
    for (size_t i = 0; i < used; ++i) MIGRATE_TRY(take(chunks[i].lines));
  }
  return Status();
}

Status WriteFile(const World& world, const Source& source, size_t threads) {
  Writer file;
  MIGRATE_TRY(file.Open(source.path));
  MIGRATE_TRY(MakeFile(world, source, threads, [&](const std::string& bytes) { return file.Append(bytes); }));
  return file.Close();
}

Status WriteTable(const World& world, const Source& source) {
  Table table;
  MIGRATE_TRY(table.Open(source));
  Row row;
  for (uint64_t n = 0; n < source.rows; ++n) {
    world.MakeRow(source.first + n, row);
    MIGRATE_TRY(table.Insert(n + 1, row));
  }
  return table.Close();
}

// What stands before the row's number in the keys of a file without a key column.
Result<std::string> FileKey(const World& world, const Source& source, size_t threads) {
  Sha256Hasher hash;
  MIGRATE_TRY(MakeFile(world, source, threads, [&](const std::string& bytes) {
    hash.Update(bytes);
    return Status();
  }));
  std::string hex;
  for (uint8_t byte : hash.Finish()) hex += fmt::format("{:02x}", byte);
  return hex.substr(0, 16);
}

}  // namespace

Status WriteSources(const World& world, const std::vector<Source>& sources, int threads) {
  for (const Source& source : sources) {
    if (source.layout == Layout::kTable)
      MIGRATE_TRY(WriteTable(world, source));
    else if (!source.url.empty())
      MIGRATE_TRY(WriteMysql(world, source, threads));
    else
      MIGRATE_TRY(WriteFile(world, source, static_cast<size_t>(std::max(threads, 1))));
  }
  return Status();
}

Status WriteTruth(const World& world, const std::vector<Source>& sources, const std::string& path, int threads) {
  Writer file;
  MIGRATE_TRY(file.Open(path));
  std::string lines = "id,cluster,source,source_key\n", key;
  for (const Source& source : sources) {
    std::string before;
    if (source.layout == Layout::kQuoted) {
      MIGRATE_ASSIGN(before, FileKey(world, source, static_cast<size_t>(std::max(threads, 1))));
    }
    const std::string id_before = sources.size() == 1 ? "" : source.name + ":";
    for (uint64_t n = 0; n < source.rows; ++n) {
      key = before;
      AppendKey(source.layout, n + 1, key);
      ((lines += id_before) += key) += ',';
      AppendNumber(world.ClusterOf(source.first + n), 1, lines);
      ((lines += ',') += source.name) += ',';
      (lines += key) += '\n';
      if (lines.size() < kBufferBytes) continue;
      MIGRATE_TRY(file.Append(lines));
      lines.clear();
    }
  }
  MIGRATE_TRY(file.Append(lines));
  return file.Close();
}

Status WriteText(const std::string& path, std::string_view text) {
  Writer file;
  MIGRATE_TRY(file.Open(path));
  MIGRATE_TRY(file.Append(text));
  return file.Close();
}

}  // namespace migrate::datagen
