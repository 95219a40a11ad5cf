// Inputs that are not there any more while the import that has read them goes on.
//
// What extract leaves in the workspace is all that the stages behind it read. So once extract has ended for all inputs
// of a work (a line "complete" in its manifest) an input of it may go: the work goes on with what was read, under the
// path and the fingerprint that the manifest keeps of it. That holds
//   - while the import is not over: for a run without stages by name as well,
//   - for stages by name without extract: as long as the work lies there.
// A later run reads the plan's sources as they are, and a file that is missing is an error.
//
// What is there is held against its fingerprint as ever. Inputs that have come meanwhile wait for the next run. If the
// work cannot be gone on with (the plan has changed, or an input that is there), nothing is touched: to begin anew
// without what is gone would lose it.
#pragma once

#include <string>
#include <vector>

#include "context.h"
#include "plan_work.h"

namespace migrate::run {

// Line "complete" of a manifest: extract has ended, and nothing spoke against its rows.
Status MarkExtracted(Context* c);
// The import has ended: its inputs may go, and rollbacks or another target ask nothing of them.
Status MarkOver(Context* c);
// Its rows were refused (reconcile.max_quarantined): whoever takes a file away now wants the others alone.
Status ForgetExtracted(Context* c);

// The inputs of a run that is asked for as `ask`, or what FindInputs found wrong; reads the manifest, never writes.
// `note` says what is gone, "": nothing.
Result<std::vector<Input>> InputsOfRun(const Context& c, Ask ask, std::string* note);

// Why the work at hand is not that of the inputs as they are now, and what helps.
struct CannotGoOn {
  std::string why, what_to_do;
};
// kPlan if one of c.inputs is gone: the work at hand is not theirs (`reason`), and is not to be cleared.
Status RefuseWithoutGone(const Context& c, Ask ask, const CannotGoOn& reason);

}  // namespace migrate::run
