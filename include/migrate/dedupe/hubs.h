// Hubs: values that are no person's own, found by their frequency (matcher.h, Hub).
#pragma once

#include <vector>

#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/matcher.h"

namespace migrate::dedupe {

// By field; within a field the largest first, equal ones by value.
std::vector<Hub> FindHubs(const Table& table, const ValueCounts& counts);

}  // namespace migrate::dedupe
