#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/run/run.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  bool offline = false;
};

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  std::string findings;
  run::RunOutcome out = run::Validate(*plan, o.offline, &findings);
  if (!out.status.ok()) return Fail(o.common, out.status);
  if (o.common.json)
    return PrintResult(nlohmann::json({{"schema", 1},
                                       {"ok", true},
                                       {"exit_code", 0},
                                       {"plan", plan->name},
                                       {"hash", plan->hash},
                                       {"findings", findings}})
                           .dump(2, ' ', false, nlohmann::json::error_handler_t::replace) +
                       "\n");
  if (!o.common.quiet) std::fputs(findings.c_str(), stderr);
  return PrintResult(o.common.plan_file + ": valid" + (o.offline ? " (sources and target were not opened)" : "") +
                     "\n");
}

}  // namespace

void AddValidate(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("validate", "Checks the plan, its sources and its target; writes nothing");
  AddCommon(c, &o->common);
  c->add_flag("--offline", o->offline, "the plan alone, without opening sources or target");
  c->footer("Exit codes: 0 valid; 1 something could not be read; 2 the plan is wrong.");
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
