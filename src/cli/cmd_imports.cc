#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/ledger/ledger.h"
#include "migrate/run/rollback.h"

namespace migrate::cli {
namespace {

using nlohmann::json;

json ImportJson(const ledger::Import& i) {
  json j = {{"import", i.import_id},
            {"state", i.state},
            {"plan_hash", i.plan_hash},
            {"tool_version", i.tool_version},
            {"started_at", i.started_at},
            {"finished_at", i.finished_at.empty() ? json() : json(i.finished_at)},
            {"limit", i.row_limit ? json(*i.row_limit) : json()}};
  json counts = json::parse(i.counts, nullptr, false);
  j["counts"] = counts.is_object() ? counts : json();
  return j;
}

Status List(const Common& common, const plan::Plan& plan, std::string* text) {
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db.get()));
  json all = json::array();
  *text = "import  state      begun                 rows inserted  updated  persons  plan\n";
  for (const auto& i : imports) {
    json j = ImportJson(i);
    auto n = [&](const char* name) { return j["counts"].is_object() ? j["counts"].value(name, 0ULL) : 0ULL; };
    *text += fmt::format("{:>6}  {:<9}  {:<20}  {:>13}  {:>7}  {:>7}  {}\n", i.import_id, i.state, i.started_at,
                         n("inserted"), n("updated"), n("persons"), i.plan_hash.substr(0, 12));
    all.push_back(std::move(j));
  }
  if (common.json) *text = json({{"schema", 1}, {"imports", all}}).dump(2) + "\n";
  return {};
}

struct Options {
  Common common;
  int64_t import_id = 0;
};

int PrintChange(const Options& o, const Result<std::string>& done, const std::string& text) {
  if (!done.ok()) return Fail(o.common, done.status());
  return PrintResult(o.common.json ? *done : text);
}

int Release(const Options& o, const plan::Plan& plan) {
  return PrintChange(
      o, run::ReleaseImport(plan, o.import_id, MIGRATE_VERSION),
      fmt::format("the inputs of import {} may come in again: migrate run {}\n", o.import_id, o.common.plan_file));
}

int Accept(const Options& o, const plan::Plan& plan) {
  return PrintChange(o, run::AcceptTarget(plan, MIGRATE_VERSION),
                     "the target is taken as it is; the next run brings in again what it lacks\n");
}

int ListAll(const Options& o, const plan::Plan& plan) {
  std::string text;
  Status s = List(o.common, plan, &text);
  return s.ok() ? PrintResult(text) : Fail(o.common, s);
}

using MainFunction = int (*)(const Options&, const plan::Plan&);

std::pair<CLI::App*, std::shared_ptr<Options>> AddOne(CLI::App* imports, Action* action, const char* name,
                                                      const char* purpose, MainFunction main) {
  auto o = std::make_shared<Options>();
  CLI::App* c = imports->add_subcommand(name, purpose);
  AddCommon(c, &o->common);
  c->callback([o, action, main] {
    *action = [o, main] {
      int code = 2;
      auto plan = LoadPlanOrFail(o->common, &code);
      return plan ? main(*o, *plan) : code;
    };
  });
  return {c, o};
}

}  // namespace

void AddImports(CLI::App& app, Action* action) {
  CLI::App* imports = app.add_subcommand("imports", "The imports of the target");
  imports->require_subcommand(1);
  AddOne(imports, action, "list", "All imports: state, time, counts, plan", ListAll);
  const auto [release, r] =
      AddOne(imports, action, "release", "Lets the inputs of an import that was rolled back come in again", Release);
  release->add_option("N", r->import_id, "number of the import")->required()->check(CLI::PositiveNumber);
  AddOne(imports, action, "accept", "Takes a target as it is that was restored from an older backup", Accept);
}

}  // namespace migrate::cli
