// States, provinces and countries in the writings of files. Sources: USPS Publication 28, appendix B; the abbreviations
// of the GPO Style Manual; ISO 3166-2 (US-IL); Canada Post, in English and French; Australia Post; ISO 3166-1, and the
// names of countries in the languages of their neighbours (CLDR).
#include <gtest/gtest.h>

#include <random>

#include "migrate/normalize/countries.h"
#include "migrate/normalize/states.h"

namespace migrate::normalize {
namespace {

constexpr Outcome kBad = Outcome::kBad, kDoubtful = Outcome::kDoubtful, kPlaceholder = Outcome::kPlaceholder;

struct Case {
  const char *country, *in, *out;
  Outcome outcome = Outcome::kOk;
};

TEST(StateForms, Table) {
  const Case cases[] = {{"US", "Ala.", "AL"},
                        {"US", "Ariz.", "AZ"},
                        {"US", "Ark", "AR"},
                        {"US", "Colo.", "CO"},
                        {"US", "Conn.", "CT"},
                        {"US", "Del.", "DE"},
                        {"US", "Fla.", "FL"},
                        {"US", "Ind.", "IN"},
                        {"US", "Kans.", "KS"},
                        {"US", "Mass.", "MA"},
                        {"US", "Mich.", "MI"},
                        {"US", "Minn.", "MN"},
                        {"US", "Miss.", "MS"},
                        {"US", "Mont.", "MT"},
                        {"US", "Nebr.", "NE"},
                        {"US", "Nev.", "NV"},
                        {"US", "N.H.", "NH"},
                        {"US", "N. J.", "NJ"},
                        {"US", "N. Mex.", "NM"},
                        {"US", "N.C.", "NC"},
                        {"US", "N. Dak.", "ND"},
                        {"US", "Okla.", "OK"},
                        {"US", "Oreg.", "OR"},
                        {"US", "R.I.", "RI"},
                        {"US", "S. Dak.", "SD"},
                        {"US", "Tenn.", "TN"},
                        {"US", "Tex.", "TX"},
                        {"US", "Wash.", "WA"},
                        {"US", "W. Va.", "WV"},
                        {"US", "W. Virginia", "WV"},
                        {"US", "N. Carolina", "NC"},
                        {"US", "S Carolina", "SC"},
                        {"US", "No. Dakota", "ND"},
                        {"US", "Wis.", "WI"},
                        {"US", "Wyo.", "WY"},
                        {"US", "Calif", "CA"},
                        {"US", " il ", "IL"},
                        {"US", "I L", "IL"},
                        {"US", "(IL)", "IL"},
                        {"US", "IL.", "IL"},
                        {"US", "US-IL", "IL"},
                        {"US", "us-il", "IL"},
                        {"US", "IL - Illinois", "IL"},
                        {"US", "Illinois (IL)", "IL"},
                        {"US", "IL/Illinois", "IL"},
                        {"US", "State of Maine", "ME"},
                        {"US", "Commonwealth of Virginia", "VA"},
                        {"US", "Commonwealth of Massachusetts", "MA"},
                        {"US", "New York State", "NY"},
                        {"US", "NEW-YORK", "NY"},
                        {"US", "Washington D.C.", "DC"},
                        {"US", "Dist. of Columbia", "DC"},
                        {"US", "IL - Indiana", "Il - Indiana", kDoubtful},
                        {"US", "IN, IL", "In, Il", kDoubtful},
                        {"US", "Armed Forces Europe", "AE"},
                        {"US", "Armed Forces Africa", "AE"},
                        {"US", "U.S. Virgin Islands", "VI"},
                        {"US", "17", "", kBad},
                        {"US", "1", "", kBad},
                        {"US", "?", "", kPlaceholder},
                        {"US", "None", "", kPlaceholder},
                        {"CA", "CA-ON", "ON"},
                        {"CA", "Colombie-Britannique", "BC"},
                        {"CA", "Nouvelle-Écosse", "NS"},
                        {"CA", "Nouveau-Brunswick", "NB"},
                        {"CA", "Île-du-Prince-Édouard", "PE"},
                        {"CA", "Terre-Neuve-et-Labrador", "NL"},
                        {"CA", "Territoires du Nord-Ouest", "NT"},
                        {"CA", "P.Q.", "QC"},
                        {"CA", "Province of Alberta", "AB"},
                        {"CA", "Sask.", "SK"},
                        {"CA", "Man.", "MB"},
                        {"AU", "AU-NSW", "NSW"},
                        {"AU", "N.S.W.", "NSW"},
                        {"AU", "West Australia", "WA"},
                        {"AU", "S.A.", "SA"},
                        {"AU", "Tassie", "Tassie", kDoubtful},
                        {"GB", "West Midlands", "West Midlands"},
                        {"FR", "Île-de-France", "Île-de-France"}};
  for (const Case& c : cases) {
    std::string clean, out = "stale", again;
    EXPECT_EQ(NormalizeState(Clean(c.in, Form::kDisplay, &clean), c.country, &out), c.outcome)
        << c.country << " " << c.in;
    EXPECT_EQ(out, c.out) << c.country << " " << c.in;
    if (out.empty()) continue;
    NormalizeState(out, c.country, &again);
    EXPECT_EQ(again, out) << c.in;
  }
}

TEST(CountryForms, Table) {
  const Case cases[] = {{"", "U.S.A", "US"},
                        {"", "u.s.", "US"},
                        {"", "U S A", "US"},
                        {"", "US of A", "US"},
                        {"", "(USA)", "US"},
                        {"", "The United States", "US"},
                        {"", "United States Of America", "US"},
                        {"", "Estados Unidos", "US"},
                        {"", "États-Unis", "US"},
                        {"", "Vereinigte Staaten", "US"},
                        {"", "EE.UU.", "US"},
                        {"", "840", "US"},
                        {"", "U.K.", "GB"},
                        {"", "Gt. Britain", "", kBad},
                        {"", "Britain", "GB"},
                        {"", "Scotland", "GB"},
                        {"", "Wales", "GB"},
                        {"", "Northern Ireland", "GB"},
                        {"", "Royaume-Uni", "GB"},
                        {"", "Großbritannien", "GB"},
                        {"", "Reino Unido", "GB"},
                        {"", "826", "GB"},
                        {"", "Éire", "IE"},
                        {"", "Republic of Ireland", "IE"},
                        {"", "Allemagne", "DE"},
                        {"", "Alemania", "DE"},
                        {"", "DEU", "DE"},
                        {"", "276", "DE"},
                        {"", "BRD", "DE"},
                        {"", "Frankreich", "FR"},
                        {"", "Francia", "FR"},
                        {"", "FRA", "FR"},
                        {"", "Spanien", "ES"},
                        {"", "Espagne", "ES"},
                        {"", "Italia", "IT"},
                        {"", "Italie", "IT"},
                        {"", "Suisse", "CH"},
                        {"", "Svizzera", "CH"},
                        {"", "Schweiz", "CH"},
                        {"", "Österreich", "AT"},
                        {"", "Autriche", "AT"},
                        {"", "België", "BE"},
                        {"", "Belgique", "BE"},
                        {"", "Pays-Bas", "NL"},
                        {"", "Holland", "NL"},
                        {"", "Kanada", "CA"},
                        {"", "124", "CA"},
                        {"", "MEX", "MX"},
                        {"", "Mexique", "MX"},
                        {"", "Japon", "JP"},
                        {"", "PR China", "CN"},
                        {"", "Hong Kong SAR", "HK"},
                        {"", "Burma", "MM"},
                        {"", "Ελλάδα", "", kBad},
                        {"", "Danmark", "DK"},
                        {"", "Suède", "SE"},
                        {"", "Norge", "NO"},
                        {"", "Suomi", "FI"},
                        {"", "Polska", "PL"},
                        {"", "Česká republika", "CZ"},
                        {"", "Magyarország", "HU"},
                        {"", "Türkei", "TR"},
                        {"", "Rossiya", "", kBad},
                        {"", "RSA", "ZA"},
                        {"", "República Dominicana", "DO"},
                        {"", "XK", "", kBad},
                        {"", "EU", "", kBad},
                        {"", "UK", "GB"},
                        {"", "00", "", kBad},
                        {"", "12345", "", kBad},
                        {"", "USA!", "US"},
                        {"", "usa.", "US"},
                        {"", "n/a", "", kPlaceholder}};
  for (const Case& c : cases) {
    std::string clean, out = "stale", again;
    EXPECT_EQ(NormalizeCountry(Clean(c.in, Form::kCode, &clean), &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
    if (out.empty()) continue;
    NormalizeCountry(out, &again);
    EXPECT_EQ(again, out) << c.in;
  }
}

TEST(StateForms, BoundedAndIdempotent) {
  std::mt19937_64 rng(23);
  const std::vector<std::string> pieces = {"IL",       "US",  "-",        " ", "(",  ")",   "/",    "Illinois",
                                           "state of", "N.",  "Carolina", "é", "12", "New", "York", "ON",
                                           "province", "of ", "Québec",   ",", "İ",  "x"};
  for (int i = 0; i < 30000; ++i) {
    std::string text, clean, out, again;
    for (size_t n = rng() % 6; n > 0; --n) text += pieces[rng() % pieces.size()];
    const std::string_view view = Clean(text, Form::kDisplay, &clean);
    for (const char* country : {"US", "CA", "AU", "GB", "DE"}) {
      NormalizeState(view, country, &out);
      EXPECT_TRUE(IsValidUtf8(out));
      NormalizeState(out, country, &again);
      EXPECT_EQ(again, out) << country << " '" << text << "'";
    }
    NormalizeCountry(view, &out);
    EXPECT_TRUE(out.empty() || out.size() == 2);
    NormalizeCountry(out, &again);
    EXPECT_EQ(again, out) << text;
  }
}

}  // namespace
}  // namespace migrate::normalize
