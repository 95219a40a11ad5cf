// One flag that says "finish the chunk you are at, then stop". Set from a signal handler; polled by stages between
// chunks.
#pragma once

#include <atomic>

namespace migrate {

class Cancel {
 public:
  void Request() { requested_.store(true, std::memory_order_relaxed); }
  bool requested() const { return requested_.load(std::memory_order_relaxed); }

 private:
  std::atomic<bool> requested_{false};
};

}  // namespace migrate
