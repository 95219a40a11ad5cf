#include "migrate/run/target.h"

#include "migrate/base/file.h"
#include "migrate/ledger/schema.h"
#include "migrate/run/servers.h"
#include "migrate/store/mysql.h"

namespace migrate::run {
namespace {

Result<std::unique_ptr<store::Connection>> Open(const plan::Target& target, store::OpenMode mode) {
  if (target.sqlite) return store::OpenSqlite(target.path, mode);
  auto db = store::OpenMysql(LoginTo(target), mode);
  if (!db.ok())
    return Status(db.status().kind(), "target: " + db.status().message(),
                  db.status().hint() + PasswordHint(target.password))
        .MayPass(db.status().may_pass());
  return db;
}

}  // namespace

std::string TargetName(const plan::Target& target) {
  if (target.sqlite) return target.path;
  store::MysqlOptions o;
  o.user = target.user;
  o.host = target.host;
  o.port = target.port;
  o.database = target.database;
  return store::NameOf(o);
}

Result<store::Dialect> DialectOf(const plan::Target& target) {
  if (target.sqlite) return store::Dialect::kSqlite;
  auto db = Open(target, store::OpenMode::kReadOnly);
  if (db.ok()) return (*db)->dialect();
  return db.status().may_pass() ? Result<store::Dialect>(store::Dialect::kMysql) : db.status();
}

Result<std::unique_ptr<store::Connection>> LookAtTarget(const plan::Target& target) {
  if (target.sqlite && !PathExists(target.path)) return std::unique_ptr<store::Connection>();
  MIGRATE_ASSIGN(auto db, Open(target, store::OpenMode::kReadOnly));
  MIGRATE_ASSIGN(auto state, ledger::CheckSchema(db.get()));
  if (state == ledger::SchemaState::kEmpty) db.reset();
  return db;
}

Result<std::unique_ptr<store::Connection>> OpenTargetToWrite(const plan::Target& target, bool create,
                                                             uint32_t partitions) {
  const Status missing = Status::Plan(TargetName(target) + ": the target is not there: nothing has been loaded yet",
                                      "run without --stage");
  if (!create && target.sqlite && !PathExists(target.path)) return missing;
  MIGRATE_ASSIGN(auto db, Open(target, create ? store::OpenMode::kCreate : store::OpenMode::kReadWrite));
  MIGRATE_TRY(db->LockTarget());
  if (!create) {
    MIGRATE_ASSIGN(auto state, ledger::CheckSchema(db.get()));
    if (state == ledger::SchemaState::kEmpty && !target.sqlite) return missing;
  }
  MIGRATE_TRY(ledger::ApplySchema(db.get(), partitions));
  return db;
}

Result<std::unique_ptr<store::Connection>> ConnectWorker(const plan::Target& target) {
  return Open(target, store::OpenMode::kReadWrite);
}

}  // namespace migrate::run
