#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/report/audit_export.h"
#include "migrate/run/rollback.h"
#include "migrate/run/target.h"

namespace migrate::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  Common common;
  std::string format = "jsonl", output;
};

int Verify(const Options& o, const plan::Plan& plan) {
  auto db = OpenTargetToRead(plan);
  if (!db.ok()) return Fail(o.common, db.status());
  auto found = run::VerifyAuditOf(plan, db->get());
  if (!found.ok()) return Fail(o.common, found.status());
  const bool sound = found->first_bad == 0;
  const Json j = {{"schema", 1},
                  {"ok", sound},
                  {"exit_code", sound ? 0 : 4},
                  {"events", found->events},
                  {"first_bad", sound ? Json(nullptr) : Json(found->first_bad)},
                  {"what", sound ? Json(nullptr) : Json(found->what)},
                  {"hash", sound ? Json(found->hash) : Json(nullptr)}};
  const Status broken(ErrorKind::kMismatch,
                      fmt::format("{}: the audit trail is broken at event {}: {}", run::TargetName(plan.target),
                                  found->first_bad, found->what),
                      "compare it with an earlier `migrate audit export`, or with a backup of the target");
  if (o.common.json) {
    const int printed = PrintResult(j.dump(2, ' ', false, Json::error_handler_t::replace));
    return sound ? printed : Complain(o.common, broken);
  }
  if (!sound) return Fail(o.common, broken);
  return PrintResult(fmt::format("{} audit events, each as it was written; the last one has the hash {}\n",
                                 found->events, found->hash));
}

Status Write(const Options& o, const plan::Plan& plan, std::string* text) {
  if (o.common.json && o.output.empty())
    return Status::Plan("audit export: --json needs --output FILE",
                        "stdout has room for the events or for the object, not both");
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  MIGRATE_ASSIGN(auto out, OpenOutput(o.output));
  MIGRATE_ASSIGN(uint64_t events, report::ExportAudit(db.get(), o.format == "csv", *out));
  MIGRATE_TRY(out->Finish());
  if (o.common.json)
    *text = Json({{"schema", 1}, {"ok", true}, {"exit_code", 0}, {"output", o.output}, {"events", events}})
                .dump(2, ' ', false, Json::error_handler_t::replace);
  return {};
}

int Export(const Options& o, const plan::Plan& plan) {
  std::string text;
  Status s = Write(o, plan, &text);
  if (!s.ok()) return Fail(o.common, s);
  return text.empty() ? 0 : PrintResult(text);
}

}  // namespace

void AddAudit(Syntax app, Action* action) {
  Syntax audit = app.Subcommand("audit", "The audit trail: who did what with the target, and when");
  audit.NeedsSubcommand();
  AddPlanCommand(audit, action, "verify", "Finds events that were changed, removed or put in another order", Verify);
  const auto [write, o] = AddPlanCommand(audit, action, "export", "All events, as JSON lines or CSV", Export);
  write.Option("--format", o->format, "jsonl (default) or csv").Must(OneOf({"jsonl", "csv"}));
  write.Option("--output", o->output, "file to write (default: stdout)").Type("FILE");
}

}  // namespace migrate::cli
