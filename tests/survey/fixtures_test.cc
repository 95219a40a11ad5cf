// Made-up tables of many styles, each with the mapping a person would write. A column's expected role is the name that
// RoleName gives; "" is: not mapped. What init gets wrong on them is listed and counted; none may be.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "fixture_tables.h"
#include "made_up.h"
#include "migrate/survey/init.h"
#include "migrate/survey/sources.h"

namespace migrate::survey {
namespace {

using testing::CsvText;
using testing::Folder;
using testing::MadeTable;
using testing::Tables;

std::string Found(const SurveyedSource& s, const ColumnGuess& g) {
  if (g.role != Role::kNone) return std::string(RoleName(g.role));
  const std::string& name = s.profile.columns()[g.column].name();
  return !s.key.columns.empty() && s.key.columns[0] == name ? "key" : "";
}

TEST(Fixtures, EveryColumnFindsItsField) {
  Folder folder;
  int right = 0, wrong = 0, missed = 0, invented = 0, nothing = 0;
  for (const MadeTable& t : Tables()) {
    SCOPED_TRACE(t.name);
    auto made = MakePlan({{folder.Write(t.name + ".csv", CsvText(t))}, folder.path() + "/plan.yaml", "", "", "0.1.0"});
    ASSERT_TRUE(made.ok()) << made.status().message();
    ASSERT_EQ(made->survey.sources.size(), 1u);
    const SurveyedSource& s = made->survey.sources[0];
    ASSERT_EQ(s.guesses.size(), t.columns.size());
    for (size_t c = 0; c < t.columns.size(); ++c) {
      const std::string found = Found(s, s.guesses[c]), &expected = t.columns[c].expected;
      EXPECT_EQ(found, expected) << t.columns[c].header << " (" << t.columns[c].kind << ")";
      if (found == expected)
        ++(expected.empty() ? nothing : right);
      else if (found.empty())
        ++missed;
      else if (expected.empty())
        ++invented;
      else
        ++wrong;
    }
  }
  std::printf("%zu tables: %d columns right, %d wrong, %d missed, %d invented; %d rightly not mapped\n",
              Tables().size(), right, wrong, missed, invented, nothing);
  EXPECT_GE(Tables().size(), 25u);
}

// Beside files of the US: which country of its own another file gets, "" is none.
TEST(Fixtures, AFileOfAnotherCountrySaysSo) {
  const MadeTable american = {"american",
                              ",",
                              false,
                              true,
                              {{"id", "seq", ""},
                               {"name", "full", ""},
                               {"phone", "phone", ""},
                               {"city", "city", ""},
                               {"state", "state", ""},
                               {"zip", "zip", ""}}};
  const std::pair<MadeTable, const char*> kCases[] = {
      {{"german",
        ";",
        true,
        true,
        {{"Mitgl.-Nr.", "id", ""},
         {"Vorname", "first", ""},
         {"Nachname", "last", ""},
         {"PLZ", "plz", ""},
         {"Ort", "city_de", ""},
         {"Telefon", "phone_de", ""}}},
       "DE"},
      {{"french", ";", true, true, {{"Nom", "last", ""}, {"Prénom", "first", ""}, {"Téléphone", "phone_fr", ""}}},
       "FR"},
      {{"british", ",", false, true, {{"name", "full", ""}, {"postcode", "zip_gb", ""}, {"phone", "phone_gb", ""}}},
       "GB"},
      {{"canadian", ",", false, true, {{"name", "full", ""}, {"prov", "province", ""}, {"postal", "zip_ca", ""}}},
       "CA"},
      // Its rows name their countries.
      {{"named",
        ";",
        true,
        true,
        {{"Vorname", "first", ""},
         {"Nachname", "last", ""},
         {"Land", "country_name", ""},
         {"Telefon", "phone_de", ""}}},
       ""},
      // Numbers with a country code are read whatever the country.
      {{"coded", ";", true, true, {{"Vorname", "first", ""}, {"Nachname", "last", ""}, {"Telefon", "phone_intl", ""}}},
       ""},
      // Spanish names of columns, American numbers.
      {{"spanish", ",", false, true, {{"Nombre", "first", ""}, {"Apellidos", "last", ""}, {"Teléfono", "phone", ""}}},
       ""},
      // Numbers without an area code are of no country.
      {{"local", ",", false, true, {{"name", "full", ""}, {"phone", "phone7", ""}, {"zip", "zip", ""}}}, ""},
      {{"same", ",", false, true, {{"name", "full", ""}, {"phone", "phone", ""}}}, ""},
  };
  for (const auto& [table, country] : kCases) {
    SCOPED_TRACE(table.name);
    Folder folder;
    MadeTable other = american;
    other.columns[0].header = "number";
    folder.Write("a.csv", CsvText(american));
    folder.Write("c.csv", CsvText(other));
    auto made = MakePlan({{folder.path() + "/a.csv", folder.path() + "/c.csv", folder.Write("b.csv", CsvText(table))},
                          folder.path() + "/plan.yaml",
                          "",
                          "",
                          "0.1.0"});
    ASSERT_TRUE(made.ok()) << made.status().message();
    EXPECT_EQ(made->settings.normalize.country, "US");
    const std::string found = CountryOf(made->survey.sources[2], made->settings).country;
    EXPECT_EQ(found, country);
    EXPECT_EQ(made->plan.find("country: {const:") != std::string::npos, !found.empty());
    if (found.empty()) continue;
    EXPECT_NE(made->plan.find("country: {const: " + found + "}"), std::string::npos);
    EXPECT_NE(made->plan.find("by the rules of " + found), std::string::npos);
  }
}

// The words in column names may not matter where the values speak: without them names of persons, contacts, birth
// dates, states and streets are still found.
TEST(Fixtures, ValuesAloneFindTheTellingFields) {
  Folder folder;
  int telling = 0, found = 0;
  for (MadeTable t : Tables()) {
    std::vector<std::string> expected;
    for (size_t c = 0; c < t.columns.size(); ++c) {
      t.columns[c].header = "f" + std::to_string(c);
      expected.push_back(t.columns[c].expected);
    }
    auto result = SurveySources({folder.Write("t.csv", CsvText(t))});
    if (!result.ok()) continue;
    const auto& guesses = result->sources[0].guesses;
    for (size_t c = 0; c < expected.size(); ++c) {
      if (expected[c] != "email" && expected[c] != "phone" && expected[c] != "full_name" && expected[c] != "address")
        continue;
      if (t.columns[c].kind == "phone_plain") continue;
      ++telling;
      found += RoleName(guesses[c].role) == expected[c];
    }
  }
  std::printf("values alone: %d of %d\n", found, telling);
  EXPECT_GE(found * 100, telling * 85);
}

}  // namespace
}  // namespace migrate::survey
