// What the benches of readers share: measuring, and reading as the stage extract does it.
#pragma once

#include <fmt/core.h>
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

inline void Exit(const Status& s) {
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

// All rows of a reader by `threads` threads: payloads, digests, the independent count, and the rows packed into
// segments in `folder`, made last by one more thread. `begin` is when the work began.
inline Measure ReadAll(Reader* reader, const std::string& folder, int threads, const Clock& begin) {
  std::atomic<uint64_t> rows{0};
  Finisher finisher;
  std::vector<std::thread> workers;
  auto work = [&] {
    for (;;) {
      auto chunk = reader->Next();
      Exit(chunk.status());
      if (!*chunk) return;
      auto writer = spool::SegmentWriter::Create(fmt::format("{}/raw-{}.seg", folder, (*chunk)->index),
                                                 spool::SegmentWriter::Effort::kFast);
      Exit(writer.status());
      Segment segment(writer->get());
      Exit(reader->Read(**chunk, segment));
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

// The medians and the bests, to be divided by.
inline std::pair<Measure, Measure> MedianAndBest(std::vector<Measure> ms) {
  Measure median, best;
  for (double Measure::*figure : {&Measure::per_s, &Measure::per_cpu_s}) {
    std::sort(ms.begin(), ms.end(), [&](const Measure& a, const Measure& b) { return a.*figure > b.*figure; });
    median.*figure = ms[ms.size() / 2].*figure;
    best.*figure = ms[0].*figure;
  }
  return {median, best};
}

inline void Print(const std::string& what, std::vector<Measure> ms, const Measure& median_of_api,
                  const Measure& best_of_api) {
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

inline void RemoveSegments(const std::string& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".seg") std::filesystem::remove(entry.path());
}

}  // namespace migrate::extract
