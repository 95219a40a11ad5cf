// The target that a plan names, whatever holds it: a SQLite file, or a database of a MySQL or MariaDB server.
#pragma once

#include <memory>
#include <string>

#include "migrate/base/status.h"
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

// To write. `create` makes file and tables where there are none; without it the tables must be there (kPlan).
Result<std::unique_ptr<store::Connection>> OpenTargetToWrite(const plan::Target& target, bool create,
                                                             uint32_t partitions);
// Another connection to a target that OpenTargetToWrite opened, for a worker.
Result<std::unique_ptr<store::Connection>> ConnectWorker(const plan::Target& target);

}  // namespace migrate::run
