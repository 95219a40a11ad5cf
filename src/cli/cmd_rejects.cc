#include "command.h"
#include "migrate/report/exports.h"
#include "migrate/report/rejects_view.h"
#include "migrate/run/reject_context.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  report::RejectFilter filter;
  bool open = false, rows = false;
  int64_t id = 0;
  std::string output;
};

Result<std::string> List(const Options& o, const plan::Plan& plan) {
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(auto list, report::ListRejects(db.get(), o.filter));
  return o.common.json ? report::RenderJson(list) : report::RenderText(list, o.common.plan_file, o.rows);
}

Result<std::string> Show(const Options& o, const plan::Plan& plan) {
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(auto reject, report::ShowReject(db.get(), o.id));
  report::RejectContext context = run::ContextOf(plan, reject);
  return o.common.json ? report::RenderJson(reject, context) : report::RenderText(reject, context, o.common.plan_file);
}

int Print(const Options& o, Result<std::string> (*what)(const Options&, const plan::Plan&)) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  auto text = what(o, *plan);
  return text.ok() ? PrintResult(*text) : Fail(o.common, text.status());
}

void AddList(CLI::App* rejects, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = rejects->add_subcommand("list", "Reasons with counts, files, and what would mend them; or the rows");
  AddCommon(c, &o->common);
  std::vector<CLI::Option*> filters;
  filters.push_back(c->add_option("--reason", o->filter.reason, "the rows of this reason"));
  filters.push_back(c->add_option("--source", o->filter.source, "the rows of this source"));
  filters.push_back(c->add_option("--file", o->filter.file, "the rows of this file (its path, or an end of it)"));
  filters.push_back(c->add_option("--limit", o->filter.limit, "rows to list (default 100)"));
  filters.push_back(c->add_option("--offset", o->filter.offset, "rows to pass over before"));
  auto* all = c->add_flag("--all", o->filter.all, "also those that gave way to a later import");
  c->add_flag("--open", o->open, "only the open ones (the default)")->excludes(all);
  c->callback([o, action, filters] {
    for (const CLI::Option* f : filters) o->rows |= f->count() > 0;
    *action = [o] { return Print(*o, List); };
  });
}

}  // namespace

void AddRejects(CLI::App& app, Action* action) {
  CLI::App* rejects = app.add_subcommand("rejects", "The rows in quarantine");
  rejects->require_subcommand(1);
  AddList(rejects, action);
  auto one = std::make_shared<Options>();
  CLI::App* show =
      rejects->add_subcommand("show", "One row: place, original bytes, columns, neighbours, what mends it");
  AddCommon(show, &one->common);
  show->add_option("ID", one->id, "its number in `rejects list`")->required();
  show->callback([one, action] { *action = [one] { return Print(*one, Show); }; });
  auto out = std::make_shared<Options>();
  CLI::App* write = rejects->add_subcommand("export", "CSV of the open ones with their original bytes");
  AddCommon(write, &out->common);
  write->add_option("--output", out->output, "file to write (default: stdout)");
  write->callback([out, action] { *action = [out] { return ExportWhat(out->common, "rejects", out->output); }; });
}

}  // namespace migrate::cli
