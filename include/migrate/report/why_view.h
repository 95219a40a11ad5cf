// Why two records are of one person, or are not: the waterfall of their evidence, for people and programs.
//
// Values are shown unmasked, as by `show`. Weights are bits (log2 of a ratio of probabilities).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace migrate::report {

struct WhyRecord {
  uint64_t record_id = 0, person_id = 0;  // person_id 0: not matched yet
  std::string source, source_key;
  uint64_t person_records = 0;
  double confidence = 1;  // with which it belongs to its person
};

// A line of the waterfall: dedupe/explain.h, EvidenceStep.
struct WhyStep {
  std::string field, a, b, level;
  double weight = 0, level_weight = 0, frequency_weight = 0, household = 0, m = 0, u = 0;
};

struct WhyLink {
  uint64_t a = 0, b = 0;
  double log_odds = 0, probability = 0;
};

// A value that both share under a blocking key, and whether it led to a comparison: proposes, capped, unused.
struct WhyBlock {
  std::string key;
  uint64_t records = 0;
  uint32_t cap = 0;
  std::string outcome;
};

struct WhyDecision {
  int64_t decision = 0;
  std::string kind, who, reason, at;
  uint64_t record_a = 0, record_b = 0;  // the records it was written for; others of the same persons may be asked about
};

// What brought the records together, or keeps them apart. Codes are stable: must_link, direct, chain, pooled;
// cannot_link, generation, empty, no_common_key, capped, below_review, review_band, pooled_against, not_matched,
// not_rematched.
struct WhyCause {
  std::string code, text;
};

struct WhyView {
  WhyRecord a, b;
  bool one_person = false;
  std::vector<WhyCause> causes;  // the deciding one first
  std::vector<WhyStep> steps;
  // prior + weights of the steps - household_loss = log_odds.
  double prior = 0, household_loss = 0, log_odds = 0, probability = 0;
  double match_probability = 0, review_probability = 0;
  bool blocks_counted = false;
  std::vector<WhyBlock> blocks;  // if counted
  std::vector<WhyLink> chain;    // from a to b; over both persons' records
  double pooled = 0;             // probability that the two persons are one, from all their records; 1 for one person
  std::vector<WhyDecision> decisions;  // in force, between records of the two
  int64_t model_version = 0;           // 0: the model file of the plan
};

std::string RenderText(const WhyView& why);
std::string RenderJson(const WhyView& why);

}  // namespace migrate::report
