#include "command.h"
#include "migrate/report/explain_text.h"
#include "migrate/run/explain.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  run::ExplainOptions explain;
  std::string memory;
};

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::ExplainOptions options = o.explain;
  options.plan_file = o.common.plan_file;
  options.tool_version = MIGRATE_VERSION;
  if (!o.memory.empty()) {
    auto bytes = MemoryOption(o.memory);
    if (!bytes.ok()) return Fail(o.common, bytes.status());
    options.memory_bytes = *bytes;
  }
  auto json = run::ExplainJson(*plan, options);
  if (!json.ok()) return Fail(o.common, json.status());
  return PrintResult(o.common.json ? *json : report::RenderExplainText(*json));
}

}  // namespace

void AddExplain(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("explain", "The resolved plan, what each stage will do, and what it will take");
  AddCommon(c, &o->common);
  c.Flag("--offline", o->explain.offline, "without opening sources or target");
  c.Option("--threads", o->explain.threads, "threads of the run (default: one per processor)").Must(Threads());
  c.Option("--memory", o->memory, "memory of the run, for example 8GiB");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
