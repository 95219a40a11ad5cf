#include <fmt/core.h>

#include <functional>

#include "command.h"
#include "migrate/report/history_view.h"
#include "migrate/run/rollback.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  int64_t import_id = 0, to = 0;
  uint64_t limit = 1000;
};

using Render = std::string (*)(const std::string&);
int Print(const Options& o, const plan::Plan& plan, Render render,
          const std::function<Result<std::string>(store::Connection*)>& view) {
  auto db = OpenTargetToRead(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto json = view(db->get());
  if (!json.ok()) return Fail(o.common, json.status());
  return PrintResult(o.common.json ? *json : render(*json));
}

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

int List(const Options& o, const plan::Plan& plan) {
  return Print(o, plan, report::RenderImports, report::ImportsJson);
}

int ShowOne(const Options& o, const plan::Plan& plan) {
  return Print(o, plan, report::RenderImport,
               [&](store::Connection* db) { return report::ImportJson(db, o.import_id); });
}

int Diff(const Options& o, const plan::Plan& plan) {
  const int64_t from = o.to == 0 ? o.import_id - 1 : o.import_id, to = o.to == 0 ? o.import_id : o.to;
  return Print(o, plan, report::RenderDiff,
               [&](store::Connection* db) { return report::DiffJson(db, plan.attributes, from, to, o.limit); });
}

}  // namespace

void AddImports(Syntax app, Action* action) {
  Syntax imports = app.Subcommand("imports", "The imports of the target");
  imports.NeedsSubcommand();
  AddPlanCommand(imports, action, "list", "All imports: state, time, counts, plan", List);
  const auto [show, s] =
      AddPlanCommand(imports, action, "show", "One import with its inputs, counts and digests", ShowOne);
  show.Option("N", s->import_id, "number of the import").Required().Must(Positive());
  const auto [diff, d] =
      AddPlanCommand(imports, action, "diff", "Records and persons that differ between the ends of two imports", Diff);
  diff.Option("N", d->import_id, "number of an import; alone: what it changed").Required().Must(Positive());
  diff.Option("M", d->to, "number of a later import").Must(Positive());
  diff.Option("--limit", d->limit, "records and persons to list (default 1000 of each)").Must(Positive());
  const auto [release, r] = AddPlanCommand(imports, action, "release",
                                           "Lets the inputs of an import that was rolled back come in again", Release);
  release.Option("N", r->import_id, "number of the import").Required().Must(Positive());
  AddPlanCommand(imports, action, "accept", "Takes a target as it is that was restored from an older backup", Accept);
}

}  // namespace migrate::cli
