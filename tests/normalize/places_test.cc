#include <gtest/gtest.h>

#include "migrate/normalize/countries.h"
#include "migrate/normalize/postal_codes.h"
#include "migrate/normalize/states.h"

namespace migrate::normalize {
namespace {

struct Case {
  const char *country, *in, *out;
  Outcome outcome = Outcome::kOk;
};

// USPS Publication 28, appendix B; Canada Post; Australia Post.
const Case kStates[] = {{"US", "IL", "IL"},
                        {"US", "il", "IL"},
                        {"US", "Illinois", "IL"},
                        {"US", "ILLINOIS", "IL"},
                        {"US", "Ill.", "IL"},
                        {"US", "Calif.", "CA"},
                        {"US", "N.Y.", "NY"},
                        {"US", "New York", "NY"},
                        {"US", "new  york", "NY"},
                        {"US", "District of Columbia", "DC"},
                        {"US", "D.C.", "DC"},
                        {"US", "Washington", "WA"},
                        {"US", "W. Virginia", "WV"},
                        {"US", "West Virginia", "WV"},
                        {"US", "Virginia", "VA"},
                        {"US", "Puerto Rico", "PR"},
                        {"US", "Guam", "GU"},
                        {"US", "Northern Mariana Islands", "MP"},
                        {"US", "northernmarianaxx", "Northernmarianaxx", Outcome::kDoubtful},
                        {"US", "AE", "AE"},
                        {"US", "Armed Forces Pacific", "AP"},
                        {"US", "Ontario", "ON"},
                        {"US", "ON", "ON"},
                        {"US", "NSW", "NSW"},
                        {"US", "nsw", "NSW"},
                        {"US", "WA", "WA"},
                        {"US", "ZZ", "ZZ", Outcome::kDoubtful},
                        {"US", "Ilinois", "Ilinois", Outcome::kDoubtful},
                        {"US", "12", "", Outcome::kBad},
                        {"US", "N/A", "", Outcome::kPlaceholder},
                        {"US", "unknown", "", Outcome::kPlaceholder},
                        {"US", "XX", "", Outcome::kPlaceholder},
                        {"US", "", "", Outcome::kEmpty},
                        {"CA", "Québec", "QC"},
                        {"CA", "Quebec", "QC"},
                        {"CA", "B.C.", "BC"},
                        {"CA", "Newfoundland and Labrador", "NL"},
                        {"CA", "NF", "NL"},
                        {"CA", "PEI", "PE"},
                        {"CA", "NT", "NT"},
                        {"CA", "Ont.", "ON"},
                        {"CA", "TX", "TX"},
                        {"AU", "NT", "NT"},
                        {"AU", "WA", "WA"},
                        {"AU", "Western Australia", "WA"},
                        {"AU", "Vic.", "VIC"},
                        {"AU", "Australian Capital Territory", "ACT"},
                        {"AU", "nws", "NWS", Outcome::kDoubtful},
                        {"GB", "SHROPSHIRE", "Shropshire"},
                        {"GB", "kent", "Kent"},
                        {"GB", "bc", "BC"},
                        {"DE", "Bayern", "Bayern"},
                        {"DE", "NRW", "NRW"},
                        {"MX", "CA", "CA"},
                        {"GB", "N/A", "", Outcome::kPlaceholder}};

TEST(States, Table) {
  for (const Case& c : kStates) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeState(c.in, c.country, &out), c.outcome) << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
  }
}

// USPS ZIP and ZIP+4, Canada Post, BS 7666.
const Case kZips[] = {{"US", "62704", "62704"},
                      {"US", "62704-1234", "62704-1234"},
                      {"US", "627041234", "62704-1234"},
                      {"US", "62704 1234", "62704-1234"},
                      {"US", "62704-0000", "62704"},
                      {"US", "62704-", "62704"},
                      {"US", "00501", "00501"},
                      {"US", "22222", "22222"},
                      {"US", "12345", "12345"},
                      {"US", "501", "501", Outcome::kDoubtful},
                      {"US", "2119", "2119", Outcome::kDoubtful},
                      {"US", "6270", "6270", Outcome::kDoubtful},
                      {"US", "627 04", "627 04", Outcome::kDoubtful},
                      {"US", "627045", "627045", Outcome::kDoubtful},
                      {"US", "K1A 0B1", "K1A 0B1"},
                      {"US", "k1a0b1", "K1A 0B1"},
                      {"US", "sy5 7nt", "SY5 7NT", Outcome::kDoubtful},
                      {"US", "Springfield", "", Outcome::kBad},
                      {"US", "00000", "", Outcome::kPlaceholder},
                      {"US", "99999", "", Outcome::kPlaceholder},
                      {"US", "00000-0000", "", Outcome::kPlaceholder},
                      {"US", "XXXXX", "", Outcome::kPlaceholder},
                      {"US", "N/A", "", Outcome::kPlaceholder},
                      {"US", "", "", Outcome::kEmpty},
                      {"PR", "00901", "00901"},
                      {"CA", "K1A 0B1", "K1A 0B1"},
                      {"CA", "k1a-0b1", "K1A 0B1"},
                      {"CA", "K1A0B1", "K1A 0B1"},
                      {"CA", "D1A 0B1", "D1A 0B1", Outcome::kDoubtful},
                      {"CA", "K1A", "K1A", Outcome::kDoubtful},
                      {"GB", "sy5 7nt", "SY5 7NT"},
                      {"GB", "SY57NT", "SY5 7NT"},
                      {"GB", "sw1a2aa", "SW1A 2AA"},
                      {"GB", "M1 1AE", "M1 1AE"},
                      {"GB", "B33 8TH", "B33 8TH"},
                      {"GB", "W1A 0AX", "W1A 0AX"},
                      {"GB", "DN55 1PT", "DN55 1PT"},
                      {"GB", "EC1A 1BB", "EC1A 1BB"},
                      {"GB", "GIR 0AA", "GIR 0AA"},
                      {"GB", "sy5", "SY5", Outcome::kDoubtful},
                      {"GB", "SY5 7N", "SY5 7N", Outcome::kDoubtful},
                      {"AU", "2150", "2150"},
                      {"AU", "0800", "0800"},
                      {"AU", "800", "800", Outcome::kDoubtful},
                      {"NZ", "6011", "6011"},
                      {"DE", "01067", "01067"},
                      {"DE", "d-01067", "01067"},
                      {"NL", "1012 ab", "1012 AB"},
                      {"IE", "d02 x285", "D02 X285"}};

TEST(PostalCodes, Table) {
  for (const Case& c : kZips) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeZip(c.in, CellType::kText, c.country, &out), c.outcome) << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
  }
}

TEST(PostalCodes, OnlyNumbersGetTheirZerosBack) {
  const Case cases[] = {{"US", "2139", "02139"},
                        {"US", "501", "00501"},
                        {"US", "62704", "62704"},
                        {"US", "21391234", "02139-1234"},
                        {"US", "5011234", "00501-1234"},
                        {"US", "627041234", "62704-1234"},
                        {"US", "12", "12", Outcome::kDoubtful},
                        {"US", "0", "", Outcome::kPlaceholder},
                        {"AU", "800", "0800"},
                        {"DE", "1067", "01067"},
                        {"GB", "123", "123", Outcome::kDoubtful},
                        {"NL", "123", "123", Outcome::kDoubtful}};
  for (const Case& c : cases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeZip(c.in, CellType::kInteger, c.country, &out), c.outcome) << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
  }
}

// ISO 3166-1.
const Case kCountries[] = {{"", "US", "US"},
                           {"", "us", "US"},
                           {"", "USA", "US"},
                           {"", "U.S.A.", "US"},
                           {"", "U.S.", "US"},
                           {"", "840", "US"},
                           {"", "United States", "US"},
                           {"", "UNITED STATES OF AMERICA", "US"},
                           {"", "America", "US"},
                           {"", "UK", "GB"},
                           {"", "United Kingdom", "GB"},
                           {"", "England", "GB"},
                           {"", "Great Britain", "GB"},
                           {"", "GBR", "GB"},
                           {"", "Canada", "CA"},
                           {"", "CAN", "CA"},
                           {"", "Australia", "AU"},
                           {"", "Deutschland", "DE"},
                           {"", "Germany", "DE"},
                           {"", "España", "ES"},
                           {"", "México", "MX"},
                           {"", "South Korea", "KR"},
                           {"", "Korea, Republic of", "KR"},
                           {"", "Russian Federation", "RU"},
                           {"", "Russia", "RU"},
                           {"", "Côte d'Ivoire", "CI"},
                           {"", "Ivory Coast", "CI"},
                           {"", "Congo, The Democratic Republic of the", "CD"},
                           {"", "Holy See (Vatican City State)", "VA"},
                           {"", "Virgin Islands, U.S.", "VI"},
                           {"", "Iran", "IR"},
                           {"", "Iran, Islamic Republic of", "IR"},
                           {"", "Taiwan", "TW"},
                           {"", "Vietnam", "VN"},
                           {"", "Viet Nam", "VN"},
                           {"", "Namibia", "NA"},
                           {"", "NA", "NA"},
                           {"", "na", "NA"},
                           {"", "Türkiye", "TR"},
                           {"", "Turkey", "TR"},
                           {"", "Réunion", "RE"},
                           {"", "Åland Islands", "AX"},
                           {"", "Brasil", "BR"},
                           {"", "4", "AF"},
                           {"", "036", "AU"},
                           {"", "Hong Kong", "HK"},
                           {"", "Netherlands", "NL"},
                           {"", "The Netherlands", "NL"},
                           {"", "Czech Republic", "CZ"},
                           {"", "Faroe Islands", "FO"},
                           {"", "Saint Vincent and the Grenadines", "VC"},
                           {"", "Tuvalu", "TV"},
                           {"", "Zambia", "ZM"},
                           {"", "Yemen", "YE"},
                           {"", "French Polynesia", "PF"},
                           {"", "ZZ", "", Outcome::kBad},
                           {"", "Atlantis", "", Outcome::kBad},
                           {"", "Yugoslavia", "", Outcome::kBad},
                           {"", "unknown", "", Outcome::kPlaceholder},
                           {"", "-", "", Outcome::kPlaceholder},
                           {"", "", "", Outcome::kEmpty}};

TEST(Countries, Table) {
  for (const Case& c : kCountries) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeCountry(c.in, &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
  }
}

TEST(Countries, Styles) {
  EXPECT_EQ(StyleOf("US"), AddressStyle::kUs);
  EXPECT_EQ(StyleOf("PR"), AddressStyle::kUs);
  EXPECT_EQ(StyleOf("CA"), AddressStyle::kCanada);
  EXPECT_EQ(StyleOf("GB"), AddressStyle::kCommonwealth);
  EXPECT_EQ(StyleOf("FR"), AddressStyle::kOther);
  EXPECT_EQ(StyleOf(""), AddressStyle::kOther);
}

}  // namespace
}  // namespace migrate::normalize
