// Scoring: every candidate pair once, compared and weighed.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/clustering.h"
#include "migrate/dedupe/compare.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {

// The candidates of one row that come after it, each once, with the first key that proposes it. Reused row by row;
// keeps 4 bytes a record.
class CandidateFinder {
 public:
  CandidateFinder(const Blocks& blocks, uint32_t records) : blocks_(blocks), seen_(records, ~0u) {}

  struct Candidate {
    uint32_t row;
    uint8_t key;
  };
  const std::vector<Candidate>& After(uint32_t row);

 private:
  const Blocks& blocks_;
  std::vector<uint32_t> seen_;  // the last row for which this one was found
  std::vector<Candidate> found_;
};

struct ScoreOptions {
  unsigned threads = 1;
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t done, uint64_t total)> progress;  // from the calling thread
};

// Pairs below this are not kept: even pooled with others they decide nothing.
inline constexpr double kLeastLogOdds = -12;

struct Scores {
  std::vector<Edge> edges;          // at least kLeastLogOdds, sorted by (a, b)
  std::vector<uint64_t> new_pairs;  // by key
  std::vector<uint64_t> histogram;  // see MatchStats::weight_histogram
  uint64_t pairs = 0;
};

Scores ScorePairs(const Blocks& blocks, const Comparator& comparator, const Scorer& scorer, uint32_t records,
                  const ScoreOptions& options);

PairEvidence EvidenceOf(const Comparator& comparator, const Scorer& scorer, uint32_t a, uint32_t b);

}  // namespace migrate::dedupe
