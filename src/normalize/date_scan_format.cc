// Dates by a format that the plan gives.
#include "date_scan.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

// What conversions read that is no part of a Moment by itself.
struct Pending {
  int day_of_year = -1;
  int half = 0;  // 'a', 'p', or 0: a clock of 24 hours
  bool twelve_hours = false;
};

bool ReadWord(std::string_view s, size_t* i, int* word) {
  const size_t begin = *i;
  while (*i < s.size() && (IsAlpha(s[*i]) || !IsAscii(s[*i]))) ++*i;
  *word = DateWord(s.substr(begin, *i - begin));
  return *i > begin;
}

bool ReadExactly(std::string_view s, size_t digits, size_t* i, int* out) {
  const size_t begin = *i;
  return ReadNumber(s, digits, i, out) && *i - begin == digits;
}

bool ReadChar(std::string_view s, char c, size_t* i) { return *i < s.size() && s[(*i)++] == c; }

// Seconds or milliseconds since 1970, to the end of the digits.
bool ReadEpoch(std::string_view s, bool milliseconds, size_t* i, Moment* out) {
  const bool negative = *i < s.size() && s[*i] == '-';
  if (negative) ++*i;
  const size_t begin = *i;
  int64_t value = 0;
  while (*i < s.size() && *i - begin < 15 && IsDigit(s[*i])) value = value * 10 + (s[(*i)++] - '0');
  if (*i == begin) return false;
  if (negative) value = -value;
  if (milliseconds) {
    const int64_t rest = (value % 1000 + 1000) % 1000;
    // Views must outlive the moment, so the milliseconds are the digits of the text where they stand in it.
    if (!negative && *i - begin > 3) out->fraction = s.substr(*i - 3, 3);
    value = (value - rest) / 1000;
  }
  constexpr int64_t kFirst = -30610224000, kLast = 4133980799;  // 1000-01-01 and 2100-12-31 23:59:59
  if (value < kFirst || value > kLast) return false;
  FromSeconds(value, out);
  out->has_time = out->has_zone = true;
  return true;
}

bool ScanHalf(std::string_view s, size_t* i, Pending* pending) {
  if (*i + 2 > s.size() || Lower(s[*i + 1]) != 'm') return false;
  pending->half = Lower(s[*i]);
  *i += 2;
  return pending->half == 'a' || pending->half == 'p';
}

bool ScanZoneAt(std::string_view s, size_t* i, Moment* out) {
  const size_t begin = *i;
  while (*i < s.size() && s[*i] != ' ') ++*i;
  return *i > begin && ScanZone(s.substr(begin, *i - begin), out);
}

bool ScanTimePart(char conversion, std::string_view s, size_t* i, Moment* out, Pending* pending) {
  out->has_time = true;
  switch (conversion) {
    case 'H':
      return ReadNumber(s, 2, i, &out->hour) && out->hour < 24;
    case 'I':
      pending->twelve_hours = true;
      return ReadNumber(s, 2, i, &out->hour) && out->hour >= 1 && out->hour <= 12;
    case 'M':
      return ReadNumber(s, 2, i, &out->minute) && out->minute < 60;
    case 'S':
      if (!ReadNumber(s, 2, i, &out->second) || out->second > 60) return false;
      if (out->second == 60) out->second = 59;
      return true;
    case 'T':
      return ScanTimePart('H', s, i, out, pending) && ReadChar(s, ':', i) && ScanTimePart('M', s, i, out, pending) &&
             ReadChar(s, ':', i) && ScanTimePart('S', s, i, out, pending);
    case 'f': {
      const size_t begin = *i;
      while (*i < s.size() && *i - begin < 9 && IsDigit(s[*i])) ++*i;
      out->fraction = s.substr(begin, *i - begin);
      return *i > begin;
    }
    case 'p':
      return ScanHalf(s, i, pending);
    default:
      return conversion == 'z' && ScanZoneAt(s, i, out);
  }
}

bool ScanConversion(char conversion, std::string_view s, int pivot, size_t* i, Moment* out, Pending* pending) {
  int word = 0;
  switch (conversion) {
    case 'd':
    case 'e':
      while (conversion == 'e' && *i < s.size() && s[*i] == ' ') ++*i;
      return ReadNumber(s, 2, i, &out->day);
    case 'm':
      return ReadNumber(s, 2, i, &out->month);
    case 'Y':
      return ReadExactly(s, 4, i, &out->year);
    case 'y':
      if (!ReadExactly(s, 2, i, &out->year)) return false;
      out->year = WithCentury(out->year, pivot);
      return true;
    case 'b':
    case 'B':
      if (!ReadWord(s, i, &word)) return false;
      out->month = word;
      return word >= 1 && word <= 12;
    case 'a':
    case 'A':
      // Abbreviated weekdays of all languages are not told apart from other words; the date says the day.
      return ReadWord(s, i, &word);
    case 'j':
      return ReadNumber(s, 3, i, &pending->day_of_year);
    case 's':
    case 'Q':
      return ReadEpoch(s, conversion == 'Q', i, out);
    case 'F':
      return ReadExactly(s, 4, i, &out->year) && ReadChar(s, '-', i) && ReadNumber(s, 2, i, &out->month) &&
             ReadChar(s, '-', i) && ReadNumber(s, 2, i, &out->day);
    case '%':
      return ReadChar(s, '%', i);
    default:
      return ScanTimePart(conversion, s, i, out, pending);
  }
}

bool ScanSerialText(std::string_view text, ExcelSerials system, Moment* out) {
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || whole.size() > 7 || CountDigits(whole) != static_cast<int>(whole.size())) return false;
  if (CountDigits(fraction) != static_cast<int>(fraction.size())) return false;
  return FromSerial(Number(whole), fraction, system, out);
}

}  // namespace

bool ScanFormat(std::string_view text, std::string_view format, int pivot, Moment* out) {
  if (format == "excel1900") return ScanSerialText(text, ExcelSerials::k1900, out);
  if (format == "excel1904") return ScanSerialText(text, ExcelSerials::k1904, out);
  size_t i = 0;
  Pending pending;
  for (size_t f = 0; f < format.size(); ++f) {
    if (format[f] == '%' && f + 1 < format.size()) {
      if (!ScanConversion(format[++f], text, pivot, &i, out, &pending)) return false;
    } else if (format[f] == ' ') {
      while (i < text.size() && text[i] == ' ') ++i;
    } else if (i >= text.size() || text[i++] != format[f]) {
      return false;
    }
  }
  if (i != text.size()) return false;
  if (pending.twelve_hours) out->hour %= 12;
  if (pending.half != 0 && !pending.twelve_hours) return false;
  if (pending.half == 'p') out->hour += 12;
  return pending.day_of_year < 0 || FromDayOfYear(pending.day_of_year, out);
}

}  // namespace migrate::normalize
