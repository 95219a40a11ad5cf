// Imports that were begun, did not end, and cannot go on because the inputs are others by now: they are taken back
// before the next one begins, so that no row stays that is in no input.
#pragma once

#include "context.h"

namespace migrate::run {

// The import that a rollback of this kind has begun with and not ended, 0: none.
Result<int64_t> TakeBackUnderWay(const plan::Plan& plan, store::Connection* db);

// An unfinished import of the plan that is not the work at hand and has left something in the target, 0: none. Needs
// c.run_key.
Result<int64_t> ImportToTakeBack(const Context& c);

// Takes it back, as an import of its own. Not while the workspace is open.
Status TakeBack(const plan::Plan& plan, const RunOptions& options, int64_t import_id);

}  // namespace migrate::run
