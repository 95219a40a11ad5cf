#include "migrate/dedupe/training.h"

#include <algorithm>
#include <cmath>

#include "migrate/dedupe/parallel.h"
#include "migrate/dedupe/scoring.h"

namespace migrate::dedupe {
namespace {

constexpr int kRounds = 3;
constexpr size_t kParts = 64;
constexpr size_t kPrefetch = 8;  // pairs ahead whose features are fetched into the cache
// Before the last round, which weighs them all, about as many pairs are enough: these rounds only tell how often
// a person's records repeat.
constexpr size_t kEarlyPairs = 100'000, kEarlyRandom = kRandomSample / 2;

struct Pair {
  uint32_t first, second;
  uint8_t key;
};

// The hashes up to which a row is among a share of the rows.
uint64_t LeastOf(double share) { return static_cast<uint64_t>(std::min(1.0, share) * 18446744073709549568.0); }

// Candidates of a random share of the rows, with rows behind them; the same rows whatever the order in which records
// came.
std::vector<Pair> SampleCandidates(const Table& table, const Frequencies& frequencies, const BlockingPlan& plan,
                                   double share, const TrainingOptions& options) {
  const uint64_t least = LeastOf(share);
  std::vector<uint32_t> rows;
  for (uint32_t row = 0; row < table.size(); ++row)
    if (HashMix(table.record_id(row), 77) <= least) rows.push_back(row);
  BlockingOptions blocking;
  blocking.threads = options.threads;
  blocking.memory_bytes = options.memory_bytes;
  blocking.scratch = options.scratch;
  blocking.cancel = options.cancel;
  Candidates found =
      FindCandidates(table, frequencies, plan, RowSlice::Behind(std::move(rows), table.size()), blocking);
  std::vector<Pair> all;
  for (size_t part = 0; part < found.parts(); ++part)
    for (const Candidate& c : found.Take(part)) all.push_back({c.row, c.other, c.key});
  return all;
}

std::vector<Pair> SampleRandom(uint32_t records) {
  std::vector<Pair> pairs;
  const uint64_t all = uint64_t{records} * (records - 1) / 2;
  if (all <= kRandomSample) {
    for (uint32_t a = 0; a < records; ++a)
      for (uint32_t b = a + 1; b < records; ++b) pairs.push_back({a, b, 0});
    return pairs;
  }
  for (uint64_t i = 0; pairs.size() < kRandomSample; ++i) {
    const auto a = static_cast<uint32_t>(HashMix(i, 1) % records), b = static_cast<uint32_t>(HashMix(i, 2) % records);
    if (a != b) pairs.push_back({std::min(a, b), std::max(a, b), 0});
  }
  return pairs;
}

std::vector<TrainingPair> ComparePairs(const std::vector<Pair>& pairs, const Comparator& comparator, float weight,
                                       const TrainingOptions& options) {
  std::vector<TrainingPair> out(pairs.size());
  ParallelParts(options.threads, kParts, options.cancel, [&](size_t p) {
    Comparison comparison;
    const size_t end = (p + 1) * pairs.size() / kParts;
    for (size_t i = p * pairs.size() / kParts; i < end; ++i) {
      if (i + kPrefetch < end) {
        comparator.Prefetch(pairs[i + kPrefetch].first);
        comparator.Prefetch(pairs[i + kPrefetch].second);
      }
      comparator.Compare(pairs[i].first, pairs[i].second, &comparison);
      out[i] = PackPair(comparison);
      out[i].weight = weight;
    }
  });
  return out;
}

// The pairs of a smaller share of the rows; all of them where they are few.
std::vector<Pair> Fewer(const Table& table, const std::vector<Pair>& pairs, double* share) {
  if (pairs.size() < 2 * kEarlyPairs) return pairs;
  *share *= static_cast<double>(kEarlyPairs) / static_cast<double>(pairs.size());
  const uint64_t least = LeastOf(*share);
  std::vector<Pair> some;
  for (const Pair& pair : pairs)
    if (HashMix(table.record_id(pair.first), 77) <= least) some.push_back(pair);
  return some;
}

Duplication DuplicationOf(const Weights& w, double total_pairs, uint32_t records) {
  Duplication d;
  d.duplicates_per_record = 2 * w.lambda_match * total_pairs / records;
  for (size_t e = 0; e < kEvidenceCount; ++e) d.exact[e] = static_cast<double>(w.m[e][1]);
  return d;
}

std::vector<double> YieldsOf(const std::vector<Pair>& pairs, const std::vector<TrainingPair>& compared,
                             const Weights& weights, size_t keys) {
  const Scorer scorer(weights);
  std::vector<double> matches(keys, 0.0), all(keys, 0.0);
  for (size_t i = 0; i < pairs.size(); ++i) {
    matches[pairs[i].key] += LogOddsToProbability(scorer.LogOdds(compared[i]));
    all[pairs[i].key] += 1;
  }
  for (size_t k = 0; k < keys; ++k) matches[k] = all[k] == 0 ? 0 : matches[k] / all[k];
  return matches;
}

// A day that more records give than were born in any year (of three in a hundred; a year of birth has at most two) is
// what a form or a clerk puts in where none is known: beside it a person's true date is another one.
double OtherBirths(const Frequencies& frequencies) {
  constexpr double kMostBirths = 0.03, kAtMost = 0.1;
  double defaults = 0;
  for (uint32_t date = 0; date < frequencies.births.size(); ++date)
    if (const double share = std::exp2(static_cast<double>(frequencies.births[date]));
        DayOf(date) != 0 && share > kMostBirths)
      defaults += share;
  return std::min(kAtMost, EmOptions().other_births + 2 * defaults);
}

}  // namespace

TrainingResult TrainModel(const Table& table, const ValueCounts& counts, const BlockingPlan& plan,
                          const Nicknames& nicknames, const TrainingOptions& options, Frequencies* frequencies) {
  TrainingResult result;
  const uint32_t n = table.size();
  result.weights = InitialWeights(n);
  if (n < 2) return result;
  const double share = std::min(
      1.0, static_cast<double>(kCandidateSample) / static_cast<double>(std::max<uint64_t>(1, plan.PairsWithRepeats())));
  const std::vector<Pair> candidates = SampleCandidates(table, *frequencies, plan, share, options);
  const std::vector<Pair> random = SampleRandom(n);
  double early_share = share;
  const std::vector<Pair> early = Fewer(table, candidates, &early_share);
  const std::vector<Pair> early_random(
      random.begin(), random.begin() + static_cast<std::ptrdiff_t>(std::min(random.size(), kEarlyRandom)));
  EmOptions em;
  em.records = n;
  em.other_births = OtherBirths(*frequencies);
  em.total_pairs = 0.5 * n * (n - 1.0);
  for (int round = 0; round < kRounds; ++round) {
    const bool last = round + 1 == kRounds;
    const Comparator comparator(table, *frequencies);
    EstimateChance(ComparePairs(last ? random : early_random, comparator, 1.0f, options), &result.weights);
    const auto pairs = ComparePairs(last ? candidates : early, comparator,
                                    static_cast<float>(1 / (last ? share : early_share)), options);
    if (options.cancel != nullptr && options.cancel->requested()) return result;
    result.iterations += EstimateByEm(pairs, em, &result.weights);
    result.duplication = DuplicationOf(result.weights, em.total_pairs, n);
    if (last) result.yields = YieldsOf(candidates, pairs, result.weights, plan.keys.size());
    if (!last) *frequencies = MakeFrequencies(table, counts, result.duplication, nicknames);
  }
  return result;
}

}  // namespace migrate::dedupe
