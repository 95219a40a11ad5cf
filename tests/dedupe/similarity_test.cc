#include "migrate/dedupe/similarity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

namespace migrate::dedupe {
namespace {

TEST(JaroWinkler, PublishedValues) {
  const struct {
    std::string_view a, b;
    double jaro, winkler;
  } kCases[] = {
      {"martha", "marhta", 0.9444, 0.9611},
      {"dwayne", "duane", 0.8222, 0.8400},
      {"dixon", "dicksonx", 0.7667, 0.8133},
      {"jellyfish", "smellyfish", 0.8963, 0.8963},
      {"abc", "xyz", 0, 0},
      {"", "", 1, 1},
      {"a", "", 0, 0},
      {"same", "same", 1, 1},
  };
  for (const auto& c : kCases) {
    EXPECT_NEAR(Jaro(c.a, c.b), c.jaro, 1e-4) << c.a << " " << c.b;
    EXPECT_NEAR(JaroWinkler(c.a, c.b), c.winkler, 1e-4) << c.a << " " << c.b;
  }
}

// The definition, letter by letter.
double SlowJaro(const std::string& a, const std::string& b) {
  if (a.empty() || b.empty()) return a.empty() && b.empty() ? 1 : 0;
  const int la = static_cast<int>(a.size()), lb = static_cast<int>(b.size());
  const int reach = std::max(0, std::max(la, lb) / 2 - 1);
  std::vector<bool> used(b.size());
  std::string x, y;
  for (int i = 0; i < la; ++i) {
    for (int j = std::max(0, i - reach); j <= std::min(lb - 1, i + reach); ++j) {
      if (used[static_cast<size_t>(j)] || a[static_cast<size_t>(i)] != b[static_cast<size_t>(j)]) continue;
      used[static_cast<size_t>(j)] = true;
      x.push_back(a[static_cast<size_t>(i)]);
      break;
    }
  }
  for (size_t j = 0; j < b.size(); ++j)
    if (used[j]) y.push_back(b[j]);
  if (x.empty()) return 0;
  double moved = 0;
  for (size_t i = 0; i < x.size(); ++i) moved += x[i] != y[i] ? 0.5 : 0;
  const double c = static_cast<double>(x.size());
  return (c / la + c / lb + (c - moved) / c) / 3;
}

int SlowDistance(const std::string& a, const std::string& b) {
  std::vector<std::vector<int>> d(a.size() + 1, std::vector<int>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = static_cast<int>(i);
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

TEST(Similarity, AgreesWithTheDefinitionsOnRandomStrings) {
  std::mt19937 random(7);
  for (int n = 0; n < 20000; ++n) {
    std::string a, b;
    const unsigned letters = 2 + random() % 4;
    for (unsigned i = random() % 13; i > 0; --i) a.push_back(static_cast<char>('a' + random() % letters));
    b = a;
    if (random() % 2 == 0) b.clear();
    for (unsigned i = random() % 4; i > 0; --i)
      b.insert(b.begin() + random() % (b.size() + 1), static_cast<char>('a' + random() % letters));
    ASSERT_NEAR(Jaro(a, b), SlowJaro(a, b), 1e-12) << a << " " << b;
    for (int limit = 0; limit <= 3; ++limit)
      ASSERT_EQ(Distance(a, b, limit), std::min(SlowDistance(a, b), limit + 1)) << a << " " << b;
  }
}

TEST(Similarity, LongStringsCompareByTheirBeginning) {
  const std::string long_one(100, 'x'), other = std::string(64, 'x') + "y";
  EXPECT_EQ(Distance(long_one, other, 2), 0);
  EXPECT_DOUBLE_EQ(Jaro(long_one, other), 1);
}

TEST(Soundex, NationalArchivesExamples) {
  const struct {
    std::string_view name;
    uint32_t code;
  } kCases[] = {{"robert", 18163},  {"rupert", 18163},  {"rubin", 18150},
                {"ashcraft", 1261}, {"tymczak", 20522}, {"pfister", 16236},
                {"honeyman", 8555}, {"lee", 12000},     {"", 0},
                {"7up", 0}};
  for (const auto& c : kCases) EXPECT_EQ(Soundex(c.name), c.code) << c.name;
}

TEST(Digits, OneSlipIsOneDigitOrTwoNeighbours) {
  const struct {
    uint32_t a, b;
    bool slip;
  } kCases[] = {{0x19720305, 0x19720305, false}, {0x19720305, 0x19720306, true}, {0x19720305, 0x19270305, true},
                {0x19720305, 0x17920305, true},  {0x19720305, 0x19720350, true}, {0x19720305, 0x19720503, false},
                {0x19720305, 0x29720306, false}, {0x12345678, 0x21345678, true}, {0x12345678, 0x12345687, true}};
  for (const auto& c : kCases) EXPECT_EQ(OneDigitSlip(c.a, c.b), c.slip) << std::hex << c.a << " " << c.b;
  EXPECT_EQ(DigitsApart(0x12345678, 0x87654321), 8);
  EXPECT_EQ(DigitsApart(0x10000001, 0x18000009), 2);
}

TEST(CharacterSet, OneEditChangesAtMostTwoBits) {
  EXPECT_EQ(CharacterSet("anna"), CharacterSet("an"));
  EXPECT_NE(CharacterSet("anna"), CharacterSet("hanna"));
}

}  // namespace
}  // namespace migrate::dedupe
