#include "person_decision.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"
#include "person_lists.h"

namespace migrate::dedupe {
namespace {

using nlohmann::json;

std::string DecisionPath(const std::string& scratch) { return FolderOfLists(scratch) + "/decision.json"; }

json CountsJson(const PersonCounts& p) {
  json sizes = json::array();
  for (const auto& [size, persons] : p.sizes) sizes.push_back({size, persons});
  return {{"total", p.total},   {"created", p.created}, {"changed", p.changed},
          {"merged", p.merged}, {"split", p.split},     {"sizes", sizes}};
}

PersonCounts CountsFrom(const json& j) {
  PersonCounts p;
  if (!j.is_object()) return p;
  p.total = j.value("total", 0ULL);
  p.created = j.value("created", 0ULL);
  p.changed = j.value("changed", 0ULL);
  p.merged = j.value("merged", 0ULL);
  p.split = j.value("split", 0ULL);
  for (const auto& s : j.value("sizes", json::array())) p.sizes[s.at(0).get<uint64_t>()] = s.at(1).get<uint64_t>();
  return p;
}

// nullopt: not written by this version.
std::optional<Decision> Parse(const std::string& text) {
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object() || j.value("format", 0) != kListFormat) return std::nullopt;
  try {
    Decision d;
    d.import_id = j.at("import").get<int64_t>();
    d.identity = j.at("identity").get<std::string>();
    d.base = j.at("base").get<std::string>();
    d.stamp = j.at("stamp").get<std::string>();
    d.last_import = j.at("last_import").get<int64_t>();
    d.partitions = j.at("partitions").get<uint32_t>();
    d.next_person_id = j.at("next_person_id").get<uint64_t>();
    d.counts = CountsFrom(j.at("counts"));
    return d;
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string PersonCountsJson(const PersonCounts& counts) { return CountsJson(counts).dump(); }

PersonCounts PersonCountsFrom(const std::string& text) {
  try {
    return CountsFrom(json::parse(text, nullptr, false));
  } catch (const json::exception&) {
    return {};
  }
}

Status ReadStamps(const PersonOptions& options, Decision* decision) {
  MIGRATE_ASSIGN(decision->base, ledger::Setting(options.db, "persons_stamp"));
  MIGRATE_ASSIGN(decision->last_import,
                 options.db->QueryInteger(
                     fmt::format("SELECT max(import_id) FROM import WHERE import_id <> {}", options.import_id)));
  // "IMPORT.N": the nth decision of this import.
  const std::string of_import = fmt::format("{}.", options.import_id);
  const bool again = decision->base.rfind(of_import, 0) == 0;
  const uint64_t n = again ? std::strtoull(decision->base.c_str() + of_import.size(), nullptr, 10) : 0;
  decision->stamp = of_import + std::to_string(n + 1);
  return {};
}

Result<int64_t> HalfApplied(store::Connection* db) {
  MIGRATE_ASSIGN(const std::string stamp, ledger::Setting(db, "persons_stamp"));
  return stamp.ends_with(" done") ? 0 : std::strtoll(stamp.c_str(), nullptr, 10);
}

Result<std::string> StampOnceApplied(const PersonOptions& options) {
  Decision next;
  MIGRATE_TRY(ReadStamps(options, &next));
  return DoneStamp(next);
}

Status WriteDecision(const std::string& scratch, const Decision& d) {
  json j = {{"format", kListFormat},
            {"import", d.import_id},
            {"identity", d.identity},
            {"base", d.base},
            {"stamp", d.stamp},
            {"last_import", d.last_import},
            {"partitions", d.partitions},
            {"next_person_id", d.next_person_id},
            {"counts", CountsJson(d.counts)}};
  return WriteFileAtomic(DecisionPath(scratch), j.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

Result<std::optional<Decision>> DecisionInForce(const PersonOptions& options) {
  const std::optional<Decision> none;
  const std::string path = DecisionPath(options.scratch);
  if (!PathExists(path)) return none;
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(path));
  std::optional<Decision> d = Parse(text);
  if (!d || d->import_id != options.import_id || d->identity != options.identity ||
      d->partitions != options.buckets.partitions)
    return none;
  for (int list = 0; list < kLists; ++list)
    if (!PathExists(ListPath(options.scratch, static_cast<List>(list)))) return none;
  Decision now;
  MIGRATE_TRY(ReadStamps(options, &now));
  const bool holds = now.last_import == d->last_import && (now.base == d->base || now.base == d->stamp);
  return holds ? d : none;
}

Result<bool> PersonsDecided(const PersonOptions& options) {
  MIGRATE_ASSIGN(auto decision, DecisionInForce(options));
  return decision.has_value();
}

Status ForgetPersons(const std::string& scratch) {
  // The decision first: without it the lists do not count, however far the removal comes.
  MIGRATE_TRY(RemoveTree(DecisionPath(scratch)));
  return RemoveTree(FolderOfLists(scratch));
}

}  // namespace migrate::dedupe
