#include <fmt/core.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/base/file.h"
#include "migrate/report/exports.h"
#include "migrate/report/rejects_view.h"
#include "migrate/run/reject_context.h"
#include "migrate/run/replay.h"
#include "signals.h"

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

void AddList(Syntax rejects, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = rejects.Subcommand("list", "Reasons with counts, files, and what would mend them; or the rows");
  AddCommon(c, &o->common);
  std::vector<Parameter> filters;
  filters.push_back(c.Option("--reason", o->filter.reason, "the rows of this reason"));
  filters.push_back(c.Option("--source", o->filter.source, "the rows of this source"));
  filters.push_back(c.Option("--file", o->filter.file, "the rows of this file (its path, or an end of it)"));
  filters.push_back(c.Option("--limit", o->filter.limit, "rows to list (default 100)").Must(Positive()));
  filters.push_back(c.Option("--offset", o->filter.offset, "rows to pass over before").Must(NotNegative()));
  const Parameter all = c.Flag("--all", o->filter.all, "also those that gave way to a later import");
  c.Flag("--open", o->open, "only the open ones (the default)").Excludes(all);
  c.WhenChosen([o, action, filters] {
    for (const Parameter& f : filters) o->rows |= f.given();
    *action = [o] { return Print(*o, List); };
  });
}

using Json = nlohmann::ordered_json;

std::string Dump(const Json& j) { return j.dump(2, ' ', false, Json::error_handler_t::replace); }

struct FixOptions {
  Common common;
  int64_t id = 0;
  std::vector<std::string> cells;
  std::string raw, why;
};

// COLUMN=VALUE; --raw without the line end that an editor leaves.
Result<ledger::Fix> FixOf(const FixOptions& o) {
  ledger::Fix fix;
  fix.why = o.why;
  for (const std::string& cell : o.cells) {
    const size_t at = cell.find('=');
    if (at == std::string::npos || at == 0)
      return Status::Plan("--set " + cell + ": a column and its value are needed", "for example --set id=4711");
    fix.cells[cell.substr(0, at)] = cell.substr(at + 1);
  }
  if (o.raw.empty()) {
    if (fix.cells.empty()) return Status::Plan("nothing to change", "give --set COLUMN=VALUE or --raw FILE");
    return fix;
  }
  MIGRATE_ASSIGN(fix.raw, ReadWholeFile(o.raw));
  if (fix.raw->ends_with("\n")) fix.raw->pop_back();
  if (fix.raw->ends_with("\r")) fix.raw->pop_back();
  if (fix.raw->empty()) return Status::Plan(o.raw + ": it is empty", "write the whole row into it, as its file has it");
  return fix;
}

int FixMain(const FixOptions& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  auto fix = FixOf(o);
  if (!fix.ok()) return Fail(o.common, fix.status());
  auto db = OpenTargetToWrite(*plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto fixed = run::FixReject(*plan, db->get(), o.id, *fix);
  if (!fixed.ok()) return Fail(o.common, fixed.status());
  const std::string replay = fmt::format("migrate rejects replay {} {}", o.common.plan_file, o.id);
  if (o.common.json)
    return PrintResult(Dump({{"schema", 1},
                             {"ok", true},
                             {"exit_code", 0},
                             {"reject", o.id},
                             {"readable", fixed->readable},
                             {"reason", fixed->reason},
                             {"detail", fixed->detail}}));
  if (fixed->readable) {
    if (!fixed->detail.empty()) PrintWarnings(o.common, fixed->detail);
    return PrintResult(fmt::format("row {} is mended: {} loads it\n", o.id, replay));
  }
  return PrintResult(
      fmt::format("row {} is changed, but still cannot be read: {} ({})\n", o.id, fixed->reason, fixed->detail));
}

struct ReplayOptions {
  Common common;
  run::ReplayRequest request;
  unsigned threads = 0;
};

int ReplayMain(const ReplayOptions& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  run::RunOptions options;
  options.tool_version = MIGRATE_VERSION;
  options.plan_file = o.common.plan_file;
  options.tool_build = std::string("g++ or clang ") + __VERSION__;
  options.threads = o.threads;
  options.cancel = StopOnSignals(o.common.json);
  auto printer = progress::MakePrinter(progress::DetectStyle(o.common.quiet, o.common.json));
  options.printer = printer.get();
  const run::ReplayOutcome out = run::Replay(*plan, o.request, options);
  if (!out.run.status.ok()) return Fail(o.common, out.run.status);
  Json still = Json::array();
  for (const auto& [reason, count] : out.still_rejected) still.push_back({{"reason", reason}, {"count", count}});
  const Json report = Json::parse(out.run.report_json, nullptr, false);
  const Json import = report.is_object() && report.contains("import") ? report["import"] : Json();
  const int printed = PrintResult(o.common.json ? Dump({{"schema", 1},
                                                        {"ok", true},
                                                        {"exit_code", out.run.exit_code},
                                                        {"import", import},
                                                        {"replayed", out.replayed},
                                                        {"still_rejected", still}})
                                                : out.run.summary);
  return out.run.exit_code == 0 ? printed : out.run.exit_code;
}

void AddFix(Syntax rejects, Action* action) {
  auto o = std::make_shared<FixOptions>();
  Syntax c = rejects.Subcommand("fix", "Keeps a mended row beside the original one, for `rejects replay`");
  AddCommon(c, &o->common);
  c.Option("ID", o->id, "its number in `rejects list`").Required();
  c.Option("--set", o->cells, "COLUMN=VALUE: a value of the row (repeatable)").Type("COLUMN=VALUE");
  c.Option("--raw", o->raw, "a file with the whole row as it should be, in the file's encoding").Type("FILE");
  c.Option("--reason", o->why, "why, for the audit chain").Must(AtMostBytes(kReasonBytes));
  c.WhenChosen([o, action] { *action = [o] { return FixMain(*o); }; });
}

void AddReplay(Syntax rejects, Action* action) {
  auto o = std::make_shared<ReplayOptions>();
  Syntax c = rejects.Subcommand("replay", "Reads open rows again, by the plan as it is now, as an import");
  AddCommon(c, &o->common);
  const Parameter ids = c.Option("ID", o->request.ids, "their numbers in `rejects list` (default: all that are open)");
  c.Option("--reason", o->request.reason, "only the rows of this reason").Excludes(ids);
  c.Option("--threads", o->threads, "threads (default: one per processor)").Must(Threads());
  c.WhenChosen([o, action] { *action = [o] { return ReplayMain(*o); }; });
}

}  // namespace

void AddRejects(Syntax app, Action* action) {
  Syntax rejects = app.Subcommand("rejects", "The rows in quarantine");
  rejects.NeedsSubcommand();
  AddList(rejects, action);
  auto one = std::make_shared<Options>();
  Syntax show = rejects.Subcommand("show", "One row: place, original bytes, columns, neighbours, what mends it");
  AddCommon(show, &one->common);
  show.Option("ID", one->id, "its number in `rejects list`").Required();
  show.WhenChosen([one, action] { *action = [one] { return Print(*one, Show); }; });
  AddFix(rejects, action);
  AddReplay(rejects, action);
  auto out = std::make_shared<Options>();
  Syntax write = rejects.Subcommand("export", "CSV of the open ones with their original bytes");
  AddCommon(write, &out->common);
  write.Option("--output", out->output, "file to write (default: stdout)");
  write.WhenChosen([out, action] { *action = [out] { return ExportWhat(out->common, "rejects", out->output); }; });
}

}  // namespace migrate::cli
