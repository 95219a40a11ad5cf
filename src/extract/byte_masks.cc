#include "migrate/extract/byte_masks.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace migrate::extract {
namespace {

void Portable(const char* p, size_t blocks, char delimiter, BlockMasks* out) {
  for (size_t i = 0; i < blocks; ++i, p += 64) {
    const Bytes64 b(p);
    out[i] = {b.Equal(delimiter),
              b.Equal('\n'),
              b.Equal('\r'),
              b.Equal('"'),
              b.AtMost(0x1f) | b.Equal('\\'),
              b.High(),
              b.Equal(' ') | b.Equal('\t')};
  }
}

#if defined(__x86_64__)

struct Avx2Block {
  __m256i low, high;
};

__attribute__((target("avx2"))) inline uint64_t Joined(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

__attribute__((target("avx2"))) inline uint64_t Equal(const Avx2Block& b, __m256i c) {
  return Joined(_mm256_cmpeq_epi8(b.low, c), _mm256_cmpeq_epi8(b.high, c));
}

__attribute__((target("avx2"))) void Avx2(const char* p, size_t blocks, char delimiter, BlockMasks* out) {
  const __m256i comma = _mm256_set1_epi8(delimiter), feed = _mm256_set1_epi8('\n'), ret = _mm256_set1_epi8('\r'),
                quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), space = _mm256_set1_epi8(' '),
                tab = _mm256_set1_epi8('\t'), top = _mm256_set1_epi8(0x1f);
  for (size_t i = 0; i < blocks; ++i, p += 64) {
    const auto* v = reinterpret_cast<const __m256i*>(p);
    const Avx2Block b{_mm256_loadu_si256(v), _mm256_loadu_si256(v + 1)};
    const __m256i unclean_low =
        _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(b.low, top), b.low), _mm256_cmpeq_epi8(b.low, backslash));
    const __m256i unclean_high =
        _mm256_or_si256(_mm256_cmpeq_epi8(_mm256_min_epu8(b.high, top), b.high), _mm256_cmpeq_epi8(b.high, backslash));
    out[i] = {Equal(b, comma),
              Equal(b, feed),
              Equal(b, ret),
              Equal(b, quote),
              Joined(unclean_low, unclean_high),
              Joined(b.low, b.high),
              Equal(b, space) | Equal(b, tab)};
  }
}

__attribute__((target("avx512f,avx512bw"))) void Avx512(const char* p, size_t blocks, char delimiter, BlockMasks* out) {
  const __m512i comma = _mm512_set1_epi8(delimiter), feed = _mm512_set1_epi8('\n'), ret = _mm512_set1_epi8('\r'),
                quote = _mm512_set1_epi8('"'), backslash = _mm512_set1_epi8('\\'), space = _mm512_set1_epi8(' '),
                tab = _mm512_set1_epi8('\t'), top = _mm512_set1_epi8(0x1f);
  for (size_t i = 0; i < blocks; ++i, p += 64) {
    const __m512i v = _mm512_loadu_si512(p);
    out[i] = {_mm512_cmpeq_epi8_mask(v, comma),
              _mm512_cmpeq_epi8_mask(v, feed),
              _mm512_cmpeq_epi8_mask(v, ret),
              _mm512_cmpeq_epi8_mask(v, quote),
              _mm512_cmple_epu8_mask(v, top) | _mm512_cmpeq_epi8_mask(v, backslash),
              _mm512_movepi8_mask(v),
              _mm512_cmpeq_epi8_mask(v, space) | _mm512_cmpeq_epi8_mask(v, tab)};
  }
}

#endif

}  // namespace

MaskEngine BestMaskEngine() {
#if defined(__x86_64__)
  static const MaskEngine best = [] {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512bw")) return MaskEngine::kAvx512;
    return __builtin_cpu_supports("avx2") ? MaskEngine::kAvx2 : MaskEngine::kPortable;
  }();
  return best;
#else
  return MaskEngine::kPortable;
#endif
}

void FindMasks(const char* p, size_t blocks, char delimiter, BlockMasks* out, MaskEngine engine) {
#if defined(__x86_64__)
  if (engine == MaskEngine::kAvx512) return Avx512(p, blocks, delimiter, out);
  if (engine == MaskEngine::kAvx2) return Avx2(p, blocks, delimiter, out);
#endif
  (void)engine;
  Portable(p, blocks, delimiter, out);
}

}  // namespace migrate::extract
