// Whether and when what a lost connection ended is tried again.
//
// An outage begins with an error that says Status::may_pass, and ends with progress. Within one, the waits double from
// half a second to half a minute, each by a random share (half to one and a half times as long), so that many clients
// of a server that comes back do not come all at once; it is given up when it has lasted for kPatienceSeconds. A
// managed database changes its writer in under a minute; three minutes is what its makers ask clients to bear.
#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include "migrate/base/status.h"
#include "migrate/extract/mysql_throttle.h"

namespace migrate::run {

class SnapshotRetry {
 public:
  static constexpr double kPatienceSeconds = 240, kFirstWait = 0.5, kLongestWait = 30;
  // A table that is read anew after every loss may never come to its end.
  static constexpr int kMostRestarts = 10;

  // `seed` decides the random shares and nothing else. Waits and patience are `scale` times as long.
  SnapshotRetry(extract::WaitClock clock, uint64_t seed, double scale = 1)
      : clock_(std::move(clock)), random_(seed), scale_(scale) {}

  // After an attempt that ended with `error`: how long to wait before the next, nullopt to give up. `progress`: it came
  // further than the one before; `kept`: and what it came to stays.
  std::optional<double> After(const Status& error, bool progress, bool kept);
  int losses() const { return losses_; }

 private:
  extract::WaitClock clock_;
  std::mt19937_64 random_;
  double scale_;
  std::optional<double> outage_since_;
  double wait_ = kFirstWait;
  int losses_ = 0, restarts_ = 0;
};

// What MIGRATE_RETRY_SCALE says: tests of outages on real servers have less time than operators. 1 if it is not set or
// is no number above 0.
double RetryScale();

}  // namespace migrate::run
