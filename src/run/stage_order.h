// May the stages that were asked for by name do their work on what the target holds?
#pragma once

#include <vector>

#include "context.h"

namespace migrate::run {

// Before stages without load: kPlan if an import has not ended what they need, so that a stage asked for by itself does
// no other stage's work and takes half an import for no damage. Matching needs the loads of this plan; reconcile needs
// those of every plan and, unless it comes behind a matching, that no record lacks its person. c.db is open; nothing is
// changed.
Status CheckStagesBefore(const Context& c, const std::vector<plan::Stage>& stages);

// kPlan if a matching was applied in part and this plan, which has not the stage dedupe any more, would end the import
// without it.
Status CheckMatchingEnds(const plan::Plan& plan, store::Connection* db, const std::vector<plan::Stage>& stages);

// Has load nothing to do: no input brings anything, and no import of this work waits for its end? c.inputs has its
// states.
Result<bool> NothingToLoad(const Context& c);

// Fills c->source_ids by the sources' names, for stages that do not begin an import. c->db is open.
Status TakeSourceIds(Context* c);

// Dedupe that was asked for by name is done again, unless it was never done: then what was begun is finished.
Status ForgetDedupe(Context* c);

}  // namespace migrate::run
