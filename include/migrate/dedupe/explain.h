// Explain: why two records are of one person, or are not, in the numbers with which the matcher weighed them.
//
// A model holds all that weighs a pair (model.h), so a few records and the model give exactly the odds of the run: no
// other record is needed. Only which blocks a pair shares depends on all records; SharedBlocks counts that in one pass.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/dedupe/clustering.h"
#include "migrate/dedupe/model.h"
#include "migrate/record/record.h"

namespace migrate::dedupe {

// One line of the waterfall. All weights are bits: log2 of a ratio.
struct EvidenceStep {
  std::string name;  // of the piece of evidence: "first_name", ..., "attribute:NAME"
  std::string a, b;  // what the two records say
  // How that agrees. "missing" where a side says nothing, "not counted" where it would repeat what another piece says:
  // the weights are then 0.
  std::string level;
  double weight = 0;  // log2(m / u): match against strangers
  // weight = level_weight + frequency_weight: that of the level on average, and what this very value's frequency adds.
  double level_weight = 0, frequency_weight = 0;
  double household = 0;              // log2(h / u): two of one household against strangers
  double m = 0, u = 0, level_u = 0;  // P(level | match), P(this agreement | strangers), P(level | strangers)
};

// prior + sum of the steps' weights - household_loss = log_odds.
struct PairExplanation {
  std::vector<EvidenceStep> steps;
  double prior = 0;           // log2(lambda_match / (1 - lambda_match - lambda_household))
  double household_loss = 0;  // what a household would explain too: log2(1 + odds of a household against strangers)
  double log_odds = 0, probability = 0;
};

// A link of a chain of records.
struct ChainLink {
  uint64_t a = 0, b = 0;
  double log_odds = 0;
};

class Explainer {
 public:
  // Copies what it needs of the records, whose ids are distinct. Fails where the model does not fit the attributes.
  static Result<std::unique_ptr<Explainer>> Make(const Model& model, const std::vector<Attribute>& attributes,
                                                 std::vector<Record> records);
  ~Explainer();

  // Ids are of records given to Make.
  PairExplanation Explain(uint64_t a, uint64_t b) const;
  double LogOdds(uint64_t a, uint64_t b) const;
  // Of two groups, as clustering weighs them.
  double Pooled(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) const;
  // The chain from a to b over `members` whose weakest link is strongest; links need a common value under some key.
  // Empty where there is none. Time and memory: the square of the members.
  std::vector<ChainLink> Chain(uint64_t a, uint64_t b, const std::vector<uint64_t>& members) const;
  // Two different generations (Jr, Sr) among the records.
  bool GenerationsDiffer(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) const;

 private:
  class Impl;
  explicit Explainer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// A value that two records share under a blocking key.
struct SharedBlock {
  enum class Outcome : uint8_t {
    kProposes,  // the pair is compared
    kCapped,    // the block is too large to propose pairs
    kUnused,    // the model does not use this key
  };
  std::string key;
  uint32_t cap = 0;   // largest block that proposes pairs
  uint64_t size = 0;  // records in the block, or in the part of it that has the same first and last name too
  Outcome outcome = Outcome::kProposes;
};

// Finds the blocks that two records share, and how large they are. Give it every other record with Add, then Finish.
class SharedBlocks {
 public:
  SharedBlocks(const Model& model, const Record& a, const Record& b);
  ~SharedBlocks();
  void Add(const Record& other);
  std::vector<SharedBlock> Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace migrate::dedupe
