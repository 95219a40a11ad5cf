#include "committer.h"

#include "context.h"

namespace migrate::run {

Committer::Committer(spool::Manifest* manifest) : manifest_(manifest), thread_([this] { Run(); }) {}

Status Committer::Add(std::unique_ptr<spool::SegmentWriter> writer, spool::ManifestLine line) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queue_.size() < kBatch || !error_.ok(); });
  if (!error_.ok()) return error_;
  queue_.emplace_back(std::move(writer), std::move(line));
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
  std::unique_lock lock(mutex_);
  for (auto oldest = Clock::now(); error_.ok();) {
    auto something = [&] { return closed_ || !queue_.empty(); };
    if (writers_.empty())
      changed_.wait(lock, something);
    else
      changed_.wait_until(lock, oldest + kPatience, something);
    if (queue_.empty() && writers_.empty()) return;
    auto came = std::exchange(queue_, {});
    const bool last = closed_;
    changed_.notify_all();
    lock.unlock();
    if (writers_.empty()) oldest = Clock::now();
    Status s = NoThrow([&]() -> Status {
      for (auto& [writer, line] : came) {
        MIGRATE_TRY(writer->Close());
        writers_.push_back(std::move(writer));
        lines_.push_back(std::move(line));
      }
      return last || writers_.size() >= kBatch || Clock::now() - oldest >= kPatience ? Commit() : Status();
    });
    lock.lock();
    if (!s.ok()) error_ = s;
    changed_.notify_all();
  }
}

Status Committer::Commit() {
  std::vector<spool::SegmentWriter*> all;
  for (const auto& w : writers_) all.push_back(w.get());
  MIGRATE_TRY(spool::SegmentWriter::FinishAll(all));
  MIGRATE_TRY(manifest_->AppendAll(lines_));
  writers_.clear();
  lines_.clear();
  return {};
}

}  // namespace migrate::run
