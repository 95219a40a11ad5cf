#include <fmt/core.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/plan/duration.h"
#include "migrate/plan/load.h"
#include "migrate/progress/progress.h"
#include "migrate/run/watch.h"
#include "signals.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string interval = "30s", memory;
  unsigned threads = 0;
  bool once = false;
};

// "30s", "500ms", "5m", "2h": seconds.
Result<double> IntervalOption(const std::string& text) {
  const std::optional<double> seconds = plan::ParseSeconds(text);
  if (seconds && *seconds >= 0.1 && *seconds <= 86400) return *seconds;
  return Status::Plan("--interval " + text + ": not a time from 100ms to 24h", "write it like 30s, 5m or 1h");
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::WatchOptions options;
  options.run.tool_version = MIGRATE_VERSION;
  options.run.plan_file = o.common.plan_file;
  options.run.tool_build = std::string("g++ or clang ") + __VERSION__;
  options.run.threads = o.threads;
  if (!o.memory.empty()) {
    auto bytes = MemoryOption(o.memory);
    if (!bytes.ok()) return Fail(o.common, bytes.status());
    options.run.memory_bytes = *bytes;
  }
  auto interval = IntervalOption(o.interval);
  if (!interval.ok()) return Fail(o.common, interval.status());
  options.interval = *interval;
  options.settle = std::min(options.settle, options.interval);
  options.once = o.once;
  options.load = [&]() -> Result<std::unique_ptr<plan::Plan>> {
    plan::LoadResult loaded = plan::LoadPlan(o.common.plan_file, {.version = MIGRATE_VERSION, .environment = {}});
    if (!loaded.plan) return Status::Plan(loaded.Text());
    return std::make_unique<plan::Plan>(*std::move(loaded.plan));
  };
  options.run.cancel = StopOnSignals(o.common.json);
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.run.printer = printer.get();
  if (!o.common.json)
    options.ended = [](const run::RunOutcome& run) {
      if (run.status.ok() && run.report_json.find("\"unchanged\": true") == std::string::npos) PrintResult(run.summary);
    };
  run::WatchOutcome out = run::Watch(options);
  // Ctrl-C is somebody who breaks off; SIGTERM is how a service is told to end, and no failure. It may meet a round
  // that only looks whether a database has new rows, so a code that told rounds from pauses would depend on chance.
  if (out.exit_code == 0 && StoppedBy() == SIGINT) out.exit_code = 130;
  if (out.exit_code == 130 && StoppedBy() == SIGTERM && !o.once) out.exit_code = 0;
  const bool failed = !out.status.ok() && out.exit_code != 0;
  if (failed) Complain(o.common, out.status);
  int printed = 0;
  if (o.common.json)
    printed = PrintResult(
        nlohmann::ordered_json({{"schema", 1}, {"ok", !failed}, {"exit_code", out.exit_code}, {"imports", out.imports}})
            .dump(2));
  return out.exit_code == 0 ? printed : out.exit_code;
}

}  // namespace

void AddWatch(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("watch", "Keeps importing what arrives: new files, new rows; one import a round");
  AddCommon(c, &o->common);
  c.Option("--interval", o->interval, "time between two looks, such as 30s, 5m or 1h (default 30s)")
      .Type("TIME")
      .Group("What to do");
  c.Flag("--once", o->once, "one round, then end with its exit code").Group("What to do");
  c.Option("--threads", o->threads, "threads (default: one per processor)").Must(Threads()).Group("What it may use");
  c.Option("--memory", o->memory, "memory to keep to, for example 8GiB").Type("SIZE").Group("What it may use");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
