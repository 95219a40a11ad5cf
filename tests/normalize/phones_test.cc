#include "migrate/normalize/phones.h"

#include <gtest/gtest.h>

#include "migrate/normalize/area_codes.h"

namespace migrate::normalize {
namespace {

struct Case {
  const char *country, *in, *out;
  Outcome outcome = Outcome::kOk;
};

// E.164 with the extension of RFC 3966; North American numbers as ATIS-0300051 numbers them.
const Case kCases[] = {
    {"US", "(206) 555-9857", "+12065559857"},
    {"US", "206-555-9857", "+12065559857"},
    {"US", "206.555.9857", "+12065559857"},
    {"US", "206 555 9857", "+12065559857"},
    {"US", "2065559857", "+12065559857"},
    {"US", "12065559857", "+12065559857"},
    {"US", "1-206-555-9857", "+12065559857"},
    {"US", "+1 206 555 9857", "+12065559857"},
    {"US", "+1 (206) 555-9857", "+12065559857"},
    {"US", "001 206 555 9857", "+12065559857"},
    {"US", "206/555-9857", "+12065559857"},
    {"US", "+1 206 555 9857 x123", "+12065559857;ext=123"},
    {"US", "206-555-9857 ext. 12", "+12065559857;ext=12"},
    {"US", "206-555-9857 EXT 12", "+12065559857;ext=12"},
    {"US", "206-555-9857x12", "+12065559857;ext=12"},
    {"US", "206-555-9857 #12", "+12065559857;ext=12"},
    {"US", "206-555-9857, extension 12", "+12065559857;ext=12"},
    {"US", "+12065559857;ext=123", "+12065559857;ext=123"},
    {"US", "206-555-9857 x12345678", "", Outcome::kBad},
    {"US", "cell: 206-555-9857", "+12065559857"},
    {"US", "206-555-9857 (home)", "+12065559857"},
    {"US", "tel:+1-206-555-9857", "+12065559857"},
    {"US", "1-800-FLOWERS", "+18003569377"},
    {"US", "1-800-CONTACTS", "+18002668228"},
    {"US", "800-FLOWERS", "+18003569377"},
    {"US", "(800) 356-9377", "+18003569377"},
    {"US", "555-1234", "", Outcome::kBad},  // no area code, never guessed
    {"US", "5551234", "", Outcome::kBad},
    {"US", "106-555-9857", "", Outcome::kBad},
    {"US", "206-155-9857", "", Outcome::kBad},
    {"US", "206-055-9857", "", Outcome::kBad},
    {"US", "911-555-0101", "", Outcome::kBad},
    {"US", "206-555-98", "", Outcome::kBad},
    {"US", "206-555-98577", "", Outcome::kBad},
    {"US", "28303384290", "", Outcome::kBad},
    {"US", "phone", "", Outcome::kBad},
    {"US", "371-555-0101", "+13715550101", Outcome::kDoubtful},
    {"US", "0000000000", "", Outcome::kPlaceholder},
    {"US", "000-000-0000", "", Outcome::kPlaceholder},
    {"US", "5555555555", "", Outcome::kPlaceholder},
    {"US", "555-555-5555", "", Outcome::kPlaceholder},
    {"US", "999-999-9999", "", Outcome::kPlaceholder},
    {"US", "1234567890", "", Outcome::kPlaceholder},
    {"US", "(123) 456-7890", "", Outcome::kPlaceholder},
    {"US", "206-555-5555", "", Outcome::kPlaceholder},
    {"US", "1 999 999 9999", "", Outcome::kPlaceholder},
    {"US", "N/A", "", Outcome::kPlaceholder},
    {"US", "none", "", Outcome::kPlaceholder},
    {"US", "-", "", Outcome::kPlaceholder},
    {"US", "", "", Outcome::kEmpty},
    {"CA", "416-555-0123", "+14165550123"},
    {"JM", "876 555 0123", "+18765550123"},
    {"US", "+44 20 7946 0958", "+442079460958"},
    {"US", "011 44 20 7946 0958", "+442079460958"},
    {"US", "011 1 206 555 9857", "+12065559857"},
    {"US", "44 20 7946 0958", "", Outcome::kBad},
    {"GB", "020 7946 0958", "+442079460958"},
    {"GB", "+44 (0)20 7946 0958", "+442079460958"},
    {"GB", "0044 20 7946 0958", "+442079460958"},
    {"GB", "+1 206 555 9857", "+12065559857"},
    {"GB", "+12065559857;ext=123", "+12065559857;ext=123"},
    {"GB", "020 7946 0958 ext 12", "+442079460958;ext=12"},
    {"GB", "206-555-9857", "", Outcome::kBad},
    {"GB", "0000000", "", Outcome::kPlaceholder},
    {"DE", "030/1234567", "+49301234567"},
    {"FR", "01 42 68 53 00", "+33142685300"},
    {"AU", "(02) 9374 4000", "+61293744000"},
    {"ZZ", "020 7946 0958", "", Outcome::kBad},
};

TEST(Phones, Table) {
  for (const Case& c : kCases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizePhone(c.in, c.country, &out), c.outcome) << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
  }
}

TEST(Phones, SeveralInOneCell) {
  const std::pair<const char*, std::vector<std::string>> cases[] = {
      {"206-555-9857", {"206-555-9857"}},
      {"206-555-9857; 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"206-555-9857 / 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"206-555-9857 or 425-555-0100", {"206-555-9857", "425-555-0100"}},
      {"2065559857,4255550100,3605550100", {"2065559857", "4255550100", "3605550100"}},
      {"206-555-9857, x12", {"206-555-9857, x12"}},
      {"+12065559857;ext=123", {"+12065559857;ext=123"}},
      {"030/1234567", {"030/1234567"}},
      {"", {}},
  };
  for (const auto& [in, out] : cases) {
    std::string_view rest = in, part;
    std::vector<std::string> parts;
    while (NextPhone(&rest, &part)) parts.emplace_back(part);
    EXPECT_EQ(parts, out) << in;
  }
}

TEST(AreaCodes, NewCodesAreKnown) {
  // Codes that the packaged libphonenumber refuses.
  for (const int code : {227, 235, 274, 324, 327, 329, 350, 353, 357, 363, 369, 436, 457,
                         471, 472, 557, 645, 686, 728, 730, 738, 748, 821, 835, 975, 983})
    EXPECT_EQ(AreaCodeCountry(code), "US") << code;
}

TEST(AreaCodes, Countries) {
  const std::pair<int, const char*> cases[] = {{206, "US"}, {416, "CA"}, {876, "JM"}, {658, "JM"},  {787, "PR"},
                                               {809, "DO"}, {242, "BS"}, {671, "GU"}, {800, "001"}, {888, "001"},
                                               {371, ""},   {211, ""},   {100, ""},   {1000, ""},   {-1, ""}};
  for (const auto& [code, country] : cases) EXPECT_EQ(AreaCodeCountry(code), country) << code;
  EXPECT_TRUE(IsNanpCountry("US"));
  EXPECT_TRUE(IsNanpCountry("BB"));
  EXPECT_FALSE(IsNanpCountry("GB"));
  EXPECT_FALSE(IsNanpCountry("001"));
}

TEST(AreaCodes, FormOfEveryCode) {
  int in_service = 0;
  for (int code = 200; code < 1000; ++code) {
    if (AreaCodeCountry(code).empty()) continue;
    ++in_service;
    EXPECT_NE(code / 10 % 10, 9) << code;  // N9X is kept for expansion
    EXPECT_NE(code % 100, 11) << code;     // N11 are service codes
  }
  EXPECT_GT(in_service, 450);
}

}  // namespace
}  // namespace migrate::normalize
