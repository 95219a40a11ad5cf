// Makes finished segments last: sync, rename, manifest line, in a thread of its own, so that the workers do not wait
// for the disk. All that are waiting go together: the folder and the manifest are synced once for them.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/spool/manifest.h"
#include "migrate/spool/segment.h"

namespace migrate::run {

// Any number of threads may add. Memory: the handles of twice kQueue segments; their bytes are with the system already.
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
  static constexpr size_t kQueue = 8;
  void Run();

  spool::Manifest* manifest_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<spool::SegmentWriter>> writers_;  // that wait, with their lines
  std::vector<spool::ManifestLine> lines_;
  bool closed_ = false;
  Status error_;
  std::thread thread_;
};

}  // namespace migrate::run
