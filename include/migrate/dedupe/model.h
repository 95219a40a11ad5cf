// Model: what matching learned, to be shown, kept and used again.
//
// Written as JSON text with a version; holds no values of records, only hashes of frequent ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {

inline constexpr int kModelVersion = 1;

struct Model {
  Weights weights;
  uint64_t records = 0;  // that it was learned from
  double duplicates_per_record = 0;
  std::array<double, kEvidenceCount> exact{};  // share of matches that agree exactly, by piece of evidence
  std::vector<std::string> attributes;         // names, in plan order
  std::vector<uint32_t> caps;                  // by blocking key: largest block that proposed pairs
};

std::string ModelToJson(const Model& model);
// Fails (kPlan) on other versions and on tables that do not fit.
Result<Model> ModelFromJson(std::string_view json);

}  // namespace migrate::dedupe
