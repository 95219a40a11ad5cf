// Street lines. Sources: USPS Publication 28 (October 2024), by section; Canada Post, Addressing Guidelines; AS 4590
// and Australia Post, Addressing standards; Royal Mail, PAF guides.
#include <gtest/gtest.h>

#include <random>

#include "migrate/normalize/addresses.h"

namespace migrate::normalize {
namespace {

struct Case {
  const char *in, *street;
  const char* unit = "";
  AddressStyle style = AddressStyle::kUs;
};

constexpr AddressStyle kCanada = AddressStyle::kCanada, kCommonwealth = AddressStyle::kCommonwealth;

template <size_t n>
void CheckAll(const Case (&cases)[n]) {
  for (const Case& c : cases) {
    std::string clean, street = "stale", unit, again, unit_again;
    NormalizeStreet(Clean(c.in, Form::kDisplay, &clean), c.style, &street, &unit);
    EXPECT_EQ(street, c.street) << c.in;
    EXPECT_EQ(unit, c.unit) << c.in;
    unit_again = unit;
    NormalizeStreet(street, c.style, &again, &unit_again);
    EXPECT_EQ(again, street) << "again, of " << c.in;
    EXPECT_EQ(unit_again, unit) << "again, of " << c.in;
  }
}

TEST(Streets, Directionals) {  // 233
  const Case cases[] = {{"100 N South St", "100 N South St"},
                        {"100 North South Street", "100 N South St"},
                        {"100 South Avenue West", "100 South Ave W"},
                        {"12 Bay W Drive", "12 Bay West Dr"},
                        {"12 Bay West Drive", "12 Bay West Dr"},
                        {"12 East West Hwy", "12 E West Hwy"},
                        {"842 East 1700 South", "842 E 1700 S"},
                        {"842 E 1700 S", "842 E 1700 S"},
                        {"12 North Avenue", "12 North Ave"},
                        {"12 NW 5th St", "12 NW 5th St"},
                        {"12 N W 5th St", "12 NW 5th St"},
                        {"12 N. E. 5th St.", "12 NE 5th St"},
                        {"12 Main Street Southeast", "12 Main St SE"},
                        {"12 S Ave", "12 S Ave"},
                        {"12 E St NW", "12 E St NW"}};
  CheckAll(cases);
}

TEST(Streets, SuffixesAndSaints) {  // 234
  const Case cases[] = {{"12 St Charles Ave", "12 St Charles Ave"},
                        {"12 Saint Charles Avenue", "12 St Charles Ave"},
                        {"12 N St. Louis Street", "12 N St Louis St"},
                        {"12 Saint", "12 Saint"},
                        {"12 Saint Street", "12 Saint St"},
                        {"12 St", "12 St"},
                        {"789 Main Avenue Drive", "789 Main Avenue Dr"},
                        {"4513 3rd St Cir W", "4513 3rd Street Cir W"},
                        {"12 Court Street", "12 Court St"},
                        {"12 Park Place", "12 Park Pl"},
                        {"12 Lake Shore Drive", "12 Lake Shore Dr"},
                        {"12 Circle", "12 Circle"},
                        {"12 Avenue of the Americas", "12 Avenue Of The Americas"},
                        {"12 The Oaks", "12 The Oaks"},
                        {"12 Martin Luther King Jr Blvd", "12 Martin Luther King Jr Blvd"},
                        {"12 Boulevard", "12 Boulevard"},
                        {"12 Pkwy Blvd", "12 Pkwy Blvd"},
                        {"12 Mill Creek Crossing", "12 Mill Creek Xing"},
                        {"12 Country Club Estates", "12 Country Club Ests"},
                        {"12 Oak Tree Plaza", "12 Oak Tree Plz"},
                        {"12 Old Stage Turnpike", "12 Old Stage Tpke"},
                        {"12 Sunset Heights", "12 Sunset Hts"},
                        {"12 Sunset Junction", "12 Sunset Jct"},
                        {"12 Sunset Square", "12 Sunset Sq"}};
  CheckAll(cases);
}

TEST(Streets, Numbers) {  // 231, appendix D
  const Case cases[] = {{"123 1/2 Main Street", "123 1/2 Main St"},
                        {"123½ Main Street", "123 1/2 Main St"},
                        {"123 ½ Main Street", "123 1/2 Main St"},
                        {"112-10 Bronx Road", "112-10 Bronx Rd"},
                        {"12b Main St", "12B Main St"},
                        {"123-a Main St", "123-A Main St"},
                        {"N6W23001 Bluemound Road", "N6W23001 Bluemound Rd"},
                        {"n6w23001 North Bluemound Rd", "N6W23001 N Bluemound Rd"},
                        {"123 39.2 Road", "123 39.2 Rd"},
                        {"No. 12 Main Street", "12 Main St"},
                        {"#12 Main Street", "12 Main St"},
                        {"No 12 Main Street", "12 Main St"},
                        {"12 5TH AVE", "12 5th Ave"},
                        {"1 First Street", "1 First St"},
                        {"12, Main Street", "12 Main St"},
                        {"12 Main Street,", "12 Main St"}};
  CheckAll(cases);
}

TEST(Streets, Units) {  // 213, appendix C2
  const Case cases[] = {{"12 Main St Apt. #4B", "12 Main St", "Apt 4B"},
                        {"12 Main St, Unit 4, Bldg C", "12 Main St", "Unit 4 Bldg C"},
                        {"12 Main St 4B", "12 Main St", "4B"},
                        {"12 Main Street, 4", "12 Main St", "4"},
                        {"12 N Main St W 4", "12 N Main St W", "4"},
                        {"12 Main St 5th", "12 Main St 5th"},
                        {"12 Avenue 5", "12 Avenue 5"},
                        {"12 S Avenue 5", "12 S Avenue 5"},
                        {"12 County Road 5", "12 County Road 5"},
                        {"12 Main St Apt", "12 Main St Apt"},
                        {"12 Main St Ste A-1", "12 Main St", "Ste A-1"},
                        {"12 Main St Suite 100 Room 4", "12 Main St", "Ste 100 Rm 4"},
                        {"12 Main St Space 4", "12 Main St", "Spc 4"},
                        {"12 Main St Sp 4", "12 Main St", "Spc 4"},
                        {"12 Main St Trlr 4", "12 Main St", "Trlr 4"},
                        {"12 Main St Lower", "12 Main St", "Lowr"},
                        {"12 Main St Upper", "12 Main St", "Uppr"},
                        {"12 Main St 3rd Fl", "12 Main St", "Fl 3"},
                        {"12 Main St 3rd Floor Rear", "12 Main St", "Fl 3 Rear"},
                        {"12 Main St Lobby", "12 Main St", "Lbby"},
                        {"12 Main St Hangar 4", "12 Main St", "Hngr 4"},
                        {"12 Main St Dept 4", "12 Main St", "Dept 4"},
                        {"12 Main St PMB 234", "12 Main St", "PMB 234"},  // 285
                        {"12 Main St # 4 # 5", "12 Main St", "# 4 # 5"},
                        {"4 Apartment Row", "4 Apartment Row"},
                        {"12 Key West Ave", "12 Key West Ave"},
                        {"Apt 4 12 Main St", "12 Main St", "Apt 4"},
                        {"#4, 12 Main St", "12 Main St", "# 4"},
                        {"Apartment 4", "Apartment 4"},
                        {"12 Main St Unit", "12 Main St Unit"}};
  CheckAll(cases);
}

TEST(Streets, Roads) {  // 237, appendix F
  const Case cases[] = {{"12 CR 441", "12 County Road 441"},
                        {"12 Cty Rd 441", "12 County Road 441"},
                        {"12 Co Rd 441", "12 County Road 441"},
                        {"12 County Rd 441 E", "12 County Road 441 E"},
                        {"12 Cnty Hwy 140", "12 County Highway 140"},
                        {"12 FM 187", "12 FM 187"},
                        {"12 Hwy FM 1320", "12 FM 1320"},
                        {"12 Farm to Market Rd 1200", "12 FM 1200"},
                        {"12 Hwy 1080A", "12 Highway 1080A"},
                        {"12 I-10", "12 Interstate 10"},
                        {"12 I10", "12 Interstate 10"},
                        {"12 IH280", "12 Interstate 280"},
                        {"12 I 55 Frontage Road", "12 Interstate 55 Frontage Rd"},
                        {"12 Loop 410", "12 Loop 410"},
                        {"12 Ranch Rd 620", "12 Ranch Road 620"},
                        {"12 Rte 95", "12 Route 95"},
                        {"12 SR 7", "12 SR 7"},
                        {"12 St Rt 175", "12 State Route 175"},
                        {"12 ST HWY 60", "12 State Highway 60"},
                        {"12 State Rd 86", "12 State Road 86"},
                        {"12 Twp Rd 20", "12 Township Road 20"},
                        {"12 US 41 SW", "12 US Highway 41 SW"},
                        {"12 US Hwy 44", "12 US Highway 44"},
                        {"12 U.S. Highway 44", "12 US Highway 44"},
                        {"12 US Highway 44 Unit 4", "12 US Highway 44", "Unit 4"},
                        {"12 Avenue I", "12 Avenue I"},
                        {"12 Old State Road", "12 Old State Rd"}};
  CheckAll(cases);
}

TEST(Streets, RoutesBoxesAndForces) {  // 238, 24, 25, 26, 28
  const Case cases[] = {{"RR 2 Box 152", "RR 2 Box 152"},
                        {"R.R. 2, Box 152", "RR 2 Box 152"},
                        {"Rural Route 3 Box 9", "RR 3 Box 9"},
                        {"RFD Route 4 #87A", "RR 4 Box 87A"},
                        {"RFD 4 Box 87a", "RR 4 Box 87A"},
                        {"RD 2 Box 18", "RR 2 Box 18"},
                        {"Rt 2 Box 18", "RR 2 Box 18"},
                        {"Route 2", "Route 2"},
                        {"RR 03 Box 98D", "RR 3 Box 98D"},
                        {"RR2 Box18", "RR 2 Box 18"},
                        {"RR 2 Box 18 Bryan Dairy Rd", "RR 2 Box 18"},
                        {"RR 5", "RR 5"},
                        {"HC 68 Box 23A", "HC 68 Box 23A"},
                        {"Highway Contract Route 68 Box 23A", "HC 68 Box 23A"},
                        {"HCR 68 Box 23A", "HC 68 Box 23A"},
                        {"Star Route 68 Box 45", "HC 68 Box 45"},
                        {"SR 67 Box 12", "HC 67 Box 12"},
                        {"General Delivery", "General Delivery"},
                        {"GEN DEL", "General Delivery"},
                        {"PSC 802 Box 74", "PSC 802 Box 74"},
                        {"psc 802 box 74", "PSC 802 Box 74"},
                        {"Unit 2050 Box 4190", "Unit 2050 Box 4190"},
                        {"CMR 455 BOX 1234", "CMR 455 Box 1234"},
                        {"P.O. Box 12", "PO Box 12"},
                        {"P.O.B. 12", "PO Box 12"},
                        {"POBox 12", "PO Box 12"},
                        {"PO Box 12A", "PO Box 12A"},
                        {"PO Box 12 B", "PO Box 12B"},
                        {"PO Box G", "PO Box G"},
                        {"PO Drawer 12", "PO Box 12"},
                        {"Drawer L", "PO Box L"},
                        {"Box 11890", "PO Box 11890"},
                        {"Lock Box 12", "PO Box 12"},
                        {"Caller 12", "PO Box 12"},
                        {"Post Office Box #12", "PO Box 12"},
                        {"PO Box 12 Apt 4", "PO Box 12", "Apt 4"},
                        {"PO Box 12, 123 N Main Street", "123 N Main St PO Box 12"},
                        {"123 North Main Street, PO Box 12", "123 N Main St PO Box 12"},
                        {"12 Box Elder Rd", "12 Box Elder Rd"},
                        {"Box Elder Rd", "Box Elder Rd"}};
  CheckAll(cases);
}

TEST(Streets, AttentionCornersUrbanizations) {  // 214, 236, 29
  const Case cases[] = {{"c/o John Smith, 12 Main Street", "12 Main St"},
                        {"C/O John Smith 12 Main Street Apt 4", "12 Main St", "Apt 4"},
                        {"12 Main Street c/o John Smith", "12 Main St"},
                        {"12 Main Street, Attn: Billing", "12 Main St"},
                        {"ATTN Billing, PO Box 12", "PO Box 12"},
                        {"% John Smith, 12 Main St", "12 Main St"},
                        {"c/o John Smith", "John Smith"},
                        {"12 Attleboro St", "12 Attleboro St"},
                        {"Main Street & 5th Avenue", "Main St & 5th Ave"},
                        {"Main St and 5th Ave", "Main St & 5th Ave"},
                        {"Corner of Main and Oak Street", "Main & Oak St"},
                        {"5th & Main", "5th & Main"},
                        {"N Main St @ E Oak St", "N Main St & E Oak St"},
                        {"12 Church and Main St", "12 Church And Main St"},
                        {"Rose and Crown Cottage", "Rose And Crown Cottage"},
                        {"Urb Las Gladiolas 150 Calle A", "Urb Las Gladiolas 150 Calle A"},
                        {"URB LAS GLADIOLAS, 150 CALLE A", "Urb Las Gladiolas 150 Calle A"},
                        {"150 Calle A Apt 4", "150 Calle A", "Apt 4"},
                        {"12 Key Ave 4-123 # 4-123", "12 Key Ave", "# 4-123"},
                        {"12 Main St 5 Apt 4", "12 Main St 5", "Apt 4"}};
  CheckAll(cases);
}

TEST(Streets, OtherCountries) {
  const Case cases[] = {{"10-123 1/2 Main Street SE", "123 1/2 Main St SE", "10", kCanada},
                        {"4-123 Main St", "123 Main St", "4", kCanada},
                        {"123-125 Main St", "123-125 Main St", "", kCanada},
                        {"4B-123 Main St", "123 Main St", "4B", kCanada},
                        {"CP 12", "PO Box 12", "", kCanada},
                        {"C.P. 12", "PO Box 12", "", kCanada},
                        {"Case postale 12", "PO Box 12", "", kCanada},
                        {"PO Box 12 Stn A", "PO Box 12 Stn A", "", kCanada},
                        {"123 Main St app 4", "123 Main St", "Apt 4", kCanada},
                        {"3/45 Smith Street", "45 Smith St", "3", kCommonwealth},
                        {"Unit 3/45 Smith Street", "45 Smith St", "Unit 3", kCommonwealth},
                        {"Level 3, 45 Smith Street", "45 Smith St", "Level 3", kCommonwealth},
                        {"Flat 2/12 High Street", "12 High St", "Flat 2", kCommonwealth},
                        {"Flat 2, 12 High Street", "12 High St", "Flat 2", kCommonwealth},
                        {"1/2 High Street", "1/2 High St", "", kCommonwealth},
                        {"10 Downing Street", "10 Downing St", "", kCommonwealth},
                        {"Rose Cottage, Church Lane", "Rose Cottage Church Ln", "", kCommonwealth},
                        {"3/45 Smith Street", "3/45 Smith St"},  // no unit in the United States
                        {"4-123 Main St", "4-123 Main St"},
                        {"Hauptstraße 5", "Hauptstraße 5", "", AddressStyle::kOther},
                        {"c/o Müller, HAUPTSTR. 5", "Hauptstr. 5", "", AddressStyle::kOther}};
  CheckAll(cases);
}

TEST(Streets, BoundedAndIdempotent) {
  std::mt19937_64 rng(29);
  const std::vector<std::string> pieces = {
      "12",     "4B",    "N",    "North",  "St",      "Street",   "Saint",  "Ave", "Apt",   "#",     "Unit",
      "Main",   "Box",   "PO",   "RR",     "HC",      "2",        "&",      "and", "c/o",   "Attn",  "1/2",
      "½",      "I",     "10",   "County", "Road",    "Hwy",      "US",     "PSC", "3/45",  "4-123", "Rear",
      "2nd",    "Floor", "Flat", "Level",  "General", "Delivery", "Corner", "of",  "ſt",    "İ",     "É",
      "o'neil", "-",     ".",    ",",      "Circle",  "W",        "Key",    "Lot", "Drawer"};
  for (int i = 0; i < 100000; ++i) {
    std::string text, clean, street, unit, again, unit_again, alone;
    for (size_t n = rng() % 8; n > 0; --n) {
      text += pieces[rng() % pieces.size()];
      if (rng() % 5 != 0) text += " ";
    }
    for (const AddressStyle style : {AddressStyle::kUs, kCanada, kCommonwealth}) {
      unit.clear();
      NormalizeStreet(Clean(text, Form::kDisplay, &clean), style, &street, &unit);
      EXPECT_TRUE(IsValidUtf8(street));
      EXPECT_LE(street.size() + unit.size(), text.size() * 4 + 16) << text;
      unit_again = unit;
      NormalizeStreet(street, style, &again, &unit_again);
      ASSERT_EQ(again, street) << "'" << text << "' unit '" << unit << "' style " << static_cast<int>(style);
      ASSERT_EQ(unit_again, unit) << text;
      NormalizeUnit(unit, &alone);
      ASSERT_EQ(alone, unit) << text;
    }
  }
}

}  // namespace
}  // namespace migrate::normalize
