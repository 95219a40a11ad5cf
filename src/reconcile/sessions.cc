#include "sessions.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace migrate::reconcile {

Result<std::unique_ptr<Sessions>> Sessions::Open(
    store::Connection* db, const std::function<Result<std::unique_ptr<store::Connection>>()>& connect,
    unsigned workers) {
  std::unique_ptr<Sessions> sessions(new Sessions);
  sessions->all_.push_back(db);
  for (unsigned i = 1; i < workers && connect; ++i) {
    auto more = connect();
    if (!more.ok()) break;
    sessions->own_.push_back(*std::move(more));
    sessions->all_.push_back(sessions->own_.back().get());
  }
  for (store::Connection* c : sessions->all_) {
    MIGRATE_TRY(c->BeginRead());
    if (c->dialect() != store::Dialect::kSqlite) MIGRATE_TRY(c->Execute("SET SESSION character_set_results = NULL"));
  }
  return sessions;
}

void Sessions::EndSnapshots() {
  for (store::Connection* c : all_) {
    c->Rollback();
    if (c->dialect() != store::Dialect::kSqlite) (void)c->Execute("SET SESSION character_set_results = utf8mb4");
  }
}

Status Sessions::ForEach(size_t n, const Cancel* cancel,
                         const std::function<Status(store::Connection*, size_t)>& task) {
  std::atomic<size_t> next{0};
  std::atomic<bool> stop{false};
  std::mutex mutex;
  size_t failed_at = n;
  Status failed;
  auto fail = [&](size_t i, Status s) {
    std::lock_guard lock(mutex);
    stop = true;
    if (i >= failed_at) return;
    failed_at = i;
    failed = std::move(s);
  };
  auto work = [&](store::Connection* db) {
    for (size_t i; !stop && (i = next++) < n;) {
      try {
        Status s = cancel != nullptr && cancel->requested() ? Status::Cancelled("reconcile: cancelled") : task(db, i);
        if (!s.ok()) fail(i, std::move(s));
      } catch (const std::exception& e) {
        fail(i, Status::Failed(std::string("reconcile: a worker failed: ") + e.what(),
                               "give the run less to hold at once (--threads 1), or more memory"));
      }
    }
  };
  std::vector<std::thread> threads;
  for (size_t c = 1; c < all_.size() && c < n; ++c) threads.emplace_back(work, all_[c]);
  work(all_.front());
  for (auto& t : threads) t.join();
  return failed;
}

}  // namespace migrate::reconcile
