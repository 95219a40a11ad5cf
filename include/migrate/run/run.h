// Run: the stages of a plan in order, resumable. The only room that sees all stages.
//
// What it leaves on disk is the workspace: work/ (segments and manifest of the import at hand), reports/, lock,
// reconciliation.jsonl, workspace.json. A run that died is resumed by the same command: chunks and partitions that are
// committed are skipped, half ones are thrown away.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/board.h"
#include "migrate/progress/progress.h"
#include "migrate/run/observe.h"
#include "migrate/survey/check.h"

namespace migrate::run {

struct Input;

// One of n calls that together do the work of one run: shard i of n, 1 <= i <= n.
struct Shard {
  uint32_t i = 1, n = 1;
  bool Has(uint64_t part) const { return part % n == i - 1; }
  std::string Text() const { return std::to_string(i) + "/" + std::to_string(n); }
};

inline constexpr uint32_t kMaxShards = 100'000;

struct RunOptions {
  std::string tool_version;
  std::string tool_build;           // compiler and libraries, for the report
  std::string plan_file;            // as the operator typed it, for commands that messages propose
  std::vector<plan::Stage> stages;  // --stage, empty: all of the plan's
  std::optional<plan::Stage> from;  // --from
  bool verify_source = false;       // --verify-source: reconcile reads some rows of the sources once more
  bool dry_run = false;
  std::string scratch;            // --scratch: folder for a dry run, "" is $TMPDIR
  unsigned threads = 0;           // 0: as many as there are processors
  uint64_t memory_bytes = 0;      // 0: no limit given
  std::optional<uint64_t> limit;  // --limit: rows of each source
  // Of a watch: the CSV files that are read, whatever else the patterns match by now; a pattern without any of them is
  // then no error, and a run that finds nothing new leaves no audit event and tells nobody.
  const std::set<std::string>* only_files = nullptr;
  const std::vector<Input>* inputs = nullptr;  // of a replay (run/replay.h), in the place of the plan's
  ObserveOptions observe;                      // log, metrics, watchdog, notify
  const Cancel* cancel = nullptr;
  progress::Printer* printer = nullptr;
  progress::Board* board = nullptr;  // set by Run for its stages
  std::optional<Shard> shard;        // --shard; not with a limit, dry_run, from or verify_source
};

// How a run ended. `status` is ok for exit codes 0 and 3.
struct RunOutcome {
  int exit_code = 0;
  Status status;            // what to print as the error
  std::string report_json;  // the report, "" if the run ended before there was one
  std::string report_path;  // of the page, "" if none was written
  std::string summary;      // a few lines for people
};

RunOutcome Run(const plan::Plan& plan, const RunOptions& options);

struct ValidateOptions {
  bool offline = false;  // the plan alone
  uint64_t rows = 1000;  // of each source (and each of its layouts) that go through the mapping
};
struct ValidateFindings {
  std::string text;                         // what was found of each input: dialect, columns, size; lines for people
  std::string notes;                        // what else should be known; lines for people
  std::vector<survey::CheckResult> checks;  // one a source and layout, in plan order
};
// `validate`: opens every source, runs its first rows through the mapping, and looks at the target; nothing is written.
RunOutcome Validate(const plan::Plan& plan, const ValidateOptions& options, ValidateFindings* findings);

// Where a run stands: the last import of the target and the work at hand, for `status`.
Result<std::string> StatusJson(const plan::Plan& plan);

// Exit code of an error (CONTRACT.md).
int ExitCode(const Status& status);

}  // namespace migrate::run
