#include "forecast.h"

#include <nlohmann/json.hpp>

#include "migrate/base/hash.h"
#include "migrate/ledger/versions.h"
#include "migrate/run/target.h"

namespace migrate::run {

using nlohmann::json;

Result<std::string> RootOf(const plan::Target& target) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(target));
  return db ? ledger::DigestRoot(db.get()) : Result<std::string>("");
}

Status AddFingerprints(const std::string& inputs, const std::string& before, const std::string& after,
                       std::string* report) {
  if (report->empty()) return {};
  json j = json::parse(*report);
  j["fingerprints"] = {{"inputs", Sha256Hex(inputs)},
                       {"target", before.empty() ? json() : json(before)},
                       {"result", after.empty() ? json() : json(after)}};
  *report = j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
  return {};
}

Status ForecastLimit(const Context& c) {
  uint64_t rows = 0, rejects = 0;
  for (const auto& l : c.manifest->Lines("raw")) {
    rows += l.Number("rows") + l.Number("rejects");
    rejects += l.Number("rejects");
  }
  for (const auto& [source, counts] : c.loaded) rejects += counts.duplicates;
  return CheckQuarantineLimit(c.plan, rows, rejects);
}

}  // namespace migrate::run
