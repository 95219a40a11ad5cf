// Dates without a format: what kind of writing it is, and which of its numbers is what.
#include "date_scan.h"

#include <array>

#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

constexpr CharSet kSeparators = "-/., '";

// The numbers and the month of a date.
struct DateTokens {
  std::array<std::string_view, 3> numbers;
  int count = 0;
  int month = 0;        // by name, 0: none
  int month_after = 0;  // how many numbers stood before the name
};

bool Tokenize(std::string_view s, DateTokens* out) {
  for (size_t i = 0; i < s.size();) {
    const size_t begin = i;
    if (IsDigit(s[i])) {
      while (i < s.size() && IsDigit(s[i])) ++i;
      if (out->count == 3 || i - begin > 8) return false;
      out->numbers[static_cast<size_t>(out->count++)] = s.substr(begin, i - begin);
    } else if (IsAlpha(s[i]) || !IsAscii(s[i])) {
      while (i < s.size() && (IsAlpha(s[i]) || !IsAscii(s[i]))) ++i;
      const int word = DateWord(s.substr(begin, i - begin));
      if (word == 0) return false;
      if (word == kNoiseWord) continue;
      if (out->month != 0) return false;
      out->month = word;
      out->month_after = out->count;
    } else {
      if (!kSeparators.Contains(s[i]) || begin == 0) return false;
      ++i;
    }
  }
  return true;
}

bool SetYear(std::string_view digits, const DateRules& rules, Moment* out) {
  if (digits.size() != 4 && digits.size() != 2) return false;
  out->year = digits.size() == 4 ? Number(digits) : WithCentury(Number(digits), rules.pivot);
  return true;
}

// No month has this day, so it can only be a year.
bool IsOnlyYear(std::string_view digits) { return digits.size() == 2 && Number(digits) > 31; }

bool FromMonthName(const DateTokens& t, const DateRules& rules, Moment* out) {
  out->month = t.month;
  if (t.count == 1) return (t.numbers[0].size() == 4 || IsOnlyYear(t.numbers[0])) && SetYear(t.numbers[0], rules, out);
  if (t.count != 2) return false;
  const bool short_years = t.numbers[0].size() <= 2 && t.numbers[1].size() <= 2;
  const bool year_first =
      t.month_after > 0 &&
      (t.numbers[0].size() == 4 ||
       (short_years && (rules.order == DateOrder::kYmd ? !IsOnlyYear(t.numbers[1]) : IsOnlyYear(t.numbers[0]))));
  const std::string_view day = t.numbers[year_first ? 1 : 0];
  if (day.size() > 2) return false;
  out->day = Number(day);
  return out->day > 0 && SetYear(t.numbers[year_first ? 0 : 1], rules, out);
}

bool FromThreeNumbers(const DateTokens& t, const DateRules& rules, Moment* out) {
  const auto& n = t.numbers;
  if (n[1].size() > 2) return false;
  const bool year_first =
      n[0].size() == 4 || (n[2].size() <= 2 && (rules.order == DateOrder::kYmd ? !IsOnlyYear(n[2]) : IsOnlyYear(n[0])));
  if (year_first) {
    if (n[2].size() > 2) return false;
    out->month = Number(n[1]);
    out->day = Number(n[2]);
    return SetYear(n[0], rules, out);
  }
  if (n[0].size() > 2) return false;
  const bool day_first = rules.order == DateOrder::kDmy;
  out->day = Number(n[day_first ? 0 : 1]);
  out->month = Number(n[day_first ? 1 : 0]);
  out->by_order = true;
  return SetYear(n[2], rules, out);
}

bool FromEightDigits(std::string_view d, DateOrder order, Moment* out) {
  const int year = Number(d.substr(0, 4)), month = Number(d.substr(4, 2));
  if ((year >= 1300 && year <= kLastYear && month <= 12) || order == DateOrder::kYmd || year == 9999 || year == 0) {
    out->year = year;
    out->month = month;
    out->day = Number(d.substr(6, 2));
    return true;
  }
  const bool day_first = order == DateOrder::kDmy;
  out->day = Number(d.substr(day_first ? 0 : 2, 2));
  out->month = Number(d.substr(day_first ? 2 : 0, 2));
  out->year = Number(d.substr(4, 4));
  return out->day > 0 && out->month > 0;
}

bool IsDay(const Moment& m) {
  return m.year >= kFirstYear && m.year <= kLastYear && m.month >= 1 && m.month <= 12 && m.day >= 1 &&
         m.day <= DaysInMonth(m.year, m.month);
}

// YYYYDDD of ISO 8601, or M/DD/YYYY (D/MM/YYYY) as a number that lost its leading zero. Where both are days of the last
// centuries, nothing tells which was meant.
bool FromSevenDigits(std::string_view d, const DateRules& rules, Moment* out) {
  Moment ordinal, padded;
  ordinal.year = Number(d.substr(0, 4));
  const bool is_ordinal =
      FromDayOfYear(Number(d.substr(4)), &ordinal) && ordinal.year >= 1300 && ordinal.year <= kLastYear;
  std::array<char, 8> digits{'0'};
  for (size_t i = 0; i < 7; ++i) digits[i + 1] = d[i];
  const bool is_padded = rules.order != DateOrder::kYmd &&
                         FromEightDigits({digits.data(), digits.size()}, rules.order, &padded) && IsDay(padded) &&
                         padded.year >= 1800;
  if (is_ordinal == is_padded || (is_padded && !rules.numeric)) return false;
  *out = is_ordinal ? ordinal : padded;
  return true;
}

// A serial of five digits; of four where they are no year.
bool FromSerialNumber(std::string_view whole, std::string_view fraction, const DateRules& rules, Moment* out) {
  if (rules.excel == ExcelSerials::kOff || whole.front() == '0') return false;
  return (whole.size() == 5 || (whole.size() == 4 && Number(whole) > kLastYear)) &&
         FromSerial(Number(whole), fraction, rules.excel, out);
}

bool FromOneNumber(std::string_view n, const DateRules& rules, Moment* out) {
  if (n.size() == 8) return FromEightDigits(n, rules.order, out);
  if (n.size() == 7) return FromSevenDigits(n, rules, out);
  if (FromSerialNumber(n, {}, rules, out)) return true;
  return n.size() == 4 && SetYear(n, rules, out);
}

// "1972-079", "1972-03", "03/1972"
bool FromTwoNumbers(std::string_view first, std::string_view second, char separator, const DateRules& rules,
                    Moment* out) {
  const bool year_first = first.size() == 4;
  if (year_first && second.size() == 3 && separator == '-') {
    out->year = Number(first);
    return FromDayOfYear(Number(second), out);
  }
  const std::string_view year = year_first ? first : second, month = year_first ? second : first;
  if (separator == '.' && first.size() >= 4 && FromSerialNumber(first, second, rules, out)) return true;
  if (year.size() != 4 || month.size() > 2) return false;
  out->month = Number(month);
  return SetYear(year, rules, out);
}

// "1972-W11-7", "1972W117" (ISO 8601)
bool ScanWeekDate(std::string_view s, Moment* out) {
  size_t i = 0;
  int year = 0, week = 0, weekday = 0;
  if (!ReadNumber(s, 4, &i, &year) || i != 4) return false;
  const bool extended = s[i] == '-';
  if (extended) ++i;
  if (i >= s.size() || Lower(s[i]) != 'w') return false;
  const size_t begin = ++i;
  if (!ReadNumber(s, 2, &i, &week) || i != begin + 2) return false;
  if (extended && (i >= s.size() || s[i++] != '-')) return false;
  return i + 1 == s.size() && ReadNumber(s, 1, &i, &weekday) && FromWeek(year, week, weekday, out);
}

bool ScanDate(std::string_view s, const DateRules& rules, Moment* out) {
  if (s.size() > 7 && (Lower(s[4]) == 'w' || Lower(s[5]) == 'w') && ScanWeekDate(s, out)) return true;
  DateTokens t;
  if (!Tokenize(s, &t)) return false;
  if (t.month != 0) return FromMonthName(t, rules, out);
  if (t.count == 3) return FromThreeNumbers(t, rules, out);
  if (t.count == 2) return FromTwoNumbers(t.numbers[0], t.numbers[1], s[t.numbers[0].size()], rules, out);
  return t.count == 1 && FromOneNumber(t.numbers[0], rules, out);
}

// Where the time of day begins, or npos.
size_t TimeBegin(std::string_view s) {
  const size_t colon = s.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
  size_t i = colon;
  while (i > 0 && colon - i < 2 && IsDigit(s[i - 1])) --i;
  return i;
}

// "Sun Mar 19 00:00:00 UTC 1972": the year of ctime and date(1) stands behind the time.
bool ScanYearAtEnd(std::string_view date, std::string_view time, const DateRules& rules, Moment* out) {
  const size_t n = time.size();
  if (n < 5 || time[n - 5] != ' ' || CountDigits(time.substr(n - 4)) != 4) return false;
  DateTokens t;
  if (!Tokenize(date, &t) || t.month == 0 || t.count != 1 || t.numbers[0].size() > 2) return false;
  t.numbers[1] = time.substr(n - 4);
  t.count = 2;
  return FromMonthName(t, rules, out) && ScanTime(Trim(time.substr(0, n - 5)), out);
}

bool ScanDateAndTime(std::string_view text, size_t at, const DateRules& rules, Moment* out) {
  std::string_view date = text.substr(0, at);
  if (!date.empty() && (date.back() == 'T' || date.back() == 't')) date.remove_suffix(1);
  date = TrimChars(date, " ,");
  if (!date.empty() && ScanYearAtEnd(date, text.substr(at), rules, out)) return true;
  *out = Moment();
  return ScanDate(date, rules, out) && ScanTime(text.substr(at), out);
}

// hhmmss
bool ScanBasicTime(std::string_view t, std::string_view zone, Moment* out) {
  out->hour = Number(t.substr(0, 2));
  out->minute = Number(t.substr(2, 2));
  out->second = Number(t.substr(4, 2));
  out->has_time = true;
  if (out->second == 60) out->second = 59;
  return out->hour < 24 && out->minute < 60 && out->second < 60 && ScanZone(zone, out);
}

bool AllDigits(std::string_view s) { return CountDigits(s) == static_cast<int>(s.size()); }

// "1972-03-19" and "03/19/1972", which most columns hold.
bool ScanPlain(std::string_view s, const DateRules& rules, Moment* out) {
  const auto digits = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i)
      if (!IsDigit(s[i])) return false;
    return true;
  };
  if (s[4] == '-' && s[7] == '-' && digits(0, 4) && digits(5, 7) && digits(8, 10)) {
    out->year = Number(s.substr(0, 4));
    out->month = Number(s.substr(5, 2));
    out->day = Number(s.substr(8, 2));
    return true;
  }
  if (s[2] != '/' || s[5] != '/' || !digits(0, 2) || !digits(3, 5) || !digits(6, 10)) return false;
  const bool day_first = rules.order == DateOrder::kDmy;
  out->day = Number(s.substr(day_first ? 0 : 3, 2));
  out->month = Number(s.substr(day_first ? 3 : 0, 2));
  out->year = Number(s.substr(6, 4));
  out->by_order = true;
  return true;
}

// A plain day and "10:20:30" behind it, with nothing out of the ordinary in either.
bool ScanPlainMoment(std::string_view s, const DateRules& rules, Moment* out) {
  if ((s[10] != ' ' && s[10] != 'T') || s[13] != ':' || s[16] != ':') return false;
  for (const size_t i : {11, 12, 14, 15, 17, 18})
    if (!IsDigit(s[i])) return false;
  const int hour = Number(s.substr(11, 2)), minute = Number(s.substr(14, 2)), second = Number(s.substr(17, 2));
  if (hour > 23 || minute > 59 || second > 59 || !ScanPlain(s, rules, out)) return false;
  out->hour = hour;
  out->minute = minute;
  out->second = second;
  out->has_time = true;
  return true;
}

}  // namespace

bool ScanMoment(std::string_view text, const DateRules& rules, Moment* out) {
  if (text.size() == 10 && ScanPlain(text, rules, out)) return true;
  if (text.size() == 19 && ScanPlainMoment(text, rules, out)) return true;
  const size_t time = TimeBegin(text);
  if (time != std::string_view::npos) return ScanDateAndTime(text, time, rules, out);
  // "19720319T101500", "19720319101500"
  if (text.size() >= 14 && AllDigits(text.substr(0, 8))) {
    const size_t t = text[8] == 'T' ? 9 : 8;
    if (text.size() >= t + 6 && AllDigits(text.substr(t, 6)) && (t == 9 || text.size() == 14))
      return ScanBasicTime(text.substr(t, 6), text.substr(t + 6), out) &&
             FromEightDigits(text.substr(0, 8), DateOrder::kYmd, out);
  }
  return ScanDate(text, rules, out);
}

}  // namespace migrate::normalize
