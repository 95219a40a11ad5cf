#include "migrate/dedupe/scoring.h"

#include <algorithm>
#include <cmath>
#include <thread>

#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

constexpr size_t kPrefetch = 8;  // candidates ahead whose features are fetched into the cache
constexpr size_t kBins = kHistogramHigh - kHistogramLow + 1;

struct Part {
  std::vector<Edge> edges;
  std::vector<uint64_t> new_pairs;
  uint64_t pairs = 0;
};

Part ScorePart(const std::vector<Candidate>& candidates, const Comparator& comparator, const Scorer& scorer,
               size_t keys, double least) {
  Part part;
  part.new_pairs.resize(keys);
  part.pairs = candidates.size();
  Comparison comparison;
  Features features;
  uint32_t unpacked = ~0u;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const Candidate& candidate = candidates[i];
    if (i + kPrefetch < candidates.size()) comparator.Prefetch(candidates[i + kPrefetch].other);
    const uint32_t a = std::min(candidate.row, candidate.other), b = std::max(candidate.row, candidate.other);
    if (a != unpacked) features = comparator.FeaturesOf(unpacked = a);
    comparator.Compare(features, a, b, &comparison);
    const double odds = scorer.LogOdds(comparison);
    ++part.new_pairs[candidate.key];
    if (odds >= least) part.edges.push_back({a, b, static_cast<float>(odds)});
  }
  return part;
}

}  // namespace

void ScorePairs(Candidates* candidates, const Comparator& comparator, const Scorer& scorer, const ScoreOptions& options,
                Scores* scores) {
  const size_t keys = candidates->keys();
  scores->new_pairs.resize(keys);
  std::vector<Part> parts(candidates->parts());
  std::atomic<uint64_t> done{0};
  const std::thread::id caller = std::this_thread::get_id();
  ParallelParts(options.threads, parts.size(), options.cancel, [&](size_t p) {
    parts[p] = ScorePart(candidates->Take(p), comparator, scorer, keys, options.least);
    const uint64_t sum = done.fetch_add(1) + 1;
    if (options.progress && std::this_thread::get_id() == caller) options.progress(sum, parts.size());
  });
  size_t edges = scores->edges.size();
  for (const Part& part : parts) edges += part.edges.size();
  // By a little more than is needed, where a vector would double.
  if (edges > scores->edges.capacity()) scores->edges.reserve(edges + (scores->edges.empty() ? 0 : edges / 8));
  for (Part& part : parts) {
    if (part.new_pairs.empty()) continue;  // cancelled before it
    scores->edges.insert(scores->edges.end(), part.edges.begin(), part.edges.end());
    scores->pairs += part.pairs;
    for (size_t i = 0; i < keys; ++i) scores->new_pairs[i] += part.new_pairs[i];
    part = Part{};
  }
}

void WeighAgain(const Comparator& comparator, const Scorer& scorer, unsigned threads, const Cancel* cancel,
                std::vector<Edge>* edges) {
  constexpr size_t kEdgesPerPart = 16384;
  constexpr float kDropped = -1e30f;
  ParallelParts(threads, (edges->size() + kEdgesPerPart - 1) / kEdgesPerPart, cancel, [&](size_t p) {
    const size_t end = std::min(edges->size(), (p + 1) * kEdgesPerPart);
    Comparison comparison;
    for (size_t i = p * kEdgesPerPart; i < end; ++i) {
      Edge& edge = (*edges)[i];
      if (i + kPrefetch < end) comparator.Prefetch((*edges)[i + kPrefetch].b);
      comparator.Compare(edge.a, edge.b, &comparison);
      const double odds = scorer.LogOdds(comparison);
      edge.log_odds = odds < kLeastLogOdds ? kDropped : static_cast<float>(odds);
    }
  });
  std::erase_if(*edges, [](const Edge& e) { return e.log_odds == kDropped; });
}

std::vector<uint64_t> WeightHistogram(const std::vector<Edge>& edges, uint64_t pairs) {
  std::vector<uint64_t> histogram(kBins, 0);
  histogram.front() = pairs - edges.size();
  for (const Edge& e : edges) {
    const int bin = std::clamp(static_cast<int>(std::floor(e.log_odds)), kHistogramLow + 1, kHistogramHigh);
    ++histogram[static_cast<size_t>(bin - kHistogramLow)];
  }
  return histogram;
}

PairEvidence EvidenceOf(const Comparator& comparator, const Scorer& scorer, uint32_t a, uint32_t b) {
  Comparison comparison;
  comparator.Compare(a, b, &comparison);
  PairEvidence evidence;
  for (int e = 0; e < kEvidenceCount; ++e) {
    const auto se = static_cast<size_t>(e);
    if (comparison.level[se] == kNull) continue;
    evidence.used |= 1u << e;
    evidence.match[se] = scorer.MatchPart(comparison, e);
    evidence.household[se] = scorer.HouseholdPart(comparison, e);
  }
  return evidence;
}

}  // namespace migrate::dedupe
