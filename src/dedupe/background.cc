#include "migrate/dedupe/background.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "migrate/dedupe/blocking.h"

namespace migrate::dedupe {

double Background(const Comparison& itself, const Model& model) {
  if (PairsWithinReach(model.records)) return 0;
  std::array<double, kEvidenceCount> agree{}, frequency{};
  size_t pieces = 0;
  for (size_t e = 0; e < kEvidenceCount; ++e) {
    const uint8_t level = itself.level[e];
    if (level == kNull) continue;
    const float by_value = itself.log_chance[e];
    agree[pieces] = static_cast<double>(model.weights.m[e][level]);
    frequency[pieces] = by_value == by_value ? std::exp2(static_cast<double>(by_value))
                                             : static_cast<double>(model.weights.u[e][level]);
    ++pieces;
  }
  const double n = static_cast<double>(model.records);
  double hidden = 0;
  for (uint32_t pattern = 0; pattern < 1u << pieces; ++pattern) {
    double m = 1, strangers = n;
    for (size_t i = 0; i < pieces; ++i) {
      const bool agrees = (pattern >> i & 1) != 0;
      m *= agrees ? agree[i] : 1 - agree[i];
      if (agrees) strangers *= frequency[i];
    }
    if (strangers > kCrowd) hidden += m;
  }
  return n * model.weights.lambda_match * hidden / (1 + model.duplicates_per_record);
}

}  // namespace migrate::dedupe
