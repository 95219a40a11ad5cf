#include <fmt/core.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"
#include "migrate/run/run.h"
#include "migrate/run/target.h"

namespace migrate::cli {
namespace {

using nlohmann::json;

constexpr const char* kDialects[] = {"sqlite", "mysql", "mariadb"};

std::string Differences(const plan::Plan& plan, const std::vector<std::string>& differences) {
  return fmt::format("{}: {} in its tables:\n  {}", run::TargetName(plan.target),
                     differences.size() == 1 ? "1 difference" : fmt::format("{} differences", differences.size()),
                     fmt::join(differences, "\n  "));
}

// The DDL for the server that the plan names, or for MySQL if it does not answer: nothing else depends on it.
Status Show(const Common& common, const plan::Plan& plan, std::string* text) {
  store::Dialect dialect = store::Dialect::kSqlite;
  if (!plan.target.sqlite) {
    MIGRATE_ASSIGN(dialect, run::DialectOf(plan.target));
  }
  const std::string ddl = ledger::SchemaText(dialect, run::TablesOf(plan.target));
  *text = !common.json ? ddl
                       : json({{"schema", 1},
                               {"ok", true},
                               {"exit_code", 0},
                               {"dialect", kDialects[static_cast<size_t>(dialect)]},
                               {"version", ledger::kSchemaVersion},
                               {"ddl", ddl}})
                                 .dump(2) +
                             "\n";
  return {};
}

Status Apply(const Common& common, const plan::Plan& plan, std::string* text) {
  MIGRATE_ASSIGN(auto before, run::LookAtTarget(plan.target));
  const bool made = before == nullptr;
  before.reset();
  MIGRATE_ASSIGN(auto db, run::OpenTargetToWrite(plan.target, true, static_cast<uint32_t>(plan.target.partitions)));
  // Before the first load they would only slow it down.
  MIGRATE_ASSIGN(int64_t filled, db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person)"));
  if (filled != 0) MIGRATE_TRY(ledger::BuildIndexes(db.get()));
  if (!made) {
    MIGRATE_ASSIGN(std::vector<std::string> differences, ledger::CompareSchema(db.get()));
    if (!differences.empty())
      return Status(ErrorKind::kMismatch, Differences(plan, differences),
                    "somebody changed the tables: change them back to what `migrate schema show` gives");
  }
  db.reset();
  Audit(common, plan, "schema_applied", json({{"made", made}}).dump());
  *text = common.json
              ? json({{"schema", 1},
                      {"ok", true},
                      {"exit_code", 0},
                      {"target", run::TargetName(plan.target)},
                      {"made", made}})
                        .dump(2) +
                    "\n"
              : fmt::format("{}: {}\n", run::TargetName(plan.target),
                            made ? "the tables were made" : "the tables are there already; nothing was changed");
  return {};
}

Status Check(const Common& common, const plan::Plan& plan, std::string* text) {
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(std::vector<std::string> differences, ledger::CompareSchema(db.get()));
  if (common.json)
    *text = json({{"schema", 1},
                  {"ok", differences.empty()},
                  {"exit_code", differences.empty() ? 0 : 4},
                  {"target", run::TargetName(plan.target)},
                  {"version", ledger::kSchemaVersion},
                  {"differences", differences}})
                .dump(2) +
            "\n";
  else if (differences.empty())
    *text = fmt::format("{}: schema version {}, as `schema show` has it\n", run::TargetName(plan.target),
                        ledger::kSchemaVersion);
  if (differences.empty()) return {};
  return Status(ErrorKind::kMismatch, Differences(plan, differences),
                "somebody changed the tables: change them back to what `migrate schema show` gives");
}

void AddVerb(Syntax schema, const char* name, const char* what, Action* action,
             Status (*verb)(const Common&, const plan::Plan&, std::string*)) {
  auto common = std::make_shared<Common>();
  Syntax app = schema.Subcommand(name, what);
  AddCommon(app, common.get());
  app.WhenChosen([common, action, verb] {
    *action = [common, verb] {
      int code = 2;
      auto plan = LoadPlanOrFail(*common, &code);
      if (!plan) return code;
      std::string text;
      Status s = verb(*common, *plan, &text);
      if (s.ok()) return PrintResult(text);
      if (text.empty()) return Fail(*common, s);
      const int printed = PrintResult(text);  // with --json: the one object, which holds the differences
      return printed != 0 ? printed : run::ExitCode(s);
    };
  });
}

}  // namespace

void AddSchema(Syntax app, Action* action) {
  Syntax schema = app.Subcommand("schema", "The target's tables: their DDL, making and checking them");
  schema.NeedsSubcommand();
  AddVerb(schema, "show", "The DDL for this plan's target, secondary indexes behind it", action, &Show);
  AddVerb(schema, "apply", "Makes the tables in an empty target, so that an account with fewer rights can load", action,
          &Apply);
  AddVerb(schema, "check", "Do the target's tables agree with the DDL?", action, &Check);
}

}  // namespace migrate::cli
