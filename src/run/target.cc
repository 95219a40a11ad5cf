#include "migrate/run/target.h"

#include "migrate/base/file.h"
#include "migrate/ledger/schema.h"
#include "migrate/run/servers.h"
#include "migrate/store/mysql.h"

namespace migrate::run {
namespace {

Result<store::MysqlOptions> LoginOf(const plan::Target& target) {
  store::MysqlOptions options;
  options.host = target.host;
  options.port = target.port;
  options.user = target.user;
  options.database = target.database;
  options.tls_mode = target.tls.mode;
  options.tls_ca = target.tls.ca;
  options.read_seconds = 6 * 3600;  // building an index over many rows sends nothing meanwhile
  auto password = ReadSecret(target.password);
  if (!password.ok()) return password.status().Within("target");
  options.password = *password;
  return options;
}

Result<std::unique_ptr<store::Connection>> Open(const plan::Target& target, store::OpenMode mode) {
  if (target.sqlite) return store::OpenSqlite(target.path, mode);
  MIGRATE_ASSIGN(store::MysqlOptions login, LoginOf(target));
  auto db = store::OpenMysql(login, mode);
  if (!db.ok()) return db.status().Within("target");
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
