// Rollback: takes an import back, as if it had never run, while later ones stay; as an import of its own, so that it
// can be taken back, too. And what else concerns versions: release of held inputs, and a target accepted as it is.
//
// The steps, each resumable: the rollback begins (one transaction); records (load/undo.h); rejects, which are closed,
// and those open again that the import had replaced; persons, decided anew under the model in force, and reconciled;
// the end. A rollback that died is finished by the same command; until then no run writes to the target.
#pragma once

#include <cstdint>
#include <string>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/ledger/ledger.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/progress.h"
#include "migrate/store/connection.h"

namespace migrate::run {

struct RollbackOptions {
  std::string tool_version;
  int64_t import_id = 0;    // that is to be taken back
  bool keep_later = false;  // rows that a later import changed again stay as it made them
  // The import did not end and never will: its inputs are not held. One transaction gives it up and begins the
  // rollback. So it is with any run that is asked for here and has not ended; it cannot be brought back.
  bool abandon = false;
  bool dry_run = false;  // on a copy of the target below `scratch`
  std::string scratch;
  unsigned threads = 0;
  uint64_t memory_bytes = 0;
  const Cancel* cancel = nullptr;
  progress::Printer* printer = nullptr;
};

// What became of it, as JSON (docs/schema/rollback.schema.json). kFailed if rows are in conflict; kPlan for an import
// that cannot be taken back; kMismatch if the target does not reconcile afterwards.
Result<std::string> Rollback(const plan::Plan& plan, const RollbackOptions& options);
std::string RenderRollback(const std::string& json, const std::string& plan_file);

// The inputs of an import that was rolled back may come in again.
Result<std::string> ReleaseImport(const plan::Plan& plan, int64_t import_id, const std::string& tool_version);
// The target is what it is, whatever the workspace remembers.
Result<std::string> AcceptTarget(const plan::Plan& plan, const std::string& tool_version);

// The audit chain, held against what the workspace remembers.
Result<ledger::AuditVerdict> VerifyAuditOf(const plan::Plan& plan, store::Connection* db);

}  // namespace migrate::run
