#include "snapshot_retry.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace migrate::run {

std::optional<double> SnapshotRetry::After(const Status& error, bool progress, bool kept) {
  if (error.ok() || !error.may_pass()) return std::nullopt;
  ++losses_;
  if (progress || !outage_since_) {
    outage_since_ = clock_.now();
    wait_ = kFirstWait;
  }
  if (progress && !kept && ++restarts_ > kMostRestarts) return std::nullopt;
  if (clock_.now() - *outage_since_ >= kPatienceSeconds * scale_) return std::nullopt;
  // Not std::uniform_real_distribution, whose numbers are each library's own.
  const double share = 0.5 + static_cast<double>(random_() >> 11) / static_cast<double>(1ULL << 53);
  const double wait = wait_ * share * scale_;
  wait_ = std::min(2 * wait_, kLongestWait);
  return wait;
}

double RetryScale() {
  const char* text = std::getenv("MIGRATE_RETRY_SCALE");
  double scale = 0;
  if (text == nullptr || std::from_chars(text, text + std::strlen(text), scale).ec != std::errc()) return 1;
  return scale > 0 ? scale : 1;
}

}  // namespace migrate::run
