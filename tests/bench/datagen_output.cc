#include "datagen_output.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <thread>

namespace migrate::datagen {
namespace {

constexpr uint64_t kChunkRows = 8192;

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

void AppendTruth(const Source& source, bool only_source, uint64_t number, const Row& row, std::string& out) {
  std::string key;
  AppendKey(source.layout, number, key);
  if (!only_source) (out += source.name) += ':';
  (out += key) += ',';
  out += std::to_string(row.cluster);
  ((out += ',') += source.name) += ',';
  (out += key) += '\n';
}

struct Chunk {
  uint64_t from = 0, to = 0;  // numbers in the source, from 0
  std::string lines, truth;
};

// Fills a chunk; `truth` only if it is asked for.
void Fill(const World& world, const Source& source, bool only_source, bool with_truth, Chunk& chunk) {
  chunk.lines.clear();
  chunk.truth.clear();
  Row row;
  for (uint64_t n = chunk.from; n < chunk.to; ++n) {
    world.MakeRow(source.first + n, row);
    AppendCsvRow(source.layout, n + 1, row, chunk.lines);
    if (with_truth) AppendTruth(source, only_source, n + 1, row, chunk.truth);
  }
}

Status WriteCsv(const World& world, const Source& source, bool only_source, Writer* truth, size_t threads) {
  Writer file;
  MIGRATE_TRY(file.Open(source.path));
  MIGRATE_TRY(file.Append(Header(source.layout)));
  std::vector<Chunk> chunks(threads);
  for (uint64_t at = 0; at < source.rows;) {
    std::vector<std::thread> workers;
    size_t used = 0;
    for (; used < threads && at < source.rows; ++used) {
      Chunk& chunk = chunks[used];
      chunk.from = at;
      chunk.to = at = std::min(source.rows, at + kChunkRows);
      if (threads == 1)
        Fill(world, source, only_source, truth != nullptr, chunk);
      else
        workers.emplace_back([&world, &source, only_source, truth, &chunk] {
          Fill(world, source, only_source, truth != nullptr, chunk);
        });
    }
    for (std::thread& worker : workers) worker.join();
    for (size_t i = 0; i < used; ++i) {
      MIGRATE_TRY(file.Append(chunks[i].lines));
      if (truth) MIGRATE_TRY(truth->Append(chunks[i].truth));
    }
  }
  return file.Close();
}

Status WriteTable(const World& world, const Source& source, bool only_source, Writer* truth) {
  Table table;
  MIGRATE_TRY(table.Open(source));
  Row row;
  std::string line;
  for (uint64_t n = 0; n < source.rows; ++n) {
    world.MakeRow(source.first + n, row);
    MIGRATE_TRY(table.Insert(n + 1, row));
    if (!truth) continue;
    line.clear();
    AppendTruth(source, only_source, n + 1, row, line);
    MIGRATE_TRY(truth->Append(line));
  }
  return table.Close();
}

// A YAML scalar in double quotes in which `${...}` of the plan language means nothing.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '$') out += '$';
    out += c;
  }
  return out + '"';
}

}  // namespace

Status WriteSources(const World& world, const std::vector<Source>& sources, const std::string& truth_path,
                    int threads) {
  Writer truth;
  const bool with_truth = !truth_path.empty();
  if (with_truth) {
    MIGRATE_TRY(truth.Open(truth_path));
    MIGRATE_TRY(truth.Append("id,cluster,source,source_key\n"));
  }
  Writer* to = with_truth ? &truth : nullptr;
  for (const Source& source : sources) {
    if (source.layout == Layout::kTable)
      MIGRATE_TRY(WriteTable(world, source, sources.size() == 1, to));
    else
      MIGRATE_TRY(WriteCsv(world, source, sources.size() == 1, to, static_cast<size_t>(std::max(threads, 1))));
  }
  return with_truth ? truth.Close() : Status();
}

Status WritePlan(const std::vector<Source>& sources, const std::string& path) {
  namespace fs = std::filesystem;
  std::string text =
      "# Written by migrate-datagen: reads the made-up people that were generated beside it.\n"
      "name: people\n"
      "target:\n"
      "  url: sqlite:people.db\n"
      "sources:\n";
  const fs::path folder = fs::absolute(path).parent_path();
  for (const Source& source : sources) {
    const bool table = source.layout == Layout::kTable;
    const fs::path file = fs::absolute(source.path).lexically_normal();
    const fs::path relative = file.lexically_relative(folder.lexically_normal());
    const bool below = !relative.empty() && *relative.begin() != "..";
    text += fmt::format("  {}:\n    type: {}\n    path: {}\n", source.name, table ? "sqlite" : "csv",
                        Quoted(below ? relative.string() : file.string()));
    if (table) text += fmt::format("    table: {}\n", Quoted(source.table));
    text += PlanFields(source.layout);
  }
  Writer file;
  MIGRATE_TRY(file.Open(path));
  MIGRATE_TRY(file.Append(text));
  return file.Close();
}

}  // namespace migrate::datagen
