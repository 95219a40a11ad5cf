// A reader that holds back: rows and bytes a second, and pauses while the server has enough to do.
//
//   Throttle throttle({.rows_per_second = 5000, .max_replica_lag = 5}, hooks, MysqlLoadProbe(options));
//   Throttle::Streaming streaming(&throttle);      // while a query of this reader runs on the server
//   MIGRATE_TRY(throttle.Take(rows, bytes));       // after reading them; returns when the next may be read
//
// One throttle serves all readers of a source, from any thread: what they read together keeps below the rates. The
// rates are a token bucket of kBurstSeconds. The server is asked about once a second, by whichever reader comes by
// then, on a session of the throttle's own; without a limit that needs it, there is no such session.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/mysql.h"

namespace migrate::extract {

// Time that passes by waiting; tests have one that they move.
struct WaitClock {
  std::function<double()> now;        // seconds, from any beginning
  std::function<void(double)> sleep;  // seconds
  static WaitClock Real();
};

// Waits `seconds` in steps of at most 0.2; kCancelled as soon as `cancelled` (may be empty) says so.
Status WaitFor(const WaitClock& clock, double seconds, const std::function<bool()>& cancelled);

struct ThrottleLimits {
  uint64_t rows_per_second = 0;                                // 0: no limit
  uint64_t bytes_per_second = 0;                               // of the rows' payloads; 0: no limit
  std::optional<double> max_replica_lag = std::nullopt;        // seconds
  std::optional<uint64_t> max_threads_running = std::nullopt;  // this reader's own are not counted
  bool AskServer() const { return max_replica_lag || max_threads_running; }
};

// What the server has to do at a moment.
struct ServerLoad {
  uint64_t threads_running = 0;       // all, this session's own among them
  std::optional<double> replica_lag;  // seconds; none: not a replica, or its replication stands still
  bool replication_stopped = false;   // a replica that does not replicate: its lag is not known, and grows
  std::string replica_lag_unknown;    // why the account cannot be told, or that the server is no replica; else ""
};

struct ThrottleHooks {
  WaitClock clock = WaitClock::Real();
  std::function<void(const std::string&)> say;  // a line for people; the first pause, what cannot be measured
  std::function<bool()> cancelled;
};

// What is asked once a second.
using LoadProbe = std::function<Result<ServerLoad>()>;

// SHOW GLOBAL STATUS and SHOW REPLICA STATUS (SHOW SLAVE STATUS where the server does not know the other), on a session
// that is opened when it is first needed and again after it was lost. The replica status needs the right REPLICATION
// CLIENT (MariaDB: REPLICA MONITOR, named SLAVE MONITOR before 10.5.9).
LoadProbe MysqlLoadProbe(const store::MysqlOptions& options, bool replica_lag);

class Throttle {
 public:
  static constexpr double kBurstSeconds = 0.1, kAskSeconds = 1;
  // `name` begins what is said: "source crm".
  Throttle(std::string name, ThrottleLimits limits, ThrottleHooks hooks, LoadProbe probe);
  // Waits until rows and bytes that were read fit the rates, and while the server is over a limit. kCancelled if the
  // operator stops the run meanwhile. A server that cannot be asked holds nobody up; it is said.
  Status Take(uint64_t rows, uint64_t bytes);
  // After how many rows Take is to be called at the latest, so that the flow is even.
  uint64_t RowsAtOnce() const;
  // "throttled to 5,000 rows/s; paused for 12 s in all while the server had enough to do"
  std::string Finding() const;

  // While it lives, one of the server's running threads is this reader's.
  class Streaming {
   public:
    explicit Streaming(Throttle* throttle) : throttle_(throttle) {
      if (throttle_ != nullptr) ++throttle_->streams_;
    }
    ~Streaming() {
      if (throttle_ != nullptr) --throttle_->streams_;
    }
    Streaming(const Streaming&) = delete;
    Streaming& operator=(const Streaming&) = delete;

   private:
    Throttle* throttle_;
  };

 private:
  double Owed(uint64_t rows, uint64_t bytes);
  Status WaitForServer();
  std::string Ask();  // why to pause, or ""
  void SayOnce(bool* said, const std::string& text);

  const std::string name_;
  const ThrottleLimits limits_;
  const ThrottleHooks hooks_;
  const LoadProbe probe_;
  std::atomic<uint64_t> streams_{0};
  std::mutex rate_mutex_;  // guards the two below
  std::optional<double> rows_free_, bytes_free_;
  mutable std::mutex server_mutex_;  // guards all below
  double ask_at_ = 0, paused_seconds_ = 0;
  uint64_t pauses_ = 0;
  bool asked_ = false, over_ = false, said_pause_ = false, said_unknown_ = false, said_failed_ = false;
};

}  // namespace migrate::extract
