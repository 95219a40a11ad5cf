#include "migrate/ledger/lease.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "json_field.h"
#include "lease_row.h"
#include "migrate/base/doing.h"
#include "migrate/base/file.h"

namespace migrate::ledger {
namespace {

using nlohmann::json;
using store::Connection;

// Of the file beside a SQLite target; null if there is none.
json ReadLeaseFile(const std::string& file) {
  auto text = ReadWholeFile(LeaseFile(file));
  json j = json::parse(text.ok() ? *text : "", nullptr, false);
  return j.is_object() ? j : json();
}

std::string FileToken(const std::string& file) {
  const json j = ReadLeaseFile(file);
  return j.is_null() ? "" : TextField(j, "token");
}

Status Busy(const Connection& db, const LeaseRow& row, int64_t until) {
  return Status::Failed(fmt::format("{}: another run of migrate writes to this target: {}, since {}; its lease holds "
                                    "until {}",
                                    db.name(), row.by, row.since, UtcOfMs(until)),
                        "wait for it to end, or end it; of a holder that is not there any more the lease lapses by "
                        "itself at that time");
}

class HeldLease : public Lease {
 public:
  HeldLease(LeaseOptions options, LeaseRow row, LeaseMember member, std::string finding)
      : o_(std::move(options)), row_(std::move(row)), member_(std::move(member)), finding_(std::move(finding)) {
    thread_ = std::thread([this] { Renew(); });
  }

  ~HeldLease() override {
    {
      std::lock_guard lock(mutex_);
      ended_ = true;
    }
    changed_.notify_all();
    thread_.join();
    (void)GiveBack();
  }

  Status Check(Connection* db) const override {
    MIGRATE_ASSIGN(auto row, ReadLeaseRow(db, RowLock::kShared));
    if (row && row->token == row_.token) return {};
    lost_ = true;
    return Status::Failed(
        fmt::format("{}: this run has lost the target to another one{}; what it had not committed by then is not "
                    "written",
                    db->name(), row ? ": " + row->by + ", since " + row->since : ", which has ended since"),
        "this run was paused or cut off for longer than its lease held; when the other one has ended, run the same "
        "command again: it resumes");
  }

  bool lost() const override { return lost_; }
  const std::string& finding() const override { return finding_; }

 private:
  std::chrono::milliseconds Pause() const { return std::chrono::milliseconds(static_cast<int64_t>(o_.seconds * 333)); }

  // What fails is tried again at the next turn: only somebody who takes over ends the lease.
  void Renew() {
    std::unique_ptr<Connection> db;
    std::unique_lock lock(mutex_);
    while (!lost_ && !changed_.wait_for(lock, Pause(), [this] { return ended_; })) {
      lock.unlock();
      Status s = RenewOnce(&db);
      lock.lock();
      if (!s.ok()) db.reset();
    }
  }

  Status RenewOnce(std::unique_ptr<Connection>* db) {
    try {
      return o_.file.empty() ? RenewRow(db) : RenewFile();
    } catch (const std::exception& e) {  // out of memory, say; from a thread it would end the process
      return Status::Failed(std::string("the lease cannot be renewed: ") + e.what());
    }
  }

  Status RenewRow(std::unique_ptr<Connection>* db) {
    if (!*db) {
      MIGRATE_ASSIGN(*db, o_.connect());
    }
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db->get()));
    MIGRATE_ASSIGN(auto row, ReadLeaseRow(db->get(), RowLock::kShared));
    lost_ = !row || row->token != row_.token;
    if (lost_) return {};
    MIGRATE_ASSIGN(int64_t now, LeaseNow(db->get(), o_.file));
    MIGRATE_TRY(SetLeaseUntil(db->get(), o_.file, row_, now + Term()));
    if (!o_.group.empty()) MIGRATE_TRY(PutLeaseMember(db->get(), {member_.id, now + Term(), member_.process}));
    return transaction.Commit();
  }

  // A token of somebody else in the file may be the last word of one who has lost it: the row decides.
  Status RenewFile() {
    MIGRATE_ASSIGN(int64_t now, LeaseNow(nullptr, o_.file));
    if (FileToken(o_.file) != row_.token) {
      MIGRATE_ASSIGN(auto db, o_.connect());
      MIGRATE_ASSIGN(auto row, ReadLeaseRow(db.get(), RowLock::kNone));
      lost_ = !row || row->token != row_.token;
      if (lost_) return {};
    }
    return SetLeaseUntil(nullptr, o_.file, row_, now + Term());
  }

  Status GiveBack() {
    if (lost_) return {};
    MIGRATE_ASSIGN(auto db, o_.connect());
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db.get()));
    MIGRATE_ASSIGN(auto row, ReadLeaseRow(db.get(), RowLock::kExclusive));
    if (!row || row->token != row_.token) return {};
    if (!o_.group.empty()) {
      MIGRATE_TRY(DeleteLeaseMember(db.get(), member_.id));
      MIGRATE_ASSIGN(auto members, LeaseMembers(db.get()));
      MIGRATE_ASSIGN(int64_t now, LeaseNow(db.get(), o_.file));
      if (LiveMembers(members, now) > 0) return transaction.Commit();
    }
    MIGRATE_TRY(DeleteLeaseRow(db.get()));
    if (!o_.file.empty()) ::unlink(LeaseFile(o_.file).c_str());
    return transaction.Commit();
  }

  int64_t Term() const { return static_cast<int64_t>(o_.seconds * 1000); }

  const LeaseOptions o_;
  const LeaseRow row_;
  const LeaseMember member_;  // of a group
  const std::string finding_;
  mutable std::atomic<bool> lost_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ended_ = false;
  std::thread thread_;
};

std::string Mark(const LeaseRow& row, int64_t until) { return row.token + " " + std::to_string(until); }

// Of a group: all of its members.
Result<bool> HolderGone(Connection* db, const LeaseRow& row, int64_t now) {
  if (row.group.empty()) return ProvablyGone(row.process);
  MIGRATE_ASSIGN(auto members, LeaseMembers(db));
  return LiveMembers(members, now) == 0;
}

// One attempt, a transaction of its own.
struct Attempt {
  bool taken = false;
  LeaseRow row;         // ours, if taken; else the holder's
  LeaseMember member;   // ours, if we are of a group
  int64_t until = 0;    // the holder's
  int64_t ahead = 0;    // of it, in ms
  std::string finding;  // if taken over
  std::string locked;   // a transaction of somebody has the row: the server's words
  bool lapsed = false;  // and it is the holder's no more
};

// A member of the group that has the lease; nothing but what a renewal writes, so it asks for no more of the row.
Result<Attempt> TryJoin(Connection* db, const LeaseOptions& o, LeaseRow held, int64_t until) {
  Attempt a;
  const LeaseRow fresh = NewLeaseRow();
  a.member = {fresh.token, until, fresh.process};
  a.row = std::move(held);
  MIGRATE_TRY(PutLeaseMember(db, a.member));
  MIGRATE_TRY(SetLeaseUntil(db, o.file, a.row, until));
  a.taken = true;
  return a;
}

// `lapsed`: a lease that has stood still for its term, whatever time it is for.
Result<Attempt> TryOnce(Connection* db, const LeaseOptions& o, const std::string& lapsed = "") {
  const auto term = static_cast<int64_t>(o.seconds * 1000);
  if (!o.group.empty()) {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
    MIGRATE_ASSIGN(auto held, ReadLeaseRow(db, RowLock::kShared));
    if (held && held->group == o.group) {
      MIGRATE_ASSIGN(const int64_t now, LeaseNow(db, o.file));
      MIGRATE_ASSIGN(Attempt joined, TryJoin(db, o, *std::move(held), now + term));
      MIGRATE_TRY(transaction.Commit());
      return joined;
    }
  }
  Attempt a;
  bool over = false;
  {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
    MIGRATE_ASSIGN(auto held, ReadLeaseRow(db, RowLock::kExclusive));
    MIGRATE_ASSIGN(int64_t now, LeaseNow(db, o.file));
    const int64_t until = now + term;
    if (held && !o.group.empty() && held->group == o.group) {  // another one has begun it meanwhile
      MIGRATE_ASSIGN(Attempt joined, TryJoin(db, o, *std::move(held), until));
      MIGRATE_TRY(transaction.Commit());
      return joined;
    }
    if (held) {
      MIGRATE_ASSIGN(a.until, LeaseUntil(db, o.file, *held, o.seconds));
      MIGRATE_ASSIGN(const bool gone, HolderGone(db, *held, now));
      if (!gone && now < a.until && Mark(*held, a.until) != lapsed) {
        a.ahead = a.until - now;
        a.row = *std::move(held);
        return a;
      }
      over = true;
      a.finding = fmt::format("{}: taken over from {}, since {}, {}", db->name(), held->by, held->since,
                              gone ? "whose process is gone" : "whose lease has lapsed at " + UtcOfMs(a.until));
    }
    a.row = NewLeaseRow();
    a.row.since_ms = now;
    a.row.since = UtcOfMs(now);
    a.row.group = o.group;
    if (over) MIGRATE_TRY(DeleteLeaseRow(db));  // its members, too
    MIGRATE_TRY(WriteLeaseRow(db, a.row));
    MIGRATE_TRY(SetLeaseUntil(db, o.file, a.row, until));
    if (!o.group.empty()) {
      const LeaseRow fresh = NewLeaseRow();
      a.member = {fresh.token, until, fresh.process};
      MIGRATE_TRY(PutLeaseMember(db, a.member));
    }
    MIGRATE_TRY(transaction.Commit());
    a.taken = true;
  }
  // The other one cannot commit any more; what its sessions hold would only be waited for. An account that may not end
  // them has the target all the same.
  if (Status s = over ? db->EndOthers() : Status(); !s.ok()) a.finding += "; its sessions go on: " + s.message();
  return a;
}

bool IsLockWait(const Status& s) {
  return s.message().find("(error 1205)") != std::string::npos || s.message().find("(error 1213)") != std::string::npos;
}

// A server's row is locked while its holder commits, and for as long as it was paused there. Its lease tells whether it
// is to be waited for; a session that is ended gives its locks back as soon as what it did is undone.
Result<Attempt> TryLocked(Connection* db, const LeaseOptions& o, const std::string& lapsed, const Status& error) {
  Attempt a;
  a.locked = error.message();
  MIGRATE_ASSIGN(auto held, ReadLeaseRow(db, RowLock::kNone));
  if (!held) return a;  // of somebody who is about to take it
  a.row = *std::move(held);
  MIGRATE_ASSIGN(const int64_t now, LeaseNow(db, o.file));
  MIGRATE_ASSIGN(a.until, LeaseUntil(db, o.file, a.row, o.seconds));
  a.ahead = a.until - now;
  MIGRATE_ASSIGN(const bool gone, HolderGone(db, a.row, now));
  if (!gone && now < a.until && Mark(a.row, a.until) != lapsed) return a;
  // These were several looks: is it still his, and as it was?
  MIGRATE_ASSIGN(const int64_t until, LeaseUntil(db, o.file, a.row, o.seconds));
  MIGRATE_ASSIGN(held, ReadLeaseRow(db, RowLock::kNone));
  if (!held || held->token != a.row.token || until != a.until) return a;
  a.lapsed = true;
  if (Status s = db->EndOthers(); !s.ok()) a.locked += "; " + s.message();
  return a;
}

// A run waits for readers of a SQLite file and for locks of a server, but who takes a target over is to be told soon
// that its holder was paused in the middle of something. A server's holder puts its lease off behind who waits here.
Result<Attempt> TrySoon(Connection* db, const LeaseOptions& o, const std::string& lapsed) {
  if (db->dialect() == store::Dialect::kSqlite) {
    MIGRATE_ASSIGN(int64_t before, db->QueryInteger("PRAGMA busy_timeout"));
    MIGRATE_TRY(db->Execute("PRAGMA busy_timeout = 5000"));
    auto attempt = TryOnce(db, o, lapsed);
    MIGRATE_TRY(db->Execute(fmt::format("PRAGMA busy_timeout = {}", before)));
    return attempt;
  }
  const int wait = std::clamp(static_cast<int>(o.seconds / 6), 1, 5);
  MIGRATE_TRY(db->Execute(fmt::format("SET SESSION innodb_lock_wait_timeout = {}", wait)));
  auto attempt = TryOnce(db, o, lapsed);
  if (!attempt.ok() && IsLockWait(attempt.status())) attempt = TryLocked(db, o, lapsed, attempt.status());
  // If that fails, so does what comes next.
  if (attempt.ok()) (void)db->Execute("SET SESSION innodb_lock_wait_timeout = DEFAULT");
  return attempt;
}

// A long transaction takes its time to be undone.
constexpr std::chrono::seconds kLockedFor(120);

Status StillLocked(const Connection& db, const Attempt& a) {
  return Status::Failed(
      fmt::format("{}: {} ({})", db.name(),
                  a.row.by.empty()
                      ? "a session of the server is about to take the target, and does not go on"
                      : fmt::format("the lease of {}, since {}, has lapsed, but a session of the server still "
                                    "has its row locked",
                                    a.row.by, a.row.since),
                  a.locked),
      "SHOW PROCESSLIST on the server shows it: one that is undoing a transaction ends by itself, any other is to be "
      "ended with KILL; then run the same command again");
}

}  // namespace

constexpr double kMomentSeconds = 1.5;

Result<std::shared_ptr<Lease>> Lease::Take(Connection* db, LeaseOptions options) {
  using Clock = std::chrono::steady_clock;
  const auto begun = Clock::now();
  auto changed = begun;
  std::string last, lapsed;
  for (;;) {
    MIGRATE_ASSIGN(Attempt a, TrySoon(db, options, lapsed));
    if (a.taken) return std::shared_ptr<Lease>(new HeldLease(std::move(options), a.row, a.member, a.finding));
    if (options.cancel != nullptr && options.cancel->requested()) return Status::Cancelled();
    if (!a.locked.empty() && (a.lapsed || a.row.token.empty())) {
      if (Clock::now() - begun > kLockedFor) return StillLocked(*db, a);
      const Doing doing("waiting for", db->name() + ": a session that has the lease's row locked");
      std::this_thread::sleep_for(std::chrono::milliseconds(200));
      continue;
    }
    // Who lives renews it within its term. One that is further ahead was written before a clock stepped back: it tells
    // nothing but that it changes.
    const std::chrono::duration<double> term(options.seconds);
    if (const std::string mark = Mark(a.row, a.until); mark != last) {
      changed = Clock::now();
      last = mark;
    } else if (Clock::now() - changed > term) {
      lapsed = mark;
      continue;
    }
    const bool odd = static_cast<double>(a.ahead) > 1500 * options.seconds;
    // A group goes on without whoever had the first session.
    const bool waits = (db->dialect() != store::Dialect::kSqlite && options.named && a.row.group.empty()) || odd;
    // A command that only notes down that something was read has it for a moment.
    const double waited = std::chrono::duration<double>(Clock::now() - begun).count();
    if (!waits && waited > std::min(kMomentSeconds, options.seconds / 3)) return Busy(*db, a.row, a.until);
    const Doing doing("waiting for", fmt::format("{}: the lease of {}, since {}", db->name(), a.row.by, a.row.since));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

Result<std::optional<LeaseHolder>> HolderOf(Connection* db, const std::string& file) {
  MIGRATE_ASSIGN(auto row, ReadLeaseRow(db, RowLock::kNone));
  if (!row) return std::optional<LeaseHolder>();
  MIGRATE_ASSIGN(int64_t now, LeaseNow(db, file));
  MIGRATE_ASSIGN(int64_t until, LeaseUntil(db, file, *row, kLeaseSeconds));
  MIGRATE_ASSIGN(const bool gone, HolderGone(db, *row, now));
  return std::optional<LeaseHolder>(LeaseHolder{row->by, row->since, UtcOfMs(until), until <= now || gone});
}

std::optional<LeaseHolder> HolderBeside(const std::string& file) {
  const json j = ReadLeaseFile(file);
  if (j.is_null()) return std::nullopt;
  return LeaseHolder{TextField(j, "by", "?"), TextField(j, "since", "?"), UtcOfMs(TimeField(j, "until")), false};
}

Status ForgetLease(Connection* db) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(DeleteLeaseRow(db));
  return transaction.Commit();
}

}  // namespace migrate::ledger
