// The lease: which run may write to a target now. Two runs on one target exclude each other, also from two machines,
// and a run that was paused while another one took over cannot write when it wakes up.
//
// A holder is known by a token that is never used twice; it stands in the setting `lease`, with who holds it:
//   {"token": 32 hex digits, "by": "process 7 of ann on host3", "since": UTC, "since_ms": ..., "boot", "space", "pid",
//    "started": the process, base/process.h}
// Every transaction that writes looks at its end, under a lock, whether that row still has its own token (a *fence*);
// if not, nothing of it is committed. So what decides is the row, and no clock.
//
// Time only says when somebody else may take over: the lease holds until a moment (milliseconds since 1970) that a
// thread of the holder puts off every third of the term. On a server it is the setting `lease_until`, by the server's
// clock. A SQLite file cannot be written beside the run's own transactions and reads; there it is the file FILE-lease
// (JSON: token, until, by, since), by this machine's clock, removed at the end.
//
// Taken over is a lease that has lapsed, or whose holder's process is provably gone. Given back, both rows are deleted.
//
// A group of processes (the shards of one import) may hold a server together: the row then names the group, and whoever
// is of it joins with the same token. Each member has a row of its own, the setting `lease_member ID` (JSON: until,
// boot, space, pid, started), which it puts off like the lease's end. The group's lease lapses when all of them have,
// or are gone; it is given back by the last one. So who takes it over fences out all of them at once.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

inline constexpr double kLeaseSeconds = 30;

struct LeaseOptions {
  // Another connection to the target, for the thread that renews and for the end; of a server with a name, so that
  // whoever takes over can end what it was paused in.
  std::function<Result<std::unique_ptr<store::Connection>>()> connect;
  std::string file;                // SQLite: the database's file; "" on a server
  double seconds = kLeaseSeconds;  // the term
  // On a server: whether `db` holds the name of a run's first session. If so, the session of whoever holds the lease is
  // over, and the end of the lease is waited for; if not, somebody is there, and only an end that is reached counts.
  bool named = true;
  std::string group;  // not of a SQLite file; "": for this process alone
  const Cancel* cancel = nullptr;
};

// Who holds a target.
struct LeaseHolder {
  std::string by, since, until;  // until: UTC, or "" if nothing says
  bool lapsed = false;
};

class Lease {
 public:
  // Takes it for this process. kFailed with who holds it, since when and until when, if somebody else does. An error
  // that may_pass is the server's.
  static Result<std::shared_ptr<Lease>> Take(store::Connection* db, LeaseOptions options);
  // Gives it back, unless it was lost. What fails then is left to lapse.
  virtual ~Lease() = default;

  // Within a transaction of `db`: an error (which does not pass) if the target belongs to another run by now; otherwise
  // nobody can take it over before the transaction ends.
  virtual Status Check(store::Connection* db) const = 0;
  // Somebody has seen that it belongs to another run: nothing that this process tries again will help.
  virtual bool lost() const = 0;
  // What an operator should know of how it was come by; "" for nothing.
  virtual const std::string& finding() const = 0;
};

// `db` with the fence: Commit of a transaction that Begin opened checks the lease first, and so does every Execute
// outside of one. Statements that were prepared belong into a transaction.
std::unique_ptr<store::Connection> Fenced(std::unique_ptr<store::Connection> db, std::shared_ptr<Lease> lease);

// Who holds the target; nullopt: nobody.
Result<std::optional<LeaseHolder>> HolderOf(store::Connection* db, const std::string& file);
// The same of a SQLite file by what lies beside it, for while the file itself is locked.
std::optional<LeaseHolder> HolderBeside(const std::string& file);

// For a copy of a target: nobody holds it.
Status ForgetLease(store::Connection* db);

}  // namespace migrate::ledger
