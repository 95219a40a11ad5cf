// Work in parts: part numbers are handed out to threads in order; results belong to parts, so that nothing depends on
// the number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "migrate/base/cancel.h"

namespace migrate::dedupe {

// Calls work(part) for each part in [0, parts) on up to `threads` threads, the calling one included. After a cancel no
// further part begins, nor after an exception, which is then thrown to the caller.
inline void ParallelParts(unsigned threads, size_t parts, const Cancel* cancel,
                          const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  std::mutex mutex;
  std::exception_ptr thrown;
  const auto run = [&] {
    try {
      for (size_t part = next.fetch_add(1); part < parts; part = next.fetch_add(1)) {
        if (cancel != nullptr && cancel->requested()) return;
        work(part);
      }
    } catch (...) {
      const std::lock_guard lock(mutex);
      thrown = std::current_exception();
      next = parts;
    }
  };
  std::vector<std::thread> crew;
  for (unsigned i = 1; i < threads && i < parts; ++i) crew.emplace_back(run);
  run();
  for (std::thread& t : crew) t.join();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace migrate::dedupe
