// An increment: after some records came, changed or went, the clusters that matching all records with the same model
// would find, at the cost of what is new.
//
// Exact by construction, in three steps:
// 1. Entries (match_entries.h) give the blocks of the touched records, before and after; so which pairs blocking
//    proposes now and did not before, and which it no longer proposes, also between others, where a block passed its
//    cap. With one model a pair's odds depend on its two records alone: only new pairs are compared.
// 2. Clustering is repeated for S, the old clusters that a change touches, beside G, the old clusters that share an
//    edge with S. A union stays, and a pair that joins nothing changes nothing (clustering.h), so whoever is not in S
//    ends as before unless a record of S joins it: if one in G does, its cluster goes to S, and the step is repeated.
//    A record of G that step 3 of clustering finds alone weighs all that it may belong to, so the clusters of its
//    other edges are there too (R), and do in that step as they did.
// 3. What is summed up over all (statistics, review pairs, hubs) is kept as counts and brought up to date.
//
// Not where tables are so small that they are compared whole, before or after: matching them anew costs nothing.
//
// Memory: that of the state, and features of the records that are compared: those touched, those proposed for them, and
// S, G and R.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "migrate/dedupe/match_state.h"
#include "migrate/dedupe/matcher.h"

namespace migrate::dedupe {

// A record that came or may have changed; without a record: it went. One that is as it was is passed over.
struct MatchChange {
  uint64_t record_id = 0;
  std::optional<Record> record;
};

struct MatchIncrement {
  // The records of S, ascending: all whose cluster or confidence may have changed, with the whole of their old and new
  // clusters. As MatchResult has them for all.
  std::vector<uint64_t> record_ids;
  std::vector<uint32_t> cluster;
  std::vector<float> confidence;
  std::vector<Record> replaced;  // old images of the records that changed or went, as EncodeForMatching keeps them
  std::map<uint64_t, uint64_t> sizes;  // records in a cluster -> clusters, of all records
  std::vector<ReviewPair> review;
  MatchStats stats;
  uint64_t compared = 0, clustered = 0;  // records whose features were made for scoring, and for clustering
};

// Brings *state up to date, in memory. `options` as for Matcher, with the model. `also` are record ids whose clusters
// are to be among record_ids although matching reads nothing new of them. After an error, which is kFailed where an
// increment is not possible, *state is of no use.
Result<MatchIncrement> MatchAgain(MatchState* state, const std::vector<MatchChange>& changes,
                                  const std::vector<uint64_t>& also, const MatchOptions& options);

}  // namespace migrate::dedupe
