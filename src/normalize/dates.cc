#include "migrate/normalize/dates.h"

#include <algorithm>

#include "date_scan.h"
#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

// Put at `to`; returns what is behind it. A date is put together before it goes into its string, for there is one or
// two in every record.
char* PutTwoDigits(int value, char* to) {
  to[0] = static_cast<char>('0' + value / 10 % 10);
  to[1] = static_cast<char>('0' + value % 10);
  return to + 2;
}

constexpr size_t kDateBound = sizeof "YYYY-MM-DD";
constexpr size_t kMomentBound = sizeof "YYYY-MM-DD HH:MM:SS";

char* PutDate(const Moment& m, char* to) {
  to = PutTwoDigits(m.year, PutTwoDigits(m.year / 100, to));
  if (m.month == 0) return to;
  *to++ = '-';
  to = PutTwoDigits(m.month, to);
  if (m.day == 0) return to;
  *to++ = '-';
  return PutTwoDigits(m.day, to);
}

bool IsPlaceholder(const Moment& m) {
  // Zeros of OLE, .NET, SQL Server and Excel, and what people type.
  constexpr int kDays[][3] = {{1900, 1, 1},   {1901, 1, 1},   {1, 1, 1},      {1111, 11, 11}, {1753, 1, 1},
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

// "0000-00-00 00:00:00", "00/00/0000", "0": nothing, in the writing of a date.
bool IsZeros(std::string_view text) {
  for (const char c : text)
    if (std::string_view("0-/.:T ").find(c) == std::string_view::npos) return false;
  return text.front() == '0';
}

// What a text that is no date is: nothing, or a mistake.
Outcome NoDate(std::string_view text) { return IsZeros(text) || IsJunk(text) ? Outcome::kPlaceholder : Outcome::kBad; }

Outcome Scan(std::string_view text, const DateRules& rules, Moment* out) {
  if (rules.formats == nullptr || rules.formats->empty())
    return ScanMoment(text, rules, out) ? Settle(out) : Outcome::kBad;
  for (const std::string& format : *rules.formats) {
    Moment moment;
    if (!ScanFormat(text, format, rules.pivot, &moment)) continue;
    const Outcome outcome = Settle(&moment);
    if (outcome == Outcome::kBad) continue;
    *out = moment;
    return outcome;
  }
  return Outcome::kBad;
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
  if (outcome == Outcome::kOk) {
    char date[kDateBound];
    out->assign(date, PutDate(moment, date));
  }
  return outcome == Outcome::kBad ? NoDate(text) : outcome;
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
    if (outcome == Outcome::kBad) return NoDate(text);
    if (outcome != Outcome::kOk) return outcome;
    if (moment.day == 0) return Outcome::kBad;
    if (moment.has_zone) ToUtc(&moment);
    if (moment.year < kFirstYear || moment.year > kLastYear) return Outcome::kBad;
  }
  std::string_view fraction = moment.fraction.substr(0, 6);
  while (!fraction.empty() && fraction.back() == '0') fraction.remove_suffix(1);
  const bool midnight = moment.hour == 0 && moment.minute == 0 && moment.second == 0 && fraction.empty();
  if (midnight && moment.year == 1970 && moment.month == 1 && moment.day == 1) return Outcome::kPlaceholder;
  char text_of[kMomentBound];
  char* end = PutDate(moment, text_of);
  for (const auto& [separator, value] : {std::pair{' ', moment.hour}, {':', moment.minute}, {':', moment.second}}) {
    *end++ = separator;
    end = PutTwoDigits(value, end);
  }
  out->assign(text_of, end);
  if (!fraction.empty()) out->append(".").append(fraction);
  return Outcome::kOk;
}

bool IsPlausibleBirth(std::string_view birth, std::string_view day) {
  constexpr int kOldest = 120;
  if (birth.size() < 4 || day.size() < 4) return true;
  if (birth > day.substr(0, birth.size())) return false;
  // The years of both, and the rest of the dates: "1905-11-22" was 121 on "2026-11-22", and 120 on "2026-11-21".
  const int years = Number(day.substr(0, 4)) - Number(birth.substr(0, 4));
  const bool had_birthday = birth.substr(4) <= day.substr(4, birth.size() - 4);
  return years - (had_birthday ? 0 : 1) <= kOldest;
}

bool IsDateFormat(std::string_view format) {
  if (format == "excel1900" || format == "excel1904") return true;
  bool any = false;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i == format.size() || std::string_view("demYybBaAHIMSpfzTFjsQ%").find(format[i]) == std::string_view::npos)
      return false;
    any = any || format[i] != '%';
  }
  return any;
}

}  // namespace migrate::normalize
