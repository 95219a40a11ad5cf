// Scoring: every candidate pair once, compared and weighed.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/clustering.h"
#include "migrate/dedupe/compare.h"
#include "migrate/dedupe/model.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {

// Pairs below this are not kept: even pooled with others they decide nothing.
inline constexpr double kLeastLogOdds = -12;
// Bits further down for pairs that will be weighed again under other frequencies: a piece of evidence gains a bit or
// two where values are counted by person. What gains more ends not far above -12 and decides nothing either.
inline constexpr double kWeighAgainMargin = 12;

struct ScoreOptions {
  unsigned threads = 1;
  const Cancel* cancel = nullptr;
  double least = kLeastLogOdds;
  std::function<void(uint64_t done, uint64_t total)> progress;  // parts of the slice, from the calling thread
};

struct Scores {
  EdgeList edges;                   // at least ScoreOptions::least; in the order of the candidates, a < b
  std::vector<uint64_t> new_pairs;  // by key
  uint64_t pairs = 0;
};

// Scores the pairs of a slice and adds them to *scores: slices that tile a table in order leave edges sorted by (a, b).
// The candidates are used up.
void ScorePairs(Candidates* candidates, const Comparator& comparator, const Scorer& scorer, const ScoreOptions& options,
                Scores* scores);

// Scoring that several processes share: parts of the table's rows, each the pairs of its rows with those behind them.
// A part depends on the records, the options and the model alone, so it is the same whoever scores it.
struct ScoredPart {
  std::vector<Edge> edges;
  std::vector<uint64_t> new_pairs;  // by key
  uint64_t pairs = 0;
};
// What a matching knows before it scores: with it another process need not count, block and learn to score the same.
struct Learned {
  Model model;                 // before persons are counted
  std::vector<KeyStats> keys;  // BlockingPlan's, counted
  bool all_pairs = false;
  int em_iterations = 0;
};
struct ScoreParts {
  uint32_t rows = kCandidateRows;  // of a part; divides kCandidateRows
  bool only = false;               // Matcher::Run ends behind the parts, with an empty result
  // Where no model is given, before anything is learned: false: nobody has left it, so it is learned here, and left to
  // others. May wait for who is learning it. Both may be empty.
  std::function<bool(Learned* out)> read_learned;
  std::function<Status(const Learned& learned)> write_learned;
  // Once, before the others: what pairs are weighed by, and down to where they are kept.
  std::function<void(const Model& model, double least)> begin;
  std::function<bool(uint32_t part)> mine;  // is it to be there when Run ends? Without `only`: all are
  // false: it is not there. From the calling thread.
  std::function<bool(uint32_t part, ScoredPart* out)> read;
  // By several threads at once.
  std::function<Status(uint32_t part, const ScoredPart& scored)> write;
};

// Scores candidates of whole parts, ascending, which their slice has the rows of, and writes these. Throws
// ScratchFailure where a part cannot be written.
void ScoreInParts(Candidates* candidates, const std::vector<uint32_t>& numbers, const Comparator& comparator,
                  const Scorer& scorer, const ScoreOptions& options, const ScoreParts& parts);

// Weighs pairs anew, with what the comparator and the scorer know now.
void WeighAgain(const Comparator& comparator, const Scorer& scorer, unsigned threads, const Cancel* cancel,
                EdgeList* edges);

// MatchStats::weight_histogram: of the pairs that were kept, and in the first bin of all others.
std::vector<uint64_t> WeightHistogram(const EdgeList& edges, uint64_t pairs);
std::vector<uint64_t> WeightHistogram(const std::vector<Edge>& edges, uint64_t pairs);

PairEvidence EvidenceOf(const Comparator& comparator, const Scorer& scorer, uint32_t a, uint32_t b);

}  // namespace migrate::dedupe
