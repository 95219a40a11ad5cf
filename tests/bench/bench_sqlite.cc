// bench_sqlite FILE TABLE KEY FOLDER [ROUNDS]: rows a second of
//   api        the C API stepping a table with one thread and reading every value as what it is: the pointer and the
//              length of a text, int64, double
//   ours, n    our reader as the stage extract runs it, with n threads: payload, digest, the independent count, and the
//              rows packed into segments in FOLDER (made last by one more thread, which only waits for the disk)
// in one run, turn by turn. Prints the median and the best of the rounds, by wall clock and by processor time: on a
// machine that others use, the second tells more. The file should fit in memory; the first reading warms it.
#include <fmt/core.h>
#include <sqlite3.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <mutex>
#include <thread>
#include <vector>

#include "migrate/extract/source.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"

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
  uint64_t rows = 0;
  double per_s = 0, per_cpu_s = 0;
  void Done(const Clock& begin) {
    std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin.wall;
    per_s = static_cast<double>(rows) / wall.count();
    per_cpu_s = static_cast<double>(rows) / (Clock::Cpu() - begin.cpu);
  }
};

// What a row's values come to, so that no reading of one can be left out.
uint64_t Touch(sqlite3_stmt* s, int column) {
  switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
      return static_cast<uint64_t>(sqlite3_column_int64(s, column));
    case SQLITE_FLOAT:
      return static_cast<uint64_t>(sqlite3_column_double(s, column));
    case SQLITE_TEXT: {
      const unsigned char* text = sqlite3_column_text(s, column);
      return text[0] + static_cast<uint64_t>(sqlite3_column_bytes(s, column));
    }
    case SQLITE_BLOB: {
      const void* bytes = sqlite3_column_blob(s, column);
      return (bytes != nullptr ? 1u : 0u) + static_cast<uint64_t>(sqlite3_column_bytes(s, column));
    }
    default:
      return 0;
  }
}

Measure CApi(const std::string& path, const std::string& table) {
  Clock begin;
  Measure m;
  sqlite3* db = nullptr;
  sqlite3_stmt* s = nullptr;
  sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3_prepare_v2(db, ("SELECT * FROM \"" + table + "\"").c_str(), -1, &s, nullptr);
  const int columns = sqlite3_column_count(s);
  uint64_t sum = 0;
  while (sqlite3_step(s) == SQLITE_ROW) {
    ++m.rows;
    for (int i = 0; i < columns; ++i) sum += Touch(s, i);
  }
  sqlite3_finalize(s);
  sqlite3_close(db);
  m.Done(begin);
  if (sum == 0) fmt::print(stderr, "the table holds nothing\n");
  return m;
}

void Exit(const Status& s) {
  if (s.ok()) return;
  fmt::print(stderr, "{}\n", s.message());
  std::_Exit(1);
}

// Like the stage's sink: rows into blocks, blocks into one segment a chunk.
struct Segment : RowSink {
  explicit Segment(spool::SegmentWriter* to) : writer(to) {}
  Status OnRow(const RawRow& row) override {
    block.Add(row);
    digest.Add(row.row_sha256);
    return Cut();
  }
  Status OnReject(const Reject& reject) override {
    block.Add(reject);
    return Cut();
  }
  Status Cut() {
    ++rows;
    return block.bytes().size() < spool::kBlockBytes ? Status() : Flush();
  }
  Status Flush() {
    MIGRATE_TRY(writer->AddBlock(0, block.bytes(), block.rows()));
    block.Clear();
    return {};
  }
  spool::SegmentWriter* writer;
  spool::RawBlockWriter block;
  uint64_t rows = 0;
  MultisetDigest digest;
};

// Finished segments, until they are synced and renamed.
struct Finisher {
  std::mutex mutex;
  std::deque<std::unique_ptr<spool::SegmentWriter>> queue;
  bool closed = false;
  std::thread thread{[this] {
    for (;;) {
      std::unique_lock lock(mutex);
      if (queue.empty()) {
        if (closed) return;
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        continue;
      }
      auto writer = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      Exit(writer->Finish());
    }
  }};
  void Add(std::unique_ptr<spool::SegmentWriter> writer) {
    std::lock_guard lock(mutex);
    queue.push_back(std::move(writer));
  }
  void Close() {
    {
      std::lock_guard lock(mutex);
      closed = true;
    }
    thread.join();
  }
};

Measure Ours(const std::string& path, const SqliteOptions& options, const std::string& folder, int threads) {
  Clock begin;
  auto reader = OpenSqlite(path, options);
  Exit(reader.status());
  std::atomic<uint64_t> rows{0};
  Finisher finisher;
  std::vector<std::thread> workers;
  auto work = [&] {
    for (;;) {
      auto chunk = (*reader)->Next();
      Exit(chunk.status());
      if (!*chunk) return;
      auto writer = spool::SegmentWriter::Create(fmt::format("{}/raw-{}.seg", folder, (*chunk)->index),
                                                 spool::SegmentWriter::Effort::kFast);
      Exit(writer.status());
      Segment segment(writer->get());
      Exit((*reader)->Read(**chunk, segment));
      Exit(segment.Flush());
      if (segment.rows != (*chunk)->counted) Exit(Status::Failed("the counts differ"));
      rows += segment.rows;
      finisher.Add(std::move(*writer));
    }
  };
  for (int i = 1; i < threads; ++i) workers.emplace_back(work);
  work();
  for (std::thread& w : workers) w.join();
  finisher.Close();
  Measure m;
  m.rows = rows;
  m.Done(begin);
  return m;
}

void Print(const std::string& what, std::vector<Measure> ms, const Measure& median_of_api, const Measure& best_of_api) {
  const auto pick = [&](double Measure::*figure, size_t from_top) {
    std::sort(ms.begin(), ms.end(), [&](const Measure& a, const Measure& b) { return a.*figure > b.*figure; });
    return ms[from_top].*figure;
  };
  const size_t middle = ms.size() / 2;
  const double wall = pick(&Measure::per_s, middle), cpu = pick(&Measure::per_cpu_s, middle);
  const double best = pick(&Measure::per_s, 0), best_cpu = pick(&Measure::per_cpu_s, 0);
  fmt::print(
      "{:<16} median {:>8.0f} rows/s ({:.2f} x), {:>8.0f} per CPU second ({:.2f} x); best {:>8.0f} ({:.2f} x), "
      "{:>8.0f} "
      "({:.2f} x)\n",
      what, wall, wall / median_of_api.per_s, cpu, cpu / median_of_api.per_cpu_s, best, best / best_of_api.per_s,
      best_cpu, best_cpu / best_of_api.per_cpu_s);
}

int Run(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "usage: bench_sqlite FILE TABLE KEY FOLDER [ROUNDS]\n");
    return 2;
  }
  SqliteOptions options;
  options.source = "bench";
  options.table = argv[2];
  options.key = {argv[3]};
  const std::string folder = argv[4];
  const int rounds = argc > 5 ? std::max(1, std::atoi(argv[5])) : 5;
  std::filesystem::create_directories(folder);
  std::vector<Measure> api, one, two;
  const uint64_t rows = CApi(argv[1], options.table).rows;
  for (int round = 0; round < rounds; ++round) {
    api.push_back(CApi(argv[1], options.table));
    one.push_back(Ours(argv[1], options, folder, 1));
    two.push_back(Ours(argv[1], options, folder, 2));
    if (one.back().rows != rows || two.back().rows != rows) Exit(Status::Failed("not all rows were read"));
  }
  Measure median, best;
  for (double Measure::*figure : {&Measure::per_s, &Measure::per_cpu_s}) {
    std::sort(api.begin(), api.end(), [&](const Measure& a, const Measure& b) { return a.*figure > b.*figure; });
    median.*figure = api[api.size() / 2].*figure;
    best.*figure = api[0].*figure;
  }
  fmt::print("{} rows, {} rounds\n", rows, rounds);
  Print("C API, 1 thread", api, median, best);
  Print("ours, 1 thread", one, median, best);
  Print("ours, 2 threads", two, median, best);
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".seg") std::filesystem::remove(entry.path());
  return 0;
}

}  // namespace
}  // namespace migrate::extract

int main(int argc, char** argv) { return migrate::extract::Run(argc, argv); }
