// Work in parts: part numbers are handed out to threads in order; results belong to parts, so that nothing depends on
// the number of threads.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "migrate/base/cancel.h"

namespace migrate::dedupe {

// Calls work(part) for each part in [0, parts) on up to `threads` threads, the calling one included. After a cancel no
// further part begins. Exceptions must not leave `work`.
inline void ParallelParts(unsigned threads, size_t parts, const Cancel* cancel,
                          const std::function<void(size_t)>& work) {
  std::atomic<size_t> next{0};
  const auto run = [&] {
    for (size_t part = next.fetch_add(1); part < parts; part = next.fetch_add(1)) {
      if (cancel != nullptr && cancel->requested()) return;
      work(part);
    }
  };
  std::vector<std::thread> crew;
  for (unsigned i = 1; i < threads && i < parts; ++i) crew.emplace_back(run);
  run();
  for (std::thread& t : crew) t.join();
}

}  // namespace migrate::dedupe
