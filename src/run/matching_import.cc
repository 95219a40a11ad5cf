#include "matching_import.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "chain.h"
#include "migrate/base/clock.h"
#include "migrate/ledger/versions.h"

namespace migrate::run {
namespace {

using nlohmann::json;
constexpr const char* kDecidedBy = "persons_decided_by";

std::string Line(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

Result<PersonsImport> ImportOfPersons(Context* c, const std::string& decided_by) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c->db.get()));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(c->db.get()));
  const int64_t last = imports.empty() ? 0 : imports.back().import_id;
  for (const auto& i : imports) {
    if (i.state != "loading") continue;
    if (i.import_id == c->import_id) return PersonsImport{std::max(last, i.import_id), false};
    if (versions[i.import_id].matching && i.import_id == last && i.plan_name == c->plan.name)
      return PersonsImport{last, true};
  }
  MIGRATE_ASSIGN(std::string before, ledger::Setting(c->db.get(), kDecidedBy));
  const bool same = before == decided_by;
  return PersonsImport{same ? std::max(last, c->import_id) : last + 1, !same};
}

Status BeginMatching(Context* c, int64_t import_id) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c->db.get()));
  if (!imports.empty() && imports.back().import_id == import_id) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  ledger::Import import;
  import.state = "loading";
  import.plan_name = c->plan.name;
  import.plan_hash = c->plan.hash;
  import.tool_version = c->options.tool_version;
  import.started_at = NowUtc();
  MIGRATE_ASSIGN(const int64_t id, ledger::BeginImport(c->db.get(), import));
  if (id != import_id)
    return Status::Failed(fmt::format("{}: import {} began while persons were decided for {}",
                                      TargetName(c->plan.target), id - 1, import_id),
                          "run the same command again");
  ledger::Version v;
  v.import_id = id;
  v.matching = true;
  MIGRATE_TRY(ledger::PutVersion(c->db.get(), v));
  return transaction.Commit();
}

Status FinishMatching(Context* c, int64_t import_id) {
  const json counts = {{"persons", c->persons.total},
                       {"created", c->persons.created},
                       {"changed", c->persons.changed},
                       {"merged", c->persons.merged}};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_TRY(ledger::FinishImport(c->db.get(), import_id, counts.dump()));
  MIGRATE_ASSIGN(ledger::Version closed, ledger::CloseVersion(c->db.get(), import_id));
  MIGRATE_ASSIGN(int64_t word, c->db->QueryInteger("SELECT max(decision_id) FROM decision"));
  const json detail = {{"import", import_id}, {"behind", c->import_id}, {"last_decision", word},
                       {"counts", counts},    {"root", closed.root},    {"chain", closed.chain}};
  MIGRATE_TRY(ledger::AppendAudit(c->db.get(), "matched", Line(detail)));
  MIGRATE_TRY(ledger::MarkAudit(c->db.get(), import_id));
  MIGRATE_TRY(transaction.Commit());
  return c->options.dry_run ? Status() : RememberTarget(c->plan, c->db.get());
}

Status KeepDecidedBy(Context* c, const std::string& decided_by) {
  MIGRATE_ASSIGN(std::string before, ledger::Setting(c->db.get(), kDecidedBy));
  if (before == decided_by) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_TRY(ledger::SetSetting(c->db.get(), kDecidedBy, decided_by));
  return transaction.Commit();
}

}  // namespace migrate::run
