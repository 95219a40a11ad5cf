// Review pairs: the questions that clustering leaves to a steward.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "migrate/dedupe/clustering.h"
#include "migrate/dedupe/matcher.h"

namespace migrate::dedupe {

// What the questions are found in. All rows ascend by record_id.
struct ReviewInput {
  const std::vector<uint64_t>& record_ids;
  const std::vector<uint32_t>& cluster;                      // per row
  const EdgeList& edges;                                     // at least those at or above review_log_odds
  const std::vector<Edge>& cut;                              // Clusters::cut
  const std::vector<std::pair<uint32_t, uint32_t>>& cannot;  // rows
  double match_log_odds = 0, review_log_odds = 0;
};

// One question a pair of clusters: its most probable edge, unless a steward has decided about the two.
struct Questions {
  std::vector<Edge> edges;                            // at most kMaxReviewPairs, the most probable first
  std::set<std::pair<uint32_t, uint32_t>> oversized;  // pairs of clusters of which one was cut off the other
  uint64_t all = 0;                                   // before the cap
};
Questions FindQuestions(const ReviewInput& input);

// Probability that the two clusters of an edge, given their rows ascending, are one person: their evidence pooled.
using PooledOfQuestion =
    std::function<float(const Edge&, const std::vector<uint32_t>& a, const std::vector<uint32_t>& b)>;
// Greatest gain first.
std::vector<ReviewPair> WeighQuestions(const ReviewInput& input, const Questions& questions,
                                       const PooledOfQuestion& pooled);

}  // namespace migrate::dedupe
