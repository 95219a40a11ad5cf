#define OPENSSL_SUPPRESS_DEPRECATED  // as in hash.cc: the calls without EVP's overhead
#include "migrate/base/sha256_many.h"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#define MIGRATE_SHA_NI __attribute__((target("sha,sse4.1,ssse3")))
#endif

namespace migrate {
namespace {

void OneByOne(std::span<const std::string_view> messages, Sha256* digests) {
  SHA256_CTX ctx;
  for (size_t i = 0; i < messages.size(); ++i) {
    SHA256_Init(&ctx);
    SHA256_Update(&ctx, messages[i].data(), messages[i].size());
    SHA256_Final(digests[i].data(), &ctx);
  }
}

#if defined(__x86_64__)

bool HasShaInstructions() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSSE3) == 0 || (c & bit_SSE4_1) == 0) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

// FIPS 180-4, 4.2.2.
alignas(16) constexpr uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The eight working variables in the order of the instructions' operands.
struct State {
  __m128i abef, cdgh;
};

// A message on its way: its whole blocks where they lie, then the last one or two, with the padding, in `tail`.
struct Lane {
  State state;
  __m128i before_tail;  // copies of 16 bytes may begin in it
  __m128i tail[8];
  const char* at = nullptr;
  size_t blocks = 0;       // of the run that `at` points into
  size_t tail_blocks = 0;  // still to come after that run
  Sha256* digest = nullptr;
};

// The last sixteen words of the message schedule. No array: the compiler keeps it in registers only so.
struct Words {
  __m128i w0, w1, w2, w3;
};

// Group kGroup of four rounds, and the words it adds to the schedule in the place of the oldest, w0 (Intel, "SHA
// Extensions", 2013).
template <int kGroup>
MIGRATE_SHA_NI inline __attribute__((always_inline)) void FourRounds(const char* block, __m128i* w0, __m128i w1,
                                                                     __m128i w2, __m128i w3, State* s) {
  if constexpr (kGroup < 4) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    *w0 = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + kGroup), big_endian);
  } else {
    *w0 = _mm_add_epi32(_mm_sha256msg1_epu32(*w0, w1), _mm_alignr_epi8(w3, w2, 4));
    *w0 = _mm_sha256msg2_epu32(*w0, w3);
  }
  const __m128i m = _mm_add_epi32(*w0, _mm_load_si128(reinterpret_cast<const __m128i*>(kRound) + kGroup));
  s->cdgh = _mm_sha256rnds2_epu32(s->cdgh, s->abef, m);
  s->abef = _mm_sha256rnds2_epu32(s->abef, s->cdgh, _mm_shuffle_epi32(m, 0x0E));
}

// Sixteen rounds of one block, or of two in turn.
template <int kGroup>
MIGRATE_SHA_NI inline __attribute__((always_inline)) void Rounds(const char* p, Words* w, State* s) {
  FourRounds<kGroup>(p, &w->w0, w->w1, w->w2, w->w3, s);
  FourRounds<kGroup + 1>(p, &w->w1, w->w2, w->w3, w->w0, s);
  FourRounds<kGroup + 2>(p, &w->w2, w->w3, w->w0, w->w1, s);
  FourRounds<kGroup + 3>(p, &w->w3, w->w0, w->w1, w->w2, s);
}
template <int kGroup>
MIGRATE_SHA_NI inline __attribute__((always_inline)) void Rounds(const char* p, Words* w, State* s, const char* q,
                                                                 Words* v, State* t) {
  FourRounds<kGroup>(p, &w->w0, w->w1, w->w2, w->w3, s);
  FourRounds<kGroup>(q, &v->w0, v->w1, v->w2, v->w3, t);
  FourRounds<kGroup + 1>(p, &w->w1, w->w2, w->w3, w->w0, s);
  FourRounds<kGroup + 1>(q, &v->w1, v->w2, v->w3, v->w0, t);
  FourRounds<kGroup + 2>(p, &w->w2, w->w3, w->w0, w->w1, s);
  FourRounds<kGroup + 2>(q, &v->w2, v->w3, v->w0, v->w1, t);
  FourRounds<kGroup + 3>(p, &w->w3, w->w0, w->w1, w->w2, s);
  FourRounds<kGroup + 3>(q, &v->w3, v->w0, v->w1, v->w2, t);
}

MIGRATE_SHA_NI inline State Sum(const State& a, const State& b) {
  return {_mm_add_epi32(a.abef, b.abef), _mm_add_epi32(a.cdgh, b.cdgh)};
}

MIGRATE_SHA_NI void Blocks(Lane* lane, size_t blocks) {
  for (size_t n = 0; n < blocks; ++n, lane->at += 64) {
    State s = lane->state;
    Words w;
    Rounds<0>(lane->at, &w, &s);
    Rounds<4>(lane->at, &w, &s);
    Rounds<8>(lane->at, &w, &s);
    Rounds<12>(lane->at, &w, &s);
    lane->state = Sum(lane->state, s);
  }
  lane->blocks -= blocks;
}

MIGRATE_SHA_NI void BlocksOfTwo(Lane* a, Lane* b, size_t blocks) {
  const char *p = a->at, *q = b->at;
  for (size_t n = 0; n < blocks; ++n, p += 64, q += 64) {
    // What the states were stays in memory: two lanes fill the sixteen registers.
    State s = a->state, t = b->state;
    Words w, v;
    Rounds<0>(p, &w, &s, q, &v, &t);
    Rounds<4>(p, &w, &s, q, &v, &t);
    Rounds<8>(p, &w, &s, q, &v, &t);
    Rounds<12>(p, &w, &s, q, &v, &t);
    a->state = Sum(a->state, s);
    b->state = Sum(b->state, t);
  }
  a->at = p, b->at = q;
  a->blocks -= blocks, b->blocks -= blocks;
}

// Puts the last `rest` bytes of the message, and the padding, into lane->tail.
MIGRATE_SHA_NI inline void FillTail(std::string_view message, size_t rest, Lane* lane) {
  for (__m128i& v : lane->tail) v = _mm_setzero_si128();
  char* tail = reinterpret_cast<char*>(lane->tail);
  const char* from = message.data() + message.size() - rest;
  if (message.size() >= 16) {
    // The last piece ends where the message ends, so it overlaps the one before it or begins in before_tail.
    for (size_t i = 0; i + 16 <= rest; i += 16) std::memcpy(tail + i, from + i, 16);
    std::memcpy(tail + rest - 16, from + rest - 16, 16);
  } else if (rest > 0) {
    std::memcpy(tail, from, rest);
  }
  tail[rest] = static_cast<char>(0x80);
  const uint64_t bits = __builtin_bswap64(static_cast<uint64_t>(message.size()) * 8);
  std::memcpy(tail + lane->tail_blocks * 64 - 8, &bits, 8);
}

MIGRATE_SHA_NI void Begin(Lane* lane, std::string_view message, Sha256* digest) {
  // FIPS 180-4, 5.3.3
  lane->state.abef = _mm_set_epi32(0x6a09e667, static_cast<int>(0xbb67ae85), 0x510e527f, static_cast<int>(0x9b05688c));
  lane->state.cdgh = _mm_set_epi32(0x3c6ef372, static_cast<int>(0xa54ff53a), 0x1f83d9ab, 0x5be0cd19);
  lane->digest = digest;
  lane->at = message.data();
  lane->blocks = message.size() / 64;
  const size_t rest = message.size() % 64;
  lane->tail_blocks = rest + 9 <= 64 ? 1 : 2;
  FillTail(message, rest, lane);
}

// Makes lane->blocks more than 0, or stores the digest and returns false.
MIGRATE_SHA_NI bool GoOn(Lane* lane) {
  if (lane->blocks > 0) return true;
  if (lane->tail_blocks > 0) {
    lane->at = reinterpret_cast<const char*>(lane->tail);
    lane->blocks = lane->tail_blocks;
    lane->tail_blocks = 0;
    return true;
  }
  const __m128i reversed = _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f);
  const __m128i dcba = _mm_unpackhi_epi64(lane->state.cdgh, lane->state.abef),
                hgfe = _mm_unpacklo_epi64(lane->state.cdgh, lane->state.abef);
  auto* out = reinterpret_cast<__m128i*>(lane->digest->data());
  _mm_storeu_si128(out, _mm_shuffle_epi8(dcba, reversed));
  _mm_storeu_si128(out + 1, _mm_shuffle_epi8(hgfe, reversed));
  return false;
}

// A lane that ends takes the next message, so that both are busy whatever the lengths are.
void TwoLanes(std::span<const std::string_view> messages, Sha256* digests) {
  Lane lanes[2];
  Lane *a = &lanes[0], *b = &lanes[1];
  size_t next = 0;
  auto fill = [&](Lane* lane) {
    if (lane->digest != nullptr && GoOn(lane)) return true;
    lane->digest = nullptr;
    if (next == messages.size()) return false;
    Begin(lane, messages[next], &digests[next]);
    ++next;
    return GoOn(lane);
  };
  bool a_runs = fill(a), b_runs = fill(b);
  while (a_runs && b_runs) {
    BlocksOfTwo(a, b, std::min(a->blocks, b->blocks));
    a_runs = fill(a);
    b_runs = fill(b);
  }
  for (Lane* last = a_runs ? a : b; last->digest != nullptr && GoOn(last);) Blocks(last, last->blocks);
}

#endif

}  // namespace

Sha256Engine BestSha256Engine() {
#if defined(__x86_64__)
  static const Sha256Engine best = HasShaInstructions() ? Sha256Engine::kTwoLanes : Sha256Engine::kOpenSsl;
  return best;
#else
  return Sha256Engine::kOpenSsl;
#endif
}

void Sha256Many(std::span<const std::string_view> messages, Sha256* digests, Sha256Engine engine) {
#if defined(__x86_64__)
  if (engine == Sha256Engine::kTwoLanes) return TwoLanes(messages, digests);
#endif
  (void)engine;
  OneByOne(messages, digests);
}

void Sha256Stretches(std::string_view bytes, std::span<const size_t> ends, std::vector<std::string_view>* messages,
                     std::vector<Sha256>* digests) {
  messages->clear();
  size_t begin = 0;
  for (const size_t end : ends) {
    messages->push_back(bytes.substr(begin, end - begin));
    begin = end;
  }
  digests->resize(messages->size());
  Sha256Many(*messages, digests->data());
}

}  // namespace migrate
