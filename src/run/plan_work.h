// What a run has to do: is it the work that an earlier attempt began, something new, or nothing at all?
#pragma once

#include "context.h"

namespace migrate::run {

struct Work {
  bool same = false;     // the manifest in work/ is of this plan and these inputs: resume it
  bool nothing = false;  // all inputs were imported under this plan before
  std::string note;      // for the operator, "" is none
};

// How the operator asked.
enum class Ask {
  kRun,    // the plan's stages: what is new
  kStage,  // stages by name, without extract: on the work at hand
  kAgain,  // extract by name: everything is read anew
};

// The states of c->inputs as the manifest has them; false if it is of other inputs.
bool TakeStates(Context* c);

// Decides, fills c->manifest, c->run_key and the states of c->inputs. `workspace` is cleared if its work is another's,
// unless `may_clear` says why not.
Result<Work> PlanWork(Context* c, Workspace* workspace, Ask ask, const std::function<Status()>& may_clear = {});

// After extract: live inputs (tables on servers) and parts turn out to hold what an earlier import brought in already.
// Marks them unchanged, in c->inputs and in the manifest, and takes their segments out of the work.
Status SettleLive(Context* c);

// Marks inputs (hashed) whose content an earlier, finished import of this plan brought in already, and those that are
// held since one was rolled back; with `again` the latter alone. Reads the target.
Status MarkKnown(Context* c, bool again = false);

// The finished work at hand is to be loaded once more, as an import of its own: a new run_key for the same artifacts.
// kPlan, and nothing is changed, if retention has dropped any of them.
Status BeginAnew(Context* c);

}  // namespace migrate::run
