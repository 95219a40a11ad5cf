#include "run_events.h"

#include <nlohmann/json.hpp>

#include "chain.h"
#include "migrate/base/clock.h"

namespace migrate::run {
namespace {

using nlohmann::json;

std::string Line(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string RunEvent(const Context& c, const std::vector<plan::Stage>& stages, int exit_code) {
  json names = json::array();
  for (plan::Stage s : stages) names.push_back(plan::kStageNames[static_cast<size_t>(s)]);
  json event = {{"plan", c.plan.name},    {"plan_hash", c.plan.hash},
                {"stages", names},        {"import", c.import_id == 0 ? json() : json(c.import_id)},
                {"exit_code", exit_code}, {"verdict", json()},
                {"damaged", json()},      {"who", OperatorName()}};
  if (c.reconciled) {
    event["verdict"] = c.reconciled->match() ? "match" : "mismatch";
    event["damaged"] = c.reconciled->damaged;
  }
  return Line(event);
}

Status AuditUnchanged(Context* c) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  const json detail = {{"plan", c->plan.name}, {"plan_hash", c->plan.hash}, {"inputs", c->inputs.size()}};
  MIGRATE_TRY(ledger::AppendAudit(c->db.get(), "run_unchanged", Line(detail)));
  MIGRATE_TRY(transaction.Commit());
  return c->options.dry_run ? Status() : RememberTarget(c->plan, c->db.get());
}

}  // namespace migrate::run
