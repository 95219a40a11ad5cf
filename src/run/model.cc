#include "migrate/run/model.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "matching.h"
#include "migrate/base/hash.h"
#include "migrate/base/plural.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/versions.h"
#include "workspace.h"

namespace migrate::run {
namespace {

using Json = nlohmann::ordered_json;

Json EvidenceJson(const dedupe::Model& model) {
  Json out = Json::array();
  for (int e = 0; e < dedupe::kEvidenceCount; ++e) {
    const std::string name = dedupe::EvidenceName(model, e);
    if (name.empty()) continue;
    Json levels = Json::array();
    for (int l = 1; l < dedupe::LevelsOf(e); ++l) {
      const auto se = static_cast<size_t>(e), sl = static_cast<size_t>(l);
      const auto m = static_cast<double>(model.weights.m[se][sl]), h = static_cast<double>(model.weights.h[se][sl]),
                 u = static_cast<double>(model.weights.u[se][sl]);
      levels.push_back({{"level", dedupe::LevelName(e, l)},
                        {"m", m},
                        {"household", h},
                        {"u", u},
                        {"weight", m > 0 && u > 0 ? Json(std::log2(m / u)) : Json(nullptr)},
                        {"by_value", dedupe::ByValue(e, l)}});
    }
    out.push_back({{"field", name}, {"levels", levels}});
  }
  return out;
}

Json FrequenciesJson(const dedupe::Model& model) {
  Json out = Json::array();
  for (size_t i = 0; i < model.frequencies.fields.size(); ++i) {
    const auto& f = model.frequencies.fields[i];
    uint32_t most = 0;
    for (const auto& [hash, count] : f.counts) most = std::max(most, count);
    out.push_back({{"field", dedupe::TermFieldName(i, model.attributes)},
                   {"listed", f.counts.size()},
                   {"most_records", most},
                   {"average_chance", f.average},
                   {"rest_chance", std::exp2(static_cast<double>(f.LogOf(f.rest)))}});
  }
  return out;
}

MatchingOptions MatchingOf(const plan::Plan& plan, store::Connection* db) {
  MatchingOptions options;
  options.plan = &plan;
  options.db = db;
  return options;
}

Result<dedupe::Model> NeedModel(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(auto model, ModelInForce(MatchingOf(plan, db)));
  if (!model)
    return Status::Plan("there is no model: nothing was matched yet under this plan",
                        "`migrate run` learns one at the first import; `migrate model train` learns it anew");
  return *std::move(model);
}

}  // namespace

Result<std::string> ModelViewJson(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(dedupe::Model model, NeedModel(plan, db));
  MIGRATE_ASSIGN(std::string version, ledger::Setting(db, "model_version", "0"));
  MIGRATE_ASSIGN(std::string stats, ledger::Setting(db, "match_stats"));
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(db));
  const bool of_file = !plan.dedupe.model.empty();
  Json matched = Json::parse(stats, nullptr, false);
  const Json j = {{"schema", 1},
                  {"version", of_file ? Json(nullptr) : Json(std::stoll(version))},
                  {"file", of_file ? Json(plan.dedupe.model) : Json(nullptr)},
                  {"sha256", Sha256Hex(dedupe::ModelToJson(model))},
                  {"learned_from_records", model.records},
                  {"records_now", records},
                  {"lambda_match", model.weights.lambda_match},
                  {"lambda_household", model.weights.lambda_household},
                  {"duplicates_per_record", model.duplicates_per_record},
                  {"alone", model.alone},
                  {"match_probability", plan.dedupe.match_probability},
                  {"review_probability", plan.dedupe.review_probability},
                  {"evidence", EvidenceJson(model)},
                  {"frequencies", FrequenciesJson(model)},
                  {"matched", matched.is_object() ? matched : Json(nullptr)}};
  return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<std::string> ModelText(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(dedupe::Model model, NeedModel(plan, db));
  return dedupe::ModelToJson(model);
}

Result<std::string> TrainTargetModel(const plan::Plan& plan, store::Connection* db, const TrainOptions& o) {
  if (!plan.dedupe.model.empty())
    return Status::Plan("dedupe.model names " + plan.dedupe.model +
                            ", which every run uses: a model that is learned "
                            "would not be",
                        "take dedupe.model out of the plan first");
  MIGRATE_ASSIGN(auto workspace, Workspace::Open(plan, o.tool_version));
  progress::Meter meter(o.printer);
  MatchingOptions options = MatchingOf(plan, db);
  options.threads = o.threads != 0 ? o.threads : std::max(1u, std::thread::hardware_concurrency());
  options.memory_bytes = o.memory_bytes;
  options.scratch = plan.workspace;
  options.cancel = o.cancel;
  options.records = [&](uint64_t n) { meter.Set(n); };
  options.step = [&](std::string_view step) { meter.Detail(std::string(step)); };
  MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(db));
  if (records == 0) return Status::Plan("the target holds no records to learn from", "`migrate run` loads them");
  meter.Begin("dedupe", records);
  auto match = Match(options, std::nullopt);
  meter.Done(match.ok() ? "learned from " + Counted(match->stats.records, "record") : "failed");
  if (!match.ok()) return match.status();
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(KeepModel(options, match->model));
  MIGRATE_ASSIGN(std::string version, ledger::Setting(db, "model_version", "0"));
  const Json detail = {{"version", std::stoll(version)},
                       {"records", match->stats.records},
                       {"sha256", Sha256Hex(dedupe::ModelToJson(match->model))}};
  MIGRATE_TRY(ledger::AppendAudit(db, "model_trained", detail.dump()));
  MIGRATE_TRY(transaction.Commit());
  return ModelViewJson(plan, db);
}

}  // namespace migrate::run
