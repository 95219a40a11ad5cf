// How a run is watched from outside: log, metrics file, stall watchdog, a command at its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/run_log.h"

namespace migrate::run {

// Options of `run`; what is not given stands in the plan's `observe`, or is off. A dry run does not take the plan's,
// for it writes nowhere but under --scratch; what is typed on its command line it does.
struct ObserveOptions {
  std::string log;  // file
  std::optional<progress::LogFormat> log_format;
  std::optional<progress::LogLevel> log_level;
  std::string metrics;                 // file
  std::optional<double> stall_after;   // seconds; 0: never
  std::string notify;                  // command for sh -c
  double notify_timeout_seconds = 60;  // then it is killed, with its children
};

inline constexpr double kStallAfterSeconds = 600;

// The options with the plan's filled in.
ObserveOptions WithPlan(const ObserveOptions& options, const plan::Plan& plan, bool dry_run);

// What `notify` learns, as MIGRATE_EXIT, MIGRATE_PLAN, MIGRATE_IMPORT ("" is none), MIGRATE_SUMMARY, MIGRATE_REPORT
// (path of the page, "" if there is none).
struct Ended {
  int exit_code = 0;
  std::string plan_file, import, summary, report;
  std::vector<std::string> secrets;  // variables of this process that the command does not get
};

// Runs `command` by `sh -c` in a process group of its own, with no input; what it prints goes nowhere but into the
// error. An error says how it ended (exit code, signal, or that it was killed after the timeout).
Status Notify(const std::string& command, double timeout_seconds, const Ended& ended);

// For a run that ends before its plan could be read: one line in the log, a metrics file, and the command. Warnings
// about these three are returned, one a line.
std::string ObserveFailure(const ObserveOptions& options, const std::string& plan_file, const std::string& tool_version,
                           const Status& error, int exit_code);

}  // namespace migrate::run
