// `migrate model`: what matching learned, told, learned anew, and written to a file.
#pragma once

#include <string>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/progress.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// One JSON object (docs/schema/model-show.schema.json): the model in force, and what the last matching did with it.
// kPlan error where there is no model yet.
Result<std::string> ModelViewJson(const plan::Plan& plan, store::Connection* db);

// The model in force as the text of a model file (docs/formats.md).
Result<std::string> ModelText(const plan::Plan& plan, store::Connection* db);

struct TrainOptions {
  std::string tool_version;
  unsigned threads = 0;       // 0: as many as there are processors
  uint64_t memory_bytes = 0;  // 0: no limit given
  const Cancel* cancel = nullptr;
  progress::Printer* printer = nullptr;
};
// Learns from all records that the target holds, and keeps the model under the next version for this plan. Persons stay
// as they are until the next run that matches. Takes the workspace's lock. kPlan where the plan names a model file.
// Returns the view of the new model.
Result<std::string> TrainTargetModel(const plan::Plan& plan, store::Connection* db, const TrainOptions& options);

}  // namespace migrate::run
