#include "values.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "check.h"

namespace migrate::plan {
namespace {

std::string_view Trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// -1, 0 or 1, by the numbers between the points; leading zeros do not count.
int CompareVersions(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    auto next = [](std::string_view* s) {
      size_t dot = std::min(s->find('.'), s->size());
      std::string_view part = s->substr(0, dot);
      s->remove_prefix(std::min(dot + 1, s->size()));
      while (part.size() > 1 && part[0] == '0') part.remove_prefix(1);
      return ParseInteger(part).value_or(0);
    };
    int64_t x = next(&a), y = next(&b);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}

// What a directive of a format reads, one letter a part ('s' is a whole moment); "" for an unknown one.
std::string_view PartsOf(char directive) {
  switch (directive) {
    case 'y':
    case 'Y':
      return "Y";
    case 'b':
    case 'B':
    case 'm':
      return "m";
    case 'e':
    case 'd':
      return "d";
    case 'a':
    case 'A':
      return "a";
    case 'H':
      return "H";
    case 'I':
      return "HI";
    case 'Q':
    case 's':
      return "s";
    case 'T':
      return "HMS";
    case 'F':
      return "Ymd";
    case 'j':
      return "j";
    case 'M':
      return "M";
    case 'S':
      return "S";
    case 'p':
      return "p";
    case 'f':
      return "f";
    case 'z':
      return "z";
    case '%':
      return "%";
    default:
      return "";
  }
}

// A decimal and the factor of its unit, multiplied.
template <size_t N>
std::optional<double> WithUnit(std::string_view text, const std::array<std::pair<std::string_view, double>, N>& units) {
  const size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
  const std::optional<double> number = ParseDecimal(text.substr(0, digits));
  if (!number || digits == 0 || text[0] == '.' || text[digits - 1] == '.') return std::nullopt;
  for (const auto& [unit, factor] : units)
    if (text.substr(digits) == unit) return *number * factor;
  return std::nullopt;
}

}  // namespace

std::optional<double> ParseSeconds(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 4> kUnits = {
      {{"ms", 0.001}, {"s", 1}, {"m", 60}, {"h", 3600}}};
  return WithUnit(text, kUnits);
}

std::optional<uint64_t> ParseBytes(std::string_view text) {
  static constexpr std::array<std::pair<std::string_view, double>, 8> kUnits = {{{"B", 1},
                                                                                 {"kB", 1e3},
                                                                                 {"KB", 1e3},
                                                                                 {"MB", 1e6},
                                                                                 {"GB", 1e9},
                                                                                 {"KiB", 1024},
                                                                                 {"MiB", 1 << 20},
                                                                                 {"GiB", 1 << 30}}};
  const std::optional<double> bytes = WithUnit(text, kUnits);
  if (!bytes || *bytes > 1e15) return std::nullopt;
  return static_cast<uint64_t>(*bytes);
}

bool VersionMeets(std::string_view version, std::string_view conditions) {
  while (!conditions.empty()) {
    size_t comma = std::min(conditions.find(','), conditions.size());
    std::string_view condition = Trim(conditions.substr(0, comma));
    conditions.remove_prefix(std::min(comma + 1, conditions.size()));
    size_t digits = condition.find_first_of("0123456789");
    std::string_view op = Trim(condition.substr(0, digits));
    int order = CompareVersions(version, condition.substr(digits));
    bool met = op == ">="   ? order >= 0
               : op == "<=" ? order <= 0
               : op == ">"  ? order > 0
               : op == "<"  ? order < 0
                            : order == 0;
    if (!met) return false;
  }
  return true;
}

std::string DateFormatError(std::string_view format) {
  if (format == "excel1900" || format == "excel1904") return "";
  std::set<char> seen;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i == format.size()) return "ends with '%'";
    const char c = format[i];
    const std::string_view parts = PartsOf(c);
    if (parts.empty()) return "has the unknown directive '%" + std::string(1, c) + "'";
    for (const char what : parts)
      if (what != '%' && !seen.insert(what).second)
        return "reads the same part of a date twice with '%" + std::string(1, c) + "'";
  }
  if (seen.count('s') != 0 && seen.size() > 1) return "counts seconds and reads other parts of a date besides";
  if (seen.count('Y') == 0 && seen.count('s') == 0) return "reads no year";
  if (seen.count('d') != 0 && seen.count('m') == 0) return "reads a day but no month";
  if (seen.count('p') != 0 && seen.count('I') == 0) return "reads AM or PM without '%I'";
  return "";
}

bool IsCalendarDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto number = [&](size_t at, size_t n) {
    int value = 0;
    for (const char c : text.substr(at, n)) value = c >= '0' && c <= '9' ? value * 10 + (c - '0') : 10000;
    return value;
  };
  const int year = number(0, 4), month = number(5, 2), day = number(8, 2);
  if (year < 1 || year > 9999 || month < 1 || month > 12) return false;
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap_day = month == 2 && ((year % 4 == 0 && year % 100 != 0) || year % 400 == 0);
  return day >= 1 && day <= kDays[month - 1] + (leap_day ? 1 : 0);
}

const std::vector<std::string>& CountryCodes() {
  static const std::vector<std::string>* const codes = [] {
    constexpr std::string_view kCodes =
        "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCY"
        "CZ"
        "DEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJE"
        "JM"
        "JOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNO"
        "NP"
        "NRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTN"
        "TO"
        "TRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";
    auto* list = new std::vector<std::string>;
    for (size_t i = 0; i < kCodes.size(); i += 2) list->emplace_back(kCodes.substr(i, 2));
    return list;
  }();
  return *codes;
}

}  // namespace migrate::plan
