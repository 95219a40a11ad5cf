#include "migrate/normalize/codes.h"

#include <gtest/gtest.h>

namespace migrate::normalize {
namespace {

// ISO/IEC 5218 (0, 1, 2, 9), ICAO 9303 (M, F, X), HL7 administrative gender (M, F, U), the words of seven languages.
TEST(Codes, Sex) {
  const struct {
    std::vector<const char*> in;
    const char* out;
    Outcome outcome;
  } cases[] = {
      {{"m",         "M",  "male", "MALE", "Male", "man",      "boy",    "1",        "1.0",      "01",       "Masc.",
        "Gentleman", "Mr", "Mr.",  "M.",   "(M)",  "M - Male", "1=Male", "M (male)", "Male/Man", "trans man"},
       "M",
       Outcome::kOk},
      {{"homme", "Masculin", "garçon",   "hombre",   "Masculino", "VARÓN",  "varon",
        "señor", "Mann",     "männlich", "MÄNNLICH", "maennlich", "Junge",  "Herr",
        "uomo",  "maschio",  "signore",  "homem",    "man",       "jongen", "mannelijk"},
       "M",
       Outcome::kOk},
      {{"f", "F", "female", "FEMALE", "woman", "girl", "2", "2.0", "02", "Fem.", "Mrs", "Ms.", "Miss", "(F)",
        "F - Female", "2: female", "F/Female", "Trans Woman"},
       "F",
       Outcome::kOk},
      {{"w", "femme", "féminin", "FÉMININ", "Feminin", "mujer", "femenino", "señora", "Frau", "weiblich", "Mädchen",
        "donna", "femmina", "mulher", "feminino", "vrouw", "vrouwelijk", "meisje"},
       "F",
       Outcome::kOk},
      {{"x", "X", "nonbinary", "Non-Binary", "non binary", "NB", "other", "diverse", "divers", "d", "intersex",
        "agender", "genderfluid", "Mx", "two-spirit", "otro", "autre", "anders", "indeterminate"},
       "X",
       Outcome::kOk},
      {{"0", "9", "0.0", "U", "unknown", "N/A", "not applicable", "-", "Unk", "unbekannt", "inconnu",
        "prefer not to say"},
       "",
       Outcome::kPlaceholder},
      // H and V mean one thing in Spanish or French and another elsewhere; 3 stands in no standard; M/F is both.
      {{"7", "mf", "M/F", "yes", "malee", "h", "H", "V", "3", "K", "f m", "male - F", "transgender", "10"},
       "",
       Outcome::kBad},
      {{""}, "", Outcome::kEmpty}};
  for (const auto& c : cases) {
    for (const char* in : c.in) {
      std::string out = "stale";
      EXPECT_EQ(NormalizeSex(in, &out), c.outcome) << in;
      EXPECT_EQ(out, c.out) << in;
    }
  }
}

// CONTRACT (1 y yes t true x stop), 47 CFR 64.1200(a)(10), and what exports hold.
TEST(Codes, OptOut) {
  for (const char* in : {"1",
                         "y",
                         "Y",
                         "yes",
                         "YES",
                         "t",
                         "true",
                         "TRUE",
                         "x",
                         "X",
                         "stop",
                         "STOP",
                         "stopall",
                         "quit",
                         "end",
                         "revoke",
                         "opt out",
                         "Opt-Out",
                         "optout",
                         "Opted out",
                         "cancel",
                         "Unsubscribe",
                         "unsubscribed",
                         "on",
                         "checked",
                         "DNC",
                         "Do Not Call",
                         "do-not-contact",
                         "no contact",
                         "Suppressed",
                         "blocked",
                         "withdrawn",
                         "ja",
                         "oui",
                         "sí",
                         "SÍ",
                         "si",
                         "sim",
                         "-1",
                         "1.0",
                         "✓",
                         "✔",
                         "☑",
                         "2020-01-01",
                         "1/31/2020",
                         "31.12.2019",
                         "Jan 5, 2021",
                         "2020-01-01 10:00:00",
                         "20200101-",
                         "2021-03-04T05:06:07Z"})
    EXPECT_EQ(ReadOptOut(in), Consent::kOptedOut) << in;
  for (const char* in : {"",           "0",
                         "n",          "N",
                         "no",         "NO",
                         "f",          "false",
                         "False",      "off",
                         "nein",       "non",
                         "não",        "Opted in",
                         "opt-in",     "unchecked",
                         "☐",          "NULL",
                         "\\N",        "(null)",
                         "0000-00-00", "0000-00-00 00:00:00",
                         "00/00/0000", "0.0"})
    EXPECT_EQ(ReadOptOut(in), Consent::kNotSaid) << in;
  for (const char* in : {"2", "maybe", "n/a", "-", "?", "unknown", "none", "email", "call, mail", "active", "pending",
                         "1900-01-01", "9999-12-31", "2020", "20", "10", "not sure", "1577836800", "2020-02-30"})
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
