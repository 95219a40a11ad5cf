// Dates and times. Nothing here asks for today's date: the same input gives the same output next year.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/normalize/text.h"
#include "migrate/record/mapping.h"
#include "migrate/record/record.h"

namespace migrate::normalize {

inline constexpr int kFirstYear = 1000, kLastYear = 2100;  // other years are mistakes: kBad

struct DateRules {
  DateOrder order = DateOrder::kMdy;                  // of three numbers whose year is not the first
  const std::vector<std::string>* formats = nullptr;  // if given and not empty, only these, tried in order
  int pivot = kDefaultPivot;                          // two-digit years 00 to it are 20xx, the others 19xx
  ExcelSerials excel = ExcelSerials::kOff;            // see FromSerial below
  bool numeric = false;                               // the cell is a number, so it may have lost a leading zero
};

// A day: "YYYY-MM-DD", or what is known of it: "YYYY-MM", "YYYY" (also from "1972-00-00", "1972-03-00").
// Without formats it reads, with or without a time of day and a zone behind it:
//   ISO 8601            1972-03-19, 19720319, 1972-079 and 1972079 (day of the year), 1972-W11-7 and 1972W117 (week)
//   three numbers       in the plan's order, or the other one where only that is a date: 25/12/1990, 72-03-19
//   names of months     19-Mar-1972, March 19th, 1972, 19 de marzo de 1972: en, es, fr, de, it, pt, nl; with weekdays
//   a part              1972, 03/1972, Mar 1972, Mar-72
//   ctime, RFC 5322     Sun Mar 19 10:20:30 1972; Sun, 19 Mar 1972 10:20:30 -0500
// Two-digit years turn at rules.pivot. A bare number of five digits is no date unless rules.excel says how to count
// (of four, where they are no year up to kLastYear); seven digits are M/DD/YYYY without its zero only from a numeric
// cell, and nothing where they are also a day of the year. With formats, only what these say is read.
//   kPlaceholder  days that programs write for "none": 0000-00-00 and other zeros, 0001-01-01, 1111-11-11, 1753-01-01,
//                 1899-12-30, 1899-12-31, 1900-01-01, 1901-01-01, 9999-09-09, 9999-12-31. Not 1970-01-01: for a
//                 birthday that is as likely as any other day.
//   kBad          2023-02-29, year outside [kFirstYear, kLastYear], anything that is no date
Outcome NormalizeDate(std::string_view text, const DateRules& rules, std::string* out);

// A moment: "YYYY-MM-DD HH:MM:SS[.ffffff]" (trailing zeros of the fraction dropped), UTC where the text has a zone
// ("Z", "EST", "+02:00"), else as written; 00:00:00 where it has no time. A number of ten digits in an integer cell is
// seconds since 1970 UTC. kPlaceholder also for 1970-01-01 00:00:00, the zero of a clock.
Outcome NormalizeTimestamp(std::string_view text, CellType type, const DateRules& rules, std::string* out);

// True if a person born on `birth` (a value of NormalizeDate, partial or not) can be one of whom a record was made on
// `day` ("YYYY-MM-DD"): born no later, and at most 120 years before.
bool IsPlausibleBirth(std::string_view birth, std::string_view day);

// True if `format` can be read: conversions of strptime, of which %d %e %m %Y %y %b %B %a %A %j %H %I %M %S %p %f %z %T
// %F %% are known, %s (seconds since 1970, as in glibc) and %Q (milliseconds since 1970, as in d3-time-format); other
// characters stand for themselves, a blank for any blanks. Or one of the words excel1900 and excel1904: a serial number
// of any size, its fraction the time of day.
bool IsDateFormat(std::string_view format);

}  // namespace migrate::normalize
