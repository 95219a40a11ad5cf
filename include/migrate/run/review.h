// `migrate review`: pairs that a steward should look at, and what stewards decide.
//
// Decisions are rows of `decision` that are only ever added (an undo is one too). They outlive every rerun: each
// matching keeps to those in force. A decision is about records, not persons, so it holds whatever becomes of the ids.
// Functions that write do so in one transaction, with an audit event. Results are JSON objects
// (docs/schema/review-*.schema.json).
#pragma once

#include <cstdint>
#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/report/why_view.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// Pairs that nobody has decided about yet, the greatest gain first.
Result<std::string> ReviewListJson(const plan::Plan& plan, store::Connection* db, uint64_t limit, uint64_t offset);
// All decisions, the latest first.
Result<std::string> DecisionsJson(store::Connection* db, uint64_t limit, uint64_t offset);

// The first of the list and its explanation; `found` false where nothing is left.
struct ReviewNext {
  bool found = false;
  double gain = 0;
  uint64_t left = 0;  // pairs in the list, this one included
  report::WhyView why;
};
Result<ReviewNext> NextReview(const plan::Plan& plan, store::Connection* db);

// May decisions be written to this target? kFailed as of a run: it is not the one that the workspace remembers, or a
// rollback did not end.
Status MayDecide(const plan::Plan& plan, store::Connection* db);

// Who decides, and why.
struct Word {
  std::string who, reason;
};

// One person (link) or not (unlink). Ids as in run/why.h. kPlan error where decisions in force say the opposite (the
// error names them), or a person is named that both records belong to.
Result<std::string> Decide(const plan::Plan& plan, store::Connection* db, bool link, const std::string& a,
                           const std::string& b, const Word& word);
// Takes a decision back. kPlan error if there is no such decision in force.
Result<std::string> UndoDecision(store::Connection* db, int64_t decision, const Word& word);
// The person's `field` is to be `value`, which one of its records must have (kPlan error if none has).
Result<std::string> PinValue(const plan::Plan& plan, store::Connection* db, const std::string& person,
                             const std::string& field, const std::string& value, const Word& word);

}  // namespace migrate::run
