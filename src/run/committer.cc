#include "committer.h"

#include <utility>

#include "context.h"

namespace migrate::run {

Committer::Committer(spool::Manifest* manifest) : manifest_(manifest), thread_([this] { Run(); }) {}

Status Committer::Add(std::unique_ptr<spool::SegmentWriter> writer, spool::ManifestLine line) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return writers_.size() < kQueue || !error_.ok(); });
  if (!error_.ok()) return error_;
  writers_.push_back(std::move(writer));
  lines_.push_back(std::move(line));
  changed_.notify_all();
  return {};
}

Status Committer::Close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  return error_;
}

void Committer::Run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !writers_.empty(); });
    if (writers_.empty() || !error_.ok()) return;
    const auto writers = std::exchange(writers_, {});
    const auto lines = std::exchange(lines_, {});
    changed_.notify_all();
    lock.unlock();
    Status s = NoThrow([&]() -> Status {
      std::vector<spool::SegmentWriter*> all;
      for (const auto& w : writers) all.push_back(w.get());
      MIGRATE_TRY(spool::SegmentWriter::FinishAll(all));
      return manifest_->AppendAll(lines);
    });
    lock.lock();
    if (!s.ok()) error_ = s;
    changed_.notify_all();
  }
}

}  // namespace migrate::run
