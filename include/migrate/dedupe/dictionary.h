// Dictionary: each distinct value of a field once, under a number. Packed features hold the numbers.
//
// Numbers depend on the order in which values come; nothing that reaches a result may be ordered by them. Memory per
// distinct value: its bytes + 8 (place) + 8 (hash slots), and 4 for its count.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::dedupe {

// A stable 64-bit hash of bytes (the same on every machine and in every version: models store it).
uint64_t HashBytes(std::string_view s, uint64_t seed = 0);

// Mixes two hashes, in this order.
inline uint64_t HashMix(uint64_t a, uint64_t b) {
  uint64_t x = a ^ (b + 0x9e3779b97f4a7c15ull + (a << 12) + (a >> 4));
  x ^= x >> 31;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 29;
  x *= 0x94d049bb133111ebull;
  x ^= x >> 32;
  return x;
}

class Dictionary {
 public:
  Dictionary();

  // The number of `value`, a new one where it is new, counting one more occurrence. 0 for "".
  uint32_t Add(std::string_view value);

  // Value of a number; valid until the next Add. Of(0) is "".
  std::string_view Of(uint32_t id) const {
    return {bytes_.data() + starts_[id], static_cast<size_t>(starts_[id + 1] - starts_[id])};
  }
  // How often Add saw it.
  uint32_t Count(uint32_t id) const { return counts_[id]; }
  // Numbers given out are 1 .. size() - 1.
  uint32_t size() const { return static_cast<uint32_t>(counts_.size()); }
  uint64_t MemoryBytes() const;

 private:
  void Grow();

  std::string bytes_;
  std::vector<uint64_t> starts_;
  std::vector<uint32_t> counts_;
  std::vector<uint32_t> slots_;  // open addressing, 0 is free
};

}  // namespace migrate::dedupe
