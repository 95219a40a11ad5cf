// Postal codes. Sources: USPS Publication 28 and ZIP+4; Canada Post, Addressing Guidelines; Royal Mail, Programmers'
// Guide to PAF (the six forms of BS 7666 and the letters of each place); UPU, Postal addressing systems.
#include "migrate/normalize/postal_codes.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>

namespace migrate::normalize {
namespace {

constexpr Outcome kBad = Outcome::kBad, kDoubtful = Outcome::kDoubtful, kPlaceholder = Outcome::kPlaceholder;

struct Case {
  const char *country, *in, *out;
  Outcome outcome = Outcome::kOk;
};

template <size_t n>
void CheckAll(const Case (&cases)[n], CellType type = CellType::kText) {
  for (const Case& c : cases) {
    std::string out = "stale", again;
    EXPECT_EQ(NormalizeZip(c.in, type, c.country, &out), c.outcome) << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
    if (out.empty()) continue;
    EXPECT_EQ(NormalizeZip(out, CellType::kText, c.country, &again), c.outcome) << c.country << " " << out;
    EXPECT_EQ(again, out) << c.country;
  }
}

TEST(PostalCodeForms, UnitedStates) {
  const Case cases[] = {
      {"US", "62704", "62704"},
      {"US", "62704-1234", "62704-1234"},
      {"US", "62704 -1234", "62704-1234"},
      {"US", "62704 - 1234", "62704-1234"},
      {"US", "62704--1234", "62704-1234"},
      {"US", "627041234", "62704-1234"},
      {"US", "6270-41234", "6270-41234", kDoubtful},
      {"US", "62704-12", "62704-12", kDoubtful},
      {"US", "62704.0", "62704"},
      {"US", "2139.0", "02139"},  // was a number once
      {"US", "501.0", "00501"},
      {"US", "2139", "2139", kDoubtful},
      {"US", "O2139", "02139"},
      {"US", "o2139", "02139"},
      {"US", "6270l", "62701"},
      {"US", "6Z704", "6Z704", kDoubtful},
      {"US", "OOOOO", "", kBad},
      {"US", "OIL12", "OIL12", kDoubtful},  // a word and a number
      {"US", "US-62704", "62704"},
      {"US", "00000-0000", "", kPlaceholder},
      {"US", "99999-9999", "", kPlaceholder},
      {"US", "000", "000", kDoubtful},
      {"US", "00000-1234", "", kPlaceholder},
      {"US", "999990000", "", kPlaceholder},  // found by the fuzzer
      {"PR", "00926-3232", "00926-3232"},
      {"GU", "96910", "96910"},
      {"US", "M5V 3L9", "M5V 3L9"},
      {"US", "12345678901234567", "", kBad},
  };
  CheckAll(cases);
  const Case numbers[] = {
      {"US", "2139", "02139"},     {"US", "21391234", "02139-1234"}, {"US", "62704", "62704"},
      {"US", "7", "7", kDoubtful}, {"PR", "926", "00926"},           {"MX", "6000", "06000"},
      {"SE", "11455", "114 55"},   {"JP", "600001", "060-0001"},     {"BR", "1310100", "01310-100"},
      {"PL", "950", "00-950"},     {"CH", "8001", "8001"},           {"CA", "123", "123", kDoubtful}};
  CheckAll(numbers, CellType::kInteger);
}

TEST(PostalCodeForms, Canada) {
  const Case cases[] = {
      {"CA", "K1A 0B1", "K1A 0B1"},
      {"CA", "k1a0b1", "K1A 0B1"},
      {"CA", "K1A-0B1", "K1A 0B1"},
      {"CA", "K1 A0 B1", "K1A 0B1"},
      {"CA", "K1A OB1", "K1A 0B1"},  // no code has the letter O
      {"CA", "KIA 0B1", "K1A 0B1"},
      {"CA", "H0H 0H0", "H0H 0H0"},
      {"CA", "W1A 0B1", "W1A 0B1", kDoubtful},
      {"CA", "Z1A 0B1", "Z1A 0B1", kDoubtful},
      {"CA", "K1D 0B1", "K1D 0B1", kDoubtful},
      {"CA", "K1A 0B", "K1A 0B", kDoubtful},
      {"CA", "K1A 0B12", "K1A 0B12", kDoubtful},
      {"CA", "10001", "10001"},
      {"CA", "Ottawa", "", kBad},
  };
  CheckAll(cases);
}

TEST(PostalCodeForms, UnitedKingdom) {
  const Case cases[] = {
      {"GB", "M1 1AA", "M1 1AA"},
      {"GB", "M60 1NW", "M60 1NW"},
      {"GB", "CR2 6XH", "CR2 6XH"},
      {"GB", "DN55 1PT", "DN55 1PT"},
      {"GB", "W1P 1HQ", "W1P 1HQ"},
      {"GB", "EC1A 1BB", "EC1A 1BB"},
      {"GB", "m11aa", "M1 1AA"},
      {"GB", "ec1a1bb", "EC1A 1BB"},
      {"GB", "SY57NT", "SY5 7NT"},
      {"GB", "SY 5 7NT", "SY5 7NT"},
      {"GB", "gir0aa", "GIR 0AA"},
      {"GB", "BF1 2AA", "BF1 2AA"},
      {"GB", "SW1A OAA", "SW1A 0AA"},
      {"GB", "0X1 1AA", "OX1 1AA"},
      {"GB", "M1 IAA", "M1 1AA"},
      {"GB", "QA1 1AA", "QA1 1AA", kDoubtful},
      {"GB", "AI1 1AA", "A11 1AA"},
      {"GB", "M1 1CA", "M1 1CA", kDoubtful},
      {"GB", "M1I 1AA", "M11 1AA"},
      {"GB", "EC1C 1BB", "EC1C 1BB", kDoubtful},
      {"GB", "AAA 1AA", "AAA 1AA", kDoubtful},
      {"GB", "SY5", "SY5", kDoubtful},
      {"GB", "62704", "62704", kDoubtful},
      {"JE", "je23ab", "JE2 3AB"},
      {"IM", "IM1 1AA", "IM1 1AA"},
      {"GB", "n/a", "", kPlaceholder},
  };
  CheckAll(cases);
}

TEST(PostalCodeForms, OtherCountries) {
  const Case cases[] = {{"DE", "10115", "10115"},
                        {"DE", "D-10115", "10115"},
                        {"DE", "DE 10115", "10115"},
                        {"DE", "1011", "1011", kDoubtful},
                        {"AT", "A-1010", "1010"},
                        {"CH", "CH-8001", "8001"},
                        {"FR", "F-75002", "75002"},
                        {"FR", "75 002", "75 002", kDoubtful},
                        {"BE", "B-1000", "1000"},
                        {"LU", "L-1234", "1234"},
                        {"ES", "28013", "28013"},
                        {"IT", "I-00185", "00185"},
                        {"NL", "1012AB", "1012 AB"},
                        {"NL", "1012 ab", "1012 AB"},
                        {"NL", "NL-1012 AB", "1012 AB"},
                        {"SE", "11455", "114 55"},
                        {"SE", "SE-114 55", "114 55"},
                        {"CZ", "110 00", "110 00"},
                        {"PL", "00950", "00-950"},
                        {"PL", "00-950", "00-950"},
                        {"PT", "1000-001", "1000-001"},
                        {"PT", "1000001", "1000-001"},
                        {"BR", "01310100", "01310-100"},
                        {"JP", "1000001", "100-0001"},
                        {"IE", "D02X285", "D02 X285"},
                        {"IE", "D6W X285", "D6W X285"},
                        {"IN", "110001", "110 001"},
                        {"AU", "2150", "2150"},
                        {"AU", "21 50", "21 50", kDoubtful},
                        {"NZ", "6011", "6011"},
                        {"FI", "FIN-00100", "00100"},
                        {"LV", "LV-1010", "1010"},
                        {"MT", "vlt1117", "VLT 1117"},
                        {"AR", "c1425dkf", "C1425DKF"},
                        {"AR", "1425", "1425"},
                        {"RU", "101000", "101000"},
                        {"HK", "n/a", "", kPlaceholder},
                        {"HK", "abc-1", "ABC-1"},
                        {"ZZ", "x 1", "X 1"},
                        {"", "12345", "12345"},
                        {"DE", "Berlin", "", kBad},
                        {"DE", "00000", "", kPlaceholder}};
  CheckAll(cases);
}

// The regular expression that the government of the United Kingdom publishes for bulk data transfer, and Canada Post's
// rule as one, against random codes of letters and digits.
TEST(PostalCodeForms, AsPublishedExpressionsSay) {
  const std::regex british(
      "([Gg][Ii][Rr] 0[Aa]{2})|((([A-Za-z][0-9]{1,2})|(([A-Za-z][A-Ha-hJ-Yj-y][0-9]{1,2})|(([A-Za-z][0-9][A-Za-z])|"
      "([A-Za-z][A-Ha-hJ-Yj-y][0-9][A-Za-z]?))))\\s?[0-9][A-Za-z]{2})");
  const std::regex canadian("[ABCEGHJ-NPRSTVXY][0-9][ABCEGHJ-NPRSTV-Z] ?[0-9][ABCEGHJ-NPRSTV-Z][0-9]");
  const std::regex american("[0-9]{5}([ -]?[0-9]{4})?-?");
  std::mt19937_64 rng(3);
  const std::string_view shapes[] = {"A9 9AA", "A99 9AA",    "AA9 9AA", "AA99 9AA", "A9A 9AA",  "AA9A 9AA",  "A9A 9A9",
                                     "99999",  "99999-9999", "A9A9A9",  "9999 AA",  "AA999 9A", "99999 9999"};
  int british_seen = 0, canadian_seen = 0;
  for (int i = 0; i < 60000; ++i) {
    std::string code;
    for (const char c : shapes[rng() % std::size(shapes)])
      code += c == 'A' ? static_cast<char>('A' + rng() % 26) : c == '9' ? static_cast<char>('0' + rng() % 10) : c;
    if (rng() % 10 == 0) code[rng() % code.size()] = static_cast<char>('0' + rng() % 10);
    const bool is_british = IsZipOf(code, "GB");
    british_seen += is_british;
    // The grammar here is the stricter one: it knows the letters of the inward part too.
    EXPECT_TRUE(!is_british || std::regex_match(code, british)) << code;
    canadian_seen += IsZipOf(code, "CA");
    EXPECT_EQ(IsZipOf(code, "CA"), std::regex_match(code, canadian)) << code;
    EXPECT_EQ(IsZipOf(code, "US"), std::regex_match(code, american)) << code;
  }
  EXPECT_GT(british_seen, 1000);
  EXPECT_GT(canadian_seen, 500);
}

TEST(PostalCodeForms, BoundedAndIdempotent) {
  std::mt19937_64 rng(17);
  const std::string alphabet = "0123456789OIlAB -.DKzé";
  for (int i = 0; i < 60000; ++i) {
    std::string text, clean, out, again;
    for (size_t n = rng() % 12; n > 0; --n) text += alphabet[rng() % alphabet.size()];
    for (const char* country : {"US", "CA", "GB", "DE", "NL", "PL", "ZZ"}) {
      const auto type = static_cast<CellType>(1 + rng() % 3);
      const Outcome outcome = NormalizeZip(Clean(text, Form::kCode, &clean), type, country, &out);
      EXPECT_LE(out.size(), kZipBound);
      EXPECT_TRUE(IsValidUtf8(out));
      EXPECT_EQ(HasValue(outcome), !out.empty()) << text;
      if (out.empty()) continue;
      NormalizeZip(out, CellType::kText, country, &again);
      EXPECT_EQ(again, out) << country << " '" << text << "'";
    }
  }
}

// Five digits are read by a short way; with a hyphen behind them they go the long one.
TEST(PostalCodes, TheShortWayOfFiveDigitsIsTheLongOne) {
  for (int n = 0; n < 100000; ++n) {
    const std::string code = fmt::format("{:05}", n);
    std::string shortly, slowly;
    EXPECT_EQ(NormalizeZip(code, CellType::kText, "US", &shortly),
              NormalizeZip(code + "-", CellType::kText, "US", &slowly))
        << code;
    EXPECT_EQ(shortly, slowly) << code;
  }
}

}  // namespace
}  // namespace migrate::normalize
