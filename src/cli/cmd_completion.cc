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

int Main(const CLI::App& app, const Options& o) {
  const Command root = ReadCommands(app);
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

void AddCompletion(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("completion", "A script that teaches the commands to bash, zsh or fish");
  c->add_option("SHELL", o->shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(std::vector<std::string>(std::begin(kShells), std::end(kShells))));
  AddOutputFlags(c, &o->common);
  c->callback([o, action, &app] { *action = [o, &app] { return Main(app, *o); }; });
  auto file = std::make_shared<std::string>();
  CLI::App* sources = app.add_subcommand("__sources", "")->group("");
  sources->add_option("PLAN", *file)->required();
  sources->callback([file, action] { *action = [file] { return Sources(*file); }; });
}

}  // namespace migrate::cli
