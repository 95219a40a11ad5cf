#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/ledger/ledger.h"

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

}  // namespace

void AddImports(CLI::App& app, Action* action) {
  CLI::App* imports = app.add_subcommand("imports", "The imports of the target");
  imports->require_subcommand(1);
  auto common = std::make_shared<Common>();
  CLI::App* list = imports->add_subcommand("list", "All imports: state, time, counts, plan");
  AddCommon(list, common.get());
  list->callback([common, action] {
    *action = [common] {
      int code = 2;
      auto plan = LoadPlanOrFail(*common, &code);
      if (!plan) return code;
      std::string text;
      Status s = List(*common, *plan, &text);
      return s.ok() ? PrintResult(text) : Fail(*common, s);
    };
  });
}

}  // namespace migrate::cli
