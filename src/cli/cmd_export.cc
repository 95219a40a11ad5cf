#include <unistd.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "audited_output.h"
#include "command.h"
#include "migrate/report/exports.h"
#include "migrate/run/half_done.h"
#include "migrate/run/scratch_folder.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string what, output, name, file;
};

Status Export(const Options& o, const plan::Plan& plan, std::string* result) {
  if (o.common.json && o.output.empty())
    return Status::Plan("export: --json needs --output FILE",
                        "stdout has room for the CSV or for the object, not both");
  if (o.what == "source" && o.name.empty())
    return Status::Plan("export source: needs --name SOURCE", "one of the plan's sources");
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(const run::HalfDone half, run::HalfDoneImport(db.get()));
  if (half.import_id != 0) PrintWarnings(o.common, half.text);
  nlohmann::ordered_json unfinished;
  if (half.import_id != 0) unfinished = half.import_id;
  std::optional<run::ScratchFolder> scratch;
  if (o.what == "links" && !plan.target.sqlite) {
    const bool beside = ::access(plan.workspace.c_str(), W_OK) == 0;
    auto made = run::ScratchFolder::Make(beside ? plan.workspace : "", "export");
    if (made.ok()) scratch.emplace(*std::move(made));  // else it must do in memory
  }
  const NoPipeSignal no_signal;
  MIGRATE_ASSIGN(auto file, OpenOutput(o.output));
  AuditedOutput out(std::move(file));
  Status written = o.what == "links" ? report::ExportLinks(db.get(), scratch ? scratch->path() : plan.workspace, out)
                   : o.what == "persons" ? report::ExportPersons(db.get(), plan.attributes, out)
                   : o.what == "rejects" ? report::ExportRejects(db.get(), out)
                                         : report::ExportSource(db.get(), o.name, o.file, out);
  if (written.ok()) written = out.Finish();
  db.reset();
  out.Note(o.common, plan, o.what, o.name, o.output, written.ok(), half.import_id);
  MIGRATE_TRY(written);
  nlohmann::ordered_json j = {
      {"schema", 1},        {"ok", true},         {"exit_code", 0},       {"what", o.what},
      {"output", o.output}, {"rows", out.rows()}, {"bytes", out.bytes()}, {"unfinished_import", unfinished}};
  if (o.common.json) *result = j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  return {};
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  std::string result;
  Status s = Export(o, *plan, &result);
  return s.ok() ? PrintResult(result) : Fail(o.common, s);
}

}  // namespace

int ExportWhat(const Common& common, const std::string& what, const std::string& output) {
  return Main({common, what, output, "", ""});
}

void AddExport(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("export", "CSV of links, persons, rejects, or of a source as it was read");
  c.Option("WHAT", o->what, "links, persons, rejects or source")
      .Required()
      .Must(OneOf({"links", "persons", "rejects", "source"}));
  AddCommon(c, &o->common);
  c.Option("--output", o->output, "file to write (default: stdout)").Type("FILE");
  c.Option("--name", o->name, "export source: the source's name").Type("SOURCE");
  c.Option("--file", o->file, "export source: only rows of this file (several layouts)").Type("FILE");
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
