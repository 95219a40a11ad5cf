#include "street_parts.h"

namespace migrate::normalize {
namespace {

bool IsWord(std::string_view s) {
  for (const char c : s)
    if (!IsAlpha(c) && IsAscii(c)) return false;
  return !s.empty();
}

bool IsUnitNumber(std::string_view word, const UnitWord& unit) {
  if (HasDigit(word)) return word.find('/') == std::string_view::npos || unit.abbreviation != "Unit";
  if (!IsWord(word)) return false;
  // "Level N" may have been "Level North", the end of a name.
  if (word.size() == 1) return !unit.is_common_word || Directional(word).empty();
  return !unit.is_common_word && SuffixAbbreviation(word).empty() && UnitDesignator(word).abbreviation.empty();
}

// One "Apt 4", "# 4", "2nd Floor", "Rear" at words[*i]; advances *i behind it.
bool ReadUnit(const Words& words, size_t* i, std::string* out) {
  const size_t n = words.size();
  if (IsOrdinal(words[*i]) && *i + 1 < n && UnitDesignator(words[*i + 1]).abbreviation == "Fl") {
    out->append("Fl ").append(words[*i].substr(0, words[*i].size() - 2));
    *i += 2;
    return true;
  }
  const UnitWord unit = UnitDesignator(words[*i]);
  if (unit.abbreviation.empty()) return false;
  size_t next = *i + 1;
  const bool hash = next < n && words[next] == "#" && unit.abbreviation != "#";
  const bool no = next + 1 < n && EqualsIgnoreCase(words[next], "no") && HasDigit(words[next + 1]);
  if (hash || no) ++next;
  const bool number = next < n && IsUnitNumber(words[next], unit) && (unit.needs_number || HasDigit(words[next]));
  if (unit.needs_number && !number) return false;
  out->append(unit.abbreviation);
  if (number) {
    out->push_back(' ');
    AppendUpper(words[next++], out);
    // "Apt 2 A", "Apt 2 North"
    const std::string_view letter = next < n ? (words[next].size() == 1 ? words[next] : Directional(words[next])) : "";
    if (letter.size() == 1 && IsAlpha(letter[0]) && IsDigit(out->back())) {
      out->push_back(Upper(letter[0]));
      ++next;
    }
  }
  *i = next;
  return true;
}

bool MayBeginUnit(const Words& words, size_t i) {
  const UnitWord unit = UnitDesignator(words[i]);
  if (unit.abbreviation.empty())
    return IsOrdinal(words[i]) && i + 1 < words.size() && UnitDesignator(words[i + 1]).abbreviation == "Fl";
  if (!unit.is_common_word) return true;
  if (unit.needs_number) return i >= 2;
  // "12 Main St Rear", but "5 Front St" and "10 Upper"
  return i >= 2 && (!SuffixAbbreviation(words[i - 1]).empty() || !Directional(words[i - 1]).empty());
}

// Suffixes that a road's own number never follows.
bool IsUnitSuffix(std::string_view word) {
  const std::string_view suffix = SuffixAbbreviation(word);
  for (const char* s : {"St", "Ave", "Dr", "Ln", "Blvd", "Ct", "Pl", "Cir", "Ter", "Pkwy"})
    if (suffix == s) return true;
  return false;
}

}  // namespace

bool ReadUnits(const Words& words, size_t from, std::string* out) {
  const size_t begin = out->size();
  size_t i = from;
  while (i < words.size()) {
    AppendBlank(begin, out);
    if (!ReadUnit(words, &i, out)) {
      out->resize(begin);
      return false;
    }
  }
  return i > from;
}

size_t FindUnits(const Words& words, size_t from, std::string* unit) {
  for (size_t i = from + 1; i < words.size(); ++i)
    if (MayBeginUnit(words, i) && ReadUnits(words, i, unit)) return i;
  return words.size();
}

size_t ReadLeadingUnit(const Words& words, std::string* unit) {
  if (words.size() < 4) return 0;
  const UnitWord designator = UnitDesignator(words[0]);
  const std::string_view word = designator.abbreviation;
  const bool first = word == "Flat" || word == "Level" || word == "Shop";  // of the common words, what may stand first
  if (!designator.needs_number || (designator.is_common_word && !first)) return 0;
  size_t i = 0;
  const size_t begin = unit->size();
  if (ReadUnit(words, &i, unit) && i + 1 < words.size() && HasDigit(words[i]) && !IsOrdinal(words[i])) return i;
  unit->resize(begin);
  return 0;
}

// A left part that is no proper fraction, and a house number.
bool SplitHouseNumber(std::string_view word, AddressStyle style, std::string_view* unit, std::string_view* number) {
  if (style != AddressStyle::kCommonwealth && style != AddressStyle::kCanada) return false;
  const bool slash = style == AddressStyle::kCommonwealth;
  const size_t at = word.find(slash ? '/' : '-');
  if (at == std::string_view::npos || at == 0 || at > 5 || at + 1 == word.size()) return false;
  *unit = word.substr(0, at);
  *number = word.substr(at + 1);
  if (!IsDigit((*number)[0]) || !HasDigit(*unit) || number->find_first_of("/-") != std::string_view::npos) return false;
  if (IsOrdinal(*unit)) return false;
  if (slash) return word != "1/2" && word != "1/4" && word != "3/4" && word != "1/3" && word != "2/3";
  // "123-125" is a range of house numbers.
  return !AllDigits(*unit) || unit->size() < number->size() || (unit->size() == number->size() && *unit > *number);
}

size_t FindBareUnit(const Words& words, size_t from, size_t end) {
  if (end < from + 4 || !IsDigit(words[from][0]) || IsOrdinal(words[from])) return end;
  const std::string_view last = words[end - 1];
  if (last.size() > 5 || !HasDigit(last) || IsOrdinal(last) || last.find('/') != std::string_view::npos) return end;
  size_t suffix = end - 2;
  if (!Directional(words[suffix]).empty() && suffix > from + 2) --suffix;
  // "Avenue 5" and "County Road 12" are names: before the suffix of a street stands one.
  if (suffix < from + 2 || (suffix == from + 2 && !Directional(words[from + 1]).empty())) return end;
  if (!IsUnitSuffix(words[suffix])) return end;
  for (const char* system : {"county", "co", "state", "township", "ranch", "us", "old"})
    if (EqualsIgnoreCase(words[suffix - 1], system)) return end;
  return end - 1;
}

}  // namespace migrate::normalize
