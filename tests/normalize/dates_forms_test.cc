// The ways in which dates are written. Sources: ISO 8601-1:2019; RFC 5322, 3.3 (e-mail dates); POSIX ctime and date;
// Unicode CLDR (names of months); Microsoft's documentation of the 1900 and 1904 date systems; Python's datetime for
// the days of serials, weeks and days of the year.
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "migrate/normalize/dates.h"

namespace migrate::normalize {
namespace {

struct Case {
  const char *in, *out;
  Outcome outcome = Outcome::kOk;
};

constexpr Outcome kBad = Outcome::kBad, kPlaceholder = Outcome::kPlaceholder;

void Check(const Case& c, const DateRules& rules) {
  std::string out = "stale";
  EXPECT_EQ(NormalizeDate(c.in, rules, &out), c.outcome) << c.in;
  EXPECT_EQ(out, c.out) << c.in;
}

TEST(DateForms, Iso8601) {
  const Case cases[] = {
      {"1972-079", "1972-03-19"},
      {"1972079", "1972-03-19"},
      {"2000-366", "2000-12-31"},
      {"2001-366", "", kBad},
      {"1972-000", "", kBad},
      {"1999365", "1999-12-31"},
      {"1972-W11-7", "1972-03-19"},
      {"1972W117", "1972-03-19"},
      {"1972-w11-7", "1972-03-19"},
      {"2008-W01-1", "2007-12-31"},  // the week of the turn of the year
      {"2009-W53-7", "2010-01-03"},
      {"2010-W53-1", "", kBad},  // 2010 has 52 weeks
      {"1972-W11", "", kBad},    // a week is no day
      {"1972-W00-1", "", kBad},
      {"1972-W11-8", "", kBad},
      {"1972-W117", "", kBad},
      {"1972-03-19T10:20", "1972-03-19"},
      {"1972-03-19T10:20:30,5Z", "1972-03-19"},
      {"1972-079T10:20:30Z", "1972-03-19"},
      {"1972-W11-7T10:20:30Z", "1972-03-19"},
      {"19720319T102030Z", "1972-03-19"},
      {"19720319T102030+0100", "1972-03-19"},
      {"19720319102030", "1972-03-19"},
      {"19720319246060", "", kBad},
      {"1972-03-19 24:10", "", kBad},
      {"1972-19-03", "", kBad},  // a year first is ISO
      {"--03-19", "", kBad},
  };
  for (const Case& c : cases) Check(c, {});
}

TEST(DateForms, ProgramsAndMail) {
  const Case cases[] = {
      {"Sun, 19 Mar 1972 10:20:30 -0500", "1972-03-19"},
      {"Sun, 19 Mar 1972 10:20:30 EST", "1972-03-19"},
      {"19 Mar 72 10:20 GMT", "1972-03-19"},
      {"Sun Mar 19 10:20:30 1972", "1972-03-19"},
      {"Sun Mar 19 10:20:30 UTC 1972", "1972-03-19"},
      {"Sun Mar 19 1972 00:00:00 GMT+0100 (Central European Standard Time)", "1972-03-19"},
      {"3/19/1972 10:20:30 a.m.", "1972-03-19"},
      {"3/19/1972 10:20:30PM", "1972-03-19"},
      {"3/19/1972 13:20 PM", "", kBad},
      {"Mar 19 1972 12:00AM", "1972-03-19"},
      {"19MAR1972", "1972-03-19"},
      {"19MAR72", "1972-03-19"},
      {"19-MAR-1972 10:20:30", "1972-03-19"},
      {"1972-03-19 10:20:30 XYZ", "", kBad},
      {"1972-03-19 23:59:60", "1972-03-19"},
  };
  for (const Case& c : cases) Check(c, {});
}

TEST(DateForms, NamesOfMonths) {
  const Case cases[] = {
      {"19 mars 1972", "1972-03-19"},
      {"1er mars 1972", "1972-03-01"},
      {"le 1er août 1972", "1972-08-01"},
      {"dimanche 19 mars 1972", "1972-03-19"},
      {"14 FÉVRIER 1972", "1972-02-14"},
      {"3 déc. 1972", "1972-12-03"},
      {"4 juil. 1972", "1972-07-04"},
      {"19 de marzo de 1972", "1972-03-19"},
      {"19 de marzo del 2001", "2001-03-19"},
      {"6-ene-1972", "1972-01-06"},
      {"6 abr 1972", "1972-04-06"},
      {"12 de septiembre de 1972", "1972-09-12"},
      {"miércoles, 5 de julio de 1972", "1972-07-05"},
      {"19. März 1972", "1972-03-19"},
      {"19. MÄRZ 1972", "1972-03-19"},
      {"19. Maerz 1972", "1972-03-19"},
      {"Sonntag, den 19. März 1972", "1972-03-19"},
      {"3. Okt. 1972", "1972-10-03"},
      {"24. Dezember 1972", "1972-12-24"},
      {"1. Jänner 1972", "1972-01-01"},
      {"19 marzo 1972", "1972-03-19"},
      {"5 giugno 1972", "1972-06-05"},
      {"15 ago 1972", "1972-08-15"},
      {"7 ott. 1972", "1972-10-07"},
      {"1º gennaio 1972", "1972-01-01"},
      {"19 de março de 1972", "1972-03-19"},
      {"7 de setembro de 1972", "1972-09-07"},
      {"2 out 1972", "1972-10-02"},
      {"25 de dezembro de 1972", "1972-12-25"},
      {"19 maart 1972", "1972-03-19"},
      {"5 mei 1972", "1972-05-05"},
      {"30 augustus 1972", "1972-08-30"},
      {"maandag 6 mrt 1972", "1972-03-06"},
      {"1972 March 19", "1972-03-19"},
      {"1972, Mar 19", "1972-03-19"},
      {"March 19, '72", "1972-03-19"},
      {"Mar-72", "1972-03"},
      {"März 1972", "1972-03"},
      {"Mar-05", "", kBad},  // the 5th, or 2005
      {"19 Brumaire 1972", "", kBad},
      {"31 September 1972", "", kBad},
      {"Mar Apr 1972", "", kBad},
  };
  for (const Case& c : cases) Check(c, {});
}

TEST(DateForms, OnlyOneReading) {
  const Case month_first[] = {{"19.3.72", "1972-03-19"},  {"72-03-19", "1972-03-19"},  {"72/3/9", "1972-03-09"},
                              {"31/12/99", "1999-12-31"}, {"72-Mar-19", "1972-03-19"}, {"32/13/99", "", kBad},
                              {"13/13/99", "", kBad},     {"00/12/1999", "1999"},      {"3/19/1972,", "1972-03-19"},
                              {"-3/19/1972", "", kBad},   {"3/19/19720", "", kBad},    {"3 / 19 / 1972", "1972-03-19"}};
  for (const Case& c : month_first) Check(c, {});
  for (const Case& c : {Case{"19-03-72", "1972-03-19"}, {"72-03-19", "1972-03-19"}, {"05-03-19", "2005-03-19"}})
    Check(c, {.order = DateOrder::kYmd});
}

TEST(DateForms, TwoDigitYears) {
  const auto at = [](const char* in, int pivot) {
    std::string out;
    NormalizeDate(in, {.pivot = pivot}, &out);
    return out;
  };
  EXPECT_EQ(at("3/4/29", kDefaultPivot), "2029-03-04");
  EXPECT_EQ(at("3/4/30", kDefaultPivot), "1930-03-04");
  EXPECT_EQ(at("3/4/00", 0), "2000-03-04");
  EXPECT_EQ(at("3/4/01", 0), "1901-03-04");
  EXPECT_EQ(at("3/4/99", 99), "2099-03-04");
  EXPECT_EQ(at("3/4/68", 68), "2068-03-04");
  EXPECT_EQ(at("3/4/69", 68), "1969-03-04");
  EXPECT_EQ(at("19-Mar-40", 40), "2040-03-19");
  EXPECT_EQ(at("19-Mar-40", 39), "1940-03-19");
  const std::vector<std::string> format = {"%d/%m/%y"};
  std::string out;
  NormalizeDate("19/03/40", {.formats = &format, .pivot = 40}, &out);
  EXPECT_EQ(out, "2040-03-19");
}

TEST(DateForms, ExcelSerials) {
  const Case off[] = {{"26377", "", kBad}, {"26377.5", "", kBad}, {"1972", "1972"}};
  for (const Case& c : off) Check(c, {});
  const Case of_1900[] = {{"26377", "1972-03-19"},    {"26377.5", "1972-03-19"}, {"45000", "2023-03-15"},
                          {"10000", "1927-05-18"},    {"73415", "2100-12-31"},   {"73416", "", kBad},
                          {"99999", "", kBad},        {"1972", "1972"},          {"2100", "2100"},
                          {"9999", "1927-05-17"},     {"2958", "1908-02-05"},    {"61", "", kBad},
                          {"03191", "", kBad},        {"263770", "", kBad},      {"3/19/1972", "1972-03-19"},
                          {"19720319", "1972-03-19"}, {"26377.x", "", kBad}};
  for (const Case& c : of_1900) Check(c, {.excel = ExcelSerials::k1900});
  const Case of_1904[] = {{"24915", "1972-03-19"}, {"43538", "2023-03-15"}, {"10000", "1931-05-19"}};
  for (const Case& c : of_1904) Check(c, {.excel = ExcelSerials::k1904});
}

// As a column's format: all of the range, and the day that Excel took over from Lotus 1-2-3.
TEST(DateForms, ExcelFormats) {
  const std::vector<std::string> f1900 = {"excel1900"}, f1904 = {"excel1904"};
  const Case of_1900[] = {{"1", "", kPlaceholder}, {"2", "1900-01-02"},           {"59", "1900-02-28"},
                          {"60", "", kBad},        {"61", "1900-03-01"},          {"366", "1900-12-31"},
                          {"1972", "1905-05-25"},  {"26377", "1972-03-19"},       {"26377.999999", "1972-03-20"},
                          {"0", "", kPlaceholder}, {"2958465", "", kPlaceholder}, {"2958466", "", kBad},
                          {"-5", "", kBad},        {"1972-03-19", "", kBad},      {"N/A", "", kPlaceholder}};
  for (const Case& c : of_1900) Check(c, {.formats = &f1900});
  const Case of_1904[] = {{"0", "1904-01-01"}, {"1", "1904-01-02"}, {"59", "1904-02-29"}, {"60", "1904-03-01"}};
  for (const Case& c : of_1904) Check(c, {.formats = &f1904});
  std::string out;
  EXPECT_EQ(NormalizeTimestamp("26377.75", CellType::kReal, {.formats = &f1900}, &out), Outcome::kOk);
  EXPECT_EQ(out, "1972-03-19 18:00:00");
}

TEST(DateForms, Formats) {
  struct FormatCase {
    std::vector<std::string> formats;
    const char *in, *out;
    Outcome outcome = Outcome::kOk;
  };
  const FormatCase cases[] = {
      {{"%s"}, "0", "1970-01-01 00:00:00", kPlaceholder},
      {{"%s"}, "1", "1970-01-01 00:00:01"},
      {{"%s"}, "1647653415", "2022-03-19 01:30:15"},
      {{"%s"}, "-86400", "1969-12-31 00:00:00"},
      {{"%s"}, "99999999999", "", kBad},
      {{"%s"}, "16476534x5", "", kBad},
      {{"%Q"}, "1647653415123", "2022-03-19 01:30:15.123"},
      {{"%Q"}, "1647653415000", "2022-03-19 01:30:15"},
      {{"%Q"}, "-1000", "1969-12-31 23:59:59"},
      {{"%F %T"}, "2022-03-19 01:30:15", "2022-03-19 01:30:15"},
      {{"%F %T.%f"}, "2022-03-19 01:30:15.25", "2022-03-19 01:30:15.25"},
      {{"%F %T%z"}, "2022-03-19 01:30:15+02:00", "2022-03-18 23:30:15"},
      {{"%F %T %z"}, "2022-03-19 01:30:15 EST", "2022-03-19 06:30:15"},
      {{"%m/%d/%Y %I:%M %p"}, "3/19/2022 12:05 AM", "2022-03-19 00:05:00"},
      {{"%m/%d/%Y %I:%M %p"}, "3/19/2022 12:05 pm", "2022-03-19 12:05:00"},
      {{"%m/%d/%Y %I:%M %p"}, "3/19/2022 13:05 PM", "", kBad},
      {{"%a %d %b %Y"}, "Sun 19 Mar 1972", "1972-03-19 00:00:00"},
      {{"%A, %d. %B %Y"}, "Sonntag, 19. März 1972", "1972-03-19 00:00:00"},
      {{"%d %b %y"}, "1 Oct 40", "1940-10-01 00:00:00"},
      {{"excel1900", "%s"}, "1647653415", "2022-03-19 01:30:15"},
  };
  for (const FormatCase& c : cases) {
    std::string out = "stale";
    EXPECT_EQ(NormalizeTimestamp(c.in, CellType::kText, {.formats = &c.formats}, &out), c.outcome) << c.in;
    EXPECT_EQ(out, c.outcome == Outcome::kOk ? c.out : "") << c.in;
  }
}

TEST(DateForms, NumbersThatLostAZero) {
  const DateRules numeric = {.numeric = true}, day_first = {.order = DateOrder::kDmy, .numeric = true};
  for (const Case& c : {Case{"3191972", "1972-03-19"},
                        {"1011972", "1972-01-01"},
                        {"9302001", "2001-09-30"},
                        {"1972079", "1972-03-19"},
                        {"2052010", "", kBad},  // the 5th of February 2010, or day 10 of 2052
                        {"3321972", "", kBad}})
    Check(c, numeric);
  Check({"9031972", "1972-03-09"}, day_first);
  Check({"3191972", "", kBad}, {});  // text has lost nothing
}

TEST(DateForms, Placeholders) {
  for (const char* in : {"0", "00", "0/0/0000", "00/00/0000", "00.00.0000", "0000-00-00 00:00:00", "0000-00-00T00:00",
                         "1753-01-01", "1/1/1753", "01-JAN-0001", "12/31/9999", "9999-12-31 23:59:59", "1899-12-30"})
    Check({in, "", kPlaceholder}, {});
  for (const char* in : {"1972-02-31", "0000-03-19", "2200-01-01", "0999-03-19"}) Check({in, "", kBad}, {});
  Check({"3/0/1972", "1972-03"}, {});
  Check({"2022-11-00", "2022-11"}, {});
  Check({"1972-00-19", "1972"}, {});  // a day without its month says nothing
}

TEST(DateForms, PlausibleBirths) {
  struct {
    const char *birth, *day;
    bool plausible;
  } const cases[] = {{"1972-03-19", "2026-11-22", true},  {"2026-11-22", "2026-11-22", true},
                     {"2026-11-23", "2026-11-22", false}, {"2026-11", "2026-11-22", true},
                     {"2026-12", "2026-11-22", false},    {"2027", "2026-11-22", false},
                     {"2026", "2026-11-22", true},        {"1906-11-22", "2026-11-22", true},
                     {"1905-11-23", "2026-11-22", true},  {"1905-11-22", "2026-11-22", false},
                     {"1905", "2026-11-22", false},       {"1906", "2026-11-22", true},
                     {"1700-01-01", "2026-11-22", false}, {"", "2026-11-22", true}};
  for (const auto& c : cases) EXPECT_EQ(IsPlausibleBirth(c.birth, c.day), c.plausible) << c.birth << " " << c.day;
}

// ---- properties ----

std::string Two(int n) { return (n < 10 ? "0" : "") + std::to_string(n); }

// Every day of some years in every writing gives the same day.
TEST(DateForms, AllWritingsOfADayAgree) {
  const char* names[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (const int year : {1931, 1972, 1999, 2000, 2004}) {
    int day_of_year = 0;
    for (int m = 1; m <= 12; ++m) {
      const int days = kDays[m - 1] + (m == 2 && year % 4 == 0 ? 1 : 0);
      for (int d = 1; d <= days; ++d) {
        ++day_of_year;
        const std::string y = std::to_string(year), yy = Two(year % 100), mm = Two(m), dd = Two(d);
        const std::string name = names[m - 1], iso = y + "-" + mm + "-" + dd;
        const std::string ordinal = std::string(day_of_year < 100 ? "0" : "") + Two(day_of_year);
        const std::string writings[] = {iso,
                                        y + "/" + mm + "/" + dd,
                                        y + mm + dd,
                                        mm + "/" + dd + "/" + y,
                                        std::to_string(m) + "-" + std::to_string(d) + "-" + yy,
                                        dd + "-" + name + "-" + y,
                                        name + " " + std::to_string(d) + ", " + y,
                                        y + "-" + ordinal,
                                        iso + "T10:20:30Z",
                                        iso + " 10:20:30.5"};
        for (const std::string& text : writings) Check({text.c_str(), iso == "1901-01-01" ? "" : iso.c_str()}, {});
      }
    }
  }
}

TEST(DateForms, IdempotentWhateverTheLocaleOrZone) {
  std::mt19937_64 rng(20260101);
  const char alphabet[] = "0123456789019723/-.: ,TWZ'amprMay+";
  const auto all = [&](std::vector<std::string>* results) {
    std::mt19937_64 letters(7);
    for (int i = 0; i < 20000; ++i) {
      std::string text;
      for (size_t n = 1 + letters() % 20; n > 0; --n) text.push_back(alphabet[letters() % (sizeof alphabet - 1)]);
      std::string date, moment, again;
      NormalizeDate(text, {}, &date);
      NormalizeTimestamp(text, CellType::kText, {}, &moment);
      EXPECT_LE(date.size(), 10u) << text;
      EXPECT_LE(moment.size(), 26u) << text;
      if (!date.empty()) {
        NormalizeDate(date, {}, &again);
        EXPECT_EQ(again, date) << text;
      }
      if (!moment.empty()) {
        NormalizeTimestamp(moment, CellType::kText, {}, &again);
        EXPECT_EQ(again, moment) << text;
      }
      results->push_back(date + "|" + moment);
    }
  };
  std::vector<std::string> here, there;
  all(&here);
  setenv("TZ", "Pacific/Auckland", 1);
  setlocale(LC_ALL, "");
  all(&there);
  unsetenv("TZ");
  EXPECT_EQ(here, there);
}

}  // namespace
}  // namespace migrate::normalize
