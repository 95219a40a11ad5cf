// Watch: one import after another, as files and rows keep arriving.
//
// Each round looks at the plan's files (size, times, inode). Where nothing has changed since the last round that ended
// well, nothing is done and nothing is written; tables of a server cannot be looked at from outside, so they are asked
// in every round (what extract: {incremental: ...} keeps small). Where something has, the files are looked at twice:
// one that changes between the two looks, or was written to within the time between them, is still being written and is
// left for the next round (of a source with mode snapshot all files are, for a part would be no snapshot). Then the
// plan is run as `run` does, over all other inputs. The plan is read anew each round.
//
// A round that fails is told and tried again after twice the time, up to kLongestBackOff, or at once when its files
// change. Only a reconciliation that finds a mismatch ends the watch: nothing should be loaded on top of damage.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "migrate/plan/plan.h"
#include "migrate/run/run.h"

namespace migrate::run {

inline constexpr double kLongestBackOff = 900;  // seconds

struct WatchOptions {
  RunOptions run;        // for each round
  double interval = 30;  // seconds between the ends and the beginnings of rounds
  double settle = 2;     // seconds between the two looks at files that have changed
  bool once = false;     // one round
  std::function<Result<std::unique_ptr<plan::Plan>>()> load;  // the plan, as it is now
  std::function<void(const RunOutcome&)> ended;               // each round that ran
};

struct WatchOutcome {
  int exit_code = 0;     // of the last round with `once`; 4 after a mismatch; 130 if a round was stopped (the
                         // command makes 0 of it where that was SIGTERM); else 0
  Status status;         // why, unless it is ok
  uint64_t imports = 0;  // that were made
};

// Until cancelled, a mismatch, or (once) one round.
WatchOutcome Watch(const WatchOptions& options);

}  // namespace migrate::run
