// Deterministic randomness of migrate-datagen. Everything is a pure function of (seed, stream, index) in integer
// arithmetic, so the bytes are the same on every machine and for every number of threads. Draw once an expression: the
// order in which operands are evaluated is the compiler's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace migrate::datagen {

// The finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014).
inline uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

// What a random number is drawn for; each has its own sequence, so that one cannot shift another.
enum class Stream : uint64_t {
  kCore = 1,   // of a person: sex, names, birthday, address, phone
  kFamily,     // of a member of a household: how it differs from the head
  kHousehold,  // of a household: twins, father and son, shared e-mail
  kPerson,     // of a person: contact habits that its rows share
  kAddress,    // of a person's further addresses
  kPhone,      // of a person's further numbers
  kEmail,      // of a person's e-mail addresses
  kOffice,     // of an office whose number many people give
  kRow,        // of a row: faults and ways of writing
  kPermutation,
  kPool,  // made-up names, the same for every seed
};

// Counter-based generator: the n-th number is Mix(start + n * golden ratio).
class Rng {
 public:
  Rng(uint64_t seed, Stream stream, uint64_t index)
      : state_(Mix(Mix(Mix(seed) + static_cast<uint64_t>(stream) * 0x9e3779b97f4a7c15ULL) + index)) {}

  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15ULL); }
  // Uniform in [0, n), n > 0; the bias is below n / 2^32.
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(((Next() >> 32) * n) >> 32); }
  // Uniform in [low, high].
  int32_t Between(int32_t low, int32_t high) {
    return low + static_cast<int32_t>(Below(static_cast<uint32_t>(high - low + 1)));
  }
  // True in `per_100k` of 100,000 cases.
  bool Chance(uint32_t per_100k) { return Below(100'000) < per_100k; }

 private:
  uint64_t state_;
};

// A bijection of [0, n), by a Feistel network over the next even power of two with cycle walking. Needs no table, so
// rows can be shuffled without being held.
class Permutation {
 public:
  Permutation(uint64_t n, uint64_t seed, uint64_t number)
      : n_(n), key_(Rng(seed, Stream::kPermutation, number).Next()) {
    while ((uint64_t{1} << (2 * half_bits_)) < n_) ++half_bits_;
  }

  // i < n.
  uint64_t At(uint64_t i) const {
    do {
      i = Encrypt(i);
    } while (i >= n_);
    return i;
  }

 private:
  uint64_t Encrypt(uint64_t i) const {
    const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
    uint64_t left = i >> half_bits_, right = i & mask;
    for (uint64_t round = 0; round < 6; ++round) {
      const uint64_t next = left ^ (Mix(right + key_ + (round << 56)) & mask);
      left = right;
      right = next;
    }
    return (left << half_bits_) | right;
  }

  uint64_t n_, key_;
  int half_bits_ = 1;
};

// Draws indexes by integer weights (their sum below 2^32): a guide table finds the neighbourhood, a binary search the
// place. 8 KiB and 4 bytes a weight.
class Weighted {
 public:
  Weighted() = default;
  explicit Weighted(const std::vector<uint32_t>& weights) {
    uint32_t sum = 0;
    for (uint32_t w : weights) cumulative_.push_back(sum += w);
    for (uint64_t k = 0; k <= kGuides; ++k) guide_.push_back(Find(0, cumulative_.size(), (k * sum) >> kGuideBits));
  }

  // Zipf-Mandelbrot: the weight of rank r (from 0) is 1 / (r + 1 + q).
  static Weighted Zipf(size_t size, uint32_t q) {
    std::vector<uint32_t> weights;
    for (uint32_t r = 0; r < size; ++r) weights.push_back((1u << 24) / (r + 1 + q));
    return Weighted(weights);
  }

  uint32_t Draw(Rng& rng) const {
    const uint64_t u = rng.Next() >> 32;
    const uint64_t guide = u >> (32 - kGuideBits);
    return Find(guide_[guide], std::min<size_t>(guide_[guide + 1] + 1, cumulative_.size()),
                (u * cumulative_.back()) >> 32);
  }

 private:
  static constexpr int kGuideBits = 11;
  static constexpr uint64_t kGuides = uint64_t{1} << kGuideBits;

  uint32_t Find(size_t from, size_t to, uint64_t x) const {
    const auto begin = cumulative_.begin();
    const auto at =
        std::upper_bound(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to), x);
    return static_cast<uint32_t>(
        std::min<std::ptrdiff_t>(at - begin, static_cast<std::ptrdiff_t>(cumulative_.size()) - 1));
  }

  std::vector<uint32_t> cumulative_, guide_;
};

}  // namespace migrate::datagen
