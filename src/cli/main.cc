// migrate: reads the command line and hands over to one cmd_*.cc. Exit codes: manual.cc and `migrate --help`.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "command.h"
#include "help.h"
#include "usage.h"

namespace migrate::cli {
namespace {

void AddCommands(CLI::App& app, Action* action) {
  AddInit(app, action);
  AddRun(app, action);
  AddWatch(app, action);
  AddValidate(app, action);
  AddExplain(app, action);
  AddStatus(app, action);
  AddReport(app, action);
  AddRows(app, action);
  AddExport(app, action);
  AddRejects(app, action);
  AddShow(app, action);
  AddFind(app, action);
  AddWhy(app, action);
  AddModel(app, action);
  AddReview(app, action);
  AddImports(app, action);
  AddRollback(app, action);
  AddHistory(app, action);
  AddAudit(app, action);
  AddSchema(app, action);
  AddRepair(app, action);
  AddHelp(app, action);
  AddCompletion(app, action);
}

// The help of the command that was being parsed when --help came.
int PrintHelp(const CLI::App& app) {
  const CLI::App* at = &app;
  std::string path;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    path += (path.empty() ? "" : " ") + at->get_name();
  }
  const Command root = ReadCommands(app);
  const Command* command = FindCommand(root, path);
  return PrintResult(HelpText(root, command == nullptr ? root : *command));
}

int Main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  CLI::App app("Makes one list of people out of many: loads, matches and proves", "migrate");
  app.set_help_flag("-h,--help", "this text");
  app.set_version_flag("--version", "migrate " MIGRATE_VERSION, "the version");
  app.require_subcommand(1);
  Action action;
  AddCommands(app, &action);
  Common common;
  common.json = std::find(args.begin(), args.end(), "--json") != args.end();
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return PrintHelp(app);
  } catch (const CLI::CallForVersion&) {
    return PrintResult("migrate " MIGRATE_VERSION "\n");
  } catch (const CLI::ParseError& e) {
    return Fail(common, UsageError(app, args, e));
  }
  try {
    return action ? action() : 2;
  } catch (const std::exception& e) {
    return Fail(common, Status::Failed(e.what(), "what is committed stays; run the same command again to resume"));
  }
}

}  // namespace
}  // namespace migrate::cli

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is an error of a write, which names the file
  return migrate::cli::Main(argc, argv);
}
