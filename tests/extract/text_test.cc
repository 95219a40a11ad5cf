// Masks, encodings and names.
#include <gtest/gtest.h>

#include <random>

#include "migrate/base/bytes.h"
#include "migrate/extract/byte_masks.h"
#include "migrate/extract/names.h"
#include "migrate/extract/text_encoding.h"

namespace migrate::extract {
namespace {

TEST(ByteMasks, SayWhatALoopSays) {
  std::mt19937 rng(1);
  for (int round = 0; round < 200; ++round) {
    std::string text(64, '\0');
    for (char& c : text) c = static_cast<char>(rng() % 3 != 0 ? rng() % 256 : ',');
    Bytes64 masks(text.data());
    bool odd = false;
    const uint64_t commas = masks.Equal(','), low = masks.AtMost(0x1f), high = masks.High(), prefix = PrefixXor(commas);
    for (size_t i = 0; i < 64; ++i) {
      odd ^= text[i] == ',';
      ASSERT_EQ((commas >> i & 1) != 0, text[i] == ',');
      ASSERT_EQ((low >> i & 1) != 0, static_cast<uint8_t>(text[i]) <= 0x1f);
      ASSERT_EQ((high >> i & 1) != 0, static_cast<uint8_t>(text[i]) >= 0x80);
      ASSERT_EQ((prefix >> i & 1) != 0, odd);
    }
  }
}

TEST(TextEncoding, Utf8AgreesWithBase) {
  std::mt19937 rng(2);
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (size_t n = rng() % 6; n > 0; --n)
      text += static_cast<char>("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xed\xa0\xf4\x90\xc0\xe0\x61"[rng() % 17]);
    ASSERT_EQ(FirstUndecodable(Encoding::kUtf8, text) == std::string_view::npos, IsUtf8(text)) << Hex(text);
  }
}

TEST(TextEncoding, EveryByteOfTheSingleByteEncodings) {
  int undefined = 0;
  for (int b = 0; b < 256; ++b) {
    const std::string one(1, static_cast<char>(b));
    std::string latin, windows;
    AppendUtf8(Encoding::kLatin1, one, &latin);
    ASSERT_TRUE(IsUtf8(latin));
    if (FirstUndecodable(Encoding::kWindows1252, one) == 0) {
      ++undefined;
      continue;
    }
    AppendUtf8(Encoding::kWindows1252, one, &windows);
    ASSERT_TRUE(IsUtf8(windows));
    EXPECT_EQ(latin == windows, b < 0x80 || b >= 0xA0);
  }
  EXPECT_EQ(undefined, 5);
}

TEST(TextEncoding, WeighsUtf8) {
  auto weigh = [](std::string_view text) {
    Utf8Evidence e = WeighUtf8(text);
    return std::pair(e.valid, e.invalid);
  };
  EXPECT_EQ(weigh("abc"), std::pair(uint64_t{0}, uint64_t{0}));
  EXPECT_EQ(weigh("\xc3\xa9 \xe2\x82\xac"), std::pair(uint64_t{2}, uint64_t{0}));
  EXPECT_EQ(weigh("\xe9\xe9 x"), std::pair(uint64_t{0}, uint64_t{2}));
  EXPECT_EQ(weigh("\xc3\xa9\xe2\x82"), std::pair(uint64_t{1}, uint64_t{0}));  // cut off by the end of the sample
}

TEST(Names, DidYouMean) {
  const std::vector<std::string> names = {"first_name", "last_name", "email"};
  EXPECT_EQ(DidYouMean("Email", names), " (did you mean 'email'?)");
  EXPECT_EQ(DidYouMean("frist_name", names), " (did you mean 'first_name'?)");
  EXPECT_EQ(DidYouMean("telephone", names), "");
}

}  // namespace
}  // namespace migrate::extract
