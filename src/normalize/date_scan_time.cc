#include "date_scan.h"
#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

// Names of zones of RFC 5322 (obs-zone) and of continental Europe, as minutes east of UTC + 1 (0 is no entry).
constexpr uint32_t kZoneBias = 1000;

const WordTable& ZoneNames() {
  const auto at = [](int hours) { return static_cast<uint32_t>(static_cast<int>(kZoneBias) + hours * 60); };
  static const WordTable table{{"z", at(0)},    {"ut", at(0)},   {"utc", at(0)},  {"gmt", at(0)},  {"est", at(-5)},
                               {"edt", at(-4)}, {"cst", at(-6)}, {"cdt", at(-5)}, {"mst", at(-7)}, {"mdt", at(-6)},
                               {"pst", at(-8)}, {"pdt", at(-7)}, {"wet", at(0)},  {"west", at(1)}, {"cet", at(1)},
                               {"cest", at(2)}, {"eet", at(2)},  {"eest", at(3)}};
  return table;
}

// Takes "am", "PM", "a.m." off the front of *s: 'a', 'p' or 0.
char TakeHalfOfDay(std::string_view* s) {
  if (s->size() < 2) return 0;
  const char half = Lower((*s)[0]);
  if (half != 'a' && half != 'p') return 0;
  size_t i = 1;
  if ((*s)[i] == '.') ++i;
  if (i >= s->size() || Lower((*s)[i]) != 'm') return 0;
  ++i;
  if (i < s->size() && (*s)[i] == '.') ++i;
  if (i < s->size() && IsAlnum((*s)[i])) return 0;
  s->remove_prefix(i);
  return half;
}

bool ScanOffset(std::string_view s, Moment* out) {
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

}  // namespace

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

bool ScanZone(std::string_view s, Moment* out) {
  s = Trim(s);
  // "GMT+0100 (Central European Standard Time)": what stands in brackets only repeats the offset.
  if (!s.empty() && s.back() == ')') s = Trim(s.substr(0, s.find('(')));
  if (s.empty()) return true;
  size_t letters = 0;
  while (letters < s.size() && IsAlpha(s[letters])) ++letters;
  if (letters > 0) {
    const uint32_t zone = ZoneNames().Find(s.substr(0, letters));
    if (zone == WordTable::kNone) return false;
    out->has_zone = true;
    out->zone_minutes = static_cast<int>(zone) - static_cast<int>(kZoneBias);
    s.remove_prefix(letters);
    if (s.empty()) return true;
    if (out->zone_minutes != 0) return false;
  }
  return ScanOffset(s, out);
}

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
  if (const char half = TakeHalfOfDay(&rest); half != 0) {
    if (out->hour < 1 || out->hour > 12) return false;
    out->hour = out->hour % 12 + (half == 'p' ? 12 : 0);
  }
  if (out->second == 60) out->second = 59;  // a leap second, which no target column can hold
  out->has_time = true;
  return out->hour < 24 && out->minute < 60 && out->second < 60 && ScanZone(rest, out);
}

}  // namespace migrate::normalize
