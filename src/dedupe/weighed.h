// What clustering has weighed, so that it is weighed once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "migrate/dedupe/dictionary.h"

namespace migrate::dedupe {

// What pairs of clusters were found to be: by their roots, for the records that both had at the time. Open addressing,
// 16 bytes a place, at most three in four taken: 21 to 43 bytes a pair, half as much again while the table grows.
// Where it may grow no further, new pairs get no place and are weighed whenever they are asked for.
class Weighed {
 public:
  struct Entry {
    uint64_t pair = kFree;
    float odds = 0;
    uint32_t records = 0;
  };
  // 0: no limit.
  explicit Weighed(uint64_t memory_bytes) : most_(memory_bytes), places_(1024) {}

  static uint64_t PairOf(uint32_t a, uint32_t b) { return uint64_t{std::min(a, b)} << 32 | std::max(a, b); }
  // Valid until the next Of; null where there is no place for it.
  Entry* Of(uint64_t pair) {
    if (used_ * 4 > places_.size() * 3) Grow();
    Entry& entry = places_[Place(pair)];
    if (entry.pair != kFree) return &entry;
    if (used_ * 4 > places_.size() * 3) return nullptr;
    entry.pair = pair;
    ++used_;
    return &entry;
  }
  // Null where it was not weighed.
  const Entry* Find(uint64_t pair) const {
    const Entry& entry = places_[Place(pair)];
    return entry.pair == pair ? &entry : nullptr;
  }

 private:
  static constexpr uint64_t kFree = ~uint64_t{0};

  size_t Place(uint64_t pair) const {
    const size_t mask = places_.size() - 1;
    size_t at = HashMix(pair, 0) & mask;
    while (places_[at].pair != kFree && places_[at].pair != pair) at = (at + 1) & mask;
    return at;
  }
  void Grow() {
    if (most_ != 0 && places_.size() * 3 * sizeof(Entry) > most_) return;  // beside the old one the new one
    std::vector<Entry> old(places_.size() * 2);
    old.swap(places_);
    for (const Entry& entry : old)
      if (entry.pair != kFree) places_[Place(entry.pair)] = entry;
  }

  uint64_t most_;
  std::vector<Entry> places_;
  size_t used_ = 0;
};

}  // namespace migrate::dedupe
