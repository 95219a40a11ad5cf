#include "migrate/extract/mysql_throttle.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <thread>
#include <utility>

namespace migrate::extract {
namespace {

using store::MysqlSession;

// One column of a result's first row, by name.
std::optional<std::string> Named(const std::vector<std::string>& names, const MysqlSession::Row& row,
                                 std::string_view wanted) {
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == wanted) return row[i];
  return std::nullopt;
}

class Prober {
 public:
  Prober(store::MysqlOptions options, bool replica_lag) : options_(std::move(options)), replica_lag_(replica_lag) {
    options_.read_seconds = 10;
    options_.connect_seconds = 5;
  }

  Result<ServerLoad> Ask() {
    if (!session_) {
      MIGRATE_ASSIGN(session_, MysqlSession::Connect(options_));
    }
    Result<ServerLoad> load = AskSession();
    if (!load.ok()) session_.reset();  // the next asks a new one
    return load;
  }

 private:
  Result<ServerLoad> AskSession() {
    ServerLoad load;
    MIGRATE_ASSIGN(auto status, session_->Query("SHOW GLOBAL STATUS LIKE 'Threads_running'"));
    if (!status.empty()) load.threads_running = std::strtoull(status[0][1].value_or("0").c_str(), nullptr, 10);
    if (replica_lag_) MIGRATE_TRY(AskReplica(&load));
    return load;
  }

  // MySQL 8.0.22 renamed the statement and its columns, and 8.4 took the old ones away; MariaDB knows both statements
  // from 10.5 on, and the old columns only.
  Status AskReplica(ServerLoad* load) {
    auto stream = session_->Stream("SHOW REPLICA STATUS");
    if (!stream.ok() && !stream.status().may_pass()) stream = session_->Stream("SHOW SLAVE STATUS");
    if (!stream.ok() && stream.status().may_pass()) return stream.status();
    if (!stream.ok()) {
      load->replica_lag_unknown =
          "the account may not see it: it needs REPLICATION CLIENT (" + stream.status().message() + ")";
      return {};
    }
    std::vector<std::string> names;
    for (const auto& c : (*stream)->columns()) names.push_back(c.name);
    bool any = false;
    // One row a channel: the worst counts.
    for (;;) {
      MIGRATE_ASSIGN(bool more, (*stream)->Next());
      if (!more) break;
      any = true;
      MysqlSession::Row row;
      for (size_t i = 0; i < names.size(); ++i) {
        auto v = (*stream)->Value(i);
        row.push_back(v ? std::optional<std::string>(*v) : std::nullopt);
      }
      auto lag = Named(names, row, "Seconds_Behind_Source");
      if (!lag) lag = Named(names, row, "Seconds_Behind_Master");
      if (!lag)
        load->replication_stopped = true;
      else
        load->replica_lag = std::max(load->replica_lag.value_or(0), std::strtod(lag->c_str(), nullptr));
    }
    if (!any) load->replica_lag_unknown = "the server is no replica";
    return {};
  }

  store::MysqlOptions options_;
  const bool replica_lag_;
  std::unique_ptr<MysqlSession> session_;
};

}  // namespace

WaitClock WaitClock::Real() {
  return {[] { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); },
          [](double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }};
}

Status WaitFor(const WaitClock& clock, double seconds, const std::function<bool()>& cancelled) {
  const double end = clock.now() + seconds;
  for (double left = seconds; left > 0; left = end - clock.now()) {
    if (cancelled && cancelled()) return Status::Cancelled("stopped as asked, while it waited");
    clock.sleep(std::min(left, 0.2));
  }
  return {};
}

LoadProbe MysqlLoadProbe(const store::MysqlOptions& options, bool replica_lag) {
  auto prober = std::make_shared<Prober>(options, replica_lag);
  return [prober] { return prober->Ask(); };
}

Throttle::Throttle(std::string name, ThrottleLimits limits, ThrottleHooks hooks, LoadProbe probe)
    : name_(std::move(name)), limits_(limits), hooks_(std::move(hooks)), probe_(std::move(probe)) {}

uint64_t Throttle::RowsAtOnce() const {
  if (limits_.rows_per_second == 0) return 256;
  return std::clamp<uint64_t>(limits_.rows_per_second / 20, 1, 256);
}

// Each bucket is the moment at which what was taken so far is paid for.
double Throttle::Owed(uint64_t rows, uint64_t bytes) {
  if (limits_.rows_per_second == 0 && limits_.bytes_per_second == 0) return 0;
  std::lock_guard lock(rate_mutex_);
  const double now = hooks_.clock.now();
  auto pay = [&](std::optional<double>* free, uint64_t n, uint64_t rate) {
    if (rate == 0) return 0.0;
    *free = std::max(free->value_or(now), now - kBurstSeconds) + static_cast<double>(n) / static_cast<double>(rate);
    return **free - now;
  };
  return std::max(pay(&rows_free_, rows, limits_.rows_per_second), pay(&bytes_free_, bytes, limits_.bytes_per_second));
}

Status Throttle::Take(uint64_t rows, uint64_t bytes) {
  MIGRATE_TRY(WaitFor(hooks_.clock, Owed(rows, bytes), hooks_.cancelled));
  return limits_.AskServer() ? WaitForServer() : Status();
}

Status Throttle::WaitForServer() {
  std::unique_lock lock(server_mutex_);
  for (;;) {
    const double now = hooks_.clock.now();
    if (!asked_ || now >= ask_at_) {
      const std::string why = Ask();
      if (over_) paused_seconds_ += now - ask_at_ + kAskSeconds;
      if (!why.empty() && !over_) {
        ++pauses_;
        SayOnce(&said_pause_,
                fmt::format("{}: paused: {}; it goes on when this is over (later pauses are not told)", name_, why));
      }
      over_ = !why.empty();
      asked_ = true;
      ask_at_ = hooks_.clock.now() + kAskSeconds;
    }
    if (!over_) return {};
    const double wait = ask_at_ - hooks_.clock.now();
    lock.unlock();
    MIGRATE_TRY(WaitFor(hooks_.clock, std::max(wait, 0.01), hooks_.cancelled));
    lock.lock();
  }
}

void Throttle::SayOnce(bool* said, const std::string& text) {
  if (!*said && hooks_.say) hooks_.say(text);
  *said = true;
}

std::string Throttle::Ask() {
  Result<ServerLoad> load = probe_();
  if (!load.ok()) {
    SayOnce(&said_failed_, fmt::format("{}: the server's load cannot be asked for, so nothing pauses for it: {}", name_,
                                       load.status().message()));
    return "";
  }
  if (limits_.max_threads_running) {
    const uint64_t own = streams_ + 1;  // and the session that asks
    const uint64_t others = load->threads_running > own ? load->threads_running - own : 0;
    if (others > *limits_.max_threads_running)
      return fmt::format("the server has {} threads running besides this reader's, max_threads_running is {}", others,
                         *limits_.max_threads_running);
  }
  if (!limits_.max_replica_lag) return "";
  if (!load->replica_lag_unknown.empty()) {
    SayOnce(&said_unknown_, fmt::format("{}: max_replica_lag has no effect: {}", name_, load->replica_lag_unknown));
    return "";
  }
  if (load->replication_stopped)
    return "the replica does not replicate at the moment, so its lag grows (see SHOW REPLICA STATUS on it)";
  if (load->replica_lag.value_or(0) > *limits_.max_replica_lag)
    return fmt::format("the replica is {:.0f} s behind, max_replica_lag is {:g} s", *load->replica_lag,
                       *limits_.max_replica_lag);
  return "";
}

std::string Throttle::Finding() const {
  std::string out = "throttled";
  if (limits_.rows_per_second > 0) out += fmt::format(", at most {} rows a second", limits_.rows_per_second);
  if (limits_.bytes_per_second > 0) out += fmt::format(", at most {} bytes a second", limits_.bytes_per_second);
  std::lock_guard lock(server_mutex_);
  if (pauses_ > 0)
    out += fmt::format("; paused {} for about {:.0f} s in all, while the server had enough to do",
                       pauses_ == 1 ? "once" : fmt::format("{} times", pauses_), std::ceil(paused_seconds_));
  else if (limits_.AskServer())
    out += "; the server never had so much to do that it paused";
  return out;
}

}  // namespace migrate::extract
