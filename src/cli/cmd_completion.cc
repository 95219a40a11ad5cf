// `completion`: scripts of completion.h. They ask the hidden command `__sources PLAN` for the names of a plan's
// sources.
#include <nlohmann/json.hpp>

#include "command.h"
#include "completion.h"
#include "migrate/plan/load.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string shell;
};

int Main(const Syntax& app, const Options& o) {
  const Command root = ReadCommands(app.app());
  std::string script = o.shell == "bash"  ? BashCompletion(root)
                       : o.shell == "zsh" ? ZshCompletion(root)
                                          : FishCompletion(root);
  if (!o.common.json) return PrintResult(script);
  nlohmann::ordered_json j = {{"schema", 1}, {"ok", true}, {"exit_code", 0}, {"shell", o.shell}, {"script", script}};
  return PrintResult(j.dump(2) + "\n");
}

// Says nothing about a plan that is wrong: it would stand in the middle of what is being typed.
int Sources(const std::string& file) {
  plan::LoadResult loaded = plan::LoadPlan(file, {.version = MIGRATE_VERSION, .environment = {}});
  if (!loaded.plan) return 2;
  std::string names;
  for (const auto& s : loaded.plan->sources) names += s.name + "\n";
  return PrintResult(names);
}

}  // namespace

void AddCompletion(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("completion", "A script that teaches the commands to bash, zsh or fish");
  c.Option("SHELL", o->shell, "bash, zsh or fish").Required().Must(OneOf({std::begin(kShells), std::end(kShells)}));
  AddOutputFlags(c, &o->common);
  c.WhenChosen([o, action, app] { *action = [o, app] { return Main(app, *o); }; });
  auto file = std::make_shared<std::string>();
  Syntax sources = app.Subcommand("__sources", "");
  sources.Hide();
  sources.Option("PLAN", *file, "").Required();
  sources.WhenChosen([file, action] { *action = [file] { return Sources(*file); }; });
}

}  // namespace migrate::cli
