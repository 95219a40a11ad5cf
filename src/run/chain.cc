#include "chain.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "migrate/base/file.h"
#include "migrate/run/target.h"
#include "workspace.h"

namespace migrate::run {
namespace {

using nlohmann::json;

std::string PathOf(const plan::Plan& plan) { return plan.workspace + "/target.json"; }

}  // namespace

Result<Remembered> RememberedTarget(const plan::Plan& plan) {
  Remembered r;
  if (!PathExists(PathOf(plan))) return r;
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(PathOf(plan)));
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object())
    return Status::Failed(PathOf(plan) + ": cannot be read as what is remembered of the target",
                          "remove the file; what `migrate audit verify` can find is then less");
  r.chain = {j.value("import", int64_t{0}), j.value("chain", "")};
  r.audit = {j.value("events", int64_t{0}), j.value("hash", "")};
  r.next_person_id = j.value("next_person_id", uint64_t{0});
  return r;
}

Status RememberTarget(const plan::Plan& plan, store::Connection* db) {
  // Commands that only read do this beside a run.
  MIGRATE_ASSIGN(const FileLock lock, FileLock::Wait(plan.workspace + "/target.lock", nullptr, [] {}));
  MIGRATE_ASSIGN(ledger::ChainHead chain, ledger::ChainHeadOf(db));
  MIGRATE_ASSIGN(ledger::AuditHead audit, ledger::AuditHeadOf(db));
  MIGRATE_ASSIGN(std::string next, ledger::Setting(db, "next_person_id", "0"));
  const json j = {{"import", chain.import_id},
                  {"chain", chain.chain},
                  {"events", audit.events},
                  {"hash", audit.hash},
                  {"next_person_id", std::strtoull(next.c_str(), nullptr, 10)}};
  return WriteFileAtomic(PathOf(plan), j.dump(2) + "\n");
}

Result<std::string> ForgetTarget(const plan::Plan& plan) {
  const std::string path = PathOf(plan);
  if (!PathExists(path)) return std::string();
  MIGRATE_ASSIGN(const Remembered before, RememberedTarget(plan));
  if (::unlink(path.c_str()) != 0) return PosixError(path, "cannot remove", errno);
  MIGRATE_TRY(SyncFolderOf(path));
  if (before.chain.import_id == 0) return std::string();
  return fmt::format(
      "{}: holds nothing, though import {} of this plan ended in it: a new target is begun, with new person "
      "ids. If the old one is only away (another path, a disk that is not mounted), stop this run and bring "
      "it back",
      TargetName(plan.target), before.chain.import_id);
}

Status CheckTargetAge(const plan::Plan& plan, store::Connection* db, int64_t rollback_of) {
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  for (const auto& i : imports) {
    const ledger::Version& v = versions[i.import_id];
    if (v.rollback && i.state == "loading" && v.undoes != rollback_of)
      return Status::Failed(
          fmt::format("{}: import {}, the rollback of import {}, was begun and did not end", TargetName(plan.target),
                      i.import_id, v.undoes),
          fmt::format("migrate rollback {} {} finishes it{}; where the target is damaged, migrate repair "
                      "{} comes before",
                      plan.file, v.undoes, i.plan_name == plan.name ? "" : " (with the plan " + i.plan_name + ")",
                      plan.file));
  }
  MIGRATE_ASSIGN(Remembered r, RememberedTarget(plan));
  if (r.chain.import_id == 0) return {};
  const auto there = versions.find(r.chain.import_id);
  if (there != versions.end() && there->second.chain == r.chain.chain) return {};
  const int64_t last = imports.empty() ? 0 : imports.back().import_id;
  return Status::Failed(
      fmt::format("{}: is not as this plan left it: {}. It was restored from an older backup, or is another target",
                  TargetName(plan.target),
                  there == versions.end()
                      ? fmt::format("import {} ended in it, and its last import is {}", r.chain.import_id, last)
                      : fmt::format("its import {} is not the one that ended in it", r.chain.import_id)),
      fmt::format("restore the newest backup; or `migrate imports accept {}` goes on from what it holds: the next run "
                  "brings in again what it lacks",
                  plan.file));
}

}  // namespace migrate::run
