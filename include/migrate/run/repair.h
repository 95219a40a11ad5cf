// `migrate repair`: puts back, row by row, what reconcile found damaged in a target.
//
// The ledger names every row by key and hash (ledger/buckets.h); a repair looks for an image that has this hash, and
// writes no other. Where it looks:
//   record, record_history   what is left of the row (its payload gives the other columns), the segments of the last
//                            import in the workspace, the plan's sources
//   quarantine               the same segments and sources
//   person_record            persons that lack a member
//   person                   its members, by the plan's survivorship
//   person_identifier        records and links
//   person_alias, person_history   what is left of the row, and what can be tried
// Rows that the ledger does not name are removed. What the ledger keeps of a bucket is made anew where the rows prove
// themselves by the half of it that is sound. Afterwards the target is reconciled.
//
// Each table's rows are one transaction (of 50,000 rows at most) with an audit event `repair`; a repair that was killed
// is resumed by the same command, and one on a sound target changes nothing. Sources that are gone are no error: what
// only they could give stays damaged, and is named.
//
// Memory: 100,000 rows of a table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/progress.h"

namespace migrate::run {

struct RepairOptions {
  std::string tool_version;
  std::string plan_file;  // as the operator typed it, for commands that messages propose
  // Nothing is written. A SQLite target is repaired in a copy below `scratch`, so that the outcome is exact; of a
  // server's it is said what could be repaired, where rows that are made of damaged rows count as lost.
  bool dry_run = false;
  std::string scratch;   // "": $TMPDIR
  unsigned threads = 0;  // 0: as many as there are processors
  const Cancel* cancel = nullptr;
  progress::Printer* printer = nullptr;
};

struct RepairOutcome {
  int exit_code = 0;  // 0: sound, or repaired; 4: some of it could not be; else as of the error
  Status status;      // what to print as the error
  std::string json;   // docs/schema/repair.schema.json; "" if the repair ended before it had looked
  std::string text;   // the same in a few lines
};

RepairOutcome Repair(const plan::Plan& plan, const RepairOptions& options);

}  // namespace migrate::run
