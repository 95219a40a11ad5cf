// Street lines and units; see street_words.h for the lists and address_line.cc for whole addresses.
#include "migrate/normalize/addresses.h"
#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "street_words.h"

namespace migrate::normalize {
namespace {

bool HasDigit(std::string_view s) {
  for (const char c : s)
    if (IsDigit(c)) return true;
  return false;
}

bool IsWord(std::string_view s) {
  for (const char c : s)
    if (!IsAlpha(c) && IsAscii(c)) return false;
  return !s.empty();
}

// "1st", "22ND"
bool IsOrdinal(std::string_view s) {
  if (s.size() < 3 || !IsDigit(s[0])) return false;
  for (const char c : s.substr(0, s.size() - 2))
    if (!IsDigit(c)) return false;
  const std::string_view end = s.substr(s.size() - 2);
  return EqualsIgnoreCase(end, "st") || EqualsIgnoreCase(end, "nd") || EqualsIgnoreCase(end, "rd") ||
         EqualsIgnoreCase(end, "th");
}

// "Apt4B", "Unit5": the designator and its number, written together.
size_t GluedDesignator(std::string_view word) {
  size_t letters = 0;
  while (letters < word.size() && IsAlpha(word[letters])) ++letters;
  if (letters < 3 || letters == word.size() || !IsDigit(word[letters])) return 0;
  const UnitWord unit = UnitDesignator(word.substr(0, letters));
  return unit.needs_number && !unit.is_common_word ? letters : 0;
}

bool PushPlain(std::string_view word, Words* words) {
  word = TrimChars(word, ",;:");
  if (word.empty() || word == "-") return true;
  const size_t letters = GluedDesignator(word);
  if (letters == 0) return words->Push(word);
  return words->Push(word.substr(0, letters)) && words->Push(word.substr(letters));
}

// "N.W" and "P.O" are abbreviations, "E.Apt" are two words, "12.5" is a number.
bool PushDotted(std::string_view word, Words* words) {
  char bare[4];
  size_t n = 0;
  for (const char c : word) {
    if (c == '.') continue;
    if (n == sizeof bare) {
      n = 0;
      break;
    }
    bare[n++] = c;
  }
  const std::string_view joined(bare, n);
  if (EqualsIgnoreCase(joined, "po")) return words->Push("PO");
  if (!Directional(joined).empty()) return words->Push(Directional(joined));
  size_t begin = 0;
  for (size_t i = 0; i <= word.size(); ++i) {
    const bool inside =
        i < word.size() &&
        (word[i] != '.' || (i > 0 && i + 1 < word.size() && IsDigit(word[i - 1]) && IsDigit(word[i + 1])));
    if (inside) continue;
    if (i > begin && !PushPlain(word.substr(begin, i - begin), words)) return false;
    begin = i + 1;
  }
  return true;
}

bool PushWord(std::string_view word, Words* words) {
  word = TrimChars(word, ".,;:");
  if (word.empty()) return true;
  const size_t hash = word.find('#');
  if (hash != std::string_view::npos) {
    return (hash == 0 || PushWord(word.substr(0, hash), words)) && words->Push("#") &&
           (hash + 1 == word.size() || PushWord(word.substr(hash + 1), words));
  }
  if (word.find('.') != std::string_view::npos) return PushDotted(word, words);
  return PushPlain(word, words);
}

bool Tokenize(std::string_view text, Words* words) {
  Words raw;
  if (!raw.Split(text, ",;")) return false;
  for (size_t i = 0; i < raw.size(); ++i)
    if (!PushWord(raw[i], words)) return false;
  return true;
}

void AppendUpper(std::string_view s, std::string* out) {
  for (const char c : s) out->push_back(Upper(c));
}

void AppendToken(std::string_view word, std::string* out) {
  if (IsOrdinal(word)) {
    for (const char c : word) out->push_back(Lower(c));
  } else if (HasDigit(word)) {
    AppendUpper(word, out);
  } else {
    AppendDisplayWord(word, out);
  }
}

void AppendBlank(size_t begin, std::string* out) {
  if (out->size() > begin) out->push_back(' ');
}

// ---- units
// ------------------------------------------------------------------------------------------------------------

bool IsUnitNumber(std::string_view word, const UnitWord& unit) {
  if (HasDigit(word)) return word.find('/') == std::string_view::npos || unit.abbreviation != "Unit";
  if (!IsWord(word)) return false;
  if (word.size() == 1) return true;
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
    // "Apt 2 A"
    if (next < n && words[next].size() == 1 && IsAlpha(words[next][0]) && IsDigit(out->back()))
      out->push_back(Upper(words[next++][0]));
  }
  *i = next;
  return true;
}

// True if words[from...] are units to the end; they are appended to *out.
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

bool MayBeginUnit(const Words& words, size_t i) {
  const UnitWord unit = UnitDesignator(words[i]);
  if (unit.abbreviation.empty())
    return IsOrdinal(words[i]) && i + 1 < words.size() && UnitDesignator(words[i + 1]).abbreviation == "Fl";
  if (!unit.is_common_word) return true;
  if (unit.needs_number) return i >= 2;
  // "12 Main St Rear", but "5 Front St" and "10 Upper"
  return i >= 2 && (!SuffixAbbreviation(words[i - 1]).empty() || !Directional(words[i - 1]).empty());
}

// Where the units at the end of a street line begin (words.size() if there are none); they are written to *unit.
size_t FindUnits(const Words& words, size_t from, std::string* unit) {
  for (size_t i = from + 1; i < words.size(); ++i)
    if (MayBeginUnit(words, i) && ReadUnits(words, i, unit)) return i;
  return words.size();
}

// "Flat 2, 12 High Street": the unit before the number. Returns the words it takes.
size_t ReadLeadingUnit(const Words& words, std::string* unit) {
  if (words.size() < 4) return 0;
  const UnitWord designator = UnitDesignator(words[0]);
  if (!designator.needs_number || (designator.is_common_word && designator.abbreviation != "Flat")) return 0;
  size_t i = 0;
  const size_t begin = unit->size();
  if (ReadUnit(words, &i, unit) && i + 1 < words.size() && HasDigit(words[i]) && !IsOrdinal(words[i])) return i;
  unit->resize(begin);
  return 0;
}

// ---- streets
// ----------------------------------------------------------------------------------------------------------

// Words that begin "PO Box", "P O Box", "POB", "Post Office Box" at words[i]; 0 if it is no post-office box.
size_t PostOfficeBox(const Words& words, size_t i) {
  if (Lower(words[i][0]) != 'p') return 0;
  const size_t n = words.size() - i;
  const auto is = [&](size_t k, std::string_view word) { return k < n && EqualsIgnoreCase(words[i + k], word); };
  const auto box = [&](size_t k) { return is(k, "box") || is(k, "bx"); };
  if (is(0, "po") && box(1)) return 2;
  if (is(0, "p") && is(1, "o") && box(2)) return 3;
  if ((is(0, "pob") || is(0, "pobox")) && n > 1 && HasDigit(words[i + 1])) return 1;
  if (is(0, "post") && is(1, "office") && box(2)) return 3;
  return 0;
}

void AppendPostOfficeBox(const Words& words, size_t i, std::string* out) {
  out->append("PO Box");
  for (; i < words.size(); ++i) {
    if (words[i] == "#") continue;
    out->push_back(' ');
    AppendToken(words[i], out);
  }
}

// "Hwy 7", "Rt 12", "County Rd 5A": section 24 spells them out before their number.
std::string_view NumberedRoad(const Words& words, size_t i, size_t end) {
  if (i + 1 >= end || !HasDigit(words[i + 1]) || IsOrdinal(words[i + 1])) return {};
  if (EqualsIgnoreCase(words[i], "rt") || EqualsIgnoreCase(words[i], "rte")) return "Route";
  const std::string_view name = SuffixName(words[i]);
  if (name == "Highway" || name == "Route" || name == "Road") return name;
  return {};
}

bool IsRoadSystem(std::string_view word) {
  for (const char* system : {"us", "sr", "cr", "fm", "rr", "hc", "sh", "ih"})
    if (EqualsIgnoreCase(word, system)) return true;
  return false;
}

// A directional before the name: one or two words. Returns how many; the abbreviation goes to *out.
size_t PreDirectional(const Words& words, size_t from, size_t name_end, std::string_view* out) {
  *out = from < name_end ? Directional(words[from]) : std::string_view();
  if (out->empty() || from + 1 >= name_end) return 0;
  if (out->size() == 1 && from + 2 < name_end) {
    const std::string_view second = Directional(words[from + 1]);
    for (const std::string_view pair : {"NE", "NW", "SE", "SW"}) {
      if (second.size() != 1 || pair[0] != (*out)[0] || pair[1] != second[0]) continue;
      *out = pair;
      return 2;
    }
  }
  return 1;
}

// The name of a street: words[from, end), of which `suffix` follows.
void AppendName(const Words& words, size_t from, size_t end, bool has_suffix, size_t begin, std::string* out) {
  for (size_t i = from; i < end; ++i) {
    AppendBlank(begin, out);
    const std::string_view word = words[i];
    const std::string_view road = NumberedRoad(words, i, end);
    // The first of two suffix words is spelled out.
    const bool first_of_two =
        has_suffix && i + 1 == end && i > from && EqualsIgnoreCase(SuffixAbbreviation(word), word);
    if (!road.empty()) {
      out->append(road);
    } else if (word.size() == 2 && i + 1 < end && IsRoadSystem(word) &&
               (HasDigit(words[i + 1]) || !NumberedRoad(words, i + 1, end).empty())) {
      AppendUpper(word, out);
    } else if (first_of_two) {
      out->append(SuffixName(word));
    } else if (word.size() <= 2 && !Directional(word).empty()) {
      out->append(Directional(word));
    } else {
      AppendToken(word, out);
    }
  }
}

// A street without its unit: words[from, end).
void AppendStreet(const Words& words, size_t from, size_t end, std::string* out) {
  const size_t begin = out->size();
  size_t name = from;
  if (name < end && IsDigit(words[name][0]) && !IsOrdinal(words[name])) ++name;
  if (name > from && name + 1 < end && words[name].find('/') != std::string_view::npos && IsDigit(words[name][0]))
    ++name;
  if (name == end) --name;
  for (size_t i = from; i < name; ++i) {
    AppendBlank(begin, out);
    AppendToken(words[i], out);
  }
  const std::string_view post = end > name + 1 ? Directional(words[end - 1]) : std::string_view();
  const size_t core = post.empty() ? end : end - 1;
  const std::string_view suffix = core > name + 1 ? SuffixAbbreviation(words[core - 1]) : std::string_view();
  const size_t name_end = suffix.empty() ? core : core - 1;
  std::string_view pre;
  const size_t pre_words = PreDirectional(words, name, name_end, &pre);
  if (pre_words > 0) {
    AppendBlank(begin, out);
    out->append(pre);
  }
  AppendName(words, name + pre_words, name_end, !suffix.empty(), begin, out);
  for (const std::string_view part : {suffix, post}) {
    if (part.empty()) continue;
    AppendBlank(begin, out);
    out->append(part);
  }
}

bool IsNoStreet(std::string_view text) {
  static const WordTable table{{"homeless", 1},    {"transient", 1},   {"no street", 1}, {"undeliverable", 1},
                               {"bad address", 1}, {"return mail", 1}, {"moved", 1}};
  if (text.empty() || IsJunk(text) || table.Find(text) != WordTable::kNone) return true;
  return !IsAlpha(text.front()) && TrimChars(text, "0 -").empty();
}

// Punctuation may have hidden junk (": unknown").
Outcome DropNoStreet(std::string* street) {
  if (!IsNoStreet(*street)) return Outcome::kOk;
  street->clear();
  return Outcome::kPlaceholder;
}

}  // namespace

Outcome NormalizeStreet(std::string_view text, AddressStyle style, std::string* street, std::string* unit) {
  street->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (IsNoStreet(text)) return Outcome::kPlaceholder;
  Words words;
  if (style == AddressStyle::kOther || !Tokenize(text, &words) || words.size() == 0) {
    AppendDisplayText(text, street);
    return Outcome::kOk;
  }
  if (const size_t n = PostOfficeBox(words, 0); n > 0) {
    AppendPostOfficeBox(words, n, street);
    return Outcome::kOk;
  }
  const bool unit_given = !unit->empty();
  std::string own;
  std::string& found = unit_given ? own : *unit;
  const size_t from = ReadLeadingUnit(words, &found);
  const size_t leading = found.size();
  if (leading > 0) found.push_back(' ');
  size_t end = FindUnits(words, from, &found);
  if (leading > 0 && found.size() == leading + 1) found.pop_back();
  size_t box = from;
  while (box < end && PostOfficeBox(words, box) == 0) ++box;
  if (box < end) end = words.size();
  AppendStreet(words, from, box < end ? box : end, street);
  if (box < words.size() && box < end) {
    street->push_back(' ');
    AppendPostOfficeBox(words, box + PostOfficeBox(words, box), street);
  }
  if (unit_given && !own.empty() && own != *unit) street->append(" ").append(own);
  return DropNoStreet(street);
}

Outcome NormalizeUnit(std::string_view text, std::string* unit) {
  unit->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (IsJunk(text)) return Outcome::kPlaceholder;
  Words words;
  if (!Tokenize(text, &words)) {
    AppendDisplayText(text, unit);
    return Outcome::kOk;
  }
  if (words.size() == 0 || ReadUnits(words, 0, unit)) return Outcome::kOk;
  for (size_t i = 0; i < words.size(); ++i) {
    AppendBlank(0, unit);
    AppendToken(words[i], unit);
  }
  if (!IsJunk(*unit)) return Outcome::kOk;
  unit->clear();
  return Outcome::kPlaceholder;
}

Outcome NormalizeCity(std::string_view text, std::string* city) {
  city->clear();
  text = TrimChars(text, " ,.;");
  if (text.empty()) return Outcome::kEmpty;
  if (IsJunk(text) || CountDigits(text) == static_cast<int>(text.size())) return Outcome::kPlaceholder;
  if (text.find('.') == std::string_view::npos) {
    AppendDisplayText(text, city);
    return Outcome::kOk;
  }
  Words words;
  if (!words.Split(text, ".")) return Outcome::kBad;
  for (size_t i = 0; i < words.size(); ++i) {
    AppendBlank(0, city);
    AppendDisplayWord(words[i], city);
  }
  return Outcome::kOk;
}

}  // namespace migrate::normalize
