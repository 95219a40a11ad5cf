#include "command.h"
#include "migrate/run/rollback.h"
#include "signals.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  int64_t import_id = 0;
  bool dry_run = false, keep_later = false;
  std::string memory, scratch;
  unsigned threads = 0;
};

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::RollbackOptions options;
  options.tool_version = MIGRATE_VERSION;
  options.import_id = o.import_id;
  options.dry_run = o.dry_run;
  options.keep_later = o.keep_later;
  options.scratch = o.scratch;
  options.threads = o.threads;
  if (!o.memory.empty()) {
    auto bytes = MemoryOption(o.memory);
    if (!bytes.ok()) return Fail(o.common, bytes.status());
    options.memory_bytes = *bytes;
  }
  options.cancel = StopOnSignals(o.common.json);
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  auto result = run::Rollback(*plan, options);
  if (!result.ok()) return Fail(o.common, result.status());
  return PrintResult(o.common.json ? *result : run::RenderRollback(*result, o.common.plan_file));
}

}  // namespace

void AddRollback(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("rollback", "Takes an import back, as if it had never run; later imports stay");
  AddCommon(c, &o->common);
  c.Option("N", o->import_id, "number of the import, also of a rollback").Required().Must(Positive());
  c.Flag("--dry-run", o->dry_run, "only say what it would do, tried out on a copy of the target");
  c.Flag("--keep-later", o->keep_later, "rows that a later import changed again stay as it made them");
  c.Option("--threads", o->threads, "threads (default: one per processor)").Must(Threads());
  c.Option("--memory", o->memory, "memory to keep to, for example 8GiB").Type("SIZE");
  c.Option("--scratch", o->scratch, "folder for a dry run's temporary files (default: $TMPDIR)").Type("FOLDER");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
