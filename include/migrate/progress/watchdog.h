// Notices that nothing moves. It never ends anything: a server may take an hour for an index, and a run that was told
// to wait should wait; but somebody should know.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "migrate/progress/board.h"

namespace migrate::progress {

class Watchdog {
 public:
  // `limit_seconds` 0: never speaks.
  explicit Watchdog(double limit_seconds) : limit_(limit_seconds) {}

  enum class Event { kNone, kStalled, kMoves };
  struct Look {
    Event event = Event::kNone;
    double idle_seconds = 0;
    double cpu_seconds = 0;  // used since something last moved
  };
  // `now` in seconds of a clock that only goes forward. Moving is: another stage, another step, other rows. kStalled
  // comes when the limit is reached, and again each time the wait has doubled; kMoves once, when it moves again.
  Look At(double now, const Snapshot& s, double cpu_seconds);

 private:
  double limit_;
  bool begun_ = false;
  double moved_at_ = 0, cpu_at_ = 0, next_ = 0;
  bool stalled_ = false;
  std::string stage_, detail_;
  uint64_t rows_ = 0;
};

// "no progress for 10 min in load (writing persons), 1,234 rows so far; the process computes (598 s of CPU) | waits;
// worker 3 for 601 s: waiting for ..."
std::string StallText(const RunFacts& facts, const Watchdog::Look& look);

// "45 s", "12 min", "3 h 5 min"
std::string DurationText(double seconds);

}  // namespace migrate::progress
