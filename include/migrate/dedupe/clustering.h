// Clustering: from scored pairs to persons.
//
// 1. Pairs at or above the match threshold, strongest first, in a total order (odds, then rows): two single records
// join at once; where a cluster is involved, the evidence of all pairs across the two, pooled field by field, must be
// for one person too. So no chain of strangers forms: a record that resembles one member must fit the others.
// 2. Weaker pairs, strongest first, join where the pooled evidence reaches the match threshold: what each member alone
// cannot prove, a cluster may (one has the telephone, another the birth date).
// 3. A record that is still alone is weighed for all that it may belong to at once (docs/matching.md, "Clusters").
// 4. Stewards' must-links join the clusters that have formed, whole; then step 2 once more. Where a cannot-link stands
// between two such clusters, all steps are done anew with the two records joined before the first.
// 5. A cluster of more than kOversizedRecords records, which no block compared as a whole, is cut by its weakest
// evidence: records against which the pooled evidence of the others speaks leave it, unless a must-link holds them.
// Every union but a must-link honours generations (Jr is not Sr), and all honour cannot-links; of a must-link and a
// cannot-link over the same records the must-link holds.
//
// A union, once made, stays, and a pair that does not join two clusters changes nothing: so what becomes of a cluster
// depends only on itself and those that share an edge with it, at the time. Steps 2 and 4 go on until nothing more
// joins, so it does not matter either how long other clusters take.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/edge_list.h"
#include "migrate/dedupe/levels.h"

namespace migrate::dedupe {

// Evidence of one pair, by piece: log2 m/u and h/u; used: the piece says something.
struct PairEvidence {
  std::array<float, kEvidenceCount> match{}, household{};
  uint32_t used = 0;   // bit per piece
  uint32_t faint = 0;  // of them those that rest on an initial, or on what was said beforehand of an identifier alone
};

// What step 3 found for a row that was alone: the cluster of row `root` (its lowest), and the chance that it is there.
struct Home {
  uint32_t row = 0, root = 0;
  float chance = 0;
  uint8_t round = 0;
};

using EvidenceOfPair = std::function<PairEvidence(uint32_t, uint32_t)>;  // the lower row first
using CombineParts = std::function<double(double match, double household)>;

struct ClusterInput {
  uint32_t records = 0;
  EdgeList edges;                                           // any order; BuildClusters sorts them
  std::vector<std::pair<uint32_t, uint32_t>> must, cannot;  // rows
  std::function<uint8_t(uint32_t)> generation;              // 0: not known
  EvidenceOfPair evidence;
  CombineParts combine;                    // pooled parts -> log2 odds
  std::function<void(uint32_t)> prefetch;  // brings a row nearer that is soon compared; null: nothing
  // What a row may belong to beside what has an edge with it (background.h); null: step 3 is left out.
  std::function<double(uint32_t)> background;
  // Where only a part of the records is clustered again (match_increment.h): edges between rows of which it is known
  // that they do not join their clusters, but of which a row that is alone takes account in step 3; and the rows that
  // do in step 3 what `homes` says, because not all of their edges are here. Empty: none.
  std::vector<Edge> passive;
  std::vector<uint8_t> follows;  // per row
  std::vector<Home> homes;
  bool confidences = true;     // false: only of the records that step 5 looks at
  bool for_increments = true;  // false: Clusters::formed and lonely stay empty
  uint64_t memory_bytes = 0;   // for what was weighed, so that it need not be weighed again; 0: no limit
  double match_log_odds = 0;
  double alone = 0;                // see step 3, as a model knows it; 0: estimated
  unsigned threads = 1;            // weigh ahead and make the confidences; clusters are joined by one
  const Cancel* cancel = nullptr;  // the clusters are then unfinished
};

// As many records as the block of a strong key may have (blocking.h, strong_cap).
inline constexpr uint32_t kOversizedRecords = 200;

struct Clusters {
  std::vector<uint32_t> cluster;  // per row: the lowest row of its cluster
  std::vector<float> confidence;  // per row
  double alone = 1;               // see step 3
  uint64_t oversized = 0;         // clusters that step 5 looked at
  std::vector<Edge> cut;          // per record that step 5 cut off: it, a record that stayed, the log2 odds of the two
  std::vector<uint32_t> formed;   // per row: the lowest row of its cluster before step 5
  std::vector<uint8_t> lonely;    // per row: 1 if it was alone when step 3 began
  std::vector<Home> homes;        // all that step 3 found probable enough, by round, then the most probable first
  std::vector<uint32_t> moved;    // rows that step 3 gave a home
  uint64_t refused_unions = 0;    // pairs above the threshold that the pooled evidence or a veto kept apart
};

// Memory: 10 bytes a record (13 when it ends) beside the edges, 5 more for increments, and memory_bytes.
Clusters BuildClusters(ClusterInput* input);

// log2 odds that two groups of rows are one person, their evidence pooled field by field.
double PooledLogOdds(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, const EvidenceOfPair& evidence,
                     const CombineParts& combine);
// Members of a cluster that take part in pooling: enough for an average, few enough for the time.
inline constexpr size_t kPooledMembers = 8;
// Those of a cluster, spread over the ascending list of its rows.
std::vector<uint32_t> PooledMembers(std::vector<uint32_t> rows);

}  // namespace migrate::dedupe
