// What a dry run's forecast holds for.
#pragma once

#include <string>

#include "context.h"
#include "migrate/base/status.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

// The digest root of all tables, "" where nothing was loaded.
Result<std::string> RootOf(const plan::Target& target);

// Adds to a report what its forecast holds for: these inputs and this target; and what the target's root will be.
Status AddFingerprints(const std::string& inputs, const std::string& before, const std::string& after,
                       std::string* report);

// kQuarantineLimit if the run would end with exit code 5.
Status ForecastLimit(const Context& c);

}  // namespace migrate::run
