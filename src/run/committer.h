// Makes finished segments last: sync, rename, manifest line, in a thread of its own, so that the workers do not wait
// for the disk. Each is given to the disk when it comes; kBatch of them, or all that came within kPatience, are made
// last together, because every sync holds up those who write. After a crash at most those are made again.
#pragma once

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

// Any number of threads may add. Memory: the handles of twice kBatch segments; their bytes are with the system already.
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
  static constexpr size_t kBatch = 16;
  static constexpr std::chrono::milliseconds kPatience{500};
  void Run();
  Status Commit();

  spool::Manifest* manifest_;
  std::mutex mutex_;  // guards queue_, closed_, error_
  std::condition_variable changed_;
  std::deque<std::pair<std::unique_ptr<spool::SegmentWriter>, spool::ManifestLine>> queue_;
  bool closed_ = false;
  Status error_;
  std::vector<std::unique_ptr<spool::SegmentWriter>> writers_;  // the thread's own: closed, not yet made last
  std::vector<spool::ManifestLine> lines_;
  std::thread thread_;
};

}  // namespace migrate::run
