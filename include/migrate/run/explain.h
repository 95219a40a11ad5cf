// `migrate explain`: what a run of the plan would do, and cost, without doing it.
#pragma once

#include <cstdint>
#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

struct ExplainOptions {
  bool offline = false;       // only the plan: neither sources nor target are opened
  unsigned threads = 0;       // 0: as many as there are processors
  uint64_t memory_bytes = 0;  // --memory; 0: no limit given
  std::string plan_file;      // as the operator typed it
  std::string tool_version;
};

// One JSON object ("schema": 1), rendered for people by report/explain_text.h:
//   plan, yaml (the resolved plan), defaults, variables, target, inputs, rows, stages, disk, memory, seconds, warnings
// Opens sources and target for reading only; workspace and target are not touched. Files are hashed only where their
// size says that they may have been imported before, or that they are copies. Errors: those of `validate`.
Result<std::string> ExplainJson(const plan::Plan& plan, const ExplainOptions& options);

}  // namespace migrate::run
