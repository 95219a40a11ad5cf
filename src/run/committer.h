// Makes finished segments last: write, sync, rename, manifest line, in threads of its own, so that the workers do not
// wait for the disk.
#pragma once

#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/spool/manifest.h"
#include "migrate/spool/segment.h"

namespace migrate::run {

// Two threads, so that one writes while the other syncs. Every sync holds up those who write: so kBatch segments, or
// all that came within kPatience, are made last together. After a crash at most those are made again. Any number of
// threads may add. Memory: the bytes of kQueue segments that wait for the disk and of two more (6 MiB each for raw
// segments of a CSV), the handles of twice kBatch others.
class Committer {
 public:
  // `manifest` must outlive the object.
  explicit Committer(spool::Manifest* manifest);
  ~Committer() { (void)Close(); }
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // A segment whose blocks are all added, and the line that commits it. Waits while the disk is behind. An error of an
  // earlier segment is returned here.
  Status Add(std::unique_ptr<spool::SegmentWriter> writer, spool::ManifestLine line);
  // After the last one: waits for all of them. The first error, if there was one; what was added after it is not
  // committed.
  Status Close();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr size_t kQueue = 6, kBatch = 16;
  static constexpr std::chrono::milliseconds kPatience{500};

  struct Batch {
    std::vector<std::unique_ptr<spool::SegmentWriter>> writers;
    std::vector<spool::ManifestLine> lines;
    Clock::time_point since;
  };
  void Run();
  Status Advance(bool last, Batch* batch);

  spool::Manifest* manifest_;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::deque<std::pair<std::unique_ptr<spool::SegmentWriter>, spool::ManifestLine>> queue_;
  bool closed_ = false;
  Status error_;
  std::array<std::thread, 2> threads_;
};

}  // namespace migrate::run
