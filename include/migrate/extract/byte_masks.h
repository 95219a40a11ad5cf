// 64 bytes of text at a time as bit masks: bit i of a mask speaks of byte i. SSE2 where the machine has it (every
// x86-64 does), a plain loop elsewhere; both give the same masks.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace migrate::extract {

#if defined(__SSE2__)
class Bytes64 {
 public:
  // Reads p[0..63]; no alignment is needed.
  explicit Bytes64(const char* p) {
    for (int i = 0; i < 4; ++i) v_[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p) + i);
  }
  uint64_t Equal(char c) const {
    const __m128i needle = _mm_set1_epi8(c);
    return Collect([&](__m128i v) { return _mm_cmpeq_epi8(v, needle); });
  }
  // Bytes at or below `limit`, unsigned.
  uint64_t AtMost(uint8_t limit) const {
    const __m128i top = _mm_set1_epi8(static_cast<char>(limit));
    return Collect([&](__m128i v) { return _mm_cmpeq_epi8(_mm_min_epu8(v, top), v); });
  }
  // Bytes of 0x80 and above: no ASCII.
  uint64_t High() const {
    return Collect([](__m128i v) { return v; });
  }

 private:
  template <class F>
  uint64_t Collect(F f) const {
    uint64_t mask = 0;
    for (int i = 0; i < 4; ++i)
      mask |= static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(f(v_[i])))) << (16 * i);
    return mask;
  }
  __m128i v_[4];
};
#else
class Bytes64 {
 public:
  explicit Bytes64(const char* p) { std::memcpy(b_, p, 64); }
  uint64_t Equal(char c) const {
    return Collect([c](uint8_t b) { return b == static_cast<uint8_t>(c); });
  }
  uint64_t AtMost(uint8_t limit) const {
    return Collect([limit](uint8_t b) { return b <= limit; });
  }
  uint64_t High() const {
    return Collect([](uint8_t b) { return b >= 0x80; });
  }

 private:
  template <class F>
  uint64_t Collect(F f) const {
    uint64_t mask = 0;
    for (int i = 0; i < 64; ++i) mask |= static_cast<uint64_t>(f(b_[i])) << i;
    return mask;
  }
  uint8_t b_[64];
};
#endif

// The bytes of one block that the grammar of CSV (csv_grammar.h) and the payload's escapes look at.
struct BlockMasks {
  uint64_t delimiter, feed, carriage_return, quote;
  uint64_t unclean;  // control bytes and backslash: what JSON escapes, beside the quote
  uint64_t high;     // 0x80 and above: no ASCII
  uint64_t blank;    // space and tab
};

enum class MaskEngine : uint8_t { kPortable, kAvx2, kAvx512 };
// What this processor can do best, asked once (CPUID).
MaskEngine BestMaskEngine();

// The masks of p[0, 64 * blocks). All engines give the same; one beyond BestMaskEngine() must not be asked for.
void FindMasks(const char* p, size_t blocks, char delimiter, BlockMasks* out, MaskEngine engine = BestMaskEngine());

// std::popcount where the compiler may not use the instruction: that is a call, and slower than this.
inline size_t CountBits(uint64_t m) {
  m -= m >> 1 & 0x5555555555555555;
  m = (m & 0x3333333333333333) + (m >> 2 & 0x3333333333333333);
  return (((m + (m >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101) >> 56;
}

// Bit i of the result is the XOR of bits 0..i: set from each odd-numbered set bit up to the one before the next.
inline uint64_t PrefixXor(uint64_t m) {
  for (int shift = 1; shift < 64; shift <<= 1) m ^= m << shift;
  return m;
}

}  // namespace migrate::extract
