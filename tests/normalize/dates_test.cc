#include "migrate/normalize/dates.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

namespace migrate::normalize {
namespace {

struct Case {
  const char *in, *out;
  Outcome outcome = Outcome::kOk;
};

void Check(const Case& c, const DateRules& rules) {
  std::string out = "stale";
  EXPECT_EQ(NormalizeDate(c.in, rules, &out), c.outcome) << c.in;
  EXPECT_EQ(out, c.out) << c.in;
}

// ISO 8601 and what people write where month comes first.
const Case kMonthFirst[] = {{"1972-03-19", "1972-03-19"},
                            {"1972/03/19", "1972-03-19"},
                            {"1972.03.19", "1972-03-19"},
                            {"1972-3-9", "1972-03-09"},
                            {"19720319", "1972-03-19"},
                            {"03/19/1972", "1972-03-19"},
                            {"3/4/1972", "1972-03-04"},
                            {"03-19-1972", "1972-03-19"},
                            {"03.19.1972", "1972-03-19"},
                            {"03 19 1972", "1972-03-19"},
                            {"03191972", "1972-03-19"},
                            {"25/12/1990", "1990-12-25"},
                            {"3/4/72", "1972-03-04"},
                            {"3/4/25", "2025-03-04"},
                            {"3/4/29", "2029-03-04"},
                            {"3/4/30", "1930-03-04"},
                            {"3/4/00", "2000-03-04"},
                            {"19-Mar-1972", "1972-03-19"},
                            {"19 March 1972", "1972-03-19"},
                            {"19-MAR-72", "1972-03-19"},
                            {"March 19, 1972", "1972-03-19"},
                            {"Mar 19 1972", "1972-03-19"},
                            {"Mar. 19, 1972", "1972-03-19"},
                            {"March 19th, 1972", "1972-03-19"},
                            {"19th of March 1972", "1972-03-19"},
                            {"Sunday, March 19, 1972", "1972-03-19"},
                            {"1972-Mar-19", "1972-03-19"},
                            {"Sept 1, 2001", "2001-09-01"},
                            {"1 Jan 2001", "2001-01-01"},
                            {"1972-03-19 00:00:00", "1972-03-19"},
                            {"1972-03-19T00:00:00Z", "1972-03-19"},
                            {"1972-03-19T10:20:30.123+02:00", "1972-03-19"},
                            {"3/19/1972 12:00:00 AM", "1972-03-19"},
                            {"19720319T101500", "1972-03-19"},
                            {"1972-00-00", "1972"},
                            {"1972-03-00", "1972-03"},
                            {"1972-03", "1972-03"},
                            {"03/1972", "1972-03"},
                            {"1972", "1972"},
                            {"Mar 1972", "1972-03"},
                            {"March, 1972", "1972-03"},
                            {"19720300", "1972-03"},
                            {"19720000", "1972"},
                            {"1700-05-01", "1700-05-01"},
                            {"1492-01-01", "1492-01-01"},
                            {"2000-02-29", "2000-02-29"},
                            {"1970-01-01", "1970-01-01"},
                            {"2100-12-31", "2100-12-31"},
                            {"0000-00-00", "", Outcome::kPlaceholder},
                            {"00000000", "", Outcome::kPlaceholder},
                            {"2022-11-31", "", Outcome::kBad},
                            {"2023-02-29", "", Outcome::kBad},
                            {"1900-02-29", "", Outcome::kBad},
                            {"02/30/1990", "", Outcome::kBad},
                            {"13/13/1990", "", Outcome::kBad},
                            {"1855-10-77", "", Outcome::kBad},
                            {"1972-13-01", "", Outcome::kBad},
                            {"2101-01-01", "", Outcome::kBad},
                            {"0999-01-01", "", Outcome::kBad},
                            {"45000", "", Outcome::kBad},
                            {"197203", "", Outcome::kBad},
                            {"3/4/197", "", Outcome::kBad},
                            {"1/2/3/4", "", Outcome::kBad},
                            {"yesterday", "", Outcome::kBad},
                            {"19-Foo-1972", "", Outcome::kBad},
                            {"1972-03-19 25:00", "", Outcome::kBad},
                            {"Mar", "", Outcome::kBad},
                            {"-", "", Outcome::kPlaceholder},
                            {"N/A", "", Outcome::kPlaceholder},
                            {"unknown", "", Outcome::kPlaceholder},
                            {"1900-01-01", "", Outcome::kPlaceholder},
                            {"01/01/1900", "", Outcome::kPlaceholder},
                            {"1901-01-01", "", Outcome::kPlaceholder},
                            {"9999-12-31", "", Outcome::kPlaceholder},
                            {"0001-01-01", "", Outcome::kPlaceholder},
                            {"1111-11-11", "", Outcome::kPlaceholder},
                            {"1899-12-30 00:00:00", "", Outcome::kPlaceholder},
                            {"", "", Outcome::kEmpty}};

TEST(Dates, MonthFirst) {
  for (const Case& c : kMonthFirst) Check(c, {.order = DateOrder::kMdy});
}

TEST(Dates, OtherOrders) {
  const Case day_first[] = {{"03/04/1972", "1972-04-03"}, {"3.4.72", "1972-04-03"},
                            {"12/25/1990", "1990-12-25"}, {"1972-03-04", "1972-03-04"},
                            {"19031972", "1972-03-19"},   {"31/04/1990", "", Outcome::kBad}};
  for (const Case& c : day_first) Check(c, {.order = DateOrder::kDmy});
  const Case year_first[] = {{"72-03-04", "1972-03-04"},
                             {"25/3/4", "2025-03-04"},
                             {"1972/3/4", "1972-03-04"},
                             {"12101105", "1210-11-05"},
                             {"72-13-04", "", Outcome::kBad}};
  for (const Case& c : year_first) Check(c, {.order = DateOrder::kYmd});
}

struct FormatCase {
  std::vector<std::string> formats;
  const char *in, *out;
  Outcome outcome = Outcome::kOk;
};

// POSIX strptime, as far as IsDateFormat says.
TEST(Dates, Formats) {
  const FormatCase cases[] = {
      {{"%d/%m/%Y"}, "03/04/1972", "1972-04-03"},
      {{"%d/%m/%Y"}, "3/4/1972", "1972-04-03"},
      {{"%d/%m/%Y"}, "03/13/1972", "", Outcome::kBad},  // a format says what it says
      {{"%d/%m/%Y"}, "1972-04-03", "", Outcome::kBad},
      {{"%d/%m/%Y"}, "03/04/1972 ", "", Outcome::kBad},
      {{"%Y%m%d"}, "19560409", "1956-04-09"},
      {{"%Y%m%d"}, "19551192", "", Outcome::kBad},
      {{"%Y%m%d"}, "19560000", "1956"},
      {{"%Y%m%d"}, "1956040", "1956-04", Outcome::kOk},
      {{"%d %b %Y"}, "19 mar 1972", "1972-03-19"},
      {{"%B %d, %Y"}, "March 19, 1972", "1972-03-19"},
      {{"%d-%b-%y"}, "19-MAR-72", "1972-03-19"},
      {{"%m/%d/%y"}, "03/19/07", "2007-03-19"},
      {{"%m/%d/%y"}, "03/19/7", "", Outcome::kBad},
      {{"%Y-%j"}, "1972-079", "1972-03-19"},
      {{"%Y-%j"}, "1973-366", "", Outcome::kBad},
      {{"%Y-%m-%d %H:%M:%S"}, "1972-03-19 10:20:30", "1972-03-19"},
      {{"%Y-%m-%d %H:%M:%S"}, "1972-03-19 24:20:30", "", Outcome::kBad},
      {{"born %Y"}, "born 1972", "1972"},
      {{"%d%%%m%%%Y"}, "03%04%1972", "1972-04-03"},
      {{"%m/%d/%Y", "%d/%m/%Y"}, "25/12/1990", "1990-12-25"},
      {{"%m/%d/%Y", "%d/%m/%Y"}, "03/04/1990", "1990-03-04"},
      {{"%d/%m/%Y"}, "01/01/1900", "", Outcome::kPlaceholder},
      {{"%d/%m/%Y"}, "N/A", "", Outcome::kPlaceholder},
  };
  for (const FormatCase& c : cases) Check({c.in, c.out, c.outcome}, {.order = DateOrder::kMdy, .formats = &c.formats});
}

TEST(Dates, FormatCheck) {
  for (const char* good :
       {"%d/%m/%Y", "%Y%m%d", "%j %y", "%e %B %Y %H:%M:%S", "%%%d", "%s", "%Q", "%F %T", "%I:%M %p %f%z", "excel1904"})
    EXPECT_TRUE(IsDateFormat(good)) << good;
  for (const char* bad : {"", "dd/mm/yyyy", "%D", "%d/%", "%%", "excel", "%G-%V"})
    EXPECT_FALSE(IsDateFormat(bad)) << bad;
}

struct MomentCase {
  CellType type;
  const char *in, *out;
  Outcome outcome = Outcome::kOk;
};

TEST(Dates, Timestamps) {
  constexpr CellType t = CellType::kText, i = CellType::kInteger;
  const MomentCase cases[] = {
      {t, "2022-03-19 01:30:15", "2022-03-19 01:30:15"},
      {t, "2022-03-19T01:30:15", "2022-03-19 01:30:15"},
      {t, "2022-03-19T01:30:15Z", "2022-03-19 01:30:15"},
      {t, "2022-03-19T01:30:15+02:00", "2022-03-18 23:30:15"},
      {t, "2022-03-19T01:30:15-0500", "2022-03-19 06:30:15"},
      {t, "2022-03-19 01:30:15 UTC", "2022-03-19 01:30:15"},
      {t, "2022-12-31 23:30:00-01", "2023-01-01 00:30:00"},
      {t, "2000-03-01 00:00:00+01:00", "2000-02-29 23:00:00"},
      {t, "2022-03-19 01:30", "2022-03-19 01:30:00"},
      {t, "2022-03-19", "2022-03-19 00:00:00"},
      {t, "2022-03-19 01:30:15.120000", "2022-03-19 01:30:15.12"},
      {t, "2022-03-19 01:30:15.000000", "2022-03-19 01:30:15"},
      {t, "2022-03-19 01:30:15.123456789", "2022-03-19 01:30:15.123456"},
      {t, "3/19/2022 1:30 PM", "2022-03-19 13:30:00"},
      {t, "3/19/2022 12:30:00 AM", "2022-03-19 00:30:00"},
      {t, "20220319T013015Z", "2022-03-19 01:30:15"},
      {i, "1647653415", "2022-03-19 01:30:15"},
      {t, "1647653415", "", Outcome::kBad},
      {i, "1647653415000", "", Outcome::kBad},
      {i, "20220319", "2022-03-19 00:00:00"},
      {t, "2022-03", "", Outcome::kBad},
      {t, "2022", "", Outcome::kBad},
      {t, "2022-03-19 25:00", "", Outcome::kBad},
      {t, "2022-03-19 01:30:15+99:00", "", Outcome::kBad},
      {t, "2100-12-31 23:30:00-01:00", "", Outcome::kBad},
      {t, "1000-01-01 00:30:00+01:00", "", Outcome::kBad},
      {t, "0000-00-00 00:00:00", "", Outcome::kPlaceholder},
      {t, "1970-01-01 00:00:00", "", Outcome::kPlaceholder},
      {t, "1970-01-01 00:00:01", "1970-01-01 00:00:01"},
      {t, "1900-01-01", "", Outcome::kPlaceholder},
      {t, "n/a", "", Outcome::kPlaceholder},
      {t, "", "", Outcome::kEmpty},
  };
  for (const MomentCase& c : cases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeTimestamp(c.in, c.type, {}, &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.out) << c.in;
  }
}

// What most columns hold is read by a short way; a second blank goes the long one.
TEST(Dates, TheShortWayOfAPlainMomentIsTheLongOne) {
  std::mt19937 rng(3);
  const int years[] = {0, 1, 999, 1000, 1111, 1753, 1899, 1900, 1970, 2000, 2024, 2100, 2101, 9999};
  for (int n = 0; n < 20000; ++n) {
    const int year = rng() % 2 == 0 ? years[rng() % std::size(years)] : static_cast<int>(rng() % 10000);
    const auto below = [&](unsigned most) { return static_cast<int>(rng() % 8 == 0 ? rng() % 100 : rng() % most); };
    const int a = below(14), b = below(33);
    char date[16], time[16];
    if (rng() % 2 == 0)
      std::snprintf(date, sizeof date, "%04d-%02d-%02d", year, a, b);
    else
      std::snprintf(date, sizeof date, "%02d/%02d/%04d", a, b, year);
    std::snprintf(time, sizeof time, "%02d:%02d:%02d", below(25), below(61), below(62));
    for (const DateOrder order : {DateOrder::kMdy, DateOrder::kDmy, DateOrder::kYmd}) {
      const DateRules rules{.order = order};
      std::string shortly, slowly;
      const auto is = NormalizeTimestamp(fmt::format("{} {}", date, time), CellType::kText, rules, &shortly);
      EXPECT_EQ(is, NormalizeTimestamp(fmt::format("{}  {}", date, time), CellType::kText, rules, &slowly))
          << date << " " << time;
      EXPECT_EQ(shortly, slowly) << date << " " << time;
      EXPECT_EQ(NormalizeDate(fmt::format("{}T{}", date, time), rules, &shortly),
                NormalizeDate(fmt::format("{}  {}", date, time), rules, &slowly));
      EXPECT_EQ(shortly, slowly) << date << " " << time;
    }
  }
}

}  // namespace
}  // namespace migrate::normalize
