#include "command.h"
#include "migrate/plan/resolved.h"

namespace migrate::cli {
namespace {

int Main(const Common& common) {
  int code = 2;
  auto plan = LoadPlanOrFail(common, &code);
  if (!plan) return code;
  std::string json = plan::ResolvedPlanJson(*plan) + "\n";
  if (common.json) return PrintResult(json);
  std::string text =
      "plan " + plan->name + "\nhash " + plan->hash + "\nresolved " + json + "defaults that the plan does not write:\n";
  for (const auto& d : plan->defaults) text += "  " + d.key + " = " + d.value + "   (" + d.why + ")\n";
  for (const auto& v : plan->variables)
    text += "variable " + v.name +
            (v.from_environment ? " from the environment\n" : " not set, the plan's default was taken\n");
  return PrintResult(text);
}

}  // namespace

void AddExplain(CLI::App& app, Action* action) {
  auto common = std::make_shared<Common>();
  CLI::App* c =
      app.add_subcommand("explain", "The resolved plan and the origin of each default; secrets are not shown");
  AddCommon(c, common.get());
  c->callback([common, action] { *action = [common] { return Main(*common); }; });
}

}  // namespace migrate::cli
