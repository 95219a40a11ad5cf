#include "committer.h"

#include "context.h"

namespace migrate::run {

Committer::Committer(spool::Manifest* manifest) : manifest_(manifest), thread_([this] { Run(); }) {}

Status Committer::Add(std::unique_ptr<spool::SegmentWriter> writer, spool::ManifestLine line) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return queue_.size() < kQueue || !error_.ok(); });
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
  for (;;) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !queue_.empty(); });
    if (queue_.empty() || !error_.ok()) return;
    auto [writer, line] = std::move(queue_.front());
    queue_.pop_front();
    changed_.notify_all();
    lock.unlock();
    Status s = NoThrow([&, w = writer.get(), l = &line]() -> Status {
      MIGRATE_TRY(w->Finish());
      return manifest_->Append(*l);
    });
    lock.lock();
    if (!s.ok()) error_ = s;
    changed_.notify_all();
  }
}

}  // namespace migrate::run
