#include "matching_import.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "chain.h"
#include "matching.h"
#include "migrate/base/clock.h"
#include "migrate/base/file.h"
#include "migrate/base/hash.h"
#include "migrate/ledger/versions.h"

namespace migrate::run {
namespace {

using nlohmann::json;

std::string Line(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

// Import number of the decision that the persons are as they stand by; 0: none.
Result<int64_t> ImportThatDecided(store::Connection* db) {
  MIGRATE_ASSIGN(std::string stamp, ledger::Setting(db, "persons_stamp"));
  return std::strtoll(stamp.c_str(), nullptr, 10);
}

}  // namespace

Result<PersonsImport> ImportOfPersons(Context* c) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c->db.get()));
  const int64_t last = imports.empty() ? 0 : imports.back().import_id;
  bool open = false;
  for (const auto& i : imports) open |= i.import_id == c->import_id && i.state == "loading";
  if (open && last == c->import_id) return PersonsImport{last, false, false};
  MIGRATE_ASSIGN(const int64_t begun, ledger::OpenMatching(c->db.get(), c->plan.name));
  if (begun != 0 && begun == last) return PersonsImport{last, true, !open};
  MIGRATE_ASSIGN(const int64_t decided, ImportThatDecided(c->db.get()));
  MIGRATE_ASSIGN(std::string before, ledger::Setting(c->db.get(), kDecidedBy));
  MIGRATE_ASSIGN(std::string now, DecidedByNow(c));
  if (!open && decided == last && before == now) return PersonsImport{last, false, false};
  return PersonsImport{last + 1, true, !open};
}

Status BeginMatching(Context* c, int64_t import_id) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c->db.get()));
  if (!imports.empty() && imports.back().import_id == import_id) return {};
  MIGRATE_TRY(EndMatchingThatIsWritten(c));
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_ASSIGN(const int64_t died, ledger::OpenMatching(c->db.get(), c->plan.name));
  if (died != 0) MIGRATE_TRY(ledger::SetImportState(c->db.get(), died, "abandoned"));
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

Status FinishMatching(Context* c, int64_t import_id, const dedupe::PersonCounts& persons) {
  const json counts = {{"persons", persons.total},
                       {"created", persons.created},
                       {"changed", persons.changed},
                       {"merged", persons.merged}};
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

Result<bool> EndsMatching(Context* c, std::vector<plan::Stage>* stages) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  if (!db || std::find(stages->begin(), stages->end(), plan::Stage::kDedupe) == stages->end()) return false;
  MIGRATE_ASSIGN(const int64_t open, ledger::OpenMatching(db.get(), c->plan.name));
  if (open == 0) return false;
  c->meter->printer()->Note(
      fmt::format("import {}, which matches anew, was begun before and did not end: it goes on", open));
  std::erase_if(*stages, [](plan::Stage s) { return s < plan::Stage::kDedupe; });
  return true;
}

Status EndMatchingThatIsWritten(Context* c) {
  MIGRATE_ASSIGN(const int64_t begun, ledger::OpenMatching(c->db.get(), c->plan.name));
  if (begun == 0) return {};
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), begun, "dedupe", 0));
  return done ? FinishMatching(c, begun, dedupe::PersonCountsFrom(*done)) : Status();
}

Result<std::string> DecidedByNow(Context* c) {
  MIGRATE_ASSIGN(int64_t word, c->db->QueryInteger("SELECT max(decision_id) FROM decision"));
  std::string model = "-";
  if (!c->plan.dedupe.model.empty()) {
    MIGRATE_ASSIGN(std::string text, ReadWholeFile(c->plan.dedupe.model));
    model = Sha256Hex(text);
  } else {
    MIGRATE_ASSIGN(bool holds, TargetModelHolds(c->db.get(), c->plan));
    if (holds) {
      MIGRATE_ASSIGN(model, ledger::Setting(c->db.get(), "model_version", "-"));
    }
  }
  return fmt::format("{} {} {} {}", word, c->plan.name, c->plan.hash, model);
}

Result<std::string> SayPersonsAreBehind(Context* c) {
  const auto& stages = c->plan.stages;
  if (std::find(stages.begin(), stages.end(), plan::Stage::kDedupe) == stages.end()) return std::string();
  MIGRATE_ASSIGN(std::string before, ledger::Setting(c->db.get(), kDecidedBy));
  MIGRATE_ASSIGN(std::string now, DecidedByNow(c));
  if (before.empty() || before == now) return std::string();
  const auto word = [](const std::string& by) { return by.substr(0, by.find(' ')); };
  const auto model = [](const std::string& by) { return by.substr(by.rfind(' ') + 1); };
  const auto plan = [](const std::string& by) { return by.substr(by.find(' '), by.rfind(' ') - by.find(' ')); };
  // Another plan's model says nothing of this one's.
  const bool models = plan(before) == plan(now) && model(before) != model(now) && model(now) != "-";
  if (word(before) == word(now) && !models) return std::string();
  return fmt::format("{} changed since persons were matched: migrate run {} --stage dedupe matches anew\n",
                     models ? "the model in force has" : "stewards' decisions have", c->plan.file);
}

}  // namespace migrate::run
