// Changed blocks: which pairs of records blocking proposes now and did not before, or no longer proposes, after some
// records came, changed, or went. The result is that of BuildBlocks over the old records set against that over the new
// ones, with the caps of one model; the cost is a pass over all entries, and what the blocks of the touched records
// hold.
#pragma once

#include <cstdint>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/match_state.h"

namespace migrate::dedupe {

struct TouchedSlots {
  std::vector<uint32_t> before;  // slots of the old images
  std::vector<uint32_t> after;   // slots of the new images, appended to the state
};

inline constexpr uint8_t kNoKey = 255;

// A pair of slots, with the first key that proposed it before, and that proposes it now.
struct PairChange {
  uint32_t a = 0, b = 0;
  uint8_t before = kNoKey, after = kNoKey;
};

struct BlockChanges {
  // Pairs with a touched slot (one of its images), and pairs of others whose first key changed. Each once.
  std::vector<PairChange> pairs;
  // By key.
  std::vector<int64_t> proposed;                          // change of KeyStats::pairs
  std::vector<std::map<uint32_t, int64_t>> capped_sizes;  // change of KeyStats::capped_sizes
  // Entries of hub values of touched slots -> occurrences before. Ascending.
  std::vector<std::pair<uint64_t, uint64_t>> hub_entries;
};

// `caps` by key; `strong` by key: a block that is too large is blocked again by name. Dead slots of the state and those
// of touched.after are in no block before; the slots of touched.before are still alive. Empty where cancelled.
BlockChanges FindBlockChanges(const MatchState& state, const std::vector<uint32_t>& caps,
                              const std::vector<bool>& strong, const TouchedSlots& touched, unsigned threads,
                              const Cancel* cancel);

}  // namespace migrate::dedupe
