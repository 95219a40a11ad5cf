// Addresses on one line, taken apart. Sources: USPS Publication 28, sections 22 (last line), 225 and 238 (forces), 29
// (Puerto Rico); Canada Post, Addressing Guidelines; Australia Post, Addressing standards; Royal Mail, PAF; UPU, Postal
// addressing systems (DE, FR, ES, IT, NL, CH, SE).
#include <gtest/gtest.h>

#include <random>

#include "migrate/normalize/addresses.h"

namespace migrate::normalize {
namespace {

struct Case {
  const char *country, *in;
  const char *street, *city, *state, *zip, *rest;
};

const Case kAmerica[] = {
    {"US", "12 N Main St Apt 4, Springfield, IL 62704-1234", "12 N Main St Apt 4", "Springfield", "IL", "62704-1234",
     ""},
    {"US", "12 N Main St Apt 4 Springfield IL 62704-1234", "12 N Main St Apt 4", "Springfield", "IL", "62704-1234", ""},
    {"US", "12 Main St, Springfield, IL62704", "12 Main St", "Springfield", "IL", "62704", ""},
    {"US", "12 Main St, Springfield, IL-62704", "12 Main St", "Springfield", "IL", "62704", ""},
    {"US", "12 Main St, Springfield 62704 IL", "12 Main St", "Springfield", "IL", "62704", ""},
    {"US", "12 Main St, Springfield, IL 62704 - 1234", "12 Main St", "Springfield", "IL", "62704 - 1234", ""},
    {"US", "12 Main St; Springfield; IL; 62704", "12 Main St", "Springfield", "IL", "62704", ""},
    {"US", "Springfield, IL 62704", "", "Springfield", "IL", "62704", ""},
    {"US", "Springfield IL 62704", "", "Springfield", "IL", "62704", ""},
    {"US", "New York, NY", "", "New York", "NY", "", ""},
    {"US", "Washington, DC 20500", "", "Washington", "DC", "20500", ""},
    {"US", "Washington, D.C. 20500", "", "Washington", "D.C.", "20500", ""},
    {"US", "Newark, New Jersey", "", "Newark", "New Jersey", "", ""},
    {"US", "12 Main St, Newark, New Jersey 07102", "12 Main St", "Newark", "New Jersey", "07102", ""},
    {"US", "12 Main St, Santa Fe, New Mexico", "12 Main St", "Santa Fe", "New Mexico", "", ""},
    {"US", "12 Main St, Lebanon, PA 17042", "12 Main St", "Lebanon", "PA", "17042", ""},
    {"US", "12 Main St, Lebanon", "12 Main St", "Lebanon", "", "", ""},
    {"US", "12 Main St Springfield IL 62704 USA", "12 Main St", "Springfield", "IL", "62704", "USA"},
    {"US", "12 Main St Springfield IL 62704 United States of America", "12 Main St", "Springfield", "IL", "62704",
     "United States of America"},
    {"US", "12 Main St, Springfield, IL 62704, U.S.A.", "12 Main St", "Springfield", "IL", "62704", "U.S.A."},
    {"US", "Apt 4, 12 Main St, Springfield, IL", "Apt 4, 12 Main St", "Springfield", "IL", "", ""},
    {"US", "12 Broadway New York NY 10003", "12 Broadway", "New York", "NY", "10003", ""},
    {"US", "100 N St Louis Ave Chicago IL 60601", "100 N St Louis Ave", "Chicago", "IL", "60601", ""},
    {"US", "100 N Court St Springfield IL", "100 N Court St", "Springfield", "IL", "", ""},
    {"US", "12 Main St NW Washington DC 20001", "12 Main St NW", "Washington", "DC", "20001", ""},
    {"US", "4513 3rd Street Circle West Bradenton FL 34205", "4513 3rd Street Circle", "West Bradenton", "FL", "34205",
     ""},
    {"US", "12 Main St 2nd Floor Boston MA 02108", "12 Main St 2nd Floor", "Boston", "MA", "02108", ""},
    {"US", "12 Main St #4 Boston MA 02108", "12 Main St #4", "Boston", "MA", "02108", ""},
    {"US", "12 Main St # 4 Boston MA", "12 Main St # 4", "Boston", "MA", "", ""},
    {"US", "12 Main St Rear Boston MA", "12 Main St Rear", "Boston", "MA", "", ""},
    {"US", "12 Avenue B New York NY 10009", "12 Avenue B", "New York", "NY", "10009", ""},
    {"US", "500 County Road 12 Boone IA 50036", "500 County Road 12", "Boone", "IA", "50036", ""},
    {"US", "1200 Hwy 7 N Marion OH", "1200 Hwy 7 N", "Marion", "OH", "", ""},
    {"US", "12 US Hwy 66 Tulsa OK 74101", "12 US Hwy 66", "Tulsa", "OK", "74101", ""},
    {"US", "PO Box 12 Springfield IL 62704", "PO Box 12", "Springfield", "IL", "62704", ""},
    {"US", "P.O. Box 12, Springfield, IL", "P.O. Box 12", "Springfield", "IL", "", ""},
    {"US", "PO Box 12 Unit 4, Springfield, IL", "PO Box 12 Unit 4", "Springfield", "IL", "", ""},
    {"US", "RR 2 Box 18 Anna IL 62906", "RR 2 Box 18", "Anna", "IL", "62906", ""},
    {"US", "HC 68 Box 23A, Salem, MO 65560", "HC 68 Box 23A", "Salem", "MO", "65560", ""},
    {"US", "General Delivery Tampa FL 33602-9999", "General Delivery", "Tampa", "FL", "33602-9999", ""},
    {"US", "General Delivery, Tampa, FL", "General Delivery", "Tampa", "FL", "", ""},
    {"US", "PSC 802 Box 74, APO AE 09499", "PSC 802 Box 74", "APO", "AE", "09499", ""},
    {"US", "PSC 802 Box 74 APO AE 09499-0074", "PSC 802 Box 74", "APO", "AE", "09499-0074", ""},
    {"US", "Unit 2050 Box 4190, DPO AP 96278", "Unit 2050 Box 4190", "DPO", "AP", "96278", ""},
    {"US", "Urb Las Gladiolas, 150 Calle A, San Juan PR 00926", "Urb Las Gladiolas, 150 Calle A", "San Juan", "PR",
     "00926", ""},
    {"US", "c/o John Smith, 12 Main St, Boston, MA", "c/o John Smith, 12 Main St", "Boston", "MA", "", ""},
    {"US", "Main St & 5th Ave, Boston, MA", "Main St & 5th Ave", "Boston", "MA", "", ""},
    {"US", "123 1/2 Main St, Boston, MA", "123 1/2 Main St", "Boston", "MA", "", ""},
    {"US", "N6W23001 Bluemound Rd, Pewaukee, WI 53072", "N6W23001 Bluemound Rd", "Pewaukee", "WI", "53072", ""},
    {"US", "62704", "", "", "", "62704", ""},
};

const Case kElsewhere[] = {
    {"US", "100 Queen St W, Toronto, ON M5H 2N2, Canada", "100 Queen St W", "Toronto", "ON", "M5H 2N2", "Canada"},
    {"CA", "4-123 Main St, Ottawa ON K1A 0B1", "4-123 Main St", "Ottawa", "ON", "K1A 0B1", ""},
    {"CA", "123 rue Principale, Montréal (Québec) H2X 1Y4", "123 rue Principale", "Montréal", "(Québec)", "H2X 1Y4",
     ""},
    {"CA", "12 Main St, Buffalo, NY 14202", "12 Main St", "Buffalo", "NY", "14202", ""},
    {"GB", "10 Downing Street, London SW1A 2AA", "10 Downing Street", "London", "", "SW1A 2AA", ""},
    {"GB", "10 Downing Street London SW1A 2AA", "10 Downing Street", "London", "", "SW1A 2AA", ""},
    {"GB", "12 High Street, Shrewsbury, Shropshire, SY5 7NT", "12 High Street", "Shrewsbury", "Shropshire", "SY5 7NT",
     ""},
    {"GB", "12 High St, Leeds, W Yorkshire LS1 1AA", "12 High St", "Leeds", "W Yorkshire", "LS1 1AA", ""},
    {"GB", "12 High St, Kent", "12 High St", "Kent", "", "", ""},
    {"US", "10 Downing Street, London SW1A 2AA, United Kingdom", "10 Downing Street", "London", "", "SW1A 2AA",
     "United Kingdom"},
    {"US", "10 Downing Street, London, England SW1A 2AA", "10 Downing Street, London", "England", "", "SW1A 2AA", ""},
    {"US", "10 Downing Street, London SW1A 2AA", "10 Downing Street", "London", "", "SW1A 2AA", ""},
    {"AU", "3/45 Smith St, Parramatta NSW 2150", "3/45 Smith St", "Parramatta", "NSW", "2150", ""},
    {"US", "45 Smith St, Parramatta NSW 2150, Australia", "45 Smith St", "Parramatta", "NSW", "2150", "Australia"},
    {"NZ", "12 Queen Street, Auckland 1010", "12 Queen Street", "Auckland", "", "1010", ""},
    {"DE", "Hauptstraße 5, 10115 Berlin", "Hauptstraße 5", "Berlin", "", "10115", ""},
    {"DE", "Hauptstraße 5 10115 Berlin", "Hauptstraße 5", "Berlin", "", "10115", ""},
    {"US", "Hauptstraße 5, 10115 Berlin, Germany", "Hauptstraße 5", "Berlin", "", "10115", "Germany"},
    {"US", "Hauptstraße 5, D-10115 Berlin, Deutschland", "Hauptstraße 5", "Berlin", "", "D-10115", "Deutschland"},
    {"FR", "12 rue de la Paix, 75002 Paris", "12 rue de la Paix", "Paris", "", "75002", ""},
    {"US", "12 rue de la Paix, 75002 Paris, France", "12 rue de la Paix", "Paris", "", "75002", "France"},
    {"FR", "Bât. C, 12 rue de la Paix, F-75002 Paris", "Bât. C, 12 rue de la Paix", "Paris", "", "F-75002", ""},
    {"ES", "Calle Mayor 5, 28013 Madrid", "Calle Mayor 5", "Madrid", "", "28013", ""},
    {"US", "Calle Mayor 5, 28013 Madrid, España", "Calle Mayor 5", "Madrid", "", "28013", "España"},
    {"ES", "Calle Mayor 5, Madrid 28013", "Calle Mayor 5", "Madrid", "", "28013", ""},
    {"ES", "Calle Mayor 5, Madrid, 28013", "Calle Mayor 5", "Madrid", "", "28013", ""},
    {"IT", "Via Roma 5, 00185 Roma RM", "Via Roma 5", "Roma", "RM", "00185", ""},
    {"IT", "Via Roma 5, 00185 Roma (RM)", "Via Roma 5", "Roma", "RM", "00185", ""},
    {"NL", "Damrak 1, 1012 LG Amsterdam", "Damrak 1", "Amsterdam", "", "1012 LG", ""},
    {"CH", "Bahnhofstrasse 5, CH-8001 Zürich", "Bahnhofstrasse 5", "Zürich", "", "CH-8001", ""},
    {"SE", "Storgatan 5, 114 55 Stockholm", "Storgatan 5", "Stockholm", "", "114 55", ""},
    {"DE", "10115 Berlin", "", "Berlin", "", "10115", ""},
    {"DE", "Berlin", "", "Berlin", "", "", ""},
    {"DE", "Hauptstraße 5, Berlin", "Hauptstraße 5", "Berlin", "", "", ""},
    {"US", "Paris, France", "", "Paris", "", "", "France"},
    {"US", "Toronto, Ontario, Canada", "", "Toronto", "Ontario", "", "Canada"},
};

void Check(const Case& c) {
  const AddressLine line = SplitAddress(c.in, c.country);
  EXPECT_EQ(line.street, c.street) << c.in;
  EXPECT_EQ(line.city, c.city) << c.in;
  EXPECT_EQ(line.state, c.state) << c.in;
  EXPECT_EQ(line.zip, c.zip) << c.in;
  EXPECT_EQ(line.country, c.rest) << c.in;
}

TEST(AddressLines, America) {
  for (const Case& c : kAmerica) Check(c);
}

TEST(AddressLines, Elsewhere) {
  for (const Case& c : kElsewhere) Check(c);
}

// Parts are views that lie apart in the line, whatever it is.
TEST(AddressLines, PartsLieApart) {
  std::mt19937_64 rng(31);
  const std::vector<std::string> pieces = {
      "12",    "Main",   "St",     ",",       ", ",       " ",      "Springfield", "IL",      "62704",  "-1234",
      "Apt 4", "USA",    "Canada", "K1A 0B1", "SW1A 2AA", "PO Box", "#",           "10115",   "Berlin", "Germany",
      "New",   "Jersey", "Kent",   "Box",     "APO AE",   "é",      ";",           "IL62704", "(",      "&"};
  for (int i = 0; i < 40000; ++i) {
    std::string text;
    for (size_t n = rng() % 10; n > 0; --n) text += pieces[rng() % pieces.size()] + (rng() % 3 == 0 ? "" : " ");
    for (const char* country : {"US", "CA", "GB", "AU", "DE", "NL", ""}) {
      const AddressLine line = SplitAddress(text, country);
      size_t total = 0;
      for (const std::string_view part : {line.street, line.city, line.state, line.zip, line.country}) {
        total += part.size();
        ASSERT_TRUE(part.empty() ||
                    (part.data() >= text.data() && part.data() + part.size() <= text.data() + text.size()));
      }
      ASSERT_LE(total, text.size()) << text << " in " << country;
    }
  }
}

}  // namespace
}  // namespace migrate::normalize
