// `migrate why`: two records (or persons) of a target, weighed as dedupe weighed them.
#pragma once

#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/report/why_view.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// `a` and `b`: a person_id (also an old one), a record_id, or SOURCE:KEY. Of a person with several records that one is
// taken which speaks most for the other side. The blocks that both share are counted (one pass over all records) where
// the two are not one person, or if `blocks` asks for it. Reads only. Errors: kPlan for ids that nothing has.
Result<report::WhyView> Why(const plan::Plan& plan, store::Connection* db, const std::string& a, const std::string& b,
                            bool blocks);

// The two records that a decision about `a` and `b` speaks of: as above.
struct PairOfRecords {
  uint64_t a = 0, b = 0, person_a = 0, person_b = 0;
};
Result<PairOfRecords> FindPair(const plan::Plan& plan, store::Connection* db, const std::string& a,
                               const std::string& b);

}  // namespace migrate::run
