#include "migrate/dedupe/scoring.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <span>
#include <thread>

#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

constexpr size_t kPrefetch = 8;  // candidates ahead whose features are fetched into the cache
constexpr size_t kBins = kHistogramHigh - kHistogramLow + 1;

ScoredPart ScorePart(std::span<const Candidate> candidates, const Comparator& comparator, const Scorer& scorer,
                     size_t keys, double least) {
  ScoredPart part;
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
  const size_t parts = candidates->parts();
  const std::thread::id caller = std::this_thread::get_id();
  std::mutex mutex;
  std::map<size_t, ScoredPart> waiting;  // parts that were done before one that comes before them
  size_t next = 0;
  const auto take = [&](const ScoredPart& part) {
    scores->edges.Append(part.edges.data(), part.edges.size());
    scores->pairs += part.pairs;
    for (size_t i = 0; i < keys; ++i) scores->new_pairs[i] += part.new_pairs[i];
  };
  ParallelParts(options.threads, parts, options.cancel, [&](size_t p) {
    ScoredPart part = ScorePart(candidates->Take(p), comparator, scorer, keys, options.least);
    const std::lock_guard lock(mutex);
    waiting.emplace(p, std::move(part));
    for (; !waiting.empty() && waiting.begin()->first == next; ++next) {
      take(waiting.begin()->second);
      waiting.erase(waiting.begin());
    }
    if (options.progress && std::this_thread::get_id() == caller) options.progress(next, parts);
  });
}

void ScoreInParts(Candidates* candidates, const std::vector<uint32_t>& numbers, const Comparator& comparator,
                  const Scorer& scorer, const ScoreOptions& options, const ScoreParts& parts) {
  const size_t keys = candidates->keys();
  const size_t in_one = kCandidateRows / parts.rows;  // parts in one of the slice
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<uint64_t> done{0};
  ParallelParts(options.threads, candidates->parts(), options.cancel, [&](size_t p) {
    const std::vector<Candidate> all = candidates->Take(p);
    size_t from = 0;
    for (size_t i = p * in_one; i < std::min(numbers.size(), (p + 1) * in_one); ++i) {
      size_t to = from;
      while (to < all.size() && all[to].row / parts.rows == numbers[i]) ++to;
      const std::span<const Candidate> some(all.data() + from, to - from);
      const Status s = parts.write(numbers[i], ScorePart(some, comparator, scorer, keys, options.least));
      if (!s.ok()) throw ScratchFailure(s);
      from = to;
    }
    ++done;
    if (options.progress && std::this_thread::get_id() == caller) options.progress(done, candidates->parts());
  });
}

void WeighAgain(const Comparator& comparator, const Scorer& scorer, unsigned threads, const Cancel* cancel,
                EdgeList* edges) {
  constexpr size_t kEdgesPerPart = 16384;
  constexpr float kDropped = -1e30f;
  edges->Rewrite([&](std::vector<Edge>* run) {
    ParallelParts(threads, (run->size() + kEdgesPerPart - 1) / kEdgesPerPart, cancel, [&](size_t p) {
      const size_t end = std::min(run->size(), (p + 1) * kEdgesPerPart);
      Comparison comparison;
      for (size_t i = p * kEdgesPerPart; i < end; ++i) {
        Edge& edge = (*run)[i];
        if (i + kPrefetch < end) comparator.Prefetch((*run)[i + kPrefetch].b);
        comparator.Compare(edge.a, edge.b, &comparison);
        const double odds = scorer.LogOdds(comparison);
        edge.log_odds = odds < kLeastLogOdds ? kDropped : static_cast<float>(odds);
      }
    });
    std::erase_if(*run, [&](const Edge& e) { return e.log_odds == kDropped; });
  });
}

namespace {

size_t BinOf(const Edge& e) {
  const int bin = std::clamp(static_cast<int>(std::floor(e.log_odds)), kHistogramLow + 1, kHistogramHigh);
  return static_cast<size_t>(bin - kHistogramLow);
}

}  // namespace

std::vector<uint64_t> WeightHistogram(const EdgeList& edges, uint64_t pairs) {
  std::vector<uint64_t> histogram(kBins, 0);
  histogram.front() = pairs - edges.size();
  edges.Each([&](const Edge& e) { ++histogram[BinOf(e)]; });
  return histogram;
}

std::vector<uint64_t> WeightHistogram(const std::vector<Edge>& edges, uint64_t pairs) {
  std::vector<uint64_t> histogram(kBins, 0);
  histogram.front() = pairs - edges.size();
  for (const Edge& e : edges) ++histogram[BinOf(e)];
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
    const bool name = e == kFirst || e == kMiddle || e == kLast;
    if (name && comparison.level[se] == kNameInitial) evidence.faint |= 1u << e;
    if (comparison.only_identifier == e) evidence.faint |= 1u << e;
    evidence.match[se] = scorer.MatchPart(comparison, e);
    evidence.household[se] = scorer.HouseholdPart(comparison, e);
  }
  return evidence;
}

}  // namespace migrate::dedupe
