// bench_sqlite FILE TABLE KEY: rows a second of the C API stepping a table and touching every cell with one thread, and
// of our reader (payload and digest included) with 1 and 2 threads, in one run, turn by turn, the best of three rounds.
#include <fmt/core.h>
#include <sqlite3.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "migrate/extract/source.h"

namespace migrate::extract {
namespace {

struct Clock {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  double cpu = Cpu();
  static double Cpu() {
    timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
  }
};

struct Measure {
  uint64_t rows = 0, bytes = 0;
  double per_s = 0, per_cpu_s = 0;
  void Done(const Clock& begin) {
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin.wall;
    per_s = static_cast<double>(rows) / wall.count();
    per_cpu_s = static_cast<double>(rows) / (Clock::Cpu() - begin.cpu);
  }
};

Measure CApi(const std::string& path, const std::string& table) {
  Clock begin;
  Measure m;
  sqlite3* db = nullptr;
  sqlite3_stmt* s = nullptr;
  sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3_prepare_v2(db, ("SELECT * FROM " + table).c_str(), -1, &s, nullptr);
  const int columns = sqlite3_column_count(s);
  while (sqlite3_step(s) == SQLITE_ROW) {
    ++m.rows;
    for (int i = 0; i < columns; ++i) {
      const unsigned char* text = sqlite3_column_text(s, i);
      m.bytes += text == nullptr ? 0 : text[0] + static_cast<unsigned>(sqlite3_column_bytes(s, i));
    }
  }
  sqlite3_finalize(s);
  sqlite3_close(db);
  m.Done(begin);
  return m;
}

struct Sum : RowSink {
  uint64_t rows = 0;
  MultisetDigest digest;
  Status OnRow(const RawRow& row) override {
    ++rows;
    digest.Add(row.row_sha256);
    return {};
  }
  Status OnReject(const Reject&) override {
    ++rows;
    return {};
  }
};

Measure Ours(const std::string& path, const std::string& table, const std::string& key, int threads) {
  Clock begin;
  SqliteOptions options;
  options.source = "bench";
  options.table = table;
  options.key = {key};
  auto reader = OpenSqlite(path, options);
  if (!reader.ok()) {
    fmt::print(stderr, "{}\n", reader.status().message());
    std::exit(1);
  }
  std::vector<Sum> sums(static_cast<size_t>(threads));
  std::vector<std::thread> workers;
  for (Sum& sum : sums)
    workers.emplace_back([&reader, &sum] {
      for (;;) {
        auto chunk = (*reader)->Next();
        if (!chunk.ok() || !*chunk || !(*reader)->Read(**chunk, sum).ok()) return;
      }
    });
  for (std::thread& w : workers) w.join();
  Measure m;
  for (const Sum& s : sums) m.rows += s.rows;
  m.Done(begin);
  return m;
}

}  // namespace
}  // namespace migrate::extract

int main(int argc, char** argv) {
  using migrate::extract::Measure;
  if (argc != 4) {
    fmt::print(stderr, "usage: bench_sqlite FILE TABLE KEY\n");
    return 2;
  }
  Measure api, one, two;
  auto best = [](Measure* so_far, const Measure& m) {
    so_far->rows = m.rows;
    so_far->per_s = std::max(so_far->per_s, m.per_s);
    so_far->per_cpu_s = std::max(so_far->per_cpu_s, m.per_cpu_s);
  };
  for (int round = 0; round < 3; ++round) {
    best(&api, migrate::extract::CApi(argv[1], argv[2]));
    best(&one, migrate::extract::Ours(argv[1], argv[2], argv[3], 1));
    best(&two, migrate::extract::Ours(argv[1], argv[2], argv[3], 2));
  }
  auto print = [&](const char* what, const Measure& m) {
    fmt::print("{:<16} {:>9.0f} rows/s, {:.2f} of the C API; {:>9.0f} rows per CPU second, {:.2f}; {} rows\n", what,
               m.per_s, m.per_s / api.per_s, m.per_cpu_s, m.per_cpu_s / api.per_cpu_s, m.rows);
  };
  print("C API, 1 thread:", api);
  print("ours, 1 thread:", one);
  print("ours, 2 threads:", two);
  return 0;
}
