#include "stage_order.h"

#include <fmt/core.h>

#include <algorithm>

#include "migrate/ledger/versions.h"
#include "migrate/load/load.h"

namespace migrate::run {
namespace {

using plan::Stage;

bool Has(const std::vector<Stage>& stages, Stage s) {
  return std::find(stages.begin(), stages.end(), s) != stages.end();
}

Result<bool> HasCheckpoint(store::Connection* db, int64_t import_id, const std::string& stage) {
  MIGRATE_ASSIGN(auto value, ledger::Checkpoint(db, import_id, stage, 0));
  return value.has_value();
}

Result<bool> Loaded(const Context& c, int64_t import_id) {
  MIGRATE_ASSIGN(const bool all, HasCheckpoint(c.db.get(), import_id, "duplicates"));
  if (!all) return false;
  MIGRATE_ASSIGN(auto open, load::OpenPartitions(c.db.get(), import_id, c.partitioner.count));
  return open.empty();
}

// Each is committed before the first row of its kind.
Result<bool> LeftNothing(store::Connection* db, int64_t import_id) {
  for (const char* stage : {"load_begun", "rejects"}) {
    MIGRATE_ASSIGN(const bool there, HasCheckpoint(db, import_id, stage));
    if (there) return false;
  }
  return true;
}

Status Unfinished(const Context& c, const std::vector<Stage>& stages, const ledger::Import& i, const char* what) {
  const bool mine = i.plan_name == c.plan.name;
  return Status::Plan(
      fmt::format("{}: import {}{} has not ended its {}", plan::kStageNames[static_cast<size_t>(stages.front())],
                  i.import_id, mine ? "" : " of the plan " + i.plan_name, what),
      mine ? fmt::format("migrate run {} brings it to its end; nothing was done", c.plan.file)
           : fmt::format("run that plan, which brings it to its end; or `migrate rollback` of that plan with {} gives "
                         "it up; nothing was done",
                         i.import_id));
}

}  // namespace

Status CheckStagesBefore(const Context& c, const std::vector<Stage>& stages) {
  const bool matches = Has(stages, Stage::kDedupe);
  if (!matches && !Has(stages, Stage::kReconcile)) return {};
  MIGRATE_ASSIGN(auto imports, ledger::Imports(c.db.get()));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(c.db.get()));
  MIGRATE_ASSIGN(const int64_t linked, c.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM person_record)"));
  for (const ledger::Import& i : imports) {
    const ledger::Version& v = versions[i.import_id];
    const bool mine = i.plan_name == c.plan.name;
    // A rollback under way has kept this run out before.
    if (i.state != "loading" || v.rollback || (matches && !mine)) continue;
    if (!v.matching) {
      MIGRATE_ASSIGN(const bool untouched, LeftNothing(c.db.get(), i.import_id));
      if (untouched && !mine) continue;
      MIGRATE_ASSIGN(const bool loaded, Loaded(c, i.import_id));
      if (!loaded) return Unfinished(c, stages, i, "load");
    }
    if (matches || (mine && !Has(c.plan.stages, Stage::kDedupe))) continue;
    MIGRATE_ASSIGN(const bool matched, HasCheckpoint(c.db.get(), i.import_id, "dedupe"));
    // Where nothing was ever matched, no record is to have a person.
    if (!matched && (linked != 0 || v.matching)) return Unfinished(c, stages, i, "matching");
  }
  return {};
}

Status CheckMatchingEnds(const plan::Plan& plan, store::Connection* db, const std::vector<Stage>& stages) {
  if (Has(stages, Stage::kDedupe) || Has(plan.stages, Stage::kDedupe)) return {};
  if (!Has(stages, Stage::kLoad) && !Has(stages, Stage::kReconcile)) return {};
  MIGRATE_ASSIGN(const int64_t half, dedupe::HalfApplied(db));
  if (half == 0) return {};
  return Status::Plan(
      fmt::format("import {} has written some of its persons and not all, and `stages` has no dedupe", half),
      fmt::format("`migrate run {} --stage dedupe` ends that; or put dedupe back into `stages`; nothing was done",
                  plan.file));
}

Result<bool> NothingToLoad(const Context& c) {
  const bool any =
      std::any_of(c.inputs.begin(), c.inputs.end(), [](const Input& i) { return i.state == Input::State::kImport; });
  if (any || c.inputs.empty()) return false;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return false;
  MIGRATE_ASSIGN(auto import, ImportOfWork(c, db.get()));
  return !import || import->state == "done";
}

Status TakeSourceIds(Context* c) {
  c->source_ids.clear();
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  for (const plan::Source& source : c->plan.sources) {
    MIGRATE_ASSIGN(int64_t id, ledger::SourceId(c->db.get(), source.name));
    c->source_ids.push_back(id);
  }
  return transaction.Commit();
}

Status ForgetDedupe(Context* c) {
  MIGRATE_TRY(OpenTarget(c, false));
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(c->db.get(), c->import_id, "dedupe", 0));
  if (!done) return {};
  MIGRATE_TRY(dedupe::ForgetPersons(c->folder));
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(c->db.get()));
  MIGRATE_TRY(
      c->db->Execute(fmt::format("DELETE FROM checkpoint WHERE stage = 'dedupe' AND import_id = {}", c->import_id)));
  return transaction.Commit();
}

}  // namespace migrate::run
