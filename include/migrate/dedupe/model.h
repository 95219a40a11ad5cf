// Model: what matching learned, to be shown, kept and used again.
//
// A model holds all that decides beside the records and the stewards' decisions, so that with one model records end in
// the same clusters whether they came in one import or in many. Written as JSON text with a version (docs/formats.md);
// holds no values of records, only hashes of frequent ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/dedupe/term_frequencies.h"
#include "migrate/dedupe/weights.h"
#include "migrate/record/field.h"

namespace migrate::dedupe {

inline constexpr int kModelVersion = 2;

struct Model {
  Weights weights;
  uint64_t records = 0;  // that it was learned from
  double duplicates_per_record = 0;
  std::array<double, kEvidenceCount> exact{};  // share of matches that agree exactly, by piece of evidence
  std::vector<std::string> attributes;         // names, in plan order
  std::vector<uint32_t> caps;                  // by blocking key: largest block that proposed pairs
  TermFrequencies frequencies;
  double alone = 1;  // share of records that have no other one of their person, see clustering.h
  // The plan's when it was learned. Told, not used: the plan decides.
  double match_probability = 0.95, review_probability = 0.60;
};

std::string ModelToJson(const Model& model);
// Fails (kPlan) on other versions and on tables that do not fit.
Result<Model> ModelFromJson(std::string_view json);

// Does the model speak of the plan's attributes (the first kMaxAttributes, which are compared)? kPlan error if not.
Status CheckModel(const Model& model, const std::vector<Attribute>& attributes);

// "first_name", ..., "attribute:NAME"; "" where the model has no such piece of evidence.
std::string EvidenceName(const Model& model, int evidence);

}  // namespace migrate::dedupe
