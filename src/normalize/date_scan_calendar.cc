#include "date_scan.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
void CivilFromDays(int64_t z, Moment* out) {
  z += 719468;
  const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  const int64_t day_of_era = z - era * 146097;
  const int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t mp = (5 * day_of_year + 2) / 153;
  out->day = static_cast<int>(day_of_year - (153 * mp + 2) / 5 + 1);
  out->month = static_cast<int>(mp < 10 ? mp + 3 : mp - 9);
  out->year = static_cast<int>(year_of_era + era * 400 + (out->month <= 2 ? 1 : 0));
}

bool IsLeap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

}  // namespace

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeap(year) ? 29 : kDays[month - 1];
}

int WithCentury(int two_digits, int pivot) { return two_digits <= pivot ? 2000 + two_digits : 1900 + two_digits; }

// Hinnant's days_from_civil.
int64_t DaysFromCivil(int64_t y, int m, int d) {
  y -= m <= 2;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

void FromSeconds(int64_t seconds, Moment* out) {
  int64_t days = seconds / 86400;
  int64_t rest = seconds % 86400;
  if (rest < 0) {
    rest += 86400;
    --days;
  }
  CivilFromDays(days, out);
  out->hour = static_cast<int>(rest / 3600);
  out->minute = static_cast<int>(rest / 60 % 60);
  out->second = static_cast<int>(rest % 60);
}

bool FromDayOfYear(int day_of_year, Moment* out) {
  if (out->year == 0 || day_of_year < 1 || day_of_year > (IsLeap(out->year) ? 366 : 365)) return false;
  CivilFromDays(DaysFromCivil(out->year, 1, 1) + day_of_year - 1, out);
  return true;
}

bool FromWeek(int year, int week, int weekday, Moment* out) {
  if (week < 1 || week > 53 || weekday < 1 || weekday > 7) return false;
  // The 4th of January always lies in week 1; 1970-01-01 was a Thursday.
  const auto monday_of_week_1 = [](int y) {
    const int64_t day = DaysFromCivil(y, 1, 4);
    return day - ((day + 3) % 7 + 7) % 7;
  };
  const int64_t day = monday_of_week_1(year) + (week - 1) * 7 + weekday - 1;
  if (day >= monday_of_week_1(year + 1)) return false;
  CivilFromDays(day, out);
  return true;
}

bool FromSerial(int64_t serial, std::string_view fraction, ExcelSerials system, Moment* out) {
  constexpr int64_t kLast = 2958465;  // 9999-12-31 in the 1900 system
  int64_t days = serial + DaysFromCivil(1904, 1, 1);
  if (system == ExcelSerials::k1900) {
    if (serial < 1 || serial == 60) return false;
    days = serial + DaysFromCivil(1899, 12, serial < 60 ? 31 : 30);
  }
  if (serial < 0 || serial > kLast) return false;
  // Halves of a second and more round up.
  int64_t numerator = 0, denominator = 1;
  for (const char c : fraction.substr(0, 12)) {
    numerator = numerator * 10 + (c - '0');
    denominator *= 10;
  }
  FromSeconds(days * 86400 + (numerator * 86400 * 2 + denominator) / (denominator * 2), out);
  out->has_time = !fraction.empty();
  return true;
}

}  // namespace migrate::normalize
