// What a dry run takes of the plan's workspace: the work that the run would go on with. Without it the forecast would
// be one of the sources as they are now, where the run goes on with rows that were extracted before, of which the
// sources may be gone.
//
// The manifest is copied; segments (and what a load or a dedupe that did not end has left) are symbolic links in the
// scratch workspace, so a dry run costs no second copy of them. All of these are written under another name and renamed
// into place, and removed by unlink, so nothing reaches through a link. The plan's workspace is only read.
#pragma once

#include <optional>

#include "context.h"
#include "plan_work.h"

namespace migrate::run {

// Fills the scratch workspace of `copy` with the work of `plan`, if there is one whose import has not ended, and
// returns what its records are cut for. nullopt: nothing is taken, and the run begins with the sources; so it is
//   - where everything is asked for anew, or the workspace cannot be read,
//   - while another run has the workspace,
//   - where the target is a server, whose records are cut otherwise than those of the copy, and the raw rows of the
//   work
//     went as the plan's retention says.
// In the last two cases kFailed if a source is gone, for then there is nothing to count with.
Result<std::optional<Partitioner>> BorrowWork(const plan::Plan& plan, const plan::Plan& copy, const RunOptions& options,
                                              Ask ask);

}  // namespace migrate::run
