#include "migrate/run/audit.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "chain.h"
#include "migrate/base/clock.h"
#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"
#include "migrate/run/target.h"

namespace migrate::run {
namespace {

using nlohmann::json;

std::string Dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string KeptFolder(const plan::Plan& plan) { return plan.workspace + "/audit"; }

bool IsKept(const std::string& name) { return name.size() > 5 && name.compare(name.size() - 5, 5, ".json") == 0; }

// In the order in which they were kept.
Result<std::vector<std::string>> Kept(const plan::Plan& plan) {
  std::vector<std::string> paths;
  if (!PathExists(KeptFolder(plan))) return paths;
  MIGRATE_ASSIGN(auto names, ListFolder(KeptFolder(plan)));
  std::sort(names.begin(), names.end());
  for (const std::string& name : names)
    if (IsKept(name)) paths.push_back(KeptFolder(plan) + "/" + name);
  return paths;
}

Status Keep(const plan::Plan& plan, const std::string& kind, const std::string& detail_json) {
  MIGRATE_TRY(MakeFolders(KeptFolder(plan)));
  const std::string at = NowUtc();
  std::random_device random;
  const std::string id = fmt::format("{}-{:08x}{:08x}", at, random(), random());
  json detail = json::parse(detail_json);
  detail["at"] = at;
  detail["kept"] = id;  // tells it from an equal one
  return WriteFileAtomic(KeptFolder(plan) + "/" + id + ".json",
                         Dump({{"kind", kind}, {"detail", Dump(detail)}}) + "\n");
}

// One file, whose event may be there already: the process may have ended before the file went.
Status AddKept(store::Connection* db, const std::string& path) {
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(path));
  const json j = json::parse(text, nullptr, false);
  if (!j.is_object() || !j.contains("kind") || !j.contains("detail"))
    return Status::Failed(path + ": cannot be read as an audit event", "move the file away, and keep it");
  const std::string kind = j["kind"], detail = j["detail"];
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT count(*) FROM audit_event WHERE kind = ? AND detail = ?"));
  q->BindText(1, kind);
  q->BindText(2, detail);
  MIGRATE_ASSIGN(const bool row, q->Step());
  const bool there = row && q->Integer(0) > 0;
  q.reset();
  return there ? Status() : ledger::AppendAudit(db, kind, detail);
}

// `kind` "": only what was kept.
Status AppendNow(const plan::Plan& plan, const std::string& kind, const std::string& detail_json) {
  MIGRATE_ASSIGN(auto db, OpenTargetToNote(plan.target));
  std::vector<std::string> kept;
  {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db.get()));
    MIGRATE_ASSIGN(kept, Kept(plan));  // within: another one may just have added them
    for (const std::string& path : kept) MIGRATE_TRY(AddKept(db.get(), path));
    if (!kind.empty()) MIGRATE_TRY(ledger::AppendAudit(db.get(), kind, detail_json));
    MIGRATE_TRY(transaction.Commit());
  }
  for (const std::string& path : kept) ::unlink(path.c_str());
  // What is remembered must not be forgotten for a restored target. The event is in, whatever becomes of that.
  if (PathExists(plan.workspace) && CheckTargetAge(plan, db.get()).ok()) (void)RememberTarget(plan, db.get());
  return {};
}

}  // namespace

Status AuditCommand(const plan::Plan& plan, const std::string& kind, const std::string& detail_json) {
  {
    MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
    if (!db) return {};
  }
  const Status s = AppendNow(plan, kind, detail_json);
  if (s.ok()) return s;
  const Status kept = PathExists(plan.workspace)
                          ? Keep(plan, kind, detail_json)
                          : Status::Failed(plan.workspace + ": there is no workspace to keep it in");
  if (!kept.ok()) return Status::Failed("not in the audit trail: " + s.message() + "; and " + kept.message());
  return Status::Failed(
      fmt::format("not in the audit trail yet: {}; kept in {}, and the next run or export that can "
                  "write adds it",
                  s.message(), KeptFolder(plan)));
}

Status AddKeptEvents(const plan::Plan& plan) {
  MIGRATE_ASSIGN(const auto kept, Kept(plan));
  if (kept.empty()) return {};
  MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
  if (!db) return {};
  db.reset();
  return AppendNow(plan, "", "");
}

}  // namespace migrate::run
