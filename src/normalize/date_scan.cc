#include "date_scan.h"

#include <array>

#include "migrate/normalize/dates.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

// Months by name; 20 is a word that may stand in a date and says nothing.
constexpr uint32_t kNoise = 20;

constexpr CharSet kSeparators = "-/., '";

const WordTable& DateWords() {
  static const WordTable table{{"jan", 1},       {"january", 1},      {"feb", 2},         {"february", 2},
                               {"mar", 3},       {"march", 3},        {"apr", 4},         {"april", 4},
                               {"may", 5},       {"jun", 6},          {"june", 6},        {"jul", 7},
                               {"july", 7},      {"aug", 8},          {"august", 8},      {"sep", 9},
                               {"sept", 9},      {"september", 9},    {"oct", 10},        {"october", 10},
                               {"nov", 11},      {"november", 11},    {"dec", 12},        {"december", 12},
                               {"st", kNoise},   {"nd", kNoise},      {"rd", kNoise},     {"th", kNoise},
                               {"of", kNoise},   {"mon", kNoise},     {"monday", kNoise}, {"tue", kNoise},
                               {"tues", kNoise}, {"tuesday", kNoise}, {"wed", kNoise},    {"wednesday", kNoise},
                               {"thu", kNoise},  {"thur", kNoise},    {"thurs", kNoise},  {"thursday", kNoise},
                               {"fri", kNoise},  {"friday", kNoise},  {"sat", kNoise},    {"saturday", kNoise},
                               {"sun", kNoise},  {"sunday", kNoise}};
  return table;
}

// Reads up to `most` digits at *i; false if there are none.
bool ReadNumber(std::string_view s, size_t most, size_t* i, int* out) {
  const size_t begin = *i;
  int value = 0;
  while (*i < s.size() && *i - begin < most && IsDigit(s[*i])) value = value * 10 + (s[(*i)++] - '0');
  *out = value;
  return *i > begin;
}

int Number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = value * 10 + (c - '0');
  return value;
}

// "Z", "UTC", "GMT", "+02:00", "-0500", "+02"; "" is no zone.
bool ScanZone(std::string_view s, Moment* out) {
  s = Trim(s);
  if (s.empty()) return true;
  if (EqualsIgnoreCase(s, "z") || EqualsIgnoreCase(s, "utc") || EqualsIgnoreCase(s, "gmt")) {
    out->has_zone = true;
    return true;
  }
  if (s[0] != '+' && s[0] != '-') return false;
  size_t i = 1;
  int hours = 0, minutes = 0;
  if (!ReadNumber(s, 2, &i, &hours) || i != 3) return false;
  if (i < s.size() && s[i] == ':') ++i;
  if (i < s.size() && (!ReadNumber(s, 2, &i, &minutes) || i != s.size())) return false;
  if (hours > 14 || minutes > 59) return false;
  out->has_zone = true;
  out->zone_minutes = (s[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

// HH:MM[:SS[.fraction]] [AM|PM] [zone]
bool ScanTime(std::string_view s, Moment* out) {
  size_t i = 0;
  if (!ReadNumber(s, 2, &i, &out->hour) || i >= s.size() || s[i] != ':') return false;
  ++i;
  if (!ReadNumber(s, 2, &i, &out->minute)) return false;
  if (i < s.size() && s[i] == ':') {
    ++i;
    if (!ReadNumber(s, 2, &i, &out->second)) return false;
    if (i < s.size() && (s[i] == '.' || s[i] == ',')) {
      const size_t begin = ++i;
      while (i < s.size() && IsDigit(s[i])) ++i;
      out->fraction = s.substr(begin, i - begin);
    }
  }
  std::string_view rest = Trim(s.substr(i));
  if (rest.size() >= 2 && Lower(rest[1]) == 'm' && (Lower(rest[0]) == 'a' || Lower(rest[0]) == 'p')) {
    if (out->hour < 1 || out->hour > 12) return false;
    out->hour = out->hour % 12 + (Lower(rest[0]) == 'p' ? 12 : 0);
    rest.remove_prefix(2);
  }
  out->has_time = true;
  return out->hour < 24 && out->minute < 60 && out->second < 61 && ScanZone(rest, out);
}

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
    } else if (IsAlpha(s[i])) {
      while (i < s.size() && IsAlpha(s[i])) ++i;
      const uint32_t word = DateWords().Find(s.substr(begin, i - begin));
      if (word == WordTable::kNone) return false;
      if (word == kNoise) continue;
      if (out->month != 0) return false;
      out->month = static_cast<int>(word);
      out->month_after = out->count;
    } else {
      if (!kSeparators.Contains(s[i]) || begin == 0) return false;
      ++i;
    }
  }
  return true;
}

bool SetYear(std::string_view digits, Moment* out) {
  if (digits.size() != 4 && digits.size() != 2) return false;
  out->year = digits.size() == 4 ? Number(digits) : WithCentury(Number(digits));
  return true;
}

bool FromMonthName(const DateTokens& t, Moment* out) {
  out->month = t.month;
  if (t.count == 1) return t.numbers[0].size() == 4 && SetYear(t.numbers[0], out);
  if (t.count != 2) return false;
  const bool year_first = t.numbers[0].size() == 4 && t.month_after > 0;
  const std::string_view day = t.numbers[year_first ? 1 : 0];
  if (day.size() > 2) return false;
  out->day = Number(day);
  return out->day > 0 && SetYear(t.numbers[year_first ? 0 : 1], out);
}

bool FromThreeNumbers(const DateTokens& t, DateOrder order, Moment* out) {
  const auto& n = t.numbers;
  if (n[1].size() > 2) return false;
  if (n[0].size() == 4 || (n[2].size() <= 2 && order == DateOrder::kYmd)) {
    if (n[2].size() > 2) return false;
    out->month = Number(n[1]);
    out->day = Number(n[2]);
    return SetYear(n[0], out);
  }
  if (n[0].size() > 2) return false;
  const bool day_first = order == DateOrder::kDmy;
  out->day = Number(n[day_first ? 0 : 1]);
  out->month = Number(n[day_first ? 1 : 0]);
  out->by_order = true;
  return SetYear(n[2], out);
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

bool ScanDate(std::string_view s, DateOrder order, Moment* out) {
  DateTokens t;
  if (!Tokenize(s, &t)) return false;
  if (t.month != 0) return FromMonthName(t, out);
  if (t.count == 3) return FromThreeNumbers(t, order, out);
  if (t.count == 2) {
    const bool year_first = t.numbers[0].size() == 4;
    const std::string_view year = t.numbers[year_first ? 0 : 1], month = t.numbers[year_first ? 1 : 0];
    if (year.size() != 4 || month.size() > 2) return false;
    out->month = Number(month);
    return SetYear(year, out);
  }
  if (t.count != 1) return false;
  if (t.numbers[0].size() == 8) return FromEightDigits(t.numbers[0], order, out);
  return t.numbers[0].size() == 4 && SetYear(t.numbers[0], out);
}

// Where the time of day begins, or npos.
size_t TimeBegin(std::string_view s) {
  const size_t colon = s.find(':');
  if (colon == std::string_view::npos || colon == 0) return std::string_view::npos;
  size_t i = colon;
  while (i > 0 && colon - i < 2 && IsDigit(s[i - 1])) --i;
  return i;
}

bool ReadMonthName(std::string_view s, size_t* i, int* month) {
  const size_t begin = *i;
  while (*i < s.size() && IsAlpha(s[*i])) ++*i;
  const uint32_t word = DateWords().Find(s.substr(begin, *i - begin));
  *month = static_cast<int>(word);
  return word >= 1 && word <= 12;
}

// Day of the year to month and day.
bool FromDayOfYear(int day_of_year, Moment* out) {
  if (out->year == 0 || day_of_year < 1) return false;
  for (int month = 1; month <= 12; ++month) {
    const int days = DaysInMonth(out->year, month);
    if (day_of_year <= days) {
      out->month = month;
      out->day = day_of_year;
      return true;
    }
    day_of_year -= days;
  }
  return false;
}

bool ScanConversion(char conversion, std::string_view text, size_t* i, Moment* out, int* day_of_year) {
  switch (conversion) {
    case 'd':
    case 'e':
      while (conversion == 'e' && *i < text.size() && text[*i] == ' ') ++*i;
      return ReadNumber(text, 2, i, &out->day);
    case 'm':
      return ReadNumber(text, 2, i, &out->month);
    case 'Y': {
      const size_t begin = *i;
      return ReadNumber(text, 4, i, &out->year) && *i - begin == 4;
    }
    case 'y': {
      const size_t begin = *i;
      int year = 0;
      if (!ReadNumber(text, 2, i, &year) || *i - begin != 2) return false;
      out->year = WithCentury(year);
      return true;
    }
    case 'b':
    case 'B':
      return ReadMonthName(text, i, &out->month);
    case 'H':
      out->has_time = true;
      return ReadNumber(text, 2, i, &out->hour) && out->hour < 24;
    case 'M':
      return ReadNumber(text, 2, i, &out->minute) && out->minute < 60;
    case 'S':
      return ReadNumber(text, 2, i, &out->second) && out->second < 61;
    case 'j':
      return ReadNumber(text, 3, i, day_of_year);
    default:
      return conversion == '%' && *i < text.size() && text[(*i)++] == '%';
  }
}

}  // namespace

int DaysInMonth(int year, int month) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : kDays[month - 1];
}

int WithCentury(int two_digits) { return two_digits <= kPivot ? 2000 + two_digits : 1900 + two_digits; }

bool ScanMoment(std::string_view text, DateOrder order, Moment* out) {
  const size_t time = TimeBegin(text);
  if (time != std::string_view::npos) {
    std::string_view date = text.substr(0, time);
    if (!date.empty() && (date.back() == 'T' || date.back() == 't')) date.remove_suffix(1);
    return ScanDate(TrimChars(date, " ,"), order, out) && ScanTime(text.substr(time), out);
  }
  if (text.size() >= 15 && text[8] == 'T' && CountDigits(text.substr(0, 8)) == 8 &&
      CountDigits(text.substr(9, 6)) == 6) {
    const std::string_view t = text.substr(9);
    out->hour = Number(t.substr(0, 2));
    out->minute = Number(t.substr(2, 2));
    out->second = Number(t.substr(4, 2));
    out->has_time = true;
    return out->hour < 24 && out->minute < 60 && out->second < 61 && ScanZone(t.substr(6), out) &&
           ScanDate(text.substr(0, 8), order, out);
  }
  return ScanDate(text, order, out);
}

bool ScanFormat(std::string_view text, std::string_view format, Moment* out) {
  size_t i = 0;
  int day_of_year = -1;
  for (size_t f = 0; f < format.size(); ++f) {
    if (format[f] == '%' && f + 1 < format.size()) {
      if (!ScanConversion(format[++f], text, &i, out, &day_of_year)) return false;
    } else if (format[f] == ' ') {
      while (i < text.size() && text[i] == ' ') ++i;
    } else if (i >= text.size() || text[i++] != format[f]) {
      return false;
    }
  }
  return i == text.size() && (day_of_year < 0 || FromDayOfYear(day_of_year, out));
}

}  // namespace migrate::normalize
