#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/run/run.h"
#include "migrate/survey/check.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  bool strict = false;
  run::ValidateOptions validate;
};

std::string Json(const Options& o, const plan::Plan& plan, const run::ValidateFindings& findings, size_t warnings,
                 int exit_code) {
  nlohmann::json sources = nlohmann::json::array();
  for (const auto& c : findings.checks) sources.push_back(nlohmann::json::parse(survey::CheckJson(c)));
  nlohmann::json j = {{"schema", 1},
                      {"ok", exit_code == 0},
                      {"exit_code", exit_code},
                      {"plan", plan.name},
                      {"hash", plan.hash},
                      {"findings", findings.text + findings.notes},
                      {"rows", o.validate.offline ? 0 : o.validate.rows},
                      {"warnings", warnings},
                      {"sources", sources}};
  return j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::ValidateFindings findings;
  run::RunOutcome out = run::Validate(*plan, o.validate, &findings);
  if (!out.status.ok()) return Fail(o.common, out.status);
  size_t warnings = 0;
  for (const auto& c : findings.checks) warnings += c.warnings.size();
  const int exit_code = o.strict && warnings > 0 ? 2 : 0;
  int printed = 0;
  if (o.common.json) {
    printed = PrintResult(Json(o, *plan, findings, warnings, exit_code));
    return printed != 0 ? printed : exit_code;
  }
  // Dozens of lines about encodings would push what follows off the screen.
  if (!o.common.quiet) PrintMessage((o.common.verbose ? findings.text : "") + findings.notes);
  std::string text;
  if (!o.common.quiet)
    for (const auto& c : findings.checks) text += survey::CheckText(c) + "\n";
  text += o.common.plan_file + ": valid";
  if (o.validate.offline) text += " (sources and target were not opened)";
  if (warnings > 0) {
    std::string where, last;  // a source of several layouts stands there once
    for (const auto& c : findings.checks)
      if (!c.warnings.empty() && c.source != last) where += (where.empty() ? "" : ", ") + (last = c.source);
    text += fmt::format(", {} {} above ({}){}", warnings, warnings == 1 ? "warning" : "warnings", where,
                        exit_code == 0 ? "" : " (--strict)");
  }
  printed = PrintResult(text + "\n");
  return printed != 0 ? printed : exit_code;
}

}  // namespace

void AddValidate(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("validate",
                            "Checks plan, sources and target, and shows how the first rows are read; writes nothing");
  AddCommon(c, &o->common);
  c.Flag("--offline", o->validate.offline, "the plan alone, without opening sources or target");
  c.Option("--rows", o->validate.rows, "rows of each source to look at (default: 1000)")
      .Must(Within(uint64_t{1}, uint64_t{100'000'000}));
  c.Flag("--strict", o->strict, "exit code 2 if there are warnings");
  c.Footer("Exit codes: 0 valid; 1 something could not be read; 2 the plan is wrong, or --strict and warnings.");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
