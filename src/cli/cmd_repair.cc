#include "migrate/run/repair.h"

#include "command.h"
#include "migrate/progress/progress.h"
#include "signals.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string scratch;
  bool dry_run = false;
  unsigned threads = 0;
};

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::RepairOptions options;
  options.tool_version = MIGRATE_VERSION;
  options.plan_file = o.common.plan_file;
  options.dry_run = o.dry_run;
  options.scratch = o.scratch;
  options.threads = o.threads;
  options.cancel = StopOnSignals(o.common.json);
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  run::RepairOutcome out = run::Repair(*plan, options);
  int printed = 0;
  if (!out.json.empty()) printed = PrintResult(o.common.json ? out.json : out.text);
  if (!out.status.ok()) out.json.empty() ? Fail(o.common, out.status) : Complain(o.common, out.status);
  return out.exit_code == 0 ? printed : out.exit_code;
}

}  // namespace

void AddRepair(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("repair", "Puts back what reconcile found damaged in the target, row by row");
  AddCommon(c, &o->common);
  c.Flag("--dry-run", o->dry_run, "say what a repair would do, write nothing");
  c.Option("--threads", o->threads, "threads (default: one per processor)").Must(Threads());
  c.Option("--scratch", o->scratch, "folder for a dry run's copy of a SQLite target (default: $TMPDIR)").Type("FOLDER");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
