// Which shards of the import at hand are still to be started, for `migrate status`.
#pragma once

#include <cstdint>
#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

// One JSON object, docs/schema/status.schema.json "shards":
//   {"n": 3, "stages": [{"stage": "extract", "parts": 12, "done": 8, "complete": false, "missing": [2]}, ...]}
// by the plan's stages up to the first that is not complete; "missing" are shards of n, ascending. What a stage has as
// parts is in docs/design.md, "Shards". "" where no import is under way, or none that shards have been at.
//
// `n`: of how many shards; 0: as the last call of a shard had it. Reads the workspace and the target, locks and changes
// nothing; counts the target's records where dedupe is next.
Result<std::string> ShardsLeftJson(const plan::Plan& plan, const std::string& tool_version, uint32_t n);

}  // namespace migrate::run
