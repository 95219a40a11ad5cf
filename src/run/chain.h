// What a workspace remembers of its target, so that it notices a target that was restored from an older backup, or
// whose last audit events are missing: WORKSPACE/target.json, {"import", "chain", "events", "hash"} as
// ledger/versions.h has them and "next_person_id", written whenever this plan has ended an import or added an audit
// event.
#pragma once

#include "migrate/ledger/versions.h"
#include "migrate/plan/plan.h"
#include "migrate/store/connection.h"

namespace migrate::run {

struct Remembered {
  ledger::ChainHead chain;  // import_id 0: nothing is remembered
  ledger::AuditHead audit;
  uint64_t next_person_id = 0;  // all below may have been given out
};
Result<Remembered> RememberedTarget(const plan::Plan& plan);

// Reads the target's heads and keeps them, with what was remembered before of what it lacks. Needs the workspace's
// folder.
Status RememberTarget(const plan::Plan& plan, store::Connection* db);
// A target that holds nothing begins anew. Returns what to say where imports had ended in it, else "".
Result<std::string> ForgetTarget(const plan::Plan& plan);

// May a run write to this target now? kFailed if it is not the one that the workspace remembers, or if a rollback was
// begun and did not end; `rollback_of`: unless it is of this import.
Status CheckTargetAge(const plan::Plan& plan, store::Connection* db, int64_t rollback_of = 0);

}  // namespace migrate::run
