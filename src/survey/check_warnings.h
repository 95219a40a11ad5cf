// Where a mapping looks wrong.
#pragma once

#include <string>
#include <vector>

#include "migrate/survey/check.h"

namespace migrate::survey {

struct WarningInput {
  const plan::Plan* plan;
  const plan::Source* source;
  const TableProfile* profile;
  const std::vector<BoundField>* fields;
  const std::vector<FieldCheck>* checks;  // parallel to fields
  uint64_t repeated_keys, rows, opted_out;
};
std::vector<std::string> Warnings(const WarningInput& in);

}  // namespace migrate::survey
