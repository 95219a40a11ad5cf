#include "command.h"
#include "migrate/report/exports.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string what, output, name, file;
};

Status Export(const Options& o, const plan::Plan& plan) {
  if (o.what == "source" && o.name.empty())
    return Status::Plan("export source: needs --name SOURCE", "one of the plan's sources");
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(auto out, OpenOutput(o.output));
  if (o.what == "links") MIGRATE_TRY(report::ExportLinks(db.get(), *out));
  if (o.what == "persons") MIGRATE_TRY(report::ExportPersons(db.get(), plan.attributes, *out));
  if (o.what == "rejects") MIGRATE_TRY(report::ExportRejects(db.get(), *out));
  if (o.what == "source") MIGRATE_TRY(report::ExportSource(db.get(), o.name, o.file, *out));
  return out->Finish();
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  Status s = Export(o, *plan);
  return s.ok() ? 0 : Fail(o.common, s);
}

}  // namespace

void AddExport(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("export", "CSV of links, persons, rejects, or of a source as it was read");
  c->add_option("WHAT", o->what, "links, persons, rejects or source")
      ->required()
      ->check(CLI::IsMember({"links", "persons", "rejects", "source"}));
  AddCommon(c, &o->common);
  c->add_option("--output", o->output, "file to write (default: stdout)");
  c->add_option("--name", o->name, "export source: the source's name");
  c->add_option("--file", o->file, "export source: only rows of this file (several layouts)");
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
