#include "migrate/normalize/addresses.h"

#include <gtest/gtest.h>

namespace migrate::normalize {
namespace {

struct StreetCase {
  const char *in, *street;
  const char* unit = "";
  Outcome outcome = Outcome::kOk;
};

// USPS Publication 28, sections 23 (delivery line), 24 (rural), 28 (PO boxes), appendices B and C.
const StreetCase kStreets[] = {
    {"123 Main Street", "123 Main St"},
    {"123 MAIN STREET", "123 Main St"},
    {"123 main st.", "123 Main St"},
    {"123 Main Str", "123 Main St"},
    {"123 Main", "123 Main"},
    {"Main Street", "Main St"},
    {"Street", "Street"},
    {"5 Oak Avenue", "5 Oak Ave"},
    {"5 Oak Av", "5 Oak Ave"},
    {"5 Oak Boulevard", "5 Oak Blvd"},
    {"5 Oak Court", "5 Oak Ct"},
    {"5 Oak Drive", "5 Oak Dr"},
    {"5 Oak Lane", "5 Oak Ln"},
    {"5 Oak Place", "5 Oak Pl"},
    {"5 Oak Road", "5 Oak Rd"},
    {"5 Oak Circle", "5 Oak Cir"},
    {"5 Oak Terrace", "5 Oak Ter"},
    {"5 Oak Parkway", "5 Oak Pkwy"},
    {"5 Oak Way", "5 Oak Way"},
    {"5 Oak Trail", "5 Oak Trl"},
    {"5 Oak Crescent", "5 Oak Cres"},
    {"5 Oak Highway", "5 Oak Hwy"},
    // 234: of two suffix words only the second
    {"789 Main Avenue Drive", "789 Main Avenue Dr"},
    {"789 Main Ave Dr", "789 Main Avenue Dr"},
    {"4513 3RD STREET CIRCLE WEST", "4513 3rd Street Cir W"},
    {"12 Park Avenue", "12 Park Ave"},
    {"12 Lake Street", "12 Lake St"},
    {"100 Fall Creek Road", "100 Fall Creek Rd"},
    // 233: directionals
    {"123 NORTH MAIN STREET", "123 N Main St"},
    {"123 N. Main St", "123 N Main St"},
    {"123 Main Street North", "123 Main St N"},
    {"123 Main St. N.W.", "123 Main St NW"},
    {"12 North East 5th Avenue", "12 NE 5th Ave"},
    {"12 Northeast 5th Avenue", "12 NE 5th Ave"},
    {"12 North Street", "12 North St"},
    {"12 N Street", "12 N St"},
    {"12 Broadway North", "12 Broadway N"},
    {"12 East Broadway", "12 E Broadway"},
    {"100 West End Ave", "100 W End Ave"},
    {"100 Avenue B", "100 Avenue B"},
    {"12 Avenue E", "12 Avenue E"},
    {"507 - 20th Ave. E.Apt. 2A", "507 20th Ave E", "Apt 2A"},
    // 213: units
    {"123 Main Street Apartment 4", "123 Main St", "Apt 4"},
    {"123 Main St, Apt. 4", "123 Main St", "Apt 4"},
    {"123 Main St Apt4B", "123 Main St", "Apt 4B"},
    {"123 Main St APT #4", "123 Main St", "Apt 4"},
    {"123 Main St apt no. 4", "123 Main St", "Apt 4"},
    {"123 Main St #4", "123 Main St", "# 4"},
    {"123 Main St # 4", "123 Main St", "# 4"},
    {"123 Main St Suite 200", "123 Main St", "Ste 200"},
    {"123 Main St Unit B", "123 Main St", "Unit B"},
    {"123 Main St Apt 2 A", "123 Main St", "Apt 2A"},
    {"123 Main St Bldg 4 Apt 2", "123 Main St", "Bldg 4 Apt 2"},
    {"123 Main St 2nd Floor", "123 Main St", "Fl 2"},
    {"123 Main St Floor 2", "123 Main St", "Fl 2"},
    {"123 Main St Rear", "123 Main St", "Rear"},
    {"123 Main St Basement", "123 Main St", "Bsmt"},
    {"123 Main St Penthouse", "123 Main St", "Ph"},
    {"123 Main St Lot 12", "123 Main St", "Lot 12"},
    {"123 Main St Apt E", "123 Main St", "Apt E"},
    {"Flat 2, 12 High Street", "12 High St", "Flat 2"},
    {"Apt 4, 123 N Main St", "123 N Main St", "Apt 4"},
    {"5 Front Street", "5 Front St"},
    {"5 Upper Mountain Road", "5 Upper Mountain Rd"},
    {"10 Key West Drive", "10 Key West Dr"},
    {"12 Unit Street", "12 Unit St"},
    // 28: post-office boxes
    {"P.O. Box 12", "PO Box 12"},
    {"PO BOX 12", "PO Box 12"},
    {"P O Box 12", "PO Box 12"},
    {"POB 12", "PO Box 12"},
    {"Post Office Box 12a", "PO Box 12A"},
    {"PO Box #12", "PO Box 12"},
    {"123 Main Street PO Box 5", "123 Main St PO Box 5"},
    // 24 and appendix F: rural and numbered roads
    {"RR 2 BOX 18", "RR 2 Box 18"},
    {"123 County Road 12", "123 County Road 12"},
    {"123 County Rd 12", "123 County Road 12"},
    {"123 CR 12", "123 County Road 12"},
    {"12 US HWY 66", "12 US Highway 66"},
    {"12 State Route 7", "12 State Route 7"},
    {"12 Rt 7", "12 Route 7"},
    // names and numbers
    {"12 ST CHARLES AVE", "12 St Charles Ave"},
    {"12 MCDONALD RD", "12 McDonald Rd"},
    {"12 O'HARE DR", "12 O'Hare Dr"},
    {"1 1/2 Elm Street", "1 1/2 Elm St"},
    {"12a Elm Street", "12A Elm St"},
    {"12-14 Elm Street", "12-14 Elm St"},
    {"21ST STREET", "21st St"},
    {"100 21ST STREET", "100 21st St"},
    {"7 wallaby place", "7 Wallaby Pl"},
    {"UNKNOWN", "", "", Outcome::kPlaceholder},
    {"0", "", "", Outcome::kPlaceholder},
    {"homeless", "", "", Outcome::kPlaceholder},
    {"General Delivery", "General Delivery"},
    {"", "", "", Outcome::kEmpty},
};

TEST(Addresses, Streets) {
  for (const StreetCase& c : kStreets) {
    std::string street = "stale", unit;
    EXPECT_EQ(NormalizeStreet(c.in, AddressStyle::kUs, &street, &unit), c.outcome) << c.in;
    EXPECT_EQ(street, c.street) << c.in;
    EXPECT_EQ(unit, c.unit) << c.in;
  }
}

TEST(Addresses, StreetsElsewhereChangeOnlyCase) {
  std::string street, unit;
  EXPECT_EQ(NormalizeStreet("12 RUE DE LA PAIX APT 4", AddressStyle::kOther, &street, &unit), Outcome::kOk);
  EXPECT_EQ(street, "12 Rue De La Paix Apt 4");
  EXPECT_EQ(unit, "");
  EXPECT_EQ(NormalizeStreet("HAUPTSTRASSE 5", AddressStyle::kOther, &street, &unit), Outcome::kOk);
  EXPECT_EQ(street, "Hauptstrasse 5");
  EXPECT_EQ(NormalizeStreet("12 High Street", AddressStyle::kCommonwealth, &street, &unit), Outcome::kOk);
  EXPECT_EQ(street, "12 High St");
}

TEST(Addresses, AGivenUnitWins) {
  std::string street, unit = "Apt 4";
  NormalizeStreet("12 Main St Apt 4", AddressStyle::kUs, &street, &unit);
  EXPECT_EQ(street, "12 Main St");
  EXPECT_EQ(unit, "Apt 4");
  unit = "B";
  NormalizeStreet("12 Main Street Apt 4", AddressStyle::kUs, &street, &unit);
  EXPECT_EQ(street, "12 Main St Apt 4");
  EXPECT_EQ(unit, "B");
}

TEST(Addresses, Units) {
  const std::pair<const char*, const char*> cases[] = {{"APARTMENT 4", "Apt 4"},
                                                       {"apt. 4b", "Apt 4B"},
                                                       {"#4", "# 4"},
                                                       {"# 4", "# 4"},
                                                       {"4", "4"},
                                                       {"4b", "4B"},
                                                       {"Suite 200", "Ste 200"},
                                                       {"2nd Floor", "Fl 2"},
                                                       {"FL 2", "Fl 2"},
                                                       {"Bldg 4, Apt 2", "Bldg 4 Apt 2"},
                                                       {"unit 12", "Unit 12"},
                                                       {"REAR", "Rear"},
                                                       {"LOWER", "Lowr"},
                                                       {"garden flat", "Garden Flat"},
                                                       {"Apt4", "Apt 4"},
                                                       {"Apt #4", "Apt 4"},
                                                       {"Rm 12", "Rm 12"},
                                                       {"n/a", ""},
                                                       {"", ""}};
  for (const auto& [in, out] : cases) {
    std::string unit = "stale";
    NormalizeUnit(in, &unit);
    EXPECT_EQ(unit, out) << in;
  }
}

TEST(Addresses, Cities) {
  const std::pair<const char*, const char*> cases[] = {{"SPRINGFIELD", "Springfield"},
                                                       {"springfield", "Springfield"},
                                                       {"ST. LOUIS", "St Louis"},
                                                       {"St.Louis", "St Louis"},
                                                       {"Springfield,", "Springfield"},
                                                       {"LaGrange", "LaGrange"},
                                                       {"COEUR D'ALENE", "Coeur D'Alene"},
                                                       {"MÜNCHEN", "München"},
                                                       {"WINSTON-SALEM", "Winston-Salem"},
                                                       {"N/A", ""},
                                                       {"12345", ""},
                                                       {"", ""},
                                                       {".", ""}};
  for (const auto& [in, out] : cases) {
    std::string city = "stale";
    NormalizeCity(in, &city);
    EXPECT_EQ(city, out) << in;
  }
}

struct LineCase {
  const char *country, *in;
  const char *street, *city, *state, *zip, *rest;
  bool complete = true;
};

const LineCase kLines[] = {
    {"US", "12 N Main St Apt 4, Springfield, IL 62704-1234", "12 N Main St Apt 4", "Springfield", "IL", "62704-1234",
     ""},
    {"US", "12 N Main St, Apt 4, Springfield, IL 62704", "12 N Main St, Apt 4", "Springfield", "IL", "62704", ""},
    {"US", "12 N Main St Springfield IL 62704", "12 N Main St", "Springfield", "IL", "62704", ""},
    {"US", "12 N Main St Apt 4 Springfield IL 62704", "12 N Main St Apt 4", "Springfield", "IL", "62704", ""},
    {"US", "12 Main St N Lake Forest IL 60045", "12 Main St N", "Lake Forest", "IL", "60045", ""},
    {"US", "Springfield, IL 62704", "", "Springfield", "IL", "62704", ""},
    {"US", "Springfield IL", "", "Springfield", "IL", "", ""},
    {"US", "Springfield, Illinois", "", "Springfield", "Illinois", "", ""},
    {"US", "12 Main St, Springfield, IL", "12 Main St", "Springfield", "IL", "", ""},
    {"US", "12 Main St, Springfield, IL, 62704", "12 Main St", "Springfield", "IL", "62704", ""},
    {"US", "12 Main St, Springfield, 62704", "12 Main St", "Springfield", "", "62704", ""},
    {"US", "12 Main St, Springfield, IL 62704, USA", "12 Main St", "Springfield", "IL", "62704", "USA"},
    {"US", "12 Main St, Springfield, IL 62704 USA", "12 Main St", "Springfield", "IL", "62704", "USA"},
    {"US", "12 Main St, Springfield, IL 62704, United States", "12 Main St", "Springfield", "IL", "62704",
     "United States"},
    {"US", "12 Main St, Charleston, West Virginia 25301", "12 Main St", "Charleston", "West Virginia", "25301", ""},
    {"US", "PO Box 12, New York, New York 10001", "PO Box 12", "New York", "New York", "10001", ""},
    {"US", "Atlanta, Georgia", "", "Atlanta", "Georgia", "", ""},
    {"US", "100 Queen St W, Toronto, ON M5H 2N2, Canada", "100 Queen St W", "Toronto", "ON", "M5H 2N2", "Canada"},
    {"US", "100 Queen St W, Toronto, ON M5H2N2", "100 Queen St W", "Toronto", "ON", "M5H2N2", ""},
    {"GB", "10 Downing Street, London SW1A 2AA", "10 Downing Street", "London", "", "SW1A 2AA", ""},
    {"GB", "Flat 2, 12 High Street, Shrewsbury, SY5 7NT", "Flat 2, 12 High Street", "Shrewsbury", "", "SY5 7NT", ""},
    {"AU", "12 Smith St, Parramatta NSW 2150", "12 Smith St", "Parramatta", "NSW", "2150", ""},
    {"US", "12 Main St", "12 Main St", "", "", "", "", false},
    {"US", "foo", "", "foo", "", "", "", false},
    {"US", "", "", "", "", "", "", false},
    {"US", ", ,", "", "", "", "", "", false},
};

TEST(Addresses, OnOneLine) {
  for (const LineCase& c : kLines) {
    const AddressLine line = SplitAddress(c.in, c.country);
    EXPECT_EQ(line.street, c.street) << c.in;
    EXPECT_EQ(line.city, c.city) << c.in;
    EXPECT_EQ(line.state, c.state) << c.in;
    EXPECT_EQ(line.zip, c.zip) << c.in;
    EXPECT_EQ(line.country, c.rest) << c.in;
    EXPECT_EQ(line.complete, c.complete) << c.in;
  }
}

}  // namespace
}  // namespace migrate::normalize
