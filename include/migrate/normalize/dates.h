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

// Two-digit years: 00 to kPivot are 2000 to 2000 + kPivot, the others 19xx. A birthday thus falls into 1926 to 2025; a
// person born earlier is rarer in records with such years than a child. A constant, not the clock.
inline constexpr int kPivot = 25;

struct DateRules {
  DateOrder order = DateOrder::kMdy;                  // of three numbers whose year is not the first
  const std::vector<std::string>* formats = nullptr;  // if given and not empty, only these, tried in order
};

// A day: "YYYY-MM-DD", or what is known of it: "YYYY-MM", "YYYY" (also from "1972-00-00", "1972-03-00").
// Without formats it reads ISO 8601 (2022-03-19, 20220319, with or without time), three numbers in the plan's order
// (the other order where only that is a date: 25/12/1990 is no month 25), month names ("19-Mar-1972", "March 19, 1972",
// "Mar 1972"), and a year alone.
//   kPlaceholder  1900-01-01, 1901-01-01, 0001-01-01, 1111-11-11, 1899-12-30, 1899-12-31, 9999-12-31. Not 1970-01-01:
//   for
//                 a birthday that is as likely as any other day.
//   kBad          0000-00-00, 2023-02-29, year outside [kFirstYear, kLastYear], anything that is no date
Outcome NormalizeDate(std::string_view text, const DateRules& rules, std::string* out);

// A moment: "YYYY-MM-DD HH:MM:SS[.ffffff]" (trailing zeros of the fraction dropped), UTC where the text has a zone
// ("Z", "UTC", "+02:00"), else as written; 00:00:00 where it has no time. A number of ten digits in an integer cell is
// seconds since 1970 UTC. kPlaceholder also for 1970-01-01 00:00:00, the zero of a clock.
Outcome NormalizeTimestamp(std::string_view text, CellType type, const DateRules& rules, std::string* out);

// True if every conversion in `format` is one of %d %m %Y %y %b %B %H %M %S %j %e %%; other characters stand for
// themselves, a blank for any blanks.
bool IsDateFormat(std::string_view format);

}  // namespace migrate::normalize
