// Dictionary: each distinct value of a field once, under a number. Packed features hold the numbers.
//
// Numbers depend on the order in which values come; nothing that reaches a result may be ordered by them. Memory per
// distinct value: its bytes, 8 for its place, 32 to 64 to find it by one look at one place, as values are looked up
// once for every record and most are short.
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

  // The number of `value`, a new one where it is new. 0 for "".
  uint32_t Add(std::string_view value);

  // Value of a number; valid until the next Add. Of(0) is "".
  std::string_view Of(uint32_t id) const {
    return {bytes_.data() + starts_[id], static_cast<size_t>(starts_[id + 1] - starts_[id])};
  }
  // Numbers given out are 1 .. size() - 1.
  uint32_t size() const { return static_cast<uint32_t>(starts_.size() - 1); }
  uint64_t MemoryBytes() const;

 private:
  static constexpr size_t kShort = 11;
  struct Slot {
    uint32_t id;        // 0: free
    uint8_t size;       // of a short value, kShort + 1 of others
    char text[kShort];  // a short value; of others the first bytes
  };
  static_assert(sizeof(Slot) == 16);

  bool Holds(const Slot& slot, std::string_view value) const;
  void Grow();

  std::string bytes_;
  std::vector<uint64_t> starts_;
  std::vector<Slot> slots_;  // open addressing
};

}  // namespace migrate::dedupe
