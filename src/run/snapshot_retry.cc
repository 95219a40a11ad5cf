#include "snapshot_retry.h"

#include <algorithm>

namespace migrate::run {

std::optional<double> SnapshotRetry::After(const Status& error, bool progress, bool kept) {
  if (error.ok() || !error.may_pass()) return std::nullopt;
  ++losses_;
  if (progress || !outage_since_) {
    outage_since_ = clock_.now();
    wait_ = kFirstWait;
  }
  if (progress && !kept && ++restarts_ > kMostRestarts) return std::nullopt;
  if (clock_.now() - *outage_since_ >= kPatienceSeconds) return std::nullopt;
  // Not std::uniform_real_distribution, whose numbers are each library's own.
  const double share = 0.5 + static_cast<double>(random_() >> 11) / static_cast<double>(1ULL << 53);
  const double wait = wait_ * share;
  wait_ = std::min(2 * wait_, kLongestWait);
  return wait;
}

}  // namespace migrate::run
