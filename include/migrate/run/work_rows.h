// The rows behind those numbers of a report that count what was read and normalized and not what was stored: from the
// segments in the workspace, which are there until the next import of the plan begins.
#pragma once

#include "migrate/plan/plan.h"
#include "migrate/report/numbers.h"

namespace migrate::run {

// Writes the rows of a number whose name says that it is in the workspace as CSV with a header, by file and chunk.
// `query.field` is a field or an attribute of the plan. kPlan error if the workspace holds no rows of that import, or
// for a field or filter that there is not. Memory: one unpacked block of a segment.
Result<report::NumberResult> WriteWorkNumber(const plan::Plan& plan, store::Connection* db,
                                             const report::NumberQuery& query, report::Output& out);

}  // namespace migrate::run
