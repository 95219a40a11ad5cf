// migrate: reads the command line and hands over to one cmd_*.cc. Exit codes: docs/plan.md and `migrate --help`.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "command.h"

namespace {

constexpr char kFooter[] =
    "Exit codes: 0 done; 1 failed; 2 usage or plan error, nothing touched; 3 done, rows are quarantined;\n"
    "4 reconciliation mismatch; 5 quarantine limit exceeded; 130 cancelled.\n"
    "Results go to stdout, messages to stderr. `migrate COMMAND --help` tells more.";

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("migrate: consolidates person records from many sources into one source of truth", "migrate");
  app.set_version_flag("--version", "migrate " MIGRATE_VERSION);
  app.footer(kFooter);
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  migrate::cli::Action action;
  migrate::cli::AddInit(app, &action);
  migrate::cli::AddRun(app, &action);
  migrate::cli::AddValidate(app, &action);
  migrate::cli::AddExplain(app, &action);
  migrate::cli::AddStatus(app, &action);
  migrate::cli::AddReport(app, &action);
  migrate::cli::AddExport(app, &action);
  migrate::cli::AddRejects(app, &action);
  migrate::cli::AddShow(app, &action);
  migrate::cli::AddFind(app, &action);
  migrate::cli::AddImports(app, &action);
  auto named = [&](const CLI::App* c) { return argc > 1 && c->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && app.get_subcommands(named).empty()) {
    std::fprintf(stderr, "migrate: error: there is no command '%s'\n  `migrate --help` lists the commands\n", argv[1]);
    return 2;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  try {
    return action ? action() : 2;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "migrate: error: %s\n  what is committed stays; run the same command again to resume\n",
                 e.what());
    return 1;
  }
}
