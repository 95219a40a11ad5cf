// Clusters of what a change touches (match_increment.h, step 2).
#pragma once

#include <cstdint>
#include <vector>

#include "migrate/dedupe/match_state.h"

namespace migrate::dedupe {

struct Reclustered {
  std::vector<uint32_t> slots;  // of S, by record_id
  std::vector<uint8_t> in_s;    // by slot: 1 if it is in S
  uint64_t clustered = 0;       // records in S, G and R the last time
};

// *state has its edges as they are now, dead slots, and the clusters as they were; new slots are clusters of their own.
// `order`: live slots by record_id. `seeds`: slots, dead ones too, whose old clusters are in S. Brings clusters,
// confidences, homes, cuts and flags of *state up to date. `decisions`: those in force, as slots.
struct ReclusterInput {
  MatchState* state = nullptr;
  const std::vector<uint32_t>& order;
  const std::vector<uint32_t>& seeds;
  const std::vector<std::pair<uint32_t, uint32_t>>&must, &cannot;
  const MatchOptions& options;
};
Result<Reclustered> Recluster(const ReclusterInput& input);

}  // namespace migrate::dedupe
