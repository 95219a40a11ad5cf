// Reading texts into moments; private to this room. dates.cc decides what a moment is worth.
#pragma once

#include <cstdint>
#include <string_view>

#include "migrate/normalize/dates.h"
#include "migrate/record/mapping.h"

namespace migrate::normalize {

// What a text says, unchecked; 0 stands for "not known" in year, month and day.
struct Moment {
  int year = 0, month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
  std::string_view fraction;  // digits after the seconds' point
  bool by_order = false;      // month and day were told apart by the plan's order alone: they may be exchanged
  bool has_time = false, has_zone = false;
  int zone_minutes = 0;  // east of UTC
};

// Without formats: ISO 8601, month names, three numbers by rules.order, serials. False if the text has no such form.
bool ScanMoment(std::string_view text, const DateRules& rules, Moment* out);

// By one format of IsDateFormat; all of `text` must be read.
bool ScanFormat(std::string_view text, std::string_view format, int pivot, Moment* out);

// ---- parts of the two above ----

// HH:MM[:SS[.fraction]] [AM|PM] [zone]
bool ScanTime(std::string_view s, Moment* out);
// "Z", "UTC", "EST", "+02:00", "GMT-0500", "+02"; "" is no zone. False if it is none of these.
bool ScanZone(std::string_view s, Moment* out);

// 1 to 12 for the name of a month, in full or abbreviated, in English, Spanish, French, German, Italian, Portuguese or
// Dutch; kNoiseWord for a word that may stand in a date and says nothing (weekdays, "th", "de"); 0 for any other.
inline constexpr int kNoiseWord = 20;
int DateWord(std::string_view word);

// Reads up to `most` digits at *i; false if there are none.
bool ReadNumber(std::string_view s, size_t most, size_t* i, int* out);
int Number(std::string_view digits);

// ---- calendar ----

int DaysInMonth(int year, int month);
int WithCentury(int two_digits, int pivot);      // see NormalizeOptions::two_digit_year_pivot
int64_t DaysFromCivil(int64_t y, int m, int d);  // days since 1970-01-01, proleptic Gregorian
void FromSeconds(int64_t seconds, Moment* out);  // since 1970-01-01 00:00:00
// Day of the year to month and day; false if out->year has no such day.
bool FromDayOfYear(int day_of_year, Moment* out);
// ISO 8601 week date; false if the year has no such week.
bool FromWeek(int year, int week, int weekday, Moment* out);
// Excel's serial number with the digits of its fraction of a day; false outside its range (to 9999-12-31), and for day
// 60 of the 1900 system.
bool FromSerial(int64_t serial, std::string_view fraction, ExcelSerials system, Moment* out);

}  // namespace migrate::normalize
