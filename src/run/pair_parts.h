// Pair parts: the scored pairs of parts of the records, which shards of dedupe leave as files for its finish.
//
// Reading the records and learning give the same in every process. Each shard reads for itself; the first one learns
// (the model, what each blocking key keeps) and leaves that as the file work/pairs/learned-STATE.bin, for which the
// others wait, by the lock work/learn.lock. What is divided is the comparison of candidate pairs. Part p is the pairs
// of the p-th 16,384 records by id with those behind them; it belongs to shard p mod n.
//
// A part is the file work/pairs/P-STATE.bin; its name, which it gets when it is whole and synced, is its commit. STATE
// says what the target held and what decides beside it, so that a call can tell cheaply which parts are missing. The
// file says exactly what it was made of (a hash of the records as matching reads them, the model, the tool, the plan)
// and is checked by that and its checksum: one that does not fit is scored again by whoever finishes. docs/formats.md
// has the grammar. Memory: one part, 12 bytes a pair that is kept. All parts go with the end of dedupe.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "context.h"
#include "matching.h"
#include "migrate/dedupe/scoring.h"

namespace migrate::run {

struct PairWork {
  uint32_t parts = 0;  // 0: the finish compares by itself
  std::string state;   // of the parts' names
  std::string why;     // the finish compares by itself; "" where dedupe is done
};
// Which parts dedupe of this import has. The target is open; within the section. Changes nothing.
Result<PairWork> PairsToScore(const Context& c, const MatchingOptions& matching);

// Parts that are not there; shards (from 1) of n whose they are, ascending.
std::set<uint32_t> MissingPairParts(const Context& c, const PairWork& work);
std::vector<uint32_t> ShardsOfMissingPairs(const Context& c, const PairWork& work, uint32_t n);

// Parts that are read and written by one matching. Outlives it.
class PairFiles {
 public:
  // `share`: only this shard's parts are wanted; none: all are.
  PairFiles(const Context& c, const PairWork& work, std::optional<Shard> share);
  PairFiles(const PairFiles&) = delete;
  PairFiles& operator=(const PairFiles&) = delete;

  void Add(const Record& record);  // every record that is matched, in their order
  const dedupe::ScoreParts* parts() const { return &parts_; }

 private:
  bool Read(uint32_t part, dedupe::ScoredPart* out) const;
  Status Write(uint32_t part, const dedupe::ScoredPart& scored) const;
  std::string MadeOfRecords() const;
  bool ReadLearned(dedupe::Learned* out);
  Status WriteLearned(const dedupe::Learned& learned);

  const Context& c_;
  PairWork work_;
  uint64_t records_ = 0, digest_ = 0;
  std::string made_of_;            // 32 bytes
  std::optional<FileLock> learn_;  // while this process learns
  dedupe::ScoreParts parts_;
};

}  // namespace migrate::run
