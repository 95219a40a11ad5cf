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

void AddRollback(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("rollback", "Takes an import back, as if it had never run; later imports stay");
  AddCommon(c, &o->common);
  c->add_option("N", o->import_id, "number of the import, also of a rollback")->required()->check(Positive());
  c->add_flag("--dry-run", o->dry_run, "only say what it would do, tried out on a copy of the target");
  c->add_flag("--keep-later", o->keep_later, "rows that a later import changed again stay as it made them");
  c->add_option("--threads", o->threads, "threads (default: one per processor)")->check(CLI::Range(1u, 1024u));
  c->add_option("--memory", o->memory, "memory to keep to, for example 8GiB")->type_name("SIZE");
  c->add_option("--scratch", o->scratch, "folder for a dry run's temporary files (default: $TMPDIR)")
      ->type_name("FOLDER");
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
