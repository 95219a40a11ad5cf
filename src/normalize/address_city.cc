#include "migrate/normalize/addresses.h"
#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "street_parts.h"

namespace migrate::normalize {
namespace {

// Words of cities that are written in two ways (section 223: in full; Saint is the exception that everybody writes
// short), and the post offices of the forces. "" for any other word.
std::string_view CityWord(std::string_view word, bool first, bool last) {
  if (word.size() > 5) return {};
  if (!last && EqualsIgnoreCase(word, "saint")) return "St";
  if (first && !last && EqualsIgnoreCase(word, "ft")) return "Fort";
  if (first && !last && EqualsIgnoreCase(word, "mt")) return "Mount";
  for (const std::string_view office : {"APO", "FPO", "DPO"})
    if (first && EqualsIgnoreCase(word, office)) return office;
  return {};
}

// True for most cities: one word, or several of which none can be a word of CityWord, and no period.
bool IsPlainCity(std::string_view text) {
  constexpr CharSet kFirst = "sSfFmMaAdD";
  bool start = true, blank = false, special = false;
  for (const char c : text) {
    if (c == '.' || !IsAscii(c)) return false;
    special = special || (start && kFirst.Contains(c));
    start = c == ' ';
    blank = blank || start;
  }
  return !special || (!blank && text.size() > 3);
}

}  // namespace

Outcome NormalizeCity(std::string_view text, std::string* city) {
  city->clear();
  text = TrimChars(text, " ,.;");
  if (text.empty()) return Outcome::kEmpty;
  if (IsJunk(text) || CountDigits(text) == static_cast<int>(text.size())) return Outcome::kPlaceholder;
  if (IsPlainCity(text)) {
    AppendDisplayText(text, city);
    return Outcome::kOk;
  }
  std::string plain;
  Words words;
  if (!words.Split(text, ".")) return Outcome::kBad;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) city->push_back(' ');
    const std::string_view known = CityWord(PlainLetters(words[i], &plain), i == 0, i + 1 == words.size());
    if (known.empty()) {
      AppendDisplayWord(words[i], city);
    } else {
      city->append(known);
    }
  }
  return Outcome::kOk;
}

}  // namespace migrate::normalize
