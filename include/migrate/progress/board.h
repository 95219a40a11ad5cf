// What is known of a run while it goes on, as one value: status file, metrics and watchdog are made of copies of it.
//
// The stages write to the board; nobody who reads it can hold them up. Counters are of this process: what an earlier
// attempt committed counts as soon as the stage that skips it has seen it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/doing.h"
#include "migrate/base/status.h"
#include "migrate/progress/progress.h"

namespace migrate::progress {

struct StageFacts {
  std::string stage;
  double seconds = 0;
  uint64_t rows = 0;
};

// What the process has used since it began.
struct Resources {
  uint64_t resident_bytes = 0, resident_peak_bytes = 0;
  double cpu_seconds = 0;                      // user and system, all threads
  uint64_t read_bytes = 0, written_bytes = 0;  // by system calls, from files, pipes and sockets
};
// 0 where the system does not say.
Resources ResourcesNow();

// Nothing that moved for too long.
struct Stall {
  double seconds = 0;      // since something last moved
  double cpu_seconds = 0;  // used meanwhile: a process that computes is not one that waits
  std::string where;       // stage, step, and what each worker is at
};

struct RunFacts {
  std::string run_id;  // 16 hex digits, of this process; on each line of the log
  std::string plan, plan_file, tool_version;
  int64_t pid = 0;
  std::string host, operator_name;
  bool dry_run = false;
  double started_at = 0;  // seconds since 1970, as all points in time here
  std::optional<double> ended_at;
  std::optional<int> exit_code;
  std::optional<double> last_success_at;  // of this run or, from the metrics file, of an earlier one
  int64_t import = 0;                     // 0: none yet
  Snapshot now;                           // stage "" is: between stages, or before the first
  double now_began_at = 0;
  std::vector<StageFacts> done;
  // stage, source, outcome ("read", "quarantined", "inserted", ...) -> rows
  std::map<std::string, std::map<std::string, std::map<std::string, uint64_t>>> rows;
  std::map<std::string, uint64_t> source_bytes;  // of the inputs at hand, by source
  std::map<std::string, uint64_t> persons;       // "total", "created", "changed", "merged", "split"
  std::optional<uint64_t> open_rejects;
  uint64_t warnings = 0, errors = 0;
  double idle_seconds = 0;  // since something last moved
  std::optional<Stall> stall;
  Resources resources;
  std::vector<DoingNow> workers;
};

class Board {
 public:
  void Update(const std::function<void(RunFacts*)>& change) {
    std::lock_guard lock(mutex_);
    change(&facts_);
  }
  RunFacts Copy() const {
    std::lock_guard lock(mutex_);
    return facts_;
  }
  void AddRows(const std::string& stage, const std::string& source, const std::string& outcome, uint64_t rows) {
    if (rows == 0) return;
    std::lock_guard lock(mutex_);
    facts_.rows[stage][source][outcome] += rows;
  }

  // From now on WriteStatus keeps `path`; Hide removes it. Between the two the caller holds the workspace, so that a
  // process that must not run does not overwrite what the running one says.
  void ShowAt(const std::string& path);
  void Hide();
  // Errors are swallowed: `status` is a convenience. Nothing is synced.
  void WriteStatus();

 private:
  mutable std::mutex mutex_;
  RunFacts facts_;
  std::mutex status_mutex_;
  std::string status_path_;
};

// The facts as `status.json` in the workspace holds them: docs/formats.md.
std::string StatusText(const RunFacts& facts);

// The facts in Prometheus' text format, version 0.0.4: HELP and TYPE before each metric, labels escaped.
std::string MetricsText(const RunFacts& facts);
// migrate_last_success_timestamp_seconds of a metrics file, which a later run must not lose; nullopt if there is none.
std::optional<double> LastSuccessIn(const std::string& metrics_text);

// Writes through PATH.tmp and a rename, mode 0644 within the umask: the collector is another user, and no value of a
// person is in it. Not synced.
Status WriteMetrics(const std::string& path, const RunFacts& facts);

}  // namespace migrate::progress
