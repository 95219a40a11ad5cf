// The target that a plan names, whatever holds it: a SQLite file, or a database of a MySQL or MariaDB server.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/ledger/lease.h"
#include "migrate/ledger/schema.h"
#include "migrate/plan/plan.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// The file, or "user@host:port/database"; for messages.
std::string TargetName(const plan::Target& target);

// What it speaks; a server is asked, and taken for MySQL if it does not answer.
Result<store::Dialect> DialectOf(const plan::Target& target);

// To read; null if nothing was loaded there yet (no file, or none of this tool's tables). kPlan if it holds what this
// tool did not make, or what a newer version of it made. A server's password is read now.
Result<std::unique_ptr<store::Connection>> LookAtTarget(const plan::Target& target);

// To ask a server about itself: none of this tool's tables need be there. Not for a file.
Result<std::unique_ptr<store::Connection>> AskServer(const plan::Target& target);

// How the tables of a server are made, as the plan has it.
ledger::TableOptions TablesOf(const plan::Target& target);

// To write. `create` makes file and tables where there are none; without it the tables must be there (kPlan). The
// target is taken for this process (ledger/lease.h), and every commit looks whether it still is. Without `lease` it is
// given back with the connection; else with the last copy of *lease, and a call with one in it is that run's next
// connection. An error names whoever else holds the target.
Result<std::unique_ptr<store::Connection>> OpenTargetToWrite(const plan::Target& target, bool create,
                                                             uint32_t partitions,
                                                             std::shared_ptr<ledger::Lease>* lease = nullptr,
                                                             const Cancel* cancel = nullptr);
// The same, where the target is a server's: taken together with all processes that name the same group.
Result<std::unique_ptr<store::Connection>> OpenTargetInGroup(const plan::Target& target, bool create,
                                                             uint32_t partitions, std::shared_ptr<ledger::Lease>* lease,
                                                             const Cancel* cancel, const std::string& group);
// To add an audit event beside whoever has the target: not taken, and no commit asks whose it is. The tables are there.
// Of a SQLite file whose writer does not let go within a few seconds the error says who it is.
Result<std::unique_ptr<store::Connection>> OpenTargetToNote(const plan::Target& target);
// Another connection to a target that OpenTargetToWrite opened, for a worker.
Result<std::unique_ptr<store::Connection>> ConnectWorker(const plan::Target& target,
                                                         std::shared_ptr<ledger::Lease> lease);

// What reconcile reads, where the plan names a reader (target.reader_url).
class Reader {
 public:
  // Connects to the reader and waits until it shows what `writer` has committed: the writer leaves a fresh mark in the
  // setting `reader_mark`, and the reader is asked for it until it has it. nullopt without a reader_url, and when the
  // reader cannot be used, has not caught up within `seconds`, or the run is cancelled: *warning then says why.
  static Result<std::optional<Reader>> CatchUp(const plan::Target& target, store::Connection* writer, double seconds,
                                               const Cancel* cancel, std::string* warning);
  store::Connection* db() const { return db_.get(); }
  // Another connection to the same reader; an error that may_pass unless it shows the mark, too (a reader's name may
  // stand for several replicas).
  Result<std::unique_ptr<store::Connection>> Connect() const;

 private:
  Reader(plan::Target target, std::string mark) : target_(std::move(target)), mark_(std::move(mark)) {}
  plan::Target target_;  // the reader in the place of the writer
  std::string mark_;
  std::unique_ptr<store::Connection> db_;
};
// A replica that has not caught up after so long is no help: the writer is read.
inline constexpr double kReaderSeconds = 60;

}  // namespace migrate::run
