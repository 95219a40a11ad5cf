#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "migrate/plan/load.h"
#include "migrate/survey/guess.h"
#include "migrate/survey/init.h"
#include "migrate/survey/sources.h"
#include "migrate/survey/value_kinds.h"

namespace migrate::survey {
namespace {

TEST(Values, WhatTheyLookLike) {
  const std::pair<const char*, Kind> kYes[] = {
      {"ada@mail.example.net", Kind::kEmail},
      {"(206) 555-0199", Kind::kPhoneLike},
      {"206-453-9857 x12", Kind::kPhone},
      {"+49 30 2000000", Kind::kPhone},
      {"62704", Kind::kZipUs},
      {"62704-1234", Kind::kZipLong},
      {"K1A 0B1", Kind::kZipCa},
      {"SW1A 2AA", Kind::kZipGb},
      {"IL", Kind::kStateUs},
      {"Ontario", Kind::kStateCa},
      {"Germany", Kind::kCountry},
      {"1972-03-19", Kind::kDate},
      {"19.03.1972", Kind::kDate},
      {"03/19/1972", Kind::kDate},
      {"19-Mar-1972", Kind::kDate},
      {"2023-01-01 10:00:00", Kind::kMoment},
      {"1972", Kind::kYear},
      {"female", Kind::kSex},
      {"y", Kind::kBool},
      {"Jr.", Kind::kSuffix},
      {"Mary", Kind::kGiven},
      {"SMITH", Kind::kSurname},
      {"Chicago", Kind::kCity},
      {"Mary Q. Quackenbush", Kind::kFullName},
      {"SMITH, JOHN", Kind::kCommaName},
      {"Q", Kind::kInitial},
      {"12 Main St", Kind::kStreet},
      {"Hauptstraße 5", Kind::kStreet},
      {"PO Box 12", Kind::kStreet},
      {"Lindenweg", Kind::kStreetName},
      {"Apt 4", Kind::kUnit},
      {"12 Main St, Boston, MA 02116", Kind::kAddressLine},
      {"12a", Kind::kHouseNumber},
      {"123-45-6789", Kind::kSocial},
      {"Acme Inc", Kind::kCompany},
      {"N/A", Kind::kJunk},
      {"https://example.org", Kind::kUrl},
  };
  for (const auto& [text, kind] : kYes) EXPECT_TRUE(LookAt(text, CellType::kText).Is(kind)) << text;
  const std::pair<const char*, Kind> kNo[] = {
      {"not an address", Kind::kEmail},
      {"1234567890123456", Kind::kPhoneLike},
      {"2023-01-01", Kind::kPhoneLike},
      {"12345678", Kind::kDate},
      {"Steel Bolt", Kind::kFullName},
      {"Acme Inc", Kind::kNameWords},
      {"9999", Kind::kYear},
      {"12 Main St", Kind::kAddressLine},
      {"hello", Kind::kGiven},
  };
  for (const auto& [text, kind] : kNo) EXPECT_FALSE(LookAt(text, CellType::kText).Is(kind)) << text;
}

// The greatest sum by trying every way; small matrices only.
double BestByTrying(const std::vector<std::vector<double>>& m, size_t row, std::vector<bool>* used) {
  if (row == m.size()) return 0;
  double best = BestByTrying(m, row + 1, used);
  for (size_t j = 0; j < m[row].size(); ++j) {
    if ((*used)[j] || m[row][j] <= 0) continue;
    (*used)[j] = true;
    best = std::max(best, m[row][j] + BestByTrying(m, row + 1, used));
    (*used)[j] = false;
  }
  return best;
}

TEST(Assignment, IsTheBestOfAll) {
  std::mt19937 random(7);  // NOLINT: the same cases each time
  for (int i = 0; i < 400; ++i) {
    const size_t rows = 1 + random() % 5, columns = 1 + random() % 5;
    std::vector<std::vector<double>> m(rows, std::vector<double>(columns));
    for (auto& r : m)
      for (double& x : r) x = random() % 3 == 0 ? -1 : static_cast<double>(random() % 100) / 100;
    const auto chosen = BestAssignment(m);
    std::vector<bool> used(columns, false);
    double sum = 0;
    for (size_t r = 0; r < rows; ++r) {
      if (chosen[r] < 0) continue;
      const auto c = static_cast<size_t>(chosen[r]);
      EXPECT_FALSE(used[c]);
      used[c] = true;
      sum += m[r][c];
    }
    std::fill(used.begin(), used.end(), false);
    EXPECT_NEAR(sum, BestByTrying(m, 0, &used), 1e-9);
  }
  EXPECT_TRUE(BestAssignment({}).empty());
}

TEST(Patterns, NameTheFilesAndNoOther) {
  struct Case {
    std::vector<std::string> files, others;
    const char* pattern;
  };
  const Case kCases[] = {
      {{"a_2019.csv", "a_2021.csv"}, {}, "a_*.csv"}, {{"a_2019.csv", "a_2021.csv"}, {"a_old.csv"}, "a_20*.csv"},
      {{"a_1.csv", "a_2.csv.gz"}, {}, "a_*.csv*"},   {{"a_1.csv", "a_2.csv"}, {"a_3.csv"}, ""},
      {{"one.csv"}, {"two.csv"}, "one.csv"},         {{"x[1].csv"}, {}, "x\\[1\\].csv"},
      {{"north.csv", "south.csv"}, {}, "*.csv"},     {{"north.csv", "south.csv"}, {"orders.csv"}, "*th.csv"},
  };
  for (const Case& c : kCases) {
    std::vector<std::string> all = c.files;
    all.insert(all.end(), c.others.begin(), c.others.end());
    EXPECT_EQ(PatternFor(c.files, all), c.pattern) << c.files[0];
  }
}

// Every scalar that init may have to write comes back through the plan's parser as it was.
TEST(PlanText, ScalarsReadBack) {
  for (const std::string text :
       {"plain", "two words", "E-Mail", "a: b", "#x", "'q'",   "\"q\"",          "back\\slash", "${HOME}", "$$",
        "$",     "- item",    "null",   "~",    "no", "01234", "tab\tand\nline", "ünï",         "[x]",     "{x}",
        "a, b",  "@x",        "%y",     "!z",   "&a", "*b",    " lead",          "trail ",      "?",       "|",
        ">",     "x#y",       "x #y"}) {
    const std::string plan =
        "name: p\ntarget: {url: \"sqlite:p.db\"}\nsources:\n  s: {type: csv, path: a.csv, fields: {city: " +
        YamlScalar(text) + "}}\n";
    auto loaded = plan::LoadPlanText(plan, "p.yaml");
    ASSERT_TRUE(loaded.ok()) << text << "\n" << loaded.Text();
    EXPECT_EQ(loaded.plan->sources[0].layouts[0].fields[0].columns[0], text);
  }
}

TableProfile ProfileOf(const std::vector<std::string>& names, const std::vector<std::vector<std::string>>& rows) {
  std::vector<extract::Column> columns;
  for (const auto& n : names) columns.push_back({n, ""});
  TableProfile p(columns);
  for (const auto& r : rows) {
    std::vector<Cell> cells;
    for (const auto& v : r) cells.push_back({CellType::kText, v});
    p.Add(cells, 0);
  }
  p.Finish();
  return p;
}

TEST(Profile, CountsAndOrder) {
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 40; ++i)
    rows.push_back({std::to_string(i), i % 2 == 0 ? "x" : "", std::to_string(i % 28 + 1) + "/5/1970"});
  const TableProfile p = ProfileOf({"id", "half", "date"}, rows);
  EXPECT_TRUE(p.columns()[0].unique());
  EXPECT_EQ(p.columns()[0].distinct(), 40u);
  EXPECT_DOUBLE_EQ(p.columns()[1].Fill(), 0.5);
  EXPECT_EQ(p.columns()[1].top_count(), 20u);
  EXPECT_EQ(p.columns()[1].repeats_in_file(), 19u);
  EXPECT_EQ(p.columns()[2].dates().numeric, 40u);
  EXPECT_EQ(p.columns()[2].dates().day_first, 16u);
  EXPECT_EQ(p.columns()[2].dates().month_first, 0u);
  bool mixed = true;
  EXPECT_EQ(OrderOf(p.columns()[2], &mixed), DateOrder::kDmy);
  EXPECT_FALSE(mixed);
}

TEST(Key, DeclaredUniqueOrNone) {
  std::vector<std::vector<std::string>> rows;
  for (int i = 0; i < 100; ++i) rows.push_back({std::to_string(i), std::to_string(i / 2), "Mary"});
  const TableProfile p = ProfileOf({"id", "nr", "first name"}, rows);
  const auto guesses = AssignRoles(p);
  EXPECT_EQ(GuessKey(p, guesses, {"a", "b"}, false).columns, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(GuessKey(p, guesses, {}, false).columns, (std::vector<std::string>{"id"}));
  const TableProfile repeated = ProfileOf({"nr", "first name"}, {{"1", "Mary"}, {"1", "Anna"}, {"2", "Carl"}});
  const KeyGuess none = GuessKey(repeated, AssignRoles(repeated), {}, false);
  EXPECT_TRUE(none.columns.empty());
  EXPECT_NE(none.doubt.find("1 of 3 rows"), std::string::npos) << none.doubt;
}

}  // namespace
}  // namespace migrate::survey
