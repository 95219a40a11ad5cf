#include "matching.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "decisions.h"
#include "migrate/base/checksum.h"
#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/tables.h"
#include "migrate/ledger/versions.h"
#include "pair_parts.h"

namespace migrate::run {
namespace {

using nlohmann::json;

double Rounded(double x) { return std::round(x * 1e6) / 1e6; }

// What `model show` tells of the last matching: nothing that depends on time, machine or threads.
std::string StatsJson(const dedupe::MatchResult& match, const std::vector<Attribute>& attributes) {
  const dedupe::MatchStats& s = match.stats;
  json keys = json::array(), hubs = json::array(), capped = json::array();
  for (const auto& k : s.keys)
    keys.push_back({{"key", KeyLabel(k.name, attributes)},
                    {"pairs", k.pairs},
                    {"new_pairs", k.new_pairs},
                    {"cap", k.cap},
                    {"capped_blocks", k.capped_blocks},
                    {"capped_records", k.capped_records}});
  for (const auto& c : s.capped)
    if (c.key < s.keys.size())
      capped.push_back({{"key", KeyLabel(s.keys[c.key].name, attributes)}, {"records", c.size}});
  for (const auto& h : s.hubs) hubs.push_back({{"field", h.field}, {"value", h.value}, {"records", h.records}});
  return json({{"records", s.records},
               {"persons", s.clusters},
               {"pairs_scored", s.pairs_scored},
               {"pairs_kept", s.pairs_kept},
               {"review_pairs", s.review_pairs},
               {"refused_unions", s.refused_unions},
               {"attracted", s.attracted},
               {"oversized", s.oversized},
               {"cut_off", s.cut_off},
               {"keys", keys},
               {"capped", capped},
               {"hubs", hubs}})
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace

std::string KeyLabel(std::string key, const std::vector<Attribute>& attributes) {
  for (size_t i = attributes.size(); i-- > 0;) {
    const std::string number = "attribute " + std::to_string(i + 1);
    if (const size_t at = key.find(number); at != std::string::npos) key.replace(at, number.size(), attributes[i].name);
  }
  return key;
}

Status EachRecord(const MatchingOptions& options, const std::function<Status(const Record&)>& take,
                  const std::string& where) {
  MIGRATE_ASSIGN(auto q, options.db->Scan(ledger::SelectNormalized() + " FROM record" +
                                          (where.empty() ? "" : " WHERE " + where) + " ORDER BY record_id"));
  ledger::StoredRecord r;
  for (uint64_t n = 1;; ++n) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    ledger::ReadRecord(*q, 0, 1, options.plan->attributes, &r);
    MIGRATE_TRY(take(r.record));
    if (n % 4096 != 0) continue;
    if (options.records) options.records(n);
    if (options.cancel != nullptr && options.cancel->requested()) return Status::Cancelled();
  }
}

uint64_t HalfOfMemory() {
  uint64_t least = ~uint64_t{0};
  const long pages = ::sysconf(_SC_PHYS_PAGES), size = ::sysconf(_SC_PAGE_SIZE);
  if (pages > 0 && size > 0) least = static_cast<uint64_t>(pages) * static_cast<uint64_t>(size);
  // Of control groups version 2 as a container sees its own, and of version 1. "max" is no number.
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    const auto text = ReadWholeFile(path);
    if (!text.ok()) continue;
    uint64_t bytes = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), bytes);
    if (error == std::errc() && bytes != 0) least = std::min(least, bytes);
  }
  return least == ~uint64_t{0} ? 0 : least / 2;
}

Status CheckModelFile(const plan::Plan& plan) {
  if (plan.dedupe.model.empty()) return {};
  auto text = ReadWholeFile(plan.dedupe.model);
  if (!text.ok())
    return Status::Plan("dedupe.model: " + text.status().message(),
                        "`migrate model export` writes one; without dedupe.model it is learned");
  auto model = dedupe::ModelFromJson(*text);
  Status s = model.ok() ? dedupe::CheckModel(*model, plan.attributes) : model.status();
  return s.ok() ? s : Status(s.kind(), plan.dedupe.model + ": " + s.message(), s.hint());
}

Result<std::string> ModelPrint(const MatchingOptions& matching) {
  std::string text;
  if (!matching.plan->dedupe.model.empty()) {
    MIGRATE_ASSIGN(text, ReadWholeFile(matching.plan->dedupe.model));
  } else {
    MIGRATE_ASSIGN(text, ledger::Setting(matching.db, "model"));
  }
  return fmt::format("{:016x} {}", Xxh64(text), text.size());
}

Result<bool> TargetModelHolds(store::Connection* db, const plan::Plan& plan) {
  MIGRATE_ASSIGN(std::string of_plan, ledger::Setting(db, "model_plan"));
  if (of_plan.empty() || of_plan == plan.hash) return !of_plan.empty();
  MIGRATE_ASSIGN(std::string name, ledger::Setting(db, "model_plan_name"));
  if (name.empty() || name == plan.name) return false;
  MIGRATE_ASSIGN(std::string text, ledger::Setting(db, "model"));
  auto model = dedupe::ModelFromJson(text);
  return model.ok() && dedupe::CheckModel(*model, plan.attributes).ok();
}

Result<std::optional<dedupe::Model>> ModelInForce(const MatchingOptions& options) {
  std::string text;
  if (!options.plan->dedupe.model.empty()) {
    MIGRATE_ASSIGN(text, ReadWholeFile(options.plan->dedupe.model));
  } else {
    MIGRATE_ASSIGN(bool holds, TargetModelHolds(options.db, *options.plan));
    if (holds) {
      MIGRATE_ASSIGN(text, ledger::Setting(options.db, "model"));
    }
  }
  if (text.empty()) return std::optional<dedupe::Model>();
  MIGRATE_ASSIGN(dedupe::Model model, dedupe::ModelFromJson(text));
  return std::optional<dedupe::Model>(std::move(model));
}

Result<dedupe::MatchOptions> OptionsOf(const MatchingOptions& o, const dedupe::Model* model) {
  dedupe::MatchOptions options;
  options.match_probability = o.plan->dedupe.match_probability;
  options.review_probability = o.plan->dedupe.review_probability;
  options.attributes = o.plan->attributes;
  options.threads = o.threads;
  options.memory_bytes = o.memory_bytes;
  options.scratch = o.scratch;
  options.model = model;
  options.cancel = o.cancel;
  if (o.step) options.progress = [&o](std::string_view step, uint64_t, uint64_t) { o.step(step); };
  MIGRATE_ASSIGN(auto stewards, ReadStewards(o.db));
  options.decisions = InForce(stewards);
  return options;
}

Result<dedupe::MatchResult> Match(const MatchingOptions& o, const std::optional<dedupe::Model>& model,
                                  dedupe::MatchStateWriter* keep) {
  MIGRATE_ASSIGN(dedupe::MatchOptions options, OptionsOf(o, model ? &*model : nullptr));
  if (keep != nullptr) options.keep = keep->keep();
  if (o.pairs != nullptr) options.parts = o.pairs->parts();
  if (o.memory_bytes == 0) {
    options.memory_bytes = HalfOfMemory();
    options.memory_asked = false;
  } else {
    MIGRATE_ASSIGN(const uint64_t records, ledger::CountedRecords(o.db));
    MIGRATE_TRY(dedupe::CheckFloor(records, o.memory_bytes));  // before they take it
  }
  dedupe::Matcher matcher(std::move(options));
  if (o.step) o.step("reading records");
  MIGRATE_TRY(EachRecord(o, [&](const Record& r) {
    if (keep != nullptr) keep->Add(r);
    if (o.pairs != nullptr) o.pairs->Add(r);
    return matcher.Add(r);
  }));
  if (o.all_read) o.all_read();
  return matcher.Run();
}

Status KeepMatching(const MatchingOptions& options, const dedupe::MatchResult& match, bool learned) {
  store::Connection* db = options.db;
  MIGRATE_TRY(db->Execute("DELETE FROM review_pair"));
  MIGRATE_ASSIGN(auto insert,
                 db->Rows("review_pair", {"record_a", "record_b", "probability", "pooled", "gain", "reason"},
                          store::OnExisting::kError));
  for (const dedupe::ReviewPair& p : match.review) {
    insert->Bind(1, static_cast<int64_t>(p.a));
    insert->Bind(2, static_cast<int64_t>(p.b));
    insert->BindReal(3, Rounded(p.probability));
    insert->BindReal(4, Rounded(p.pooled));
    insert->BindReal(5, Rounded(p.gain));
    insert->BindText(6, dedupe::kReviewReasons[static_cast<size_t>(p.reason)]);
    MIGRATE_TRY(insert->Add());
  }
  MIGRATE_TRY(insert->Flush());
  MIGRATE_TRY(ledger::SetSetting(db, "match_stats", StatsJson(match, options.plan->attributes)));
  return learned ? KeepModel(options, match.model) : Status();
}

Status KeepModel(const MatchingOptions& options, const dedupe::Model& model) {
  MIGRATE_ASSIGN(std::string version, ledger::Setting(options.db, "model_version", "0"));
  const std::string json = dedupe::ModelToJson(model);
  MIGRATE_TRY(ledger::SetSetting(options.db, "model", json));
  MIGRATE_TRY(ledger::SetSetting(options.db, "model_sha256", Sha256Hex(json)));  // for reconcile
  MIGRATE_TRY(ledger::SetSetting(options.db, "model_plan", options.plan->hash));
  MIGRATE_TRY(ledger::SetSetting(options.db, "model_plan_name", options.plan->name));
  return ledger::SetSetting(options.db, "model_version", std::to_string(std::stoll(version) + 1));
}

}  // namespace migrate::run
