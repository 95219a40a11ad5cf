#include "migrate/normalize/dates.h"

#include <algorithm>

#include "date_scan.h"
#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

void AppendNumber(int value, int width, std::string* out) {
  char digits[4];
  for (int i = width - 1; i >= 0; --i, value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  out->append(digits, static_cast<size_t>(width));
}

void AppendDate(const Moment& m, std::string* out) {
  AppendNumber(m.year, 4, out);
  if (m.month == 0) return;
  out->push_back('-');
  AppendNumber(m.month, 2, out);
  if (m.day == 0) return;
  out->push_back('-');
  AppendNumber(m.day, 2, out);
}

bool IsPlaceholder(const Moment& m) {
  constexpr int kDays[][3] = {{1900, 1, 1},   {1901, 1, 1},   {1, 1, 1},      {1111, 11, 11},
                              {1899, 12, 30}, {1899, 12, 31}, {9999, 12, 31}, {9999, 9, 9}};
  return std::any_of(std::begin(kDays), std::end(kDays),
                     [&](const int* d) { return m.year == d[0] && m.month == d[1] && m.day == d[2]; });
}

// Checks a scanned date and brings it into its final form (month 0: nothing below the year is known).
Outcome Settle(Moment* m) {
  if (m->by_order && m->month > 12 && m->day >= 1 && m->day <= 12) std::swap(m->month, m->day);
  if (IsPlaceholder(*m)) return Outcome::kPlaceholder;
  if (m->year < kFirstYear || m->year > kLastYear || m->month > 12) return Outcome::kBad;
  if (m->month == 0) {
    m->day = 0;
    return Outcome::kOk;
  }
  return m->day > DaysInMonth(m->year, m->month) ? Outcome::kBad : Outcome::kOk;
}

Outcome Scan(std::string_view text, const DateRules& rules, Moment* out) {
  if (rules.formats == nullptr || rules.formats->empty())
    return ScanMoment(text, rules.order, out) ? Settle(out) : Outcome::kBad;
  for (const std::string& format : *rules.formats) {
    Moment moment;
    if (!ScanFormat(text, format, &moment)) continue;
    const Outcome outcome = Settle(&moment);
    if (outcome == Outcome::kBad) continue;
    *out = moment;
    return outcome;
  }
  return Outcome::kBad;
}

// Days since 1970-01-01 of the proleptic Gregorian calendar, and back (Howard Hinnant, "chrono-Compatible Low-Level
// Date Algorithms", days_from_civil and civil_from_days).
int64_t DaysFromCivil(int64_t y, int m, int d) {
  y -= m <= 2;
  const int64_t era = (y >= 0 ? y : y - 399) / 400;
  const int64_t year_of_era = y - era * 400;
  const int64_t day_of_year = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

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

void ToUtc(Moment* m) {
  const int64_t seconds = DaysFromCivil(m->year, m->month, m->day) * 86400 + m->hour * 3600 + m->minute * 60 +
                          m->second - m->zone_minutes * 60;
  FromSeconds(seconds, m);
}

}  // namespace

Outcome NormalizeDate(std::string_view text, const DateRules& rules, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  Moment moment;
  const Outcome outcome = Scan(text, rules, &moment);
  if (outcome == Outcome::kOk) AppendDate(moment, out);
  return outcome == Outcome::kBad && IsJunk(text) ? Outcome::kPlaceholder : outcome;
}

Outcome NormalizeTimestamp(std::string_view text, CellType type, const DateRules& rules, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  Moment moment;
  if (type == CellType::kInteger && text.size() == 10 && CountDigits(text) == 10) {
    int64_t seconds = 0;
    for (const char c : text) seconds = seconds * 10 + (c - '0');
    FromSeconds(seconds, &moment);
    if (moment.year > kLastYear) return Outcome::kBad;
  } else {
    const Outcome outcome = Scan(text, rules, &moment);
    if (outcome == Outcome::kBad && IsJunk(text)) return Outcome::kPlaceholder;
    if (outcome != Outcome::kOk) return outcome;
    if (moment.day == 0) return Outcome::kBad;
    if (moment.has_zone) ToUtc(&moment);
    if (moment.year < kFirstYear || moment.year > kLastYear) return Outcome::kBad;
  }
  std::string_view fraction = moment.fraction.substr(0, 6);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  const bool midnight = moment.hour == 0 && moment.minute == 0 && moment.second == 0 && fraction.empty();
  if (midnight && moment.year == 1970 && moment.month == 1 && moment.day == 1) return Outcome::kPlaceholder;
  AppendDate(moment, out);
  for (const auto& [separator, value] : {std::pair{' ', moment.hour}, {':', moment.minute}, {':', moment.second}}) {
    out->push_back(separator);
    AppendNumber(value, 2, out);
  }
  if (!fraction.empty()) out->append(".").append(fraction);
  return Outcome::kOk;
}

bool IsDateFormat(std::string_view format) {
  bool any = false;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i == format.size() || std::string_view("demYybBHMSj%").find(format[i]) == std::string_view::npos)
      return false;
    any = any || format[i] != '%';
  }
  return any;
}

}  // namespace migrate::normalize
