#include "migrate/normalize/codes.h"

#include <gtest/gtest.h>

namespace migrate::normalize {
namespace {

TEST(Codes, Sex) {
  const struct {
    std::vector<const char*> in;
    const char* out;
    Outcome outcome;
  } cases[] = {
      {{"m", "M", "male", "MALE", "Male", "man", "boy", "1", "homme", "hombre", "Mann", "männlich", "uomo", "M."},
       "M",
       Outcome::kOk},
      {{"f", "F", "female", "FEMALE", "woman", "girl", "2", "w", "femme", "féminin", "mujer", "Frau", "weiblich"},
       "F",
       Outcome::kOk},
      {{"x", "X", "nonbinary", "Non-Binary", "non binary", "other", "diverse", "divers"}, "X", Outcome::kOk},
      {{"0", "9", "U", "unknown", "N/A", "not applicable", "-"}, "", Outcome::kPlaceholder},  // ISO/IEC 5218: 0, 9
      {{"7", "mf", "yes", "malee"}, "", Outcome::kBad},
      {{""}, "", Outcome::kEmpty}};
  for (const auto& c : cases) {
    for (const char* in : c.in) {
      std::string out = "stale";
      EXPECT_EQ(NormalizeSex(in, &out), c.outcome) << in;
      EXPECT_EQ(out, c.out) << in;
    }
  }
}

TEST(Codes, OptOut) {
  for (const char* in : {"1", "y", "Y", "yes", "YES", "t", "true", "TRUE", "x", "X", "stop", "STOP"})
    EXPECT_EQ(ReadOptOut(in), Consent::kOptedOut) << in;
  for (const char* in : {"", "0", "n", "N", "no", "NO", "f", "false", "False"})
    EXPECT_EQ(ReadOptOut(in), Consent::kNotSaid) << in;
  for (const char* in : {"2", "maybe", "unsubscribed", "n/a", "-", "2020-01-01"})
    EXPECT_EQ(ReadOptOut(in), Consent::kUnclear) << in;
}

TEST(Codes, NationalId) {
  const struct {
    const char *in, *out;
    Outcome outcome = Outcome::kOk;
  } cases[] = {{"078-05-1120", "078051120"},
               {"078 05 1120", "078051120"},
               {"ab 12 34 56 c", "AB123456C"},
               {"1804974", "1804974"},
               {"6089216", "6089216"},
               {"000-00-0000", "", Outcome::kPlaceholder},
               {"999999999", "", Outcome::kPlaceholder},
               {"123-45-6789", "", Outcome::kPlaceholder},
               {"987654321", "", Outcome::kPlaceholder},
               {"N/A", "", Outcome::kPlaceholder},
               {"xxx-xx-xxxx", "", Outcome::kBad},
               {"12", "", Outcome::kBad},
               {"applied for", "", Outcome::kBad},
               {"", "", Outcome::kEmpty}};
  for (const auto& c : cases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeNationalId(c.in, &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
  }
}

TEST(Codes, Attributes) {
  using enum AttributeType;
  const struct {
    AttributeType type;
    const char *in, *out;
    Outcome outcome = Outcome::kOk;
  } cases[] = {{kText, "Some Text", "Some Text"},
               {kText, "none", "", Outcome::kPlaceholder},
               {kCategory, "geologist", "geologist"},
               {kCategory, "-", "", Outcome::kPlaceholder},
               {kName, "JOHN O'BRIEN", "John O'Brien"},
               {kName, "fnu", "", Outcome::kPlaceholder},
               {kIdentifier, "ab-12.3", "AB123"},
               {kIdentifier, "---", "", Outcome::kPlaceholder},
               {kDate, "03/19/1972", "1972-03-19"},
               {kDate, "1972", "1972"},
               {kDate, "soon", "", Outcome::kBad},
               {kNumber, "12", "12"},
               {kNumber, "012", "12"},
               {kNumber, "0", "0"},
               {kNumber, "1,234.50", "1234.5"},
               {kNumber, "1,234,567", "1234567"},
               {kNumber, "$12.00", "12"},
               {kNumber, "-5", "-5"},
               {kNumber, "(5)", "-5"},
               {kNumber, "-0.0", "0"},
               {kNumber, ".5", "0.5"},
               {kNumber, "12%", "12"},
               {kNumber, "+7", "7"},
               {kNumber, "1,23", "", Outcome::kBad},
               {kNumber, "1.2.3", "", Outcome::kBad},
               {kNumber, "twelve", "", Outcome::kBad},
               {kNumber, "1,2345", "", Outcome::kBad},
               {kNumber, ".", "", Outcome::kPlaceholder},
               {kText, "", "", Outcome::kEmpty}};
  for (const auto& c : cases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeAttribute(c.in, c.type, {}, &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
  }
}

}  // namespace
}  // namespace migrate::normalize
