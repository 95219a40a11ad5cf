#include "migrate/ledger/schema.h"

#include <fmt/core.h>

#include "kSqliteIndexes.inc"
#include "kSqliteReview.inc"
#include "kSqliteSchema.inc"

namespace migrate::ledger {

Result<SchemaState> CheckSchema(store::Connection* db) {
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("PRAGMA application_id"));
  MIGRATE_ASSIGN(int64_t version, db->QueryInteger("PRAGMA user_version"));
  MIGRATE_ASSIGN(int64_t tables, db->QueryInteger("SELECT count(*) FROM sqlite_schema"));
  if (tables == 0) return SchemaState::kEmpty;
  if (id != kApplicationId)
    return Status::Plan(db->name() + ": holds tables that this tool did not make; it is not used as a target",
                        "name another file in target.url, or move that database away");
  if (version != kSchemaVersion)
    return Status::Plan(
        fmt::format("{}: has schema version {}, this migrate writes version {}", db->name(), version, kSchemaVersion),
        "use the version of migrate that wrote it, or a newer one");
  return SchemaState::kCurrent;
}

namespace {

// Targets that were made before there was a review get its tables.
Status AddReviewTables(store::Connection* db) {
  if (db->Prepare("SELECT decision_id FROM decision_pin").ok()) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute(kSqliteReview));
  return transaction.Commit();
}

}  // namespace

Status ApplySchema(store::Connection* db) {
  MIGRATE_ASSIGN(SchemaState state, CheckSchema(db));
  if (state == SchemaState::kCurrent) return AddReviewTables(db);
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute(kSqliteSchema));
  MIGRATE_TRY(db->Execute(kSqliteReview));
  MIGRATE_TRY(
      db->Execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, kSchemaVersion)));
  return transaction.Commit();
}

Status BuildIndexes(store::Connection* db) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute(kSqliteIndexes));
  return transaction.Commit();
}

}  // namespace migrate::ledger
