#include "migrate/ledger/crew.h"

#include <exception>
#include <thread>
#include <vector>

namespace migrate::ledger {

Status RunCrew(size_t workers, const std::string& who,
               const std::function<Status(size_t worker, const std::atomic<bool>& stop)>& work) {
  std::vector<Status> results(workers);
  std::atomic<bool> stop = false;
  auto run = [&](size_t i) {
    try {
      results[i] = work(i, stop);
    } catch (const std::exception& e) {
      results[i] =
          Status::Failed(who + ": a worker failed: " + e.what(), "give the run more memory; the same command resumes");
    }
    if (!results[i].ok()) stop = true;
  };
  std::vector<std::thread> threads;
  for (size_t i = 1; i < workers; ++i) threads.emplace_back(run, i);
  if (workers > 0) run(0);
  for (auto& t : threads) t.join();
  for (const Status& s : results)
    if (!s.ok() && !s.may_pass()) return s;
  for (const Status& s : results) MIGRATE_TRY(s);
  return {};
}

}  // namespace migrate::ledger
