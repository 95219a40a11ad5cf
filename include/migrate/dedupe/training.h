// Training: samples of pairs, and the rounds in which weights and frequencies are learned from them.
#pragma once

#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {

struct TrainingOptions {
  unsigned threads = 1;
  uint64_t memory_bytes = 0;  // for sorting blocks; 0: no limit
  std::string scratch;        // a folder for what does not fit; "": there is no limit
  const Cancel* cancel = nullptr;
};

struct TrainingResult {
  Weights weights;
  Duplication duplication;
  int iterations = 0;
  std::vector<double> yields;  // by key: expected matches among the pairs that it was the first to propose, per pair
};

// Pairs that EM sees, at most about; random pairs for u.
inline constexpr uint64_t kCandidateSample = 500'000;
inline constexpr uint64_t kRandomSample = 250'000;

// Learns from a sample of rows' candidates. *frequencies is made anew between
// rounds with what was learned about duplication.
TrainingResult TrainModel(const Table& table, const ValueCounts& counts, const BlockingPlan& plan,
                          const Nicknames& nicknames, const TrainingOptions& options, Frequencies* frequencies);

}  // namespace migrate::dedupe
