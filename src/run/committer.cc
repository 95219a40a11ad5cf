#include "committer.h"

#include "context.h"

namespace migrate::run {

Committer::Committer(spool::Manifest* manifest) : manifest_(manifest) {
  for (std::thread& t : threads_) t = std::thread([this] { Run(); });
}

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
  for (std::thread& t : threads_)
    if (t.joinable()) t.join();
  return error_;
}

void Committer::Run() {
  Batch batch;
  std::unique_lock lock(mutex_);
  while (error_.ok()) {
    auto something = [&] { return closed_ || !queue_.empty() || !error_.ok(); };
    if (batch.writers.empty())
      changed_.wait(lock, something);
    else
      changed_.wait_until(lock, batch.since + kPatience, something);
    if (!error_.ok() || (queue_.empty() && batch.writers.empty())) return;
    if (!queue_.empty()) {
      if (batch.writers.empty()) batch.since = Clock::now();
      batch.writers.push_back(std::move(queue_.front().first));
      batch.lines.push_back(std::move(queue_.front().second));
      queue_.pop_front();
      changed_.notify_all();
    }
    const bool last = closed_ && queue_.empty();
    lock.unlock();
    Status s = NoThrow([&] { return Advance(last, &batch); });
    lock.lock();
    if (!s.ok() && error_.ok()) error_ = s;
    if (!s.ok()) changed_.notify_all();
  }
}

// Writes the newest segment of the batch, and makes the batch last when it is time.
Status Committer::Advance(bool last, Batch* batch) {
  MIGRATE_TRY(batch->writers.back()->Close());
  if (!last && batch->writers.size() < kBatch && Clock::now() - batch->since < kPatience) return {};
  std::vector<spool::SegmentWriter*> all;
  for (const auto& w : batch->writers) all.push_back(w.get());
  MIGRATE_TRY(spool::SegmentWriter::FinishAll(all));
  MIGRATE_TRY(manifest_->AppendAll(batch->lines));
  batch->writers.clear();
  batch->lines.clear();
  return {};
}

}  // namespace migrate::run
