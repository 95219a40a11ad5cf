// The byte masks of every engine that this processor has, against a plain loop.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "migrate/extract/byte_masks.h"

namespace migrate::extract {
namespace {

BlockMasks Plain(const char* p, char delimiter) {
  BlockMasks m{};
  for (size_t i = 0; i < 64; ++i) {
    const auto c = static_cast<unsigned char>(p[i]);
    const uint64_t bit = uint64_t{1} << i;
    if (p[i] == delimiter) m.delimiter |= bit;
    if (c == '\n') m.feed |= bit;
    if (c == '\r') m.carriage_return |= bit;
    if (c == '"') m.quote |= bit;
    if (c < 0x20 || c == '\\') m.unclean |= bit;
    if (c >= 0x80) m.high |= bit;
    if (c == ' ' || c == '\t') m.blank |= bit;
  }
  return m;
}

TEST(ByteMasks, AllEnginesFindWhatAPlainLoopFinds) {
  std::mt19937 rng(2);
  std::string bytes(64 * 40 + 7, '\0');
  for (size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = i < 256      ? static_cast<char>(i)
               : i % 2 == 0 ? static_cast<char>(rng())
                            : "\"\n\r,\\ \t\x1f\x20\x7f\x80"[rng() % 11];
  int engines = 0;
  for (MaskEngine engine : {MaskEngine::kPortable, MaskEngine::kAvx2, MaskEngine::kAvx512}) {
    if (engine > BestMaskEngine()) continue;
    ++engines;
    for (char delimiter : {',', '\t', '"', '\\', '|', '\x80'})
      for (size_t begin : {0u, 1u, 7u}) {
        std::vector<BlockMasks> got(41);
        FindMasks(bytes.data() + begin, 40, delimiter, got.data(), engine);
        for (size_t i = 0; i < 40; ++i) {
          const BlockMasks want = Plain(bytes.data() + begin + 64 * i, delimiter);
          ASSERT_EQ(got[i].delimiter, want.delimiter);
          ASSERT_EQ(got[i].feed, want.feed);
          ASSERT_EQ(got[i].carriage_return, want.carriage_return);
          ASSERT_EQ(got[i].quote, want.quote);
          ASSERT_EQ(got[i].unclean, want.unclean);
          ASSERT_EQ(got[i].high, want.high);
          ASSERT_EQ(got[i].blank, want.blank);
        }
        EXPECT_EQ(got[40].feed | got[40].blank | got[40].high, 0u) << "nothing is written behind the last block";
      }
  }
  EXPECT_GE(engines, 1);
}

TEST(ByteMasks, CountBitsAndPrefixXor) {
  std::mt19937_64 rng(4);
  for (int i = 0; i < 1000; ++i) {
    const uint64_t m = i < 64 ? uint64_t{1} << i : i < 128 ? ~uint64_t{0} >> (i - 64) : rng() & rng();
    uint64_t prefix = 0;
    bool inside = false;
    for (int bit = 0; bit < 64; ++bit) {
      inside ^= (m >> bit & 1) != 0;
      prefix |= static_cast<uint64_t>(inside) << bit;
    }
    ASSERT_EQ(PrefixXor(m), prefix);
    ASSERT_EQ(CountBits(m), static_cast<size_t>(__builtin_popcountll(m)));
  }
}

}  // namespace
}  // namespace migrate::extract
