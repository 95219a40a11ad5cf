#include "values.h"

#include <algorithm>
#include <set>

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

}  // namespace

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
  std::set<char> seen;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    if (++i == format.size()) return "ends with '%'";
    char c = format[i];
    if (std::string_view("YymdebBjHMS%").find(c) == std::string_view::npos)
      return "has the unknown directive '%" + std::string(1, c) + "'";
    char what = c == 'y' ? 'Y' : c == 'b' || c == 'B' ? 'm' : c == 'e' ? 'd' : c;
    if (what != '%' && !seen.insert(what).second)
      return "reads the same part of a date twice with '%" + std::string(1, c) + "'";
  }
  if (seen.count('Y') == 0) return "reads no year";
  if (seen.count('d') != 0 && seen.count('m') == 0) return "reads a day but no month";
  return "";
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
