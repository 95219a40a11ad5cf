#include "migrate/progress/watchdog.h"

#include <fmt/core.h>

namespace migrate::progress {

Watchdog::Look Watchdog::At(double now, const Snapshot& s, double cpu_seconds) {
  Look look;
  if (!begun_ || s.stage != stage_ || s.detail != detail_ || s.rows != rows_) {
    if (stalled_) look = {Event::kMoves, now - moved_at_, cpu_seconds - cpu_at_};
    begun_ = true;
    stalled_ = false;
    stage_ = s.stage;
    detail_ = s.detail;
    rows_ = s.rows;
    moved_at_ = now;
    cpu_at_ = cpu_seconds;
    next_ = limit_;
    return look;
  }
  look.idle_seconds = now - moved_at_;
  look.cpu_seconds = cpu_seconds - cpu_at_;
  if (limit_ <= 0 || look.idle_seconds < next_) return look;
  stalled_ = true;
  look.event = Event::kStalled;
  while (next_ <= look.idle_seconds) next_ *= 2;
  return look;
}

std::string DurationText(double seconds) {
  const auto s = static_cast<uint64_t>(seconds + 0.5);
  if (s < 120) return fmt::format("{} s", s);
  if (s < 120 * 60) return fmt::format("{} min", s / 60);
  return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

std::string StallText(const RunFacts& f, const Watchdog::Look& look) {
  std::string text = fmt::format("no progress for {}: ", DurationText(look.idle_seconds));
  text += !f.now.stage.empty() ? f.now.stage : f.done.empty() ? "before the first stage" : "between the stages";
  if (!f.now.detail.empty()) text += ", " + f.now.detail;
  if (f.now.rows > 0) text += fmt::format(", behind row {}", f.now.rows);
  // Half a processor over the whole time is work; a poll now and then is not.
  const bool computes = look.cpu_seconds > look.idle_seconds / 2;
  text += computes ? fmt::format("; the process computes ({} of CPU)", DurationText(look.cpu_seconds))
                   : "; the process waits";
  for (const DoingNow& w : f.workers)
    text += fmt::format("; worker {} for {}: {}", w.worker, DurationText(w.seconds), w.text);
  return text;
}

}  // namespace migrate::progress
