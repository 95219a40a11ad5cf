// Street lines, units and cities; see street_parts.h for their parts and address_line.cc for whole addresses.
#include "migrate/normalize/addresses.h"

#include <algorithm>

#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "street_parts.h"

namespace migrate::normalize {
namespace {

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

// A street line on its way: what was read of it, and where the words of the street lie.
struct Line {
  const Words& words;
  AddressStyle style;
  std::string* street;
  std::string* found;      // the unit that the line itself has
  std::string_view given;  // the unit that the row gives apart
  size_t from = 0, end = 0;
};

// "4", "# 4" and "Apt 4" say the same of one door; "Ste 4" and "Apt 4" do not.
bool IsSameUnit(std::string_view a, std::string_view b) {
  if (a == b) return true;
  const auto number = [](std::string_view unit) { return unit.substr(unit.rfind(' ') + 1); };
  const auto named = [](std::string_view unit) {
    return unit.find(' ') != std::string_view::npos && !unit.starts_with("# ");
  };
  return number(a) == number(b) && !(named(a) && named(b));
}

// "No. 12 Main St", "#12 Main St": the sign before the number says nothing.
size_t SkipNumberSign(const Words& words) {
  if (words.size() < 3 || !IsDigit(words[1][0])) return 0;
  for (const char* sign : {"no", "nr", "num", "number", "#"})
    if (EqualsIgnoreCase(words[0], sign)) return 1;
  return 0;
}

// What follows a box or a route: units, a street of its own ("PO Box 12, 123 Main St": section 215, the street first if
// it is a box), or words that belong to it ("Stn A").
void AppendAfterBox(const Line& line, size_t rest, const std::string& box, bool is_box) {
  const Words& words = line.words;
  const size_t n = words.size();
  if (rest >= n || (line.found->empty() && ReadUnits(words, rest, line.found))) {
    line.street->append(box);
  } else if (rest + 1 < n && IsDigit(words[rest][0])) {
    std::string unit;
    const size_t end = line.found->empty() ? FindUnits(words, rest, &unit) : n;
    if (!unit.empty()) *line.found = unit;
    if (!is_box) line.street->append(box).append(" ");
    AppendStreet(words, rest, end, line.street);
    if (is_box) line.street->append(" ").append(box);
  } else {
    line.street->append(box);
    for (size_t i = rest; i < n; ++i) {
      line.street->push_back(' ');
      AppendToken(words[i], line.street);
    }
  }
}

void AppendBoxLine(const Line& line, size_t number) {
  const Words& words = line.words;
  std::string box = "PO Box";
  size_t i = number;
  if (i < words.size() && words[i] == "#") ++i;
  if (i < words.size()) {
    box.push_back(' ');
    AppendToken(words[i++], &box);
  }
  // "PO Box 12 B"
  if (i < words.size() && words[i].size() == 1 && IsAlpha(words[i][0]) && IsDigit(box.back()))
    box.push_back(Upper(words[i++][0]));
  AppendAfterBox(line, i, box, true);
}

// A box behind a street: "123 Main Street PO Box 5".
bool AppendStreetAndBox(const Line& line) {
  const Words& words = line.words;
  for (size_t box = line.from + 1; box < words.size(); ++box) {
    const size_t n = PostOfficeBox(words, box);
    if (n == 0) continue;
    std::string unit;
    const size_t end = line.found->empty() ? FindUnits(words, line.from, &unit) : words.size();
    const size_t street_end = end < box ? end : box;
    AppendStreet(words, line.from, street_end, line.street);
    std::string tail = "PO Box";
    for (size_t i = box + n; i < words.size(); ++i) {
      if (words[i] == "#") continue;
      tail.push_back(' ');
      AppendToken(words[i], &tail);
    }
    line.street->append(" ").append(tail);
    return true;
  }
  return false;
}

bool IsCornerWord(std::string_view word) {
  return word == "&" || word == "@" || EqualsIgnoreCase(word, "and") || EqualsIgnoreCase(word, "at");
}

// A street's own last word, as corners need one to be told from other names with "and".
bool EndsLikeStreet(const Words& words, size_t from, size_t end) {
  const std::string_view last = words[end - 1];
  return IsOrdinal(last) || EqualsIgnoreCase(last, "saint") ||
         (end > from + 1 && (!SuffixAbbreviation(last).empty() || !Directional(last).empty()));
}

// "Main St & 5th Ave", "Corner of Main and Oak St" (section 236).
bool AppendCorner(const Line& line) {
  const Words& words = line.words;
  size_t from = line.from;
  if (from + 2 < line.end && (EqualsIgnoreCase(words[from], "corner") || EqualsIgnoreCase(words[from], "cor"))) {
    ++from;
    if (EqualsIgnoreCase(words[from], "of")) ++from;
  }
  if (from + 2 >= line.end || (IsDigit(words[from][0]) && !IsOrdinal(words[from]))) return false;
  for (size_t i = from + 1; i + 1 < line.end; ++i) {
    if (!IsCornerWord(words[i])) continue;
    if (!EndsLikeStreet(words, from, i) && !EndsLikeStreet(words, i + 1, line.end)) return false;
    AppendStreet(words, from, i, line.street);
    line.street->append(" & ");
    AppendStreet(words, i + 1, line.end, line.street);
    return true;
  }
  return false;
}

// "3/45 Smith St", "Unit 3/45 Smith St", "4-123 Main St": the unit goes to line.found, and *rewritten gets the words
// with the number alone.
bool TakeUnitOfNumber(const Line& line, Words* rewritten) {
  if (line.style == AddressStyle::kUs) return false;
  const Words& words = line.words;
  const size_t named = UnitDesignator(words[line.from]).needs_number ? 1 : 0;
  if (!line.found->empty() || line.from + named + 1 >= line.end) return false;
  std::string_view unit, number;
  if (!SplitHouseNumber(words[line.from + named], line.style, &unit, &number)) return false;
  std::string own;
  if (named > 0) own.append(UnitDesignator(words[line.from]).abbreviation).append(" ");
  AppendUpper(unit, &own);
  if (!line.given.empty() && !IsSameUnit(own, line.given)) return false;
  *line.found = own;
  rewritten->Push(number);
  for (size_t i = line.from + named + 1; i < line.end; ++i) rewritten->Push(words[i]);
  return true;
}

void AppendPlainStreet(Line line) {
  if (line.found->empty()) {
    const size_t bare = FindBareUnit(line.words, line.from, line.end);
    std::string own;
    if (bare < line.end) AppendUpper(line.words[bare], &own);
    if (line.given.empty() || IsSameUnit(own, line.given)) {
      *line.found = own;
      line.end = bare;
    }
  }
  Words rewritten;
  if (TakeUnitOfNumber(line, &rewritten)) {
    AppendStreet(rewritten, 0, rewritten.size(), line.street);
  } else if (!AppendCorner(line)) {
    AppendStreet(line.words, line.from, line.end, line.street);
  }
}

void ReadLine(Line line) {
  const Words& words = line.words;
  line.end = words.size();
  const size_t special = ReadSpecialLine(words, 0, line.street);
  if (special > 0) {
    const std::string head = *line.street;
    line.street->clear();
    bool digits = false;
    for (size_t i = special; i < words.size(); ++i) digits = digits || HasDigit(words[i]);
    // Sections 245, 255: names of towns and streets behind a route are left out.
    const bool keep = digits || head == "General Delivery";
    AppendAfterBox(line, keep ? special : words.size(), head, false);
    return;
  }
  line.from = ReadLeadingUnit(words, line.found);
  if (line.from == 0) line.from = SkipNumberSign(words);
  if (const size_t n = LeadingBox(words, line.from, line.style); n > 0) return AppendBoxLine(line, line.from + n);
  if (AppendStreetAndBox(line)) return;
  const size_t leading = line.found->size();
  if (leading > 0) line.found->push_back(' ');
  line.end = FindUnits(words, line.from, line.found);
  if (leading > 0 && line.found->size() == leading + 1) line.found->pop_back();
  AppendPlainStreet(line);
}

constexpr size_t kLongLine = 6;  // words of "12 N Main St Apt 4"

// One reading. *long_line: more words than most addresses have, words that went, or a number beside the unit.
Outcome ReadStreet(std::string_view text, AddressStyle style, std::string* street, std::string* unit, bool* long_line) {
  street->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (IsNoStreet(text)) return Outcome::kPlaceholder;
  std::string plain;
  Words words;
  if (style != AddressStyle::kOther) text = PlainLetters(text, &plain);
  const size_t size = text.size();
  text = WithoutAttention(text);
  if (style == AddressStyle::kOther || !TokenizeStreet(text, &words) || words.size() == 0) {
    AppendDisplayText(text, street);
    return DropNoStreet(street);
  }
  const bool may_split = style != AddressStyle::kUs && text.find_first_of("/-") != std::string_view::npos;
  *long_line = words.size() > kLongLine || text.size() != size || !plain.empty() || may_split;
  const std::string given = *unit;
  std::string own;
  ReadLine({words, style, street, given.empty() ? unit : &own, given});
  if (!given.empty() && !own.empty() && !IsSameUnit(own, given)) street->append(" ").append(own);
  // "12 Main St 4 Apt 4": once the unit is known, the number before it may be the same one.
  *long_line |= !unit->empty() && HasDigit(std::string_view(*street).substr(street->rfind(' ') + 1));
  const auto blanks = [](const std::string& s) { return static_cast<size_t>(std::count(s.begin(), s.end(), ' ')); };
  *long_line |= blanks(*street) + (given.empty() && !unit->empty() ? blanks(*unit) + 1 : 0) + 1 < words.size();
  return DropNoStreet(street);
}

}  // namespace

Outcome NormalizeStreet(std::string_view text, AddressStyle style, std::string* street, std::string* unit) {
  bool long_line = false;
  Outcome outcome = ReadStreet(text, style, street, unit, &long_line);
  // Words that were known only after others had gone or changed: read again until nothing changes.
  std::string again, unit_again;
  for (int i = 0; i < 3 && long_line && outcome == Outcome::kOk; ++i) {
    unit_again = *unit;
    bool ignored = false;
    outcome = ReadStreet(*street, style, &again, &unit_again, &ignored);
    if (outcome == Outcome::kOk && again == *street && unit_again == *unit) break;
    street->swap(again);
    unit->swap(unit_again);
  }
  return outcome;
}

Outcome NormalizeUnit(std::string_view text, std::string* unit) {
  unit->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (IsJunk(text)) return Outcome::kPlaceholder;
  std::string plain;
  text = PlainLetters(text, &plain);
  Words words;
  if (!TokenizeStreet(text, &words)) {
    AppendDisplayText(text, unit);
    return Outcome::kOk;
  }
  if (words.size() == 0) return Outcome::kPlaceholder;
  if (ReadUnits(words, 0, unit)) return Outcome::kOk;
  for (size_t i = 0; i < words.size(); ++i) {
    AppendBlank(0, unit);
    AppendToken(words[i], unit);
  }
  if (!IsJunk(*unit)) return Outcome::kOk;
  unit->clear();
  return Outcome::kPlaceholder;
}

}  // namespace migrate::normalize
