#include "migrate/run/target.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

#include "migrate/base/clock.h"
#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"
#include "migrate/run/servers.h"
#include "migrate/store/mysql.h"

namespace migrate::run {
namespace {

// SQLite's own lock says nothing about who holds it.
Status NameHolder(const plan::Target& target, const Status& locked) {
  auto holder = target.sqlite ? ledger::HolderBeside(target.path) : std::nullopt;
  if (!holder || locked.message().find("locked") == std::string::npos) return locked;
  return Status::Failed(
      fmt::format("{}: another run of migrate writes to this target: {}, since {}", target.path, holder->by,
                  holder->since),
      "wait for it to end, or end it; it is in the middle of a read or a transaction (" + locked.message() + ")");
}

Result<std::unique_ptr<store::Connection>> Open(const plan::Target& target, store::OpenMode mode) {
  if (target.sqlite) {
    auto db = store::OpenSqlite(target.path, mode);
    return db.ok() ? std::move(db) : NameHolder(target, db.status());
  }
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

Result<std::unique_ptr<store::Connection>> AskServer(const plan::Target& target) {
  return Open(target, store::OpenMode::kReadOnly);
}

namespace {

// The term of a lease: MIGRATE_LEASE_SECONDS, with which tests need not wait for so long.
double LeaseSeconds() {
  const char* text = std::getenv("MIGRATE_LEASE_SECONDS");
  const double seconds = text == nullptr ? 0 : std::strtod(text, nullptr);
  return seconds > 0 ? seconds : ledger::kLeaseSeconds;
}

Status Occupied(const std::string& name) {
  return Status::Failed(name + ": another run of migrate writes to this target",
                        "wait for it, or end it; `SHOW PROCESSLIST` on the server shows where it comes from");
}

Result<std::shared_ptr<ledger::Lease>> TakeLease(const plan::Target& target, store::Connection* db, bool named,
                                                 const Cancel* cancel, const std::string& group) {
  ledger::LeaseOptions options;
  options.connect = [target] { return ConnectWorker(target, nullptr); };
  if (target.sqlite) options.file = target.path;
  options.seconds = LeaseSeconds();
  options.named = named;
  options.cancel = cancel;
  options.group = group;
  auto lease = ledger::Lease::Take(db, std::move(options));
  if (!lease.ok()) return NameHolder(target, lease.status());
  if (named || !group.empty()) return lease;
  // Taken over from sessions that have been ended: their names are free as soon as what they did is rolled back.
  MIGRATE_ASSIGN(bool free, db->TakeName(0, 60));
  if (!free) return Occupied(db->name());
  return lease;
}

}  // namespace

ledger::TableOptions TablesOf(const plan::Target& target) {
  static constexpr const char* kNames[] = {"", "lz4", "zlib"};
  return {static_cast<uint32_t>(target.partitions), kNames[static_cast<size_t>(target.compression)]};
}

Result<std::unique_ptr<store::Connection>> OpenTargetToWrite(const plan::Target& target, bool create,
                                                             uint32_t partitions, std::shared_ptr<ledger::Lease>* lease,
                                                             const Cancel* cancel) {
  return OpenTargetInGroup(target, create, partitions, lease, cancel, "");
}

Result<std::unique_ptr<store::Connection>> OpenTargetInGroup(const plan::Target& target, bool create,
                                                             uint32_t partitions, std::shared_ptr<ledger::Lease>* lease,
                                                             const Cancel* cancel, const std::string& group) {
  const Status missing = Status::Plan(TargetName(target) + ": the target is not there: nothing has been loaded yet",
                                      "run without --stage");
  if (!create && target.sqlite && !PathExists(target.path)) return missing;
  MIGRATE_ASSIGN(auto db, Open(target, create ? store::OpenMode::kCreate : store::OpenMode::kReadWrite));
  std::shared_ptr<ledger::Lease> held = lease == nullptr ? nullptr : *lease;
  if (held) MIGRATE_TRY(held->Check(db.get()));
  // The session of a run that has just ended is over soon.
  const int wait = group.empty() ? std::max(1, static_cast<int>(std::min(5.0, LeaseSeconds() / 4))) : 0;
  MIGRATE_ASSIGN(bool named, db->TakeName(0, wait));
  // Somebody of the group may have the first name; whoever takes the target over ends all who have one.
  for (int part = 1; !named && !group.empty(); ++part) {
    MIGRATE_ASSIGN(bool free, db->TakeName(part, 0));
    if (free) break;
  }
  if (held && !named && group.empty())
    return Occupied(db->name());  // this run's own session, which the server still holds for alive
  ledger::TableOptions tables = TablesOf(target);
  tables.partitions = partitions;
  MIGRATE_ASSIGN(auto state, ledger::CheckSchema(db.get()));
  if (state == ledger::SchemaState::kEmpty) {
    if (!create && !target.sqlite) return missing;
    if (!named) return Occupied(db->name());
    MIGRATE_TRY(ledger::ApplySchema(db.get(), tables));
  }
  if (!held) {
    MIGRATE_ASSIGN(held, TakeLease(target, db.get(), named, cancel, group));
  }
  if (lease != nullptr) *lease = held;
  db = ledger::Fenced(std::move(db), std::move(held));
  MIGRATE_TRY(ledger::ApplySchema(db.get(), tables));
  return db;
}

Result<std::unique_ptr<store::Connection>> OpenTargetToNote(const plan::Target& target) {
  MIGRATE_ASSIGN(auto db, Open(target, store::OpenMode::kReadWrite));
  if (target.sqlite) MIGRATE_TRY(db->Execute("PRAGMA busy_timeout = 5000"));
  return db;
}

Result<std::unique_ptr<store::Connection>> ConnectWorker(const plan::Target& target,
                                                         std::shared_ptr<ledger::Lease> lease) {
  MIGRATE_ASSIGN(auto db, Open(target, store::OpenMode::kReadWrite));
  for (int part = 1;; ++part) {
    MIGRATE_ASSIGN(bool free, db->TakeName(part, 0));
    if (free) return lease ? ledger::Fenced(std::move(db), std::move(lease)) : std::move(db);
  }
}

Result<std::unique_ptr<store::Connection>> Reader::Connect() const {
  MIGRATE_ASSIGN(auto db, Open(target_, store::OpenMode::kReadOnly));
  MIGRATE_ASSIGN(std::string shown, ledger::Setting(db.get(), "reader_mark"));
  if (shown == mark_) return db;
  return Status::Failed(db->name() + ": this reader has not caught up with the writer").MayPass();
}

Result<std::optional<Reader>> Reader::CatchUp(const plan::Target& target, store::Connection* writer, double seconds,
                                              const Cancel* cancel, std::string* warning) {
  if (target.reader_url.empty()) return std::optional<Reader>();
  plan::Target place = target;
  place.user = target.reader_user;
  place.host = target.reader_host;
  place.database = target.reader_database;
  place.port = target.reader_port;
  const std::string mark =
      fmt::format("{} {} {:08x}{:08x}", NowUtc(), getpid(), std::random_device()(), std::random_device()());
  MIGRATE_TRY(ledger::SetSetting(writer, "reader_mark", mark));
  Reader reader(std::move(place), mark);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  for (auto pause = std::chrono::milliseconds(20);; pause = std::min(2 * pause, std::chrono::milliseconds(1000))) {
    auto db = reader.Connect();
    if (db.ok()) {
      reader.db_ = *std::move(db);
      return std::optional<Reader>(std::move(reader));
    }
    const bool cancelled = cancel != nullptr && cancel->requested();
    // What another try would not mend (a login, a name that is not known) is not waited for.
    const bool pointless = db.status().kind() == ErrorKind::kPlan;
    if (cancelled || pointless || std::chrono::steady_clock::now() + pause >= end) {
      *warning = fmt::format("target.reader_url: {}{}; reconcile reads from {}", db.status().message(),
                             cancelled || pointless ? "" : fmt::format(" after {:.0f} s", seconds), TargetName(target));
      return std::optional<Reader>();
    }
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace migrate::run
