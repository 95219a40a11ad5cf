#include "migrate/dedupe/scoring.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <thread>

#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

constexpr uint32_t kRowsPerPart = 4096;
constexpr size_t kPrefetch = 6;  // candidates ahead whose features are fetched into the cache

struct Part {
  std::vector<Edge> edges;
  std::vector<uint64_t> new_pairs, histogram;
  uint64_t pairs = 0;
};

}  // namespace

const std::vector<CandidateFinder::Candidate>& CandidateFinder::After(uint32_t row) {
  found_.clear();
  for (const uint32_t block : blocks_.OfRow(row)) {
    const auto members = blocks_.Members(block);
    const auto key = static_cast<uint8_t>(blocks_.KeyOf(block));
    if (blocks_.dropped(key)) continue;
    for (auto it = std::upper_bound(members.begin(), members.end(), row); it != members.end(); ++it) {
      if (seen_[*it] == row) continue;
      seen_[*it] = row;
      found_.push_back({*it, key});
    }
  }
  return found_;
}

Scores ScorePairs(const Blocks& blocks, const Comparator& comparator, const Scorer& scorer, uint32_t records,
                  const ScoreOptions& options) {
  const size_t part_count = (records + kRowsPerPart - 1) / kRowsPerPart;
  std::vector<Part> parts(part_count);
  std::vector<std::unique_ptr<CandidateFinder>> idle;
  std::mutex mutex;
  std::atomic<uint64_t> done{0};
  const std::thread::id caller = std::this_thread::get_id();
  ParallelParts(options.threads, part_count, options.cancel, [&](size_t p) {
    std::unique_ptr<CandidateFinder> finder;
    {
      const std::lock_guard lock(mutex);
      if (!idle.empty()) {
        finder = std::move(idle.back());
        idle.pop_back();
      }
    }
    if (finder == nullptr) finder = std::make_unique<CandidateFinder>(blocks, records);
    Part& part = parts[p];
    part.new_pairs.resize(blocks.keys.size());
    part.histogram.resize(kHistogramHigh - kHistogramLow + 1);
    const auto from = static_cast<uint32_t>(p * kRowsPerPart), to = std::min(records, from + kRowsPerPart);
    Comparison comparison;
    for (uint32_t row = from; row < to; ++row) {
      const size_t first = part.edges.size();
      const auto& candidates = finder->After(row);
      for (size_t i = 0; i < candidates.size(); ++i) {
        const auto& candidate = candidates[i];
        if (i + kPrefetch < candidates.size()) comparator.Prefetch(candidates[i + kPrefetch].row);
        comparator.Compare(row, candidate.row, &comparison);
        const double odds = scorer.LogOdds(comparison);
        ++part.pairs;
        ++part.new_pairs[candidate.key];
        const double bin =
            std::clamp(std::floor(odds), static_cast<double>(kHistogramLow), static_cast<double>(kHistogramHigh));
        ++part.histogram[static_cast<size_t>(bin - kHistogramLow)];
        if (odds >= kLeastLogOdds) part.edges.push_back({row, candidate.row, static_cast<float>(odds)});
      }
      std::sort(part.edges.begin() + static_cast<ptrdiff_t>(first), part.edges.end(),
                [](const Edge& x, const Edge& y) { return x.b < y.b; });
    }
    const uint64_t sum = done.fetch_add(to - from) + to - from;
    if (options.progress && std::this_thread::get_id() == caller) options.progress(sum, records);
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(finder));
  });
  Scores scores;
  scores.new_pairs.resize(blocks.keys.size());
  scores.histogram.resize(kHistogramHigh - kHistogramLow + 1);
  size_t edges = 0;
  for (const Part& part : parts) edges += part.edges.size();
  scores.edges.reserve(edges);
  for (Part& part : parts) {
    scores.edges.insert(scores.edges.end(), part.edges.begin(), part.edges.end());
    scores.pairs += part.pairs;
    for (size_t i = 0; i < part.new_pairs.size(); ++i) scores.new_pairs[i] += part.new_pairs[i];
    for (size_t i = 0; i < part.histogram.size(); ++i) scores.histogram[i] += part.histogram[i];
    part = Part{};
  }
  return scores;
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
