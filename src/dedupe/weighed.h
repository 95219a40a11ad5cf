// What clustering has weighed, so that it is weighed once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "migrate/dedupe/dictionary.h"

namespace migrate::dedupe {

// What pairs of clusters were found to be: by their roots, for the records that both had at the time. Open addressing,
// 16 bytes a place, at most three in four taken: 21 to 43 bytes a pair, half as much again while the table grows. Under
// a limit it has its size from the beginning, 21 bytes for each pair that there may be, as far as the limit allows;
// pairs beyond that get no place and are weighed whenever they are asked for.
class Weighed {
 public:
  struct Entry {
    uint64_t pair = kFree;
    float odds = 0;
    uint32_t records = 0;
  };
  // memory_bytes 0: no limit. `pairs`: no more will come.
  Weighed(uint64_t memory_bytes, uint64_t pairs)
      : grows_(memory_bytes == 0),
        places_(grows_ ? kLeast : std::max(kLeast, std::min(memory_bytes / sizeof(Entry), pairs + pairs / 3 + 1))) {}

  static uint64_t PairOf(uint32_t a, uint32_t b) { return uint64_t{std::min(a, b)} << 32 | std::max(a, b); }
  // Valid until the next Of; null where there is no place for it.
  Entry* Of(uint64_t pair) {
    if (grows_ && used_ * 4 > places_.size() * 3) Grow();
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
  static constexpr uint64_t kFree = ~uint64_t{0}, kLeast = 1024;

  size_t Place(uint64_t pair) const {
    __extension__ using Wide = unsigned __int128;
    auto at = static_cast<size_t>(Wide{HashMix(pair, 0)} * places_.size() >> 64);
    while (places_[at].pair != kFree && places_[at].pair != pair) at = at + 1 == places_.size() ? 0 : at + 1;
    return at;
  }
  void Grow() {
    std::vector<Entry> old(places_.size() * 2);
    old.swap(places_);
    for (const Entry& entry : old)
      if (entry.pair != kFree) places_[Place(entry.pair)] = entry;
  }

  bool grows_;
  std::vector<Entry> places_;
  size_t used_ = 0;
};

}  // namespace migrate::dedupe
