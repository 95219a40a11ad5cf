#include <fmt/core.h>

#include <charconv>

#include "command.h"
#include "migrate/plan/duration.h"
#include "migrate/progress/progress.h"
#include "migrate/run/run.h"
#include "signals.h"

namespace migrate::cli {
namespace {

struct ObserveFlags {
  std::string log, log_format, log_level, metrics, stall_after, notify;
};

struct Options {
  Common common;
  ObserveFlags observe;
  std::vector<std::string> stages;
  std::string from, memory, scratch, shard;
  bool dry_run = false, verify_source = false;
  unsigned threads = 0;
  uint64_t limit = 0;
};

std::optional<plan::Stage> StageByName(const std::string& name) {
  for (size_t i = 0; i < plan::kStageNames.size(); ++i)
    if (plan::kStageNames[i] == name) return static_cast<plan::Stage>(i);
  return std::nullopt;
}

// The options of observing, or what is wrong with them.
Result<run::ObserveOptions> ObserveOf(const ObserveFlags& f) {
  run::ObserveOptions o;
  o.log = f.log;
  if (!f.log_format.empty())
    o.log_format = f.log_format == "json" ? progress::LogFormat::kJson : progress::LogFormat::kText;
  for (size_t i = 0; i < plan::kLogLevelNames.size(); ++i)
    if (plan::kLogLevelNames[i] == f.log_level) o.log_level = static_cast<progress::LogLevel>(i);
  o.metrics = f.metrics;
  o.notify = f.notify;
  if (f.stall_after.empty()) return o;
  o.stall_after = f.stall_after == "0" ? 0 : plan::ParseSeconds(f.stall_after);
  if (!o.stall_after)
    return Status::Plan("--stall-after " + f.stall_after + ": not a time", "write it like 90s, 10m or 2h; 0 is never");
  return o;
}

// "2/3", 1 <= i <= n.
Result<run::Shard> ShardOf(const std::string& text) {
  run::Shard shard;
  const char* end = text.data() + text.size();
  const auto i = std::from_chars(text.data(), end, shard.i);
  if (i.ec == std::errc() && i.ptr != end && *i.ptr == '/') {
    const auto n = std::from_chars(i.ptr + 1, end, shard.n);
    if (n.ec == std::errc() && n.ptr == end && shard.i >= 1 && shard.i <= shard.n && shard.n <= run::kMaxShards)
      return shard;
  }
  return Status::Plan("--shard " + text + ": not a shard",
                      fmt::format("write i/n, such as --shard 2/3: i from 1 to n, n at most {}", run::kMaxShards));
}

// A plan that cannot be read ends a run before it begins; who watches it from outside is told all the same.
int LoadFailed(const Options& o, const run::ObserveOptions& observe, const Status& error) {
  const int code = Fail(o.common, error);
  PrintWarnings(o.common, run::ObserveFailure(observe, o.common.plan_file, MIGRATE_VERSION, error, code));
  return code;
}

int Main(const Options& o) {
  auto observe = ObserveOf(o.observe);
  if (!observe.ok()) return Fail(o.common, observe.status());
  auto plan = LoadPlanFile(o.common);
  if (!plan.ok()) return LoadFailed(o, *observe, plan.status());
  run::RunOptions options;
  options.observe = *observe;
  options.tool_version = MIGRATE_VERSION;
  options.plan_file = o.common.plan_file;
  options.tool_build = std::string("g++ or clang ") + __VERSION__;
  for (const auto& s : o.stages) options.stages.push_back(*StageByName(s));
  options.from = StageByName(o.from);
  options.dry_run = o.dry_run;
  options.verify_source = o.verify_source;
  options.scratch = o.scratch;
  options.threads = o.threads;
  if (o.limit > 0) options.limit = o.limit;
  if (!o.memory.empty()) {
    auto bytes = MemoryOption(o.memory);
    if (!bytes.ok()) return Fail(o.common, bytes.status());
    options.memory_bytes = *bytes;
  }
  if (!o.shard.empty()) {
    auto shard = ShardOf(o.shard);
    if (!shard.ok()) return Fail(o.common, shard.status());
    options.shard = *shard;
  }
  options.cancel = StopOnSignals(o.common.json);
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  run::RunOutcome out = run::Run(**plan, options);
  int printed = 0;
  if (o.common.json && !out.report_json.empty())
    printed = PrintResult(out.report_json);
  else if (!o.common.json)
    printed = PrintResult(out.summary);
  if (!out.status.ok()) out.report_json.empty() ? Fail(o.common, out.status) : Complain(o.common, out.status);
  return printed != 0 && (out.exit_code == 0 || out.exit_code == 3) ? printed : out.exit_code;
}

void AddObserve(Syntax c, ObserveFlags* f) {
  const std::vector<std::string> levels(plan::kLogLevelNames.begin(), plan::kLogLevelNames.end());
  c.Option("--log", f->log, "append a log of the run to this file").Type("FILE").Group("How it is watched");
  c.Option("--log-format", f->log_format, "a line of the log: text or json (default: text)")
      .Type("FORMAT")
      .Must(OneOf({"text", "json"}))
      .Group("How it is watched");
  c.Option("--log-level", f->log_level, "leave out what is below: debug, info, warning, error (default: info)")
      .Type("LEVEL")
      .Must(OneOf(levels))
      .Group("How it is watched");
  c.Option("--metrics", f->metrics, "keep this file current with metrics in Prometheus' text format")
      .Type("FILE")
      .Group("How it is watched");
  c.Option("--stall-after", f->stall_after, "say where the run stands if nothing moves for so long (default: 10m)")
      .Type("TIME")
      .Group("How it is watched");
  c.Option("--notify", f->notify, "run this command with sh -c when the run has ended")
      .Type("COMMAND")
      .Group("How it is watched");
}

}  // namespace

void AddRun(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("run", "Reads, loads, matches and proves: all stages of the plan");
  AddCommon(c, &o->common);
  auto stage = OneOf({plan::kStageNames.begin(), plan::kStageNames.end()});
  c.Option("--stage", o->stages, "only this stage (repeatable): extract, normalize, load, dedupe, reconcile")
      .Type("STAGE")
      .Must(stage)
      .Group("What to do");
  c.Option("--from", o->from, "this stage and all after it, anew")
      .Type("STAGE")
      .Must(stage)
      .Excludes({"--stage"})
      .Group("What to do");
  c.Flag("--dry-run", o->dry_run, "read and match everything, write nothing, and say what a run would do")
      .Group("What to do");
  c.Flag("--verify-source", o->verify_source,
         "reconcile reads the sources once more and compares reconcile.sample of their rows")
      .Group("What to do");
  c.Option("--limit", o->limit, "only the first N rows of each source").Must(Positive()).Group("What to do");
  c.Option("--shard", o->shard, "only this call's share of the work: call i of n, for example 2/3")
      .Type("I/N")
      .Excludes({"--limit", "--dry-run", "--verify-source", "--from"})
      .Group("What to do");
  c.Option("--threads", o->threads, "threads (default: one per processor)").Must(Threads()).Group("What it may use");
  c.Option("--memory", o->memory, "memory to keep to, for example 8GiB").Type("SIZE").Group("What it may use");
  AddObserve(c, &o->observe);
  c.Option("--scratch", o->scratch, "folder for a dry run's temporary files (default: $TMPDIR)")
      .Type("FOLDER")
      .Group("What it may use");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
