#include "names_parse.h"

#include "migrate/normalize/names.h"
#include "name_words.h"

namespace migrate::normalize {

void AddSuffix(std::string_view suffix, NameParts* parts) {
  for (size_t i = 0; i < parts->suffix_count; ++i)
    if (parts->suffixes[i] == suffix) return;
  if (parts->suffix_count < kMaxSuffixes) parts->suffixes[parts->suffix_count++] = suffix;
}

namespace {

// "Smith12" -> "Smith"; "R2" and "3rd" stay.
std::string_view WithoutNumber(std::string_view token) {
  if (token.empty() || !IsDigit(token.back())) return token;
  std::string_view name = token;
  while (!name.empty() && (IsDigit(name.back()) || name.back() == '#' || name.back() == '-' || name.back() == '_'))
    name.remove_suffix(1);
  if (name.size() < 2) return token;
  for (const char c : name)
    if (IsDigit(c)) return token;
  return name;
}

}  // namespace

std::string_view StrippedWord(std::string_view token, bool numbers) {
  for (size_t before = token.size() + 1; token.size() < before;) {
    before = token.size();
    token = TrimChars(token, ".,;:()[]{}\"");
    while (token.size() > 1 && token.back() == '\'') token.remove_suffix(1);
    if (!numbers) token = WithoutNumber(token);
  }
  return token;
}

bool HasLetters(std::string_view s) {
  for (const char c : s)
    if (IsAlpha(c) || !IsAscii(c)) return true;
  return false;
}

bool HasBothCases(std::string_view word) {
  bool upper = false, lower = false;
  for (const char c : word) {
    upper |= IsUpper(c);
    lower |= IsLower(c);
  }
  return upper && lower;
}

namespace {

bool IsLowerWord(std::string_view word) {
  for (const char c : word)
    if (IsUpper(c)) return false;
  return true;
}

bool IsUpperWord(std::string_view word) {
  for (const char c : word)
    if (IsLower(c)) return false;
  return true;
}

// False only if there is no room: a token that says nothing is no word.
bool PushWord(std::string_view token, bool numbers, Words* words) {
  token = StrippedWord(token, numbers);
  if (token.empty() || token == "-") return true;
  const bool joins = token == "&" || token == "+" || token == "/";
  return numbers || joins || HasLetters(token) ? words->Push(token) : true;
}

// Adds the pieces of a token with inner periods: "J.R" is two initials. A suffix with periods stays whole for now,
// because only its place says whether it is one.
bool PushDotted(std::string_view token, bool numbers, Words* words) {
  if (words->size() > 0 && (!SuffixOf(token).empty() || !CapitalSuffixOf(token).empty())) return words->Push(token);
  while (!token.empty()) {
    const size_t dot = token.find('.');
    if (!PushWord(token.substr(0, dot), numbers, words)) return false;
    token = dot == std::string_view::npos ? std::string_view() : token.substr(dot + 1);
  }
  return true;
}

// What looked like a suffix and stood in the middle of the name: initials after all.
bool ExpandDotted(Words* words) {
  Words expanded;
  bool any = false;
  for (size_t i = 0; i < words->size(); ++i) {
    std::string_view word = (*words)[i];
    if (word.find('.') == std::string_view::npos) {
      if (!expanded.Push(word)) return false;
      continue;
    }
    any = true;
    while (!word.empty()) {
      const size_t dot = word.find('.');
      if (dot != 0 && !expanded.Push(word.substr(0, dot))) return false;
      word = dot == std::string_view::npos ? std::string_view() : word.substr(dot + 1);
    }
  }
  if (any) *words = expanded;
  return true;
}

char ClosingOf(char c) {
  switch (c) {
    case '(':
      return ')';
    case '[':
      return ']';
    case '{':
      return '}';
    case '"':
    case '\'':
      return c;
    default:
      return 0;
  }
}

// The number of tokens from raw[i] on that one pair of quotes or brackets embraces; 0 if there is none. Single quotes
// must not be apostrophes: "'t Hooft" has no closing one.
size_t Quoted(const Words& raw, size_t i) {
  const std::string_view token = TrimChars(raw[i], ".,;:");
  const char closing = token.empty() ? 0 : ClosingOf(token.front());
  if (closing == 0) return 0;
  if (token.size() > 1 && token.back() == closing) return 1;
  for (size_t j = i + 1; j < raw.size(); ++j)
    if (TrimChars(raw[j], ".,;:").ends_with(closing)) return j - i + 1;
  return 0;
}

// Words without periods and commas at their ends and without what stands in quotes or brackets, former names, notes,
// e-mail addresses; and, unless `numbers`, without numbers.
bool Tokenize(std::string_view text, bool numbers, Words* words) {
  Words raw;
  if (!raw.Split(text)) return false;
  for (size_t i = 0; i < raw.size(); ++i) {
    if (const size_t quoted = Quoted(raw, i); quoted > 0) {
      i += quoted - 1;
      continue;
    }
    const std::string_view token = StrippedWord(raw[i], numbers);
    if (token.empty() || token.find('@') != std::string_view::npos) continue;
    const uint32_t cls = ClassOfDotted(token);
    if ((cls & kMarker) != 0 && words->size() > 0 && i + 1 < raw.size()) break;
    if ((cls & kNote) != 0 && words->size() > 0) continue;
    const bool dotted = token.find('.') != std::string_view::npos;
    if (!(dotted ? PushDotted(token, numbers, words) : PushWord(token, numbers, words))) return false;
  }
  return true;
}

// Drops titles from the front; at least one word stays. Returns the classes of those dropped.
uint32_t DropTitles(Words* words) {
  size_t n = 0;
  uint32_t dropped = 0;
  while (n + 1 < words->size()) {
    const uint32_t cls = ClassOfDotted((*words)[n]);
    if ((cls & kTitle) == 0 && ((cls & kWeakTitle) == 0 || words->size() - n < 3)) break;
    dropped |= cls;
    ++n;
  }
  words->Erase(0, n);
  return dropped;
}

// Moves suffixes from the end of the words; at least one word stays. "Junior" and "Senior" are names too, so they count
// only after two other words, and so do suffixes that only capitals make (`mixed`: the text has small letters).
enum class Place { kSpoken, kGiven, kPart };
void TakeSuffixes(bool mixed, Place place, Words* words, NameParts* parts) {
  const size_t capital_needs = place == Place::kGiven ? 1 : 2;
  while (words->size() > 1) {
    const std::string_view word = (*words)[words->size() - 1];
    std::string_view suffix = SuffixOf(word);
    if (!suffix.empty() && word.size() == 6 && IsGeneration(suffix) && words->size() < 3) return;
    if (suffix.empty() && words->size() > capital_needs) {
      const size_t dot = word.find('.');
      const bool dotted = dot != std::string_view::npos && dot + 1 < word.size();
      // A lone V is the fifth only where nothing else can end a name in it.
      const bool initial = word.size() == 1 && place != Place::kSpoken;
      if ((dotted || (mixed && IsUpperWord(word))) && !initial) suffix = CapitalSuffixOf(word);
    }
    if (suffix.empty()) return;
    AddSuffix(suffix, parts);
    words->Erase(words->size() - 1, 1);
  }
}

// Words of a segment that are suffixes all; from the last to the first, as TakeSuffixes finds them.
bool AreSuffixes(std::string_view segment, bool capitals, NameParts* parts) {
  Words words;
  if (!words.Split(segment) || words.size() == 0) return false;
  const auto suffix_of = [&](std::string_view word) {
    const std::string_view suffix = SuffixOf(word);
    return suffix.empty() && capitals && IsUpperWord(word) ? CapitalSuffixOf(word) : suffix;
  };
  for (size_t i = 0; i < words.size(); ++i)
    if (suffix_of(words[i]).empty()) return false;
  for (size_t i = words.size(); parts != nullptr && i-- > 0;) AddSuffix(suffix_of(words[i]), parts);
  return true;
}

// "1st Baron Rowallan", "Viscount Rochford", "Bt.", "deceased"
bool IsPeerageOrNote(std::string_view segment) {
  Words words;
  if (!words.Split(segment) || words.size() == 0) return false;
  const std::string_view word = TrimChars(words[0], ".()");
  return (ClassOf(word) & (kPeerage | kNote)) != 0 || (!word.empty() && IsDigit(word.front()));
}

bool IsParticle(const Words& words, size_t i, bool mixed) {
  const uint32_t cls = ClassOf(words[i]);
  if ((cls & kParticle) != 0) return true;
  if ((cls & kLowerParticle) != 0) return mixed && IsLowerWord(words[i]);
  // "von und zu"
  return i > 0 && EqualsIgnoreCase(words[i], "und") && (ClassOf(words[i - 1]) & kSmallParticle) != 0;
}

// Where the last name begins in words of a name without comma.
size_t LastNameBegin(const Words& words, bool mixed) {
  const size_t n = words.size();
  size_t last = n - 1;
  const std::string_view link = n >= 4 ? words[n - 2] : std::string_view();
  const bool y = EqualsIgnoreCase(link, "y");
  if (y || (mixed && IsLowerWord(link) && (ClassOf(link) & kLinkParticle) != 0)) {
    last = n - 3;
  } else if (n >= 3 && IsIberianSurname(words[n - 2]) && IsIberianSurname(words[n - 1])) {
    last = n - 2;
  }
  while (last > 1 && IsParticle(words, last - 1, mixed)) --last;
  return last;
}

// "John & Mary Smith", "Hans und Maria Müller", "Juan y Maria Garcia", "Smith/Jones".
bool AreTwoPersons(const Words& words, bool mixed) {
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const uint32_t cls = ClassOf(word);
    if ((cls & kConnective) != 0 && !EqualsIgnoreCase(word, "of")) return true;
    if (word.find('/') != std::string_view::npos) return true;
    if (i == 0 || i + 1 == words.size()) continue;
    const bool small = mixed && IsLowerWord(word);
    if ((cls & kLinkParticle) != 0 && i == 1 && small) return true;
    if ((cls & kPeople) == 0 || IsParticle(words, i, mixed)) continue;
    if (small || (!mixed && EqualsIgnoreCase(word, "und"))) return true;
  }
  return false;
}

// "de la Cruz", "van der Berg": a last name and nothing else.
bool IsLastNameOnly(const Words& words, bool mixed) {
  const size_t n = words.size();
  for (size_t i = 0; i + 1 < n; ++i)
    if ((ClassOf(words[i]) & (kSmallParticle | kInnerParticle)) == 0) return false;
  return n > 2 || (mixed && IsLowerWord(words[0]));
}

// "SMITH JOHN A", as registers in capitals write it: an initial ends no spoken name.
bool IsRegisterOrder(const Words& words) {
  if (words.size() != 3 || words[2].size() != 1 || !IsUpper(words[2][0])) return false;
  for (size_t i = 0; i < 2; ++i) {
    if (words[i].size() < 2 || !IsUpperWord(words[i]) || ClassOf(words[i]) != 0) return false;
    for (const char c : words[i])
      if (!IsAlpha(c) && c != '-' && c != '\'') return false;
  }
  return true;
}

// words[0] moves to the end.
void MoveFamilyToEnd(Words* words) {
  const std::string_view family = (*words)[0];
  words->Erase(0, 1);
  words->Push(family);
}

// Words of the first name: one, but "Abd al-Rahman" and "عبد الله" are one name of two or three words.
size_t FirstNameEnd(const Words& words, size_t last) {
  if (!EqualsIgnoreCase(words[0], "abd") && words[0] != "عبد") return 1;
  size_t end = 2;
  if (EqualsIgnoreCase(words[1], "al") || EqualsIgnoreCase(words[1], "el")) end = 3;
  return end <= last ? end : 1;
}

NameShape ParseSpoken(std::string_view text, bool mixed, NameParts* parts) {
  Words& words = parts->words;
  if (!Tokenize(text, false, &words)) return NameShape::kWhole;
  const uint32_t title = DropTitles(&words);
  TakeSuffixes(mixed, Place::kSpoken, &words, parts);
  if (!ExpandDotted(&words) || AreTwoPersons(words, mixed)) return NameShape::kWhole;
  if (words.size() == 0) return NameShape::kWhole;
  const size_t n = words.size();
  if ((ClassOf(words[n - 1]) & kHousehold) != 0 || (ClassOf(words[0]) & (kHousehold | kMarker)) != 0)
    return NameShape::kWhole;
  if (n == 1) {
    if ((ClassOf(words[0]) & kTitle) != 0) return NameShape::kNothing;
    if ((title & kTitle) == 0) return NameShape::kWhole;
    parts->first = parts->last = (title & kGivenTitle) != 0 ? 1 : 0;
    return NameShape::kSplit;
  }
  if (IsLastNameOnly(words, mixed)) {
    parts->first = parts->last = 0;
    return NameShape::kSplit;
  }
  if (IsRegisterOrder(words) || IsCyrillicFamilyFirst(words)) {
    MoveFamilyToEnd(&words);
    parts->last = n - 1;
    return NameShape::kSplit;
  }
  parts->last = LastNameBegin(words, mixed);
  parts->first = FirstNameEnd(words, parts->last);
  return NameShape::kSplit;
}

// "Smith, Jr. John": a generation that leads the given names.
void TakeLeadingGeneration(Words* given, NameParts* parts) {
  if (given->size() < 2 || (*given)[0].size() == 6) return;
  const std::string_view suffix = SuffixOf((*given)[0]);
  if (suffix.empty() || !IsGeneration(suffix)) return;
  AddSuffix(suffix, parts);
  given->Erase(0, 1);
}

NameShape ParseInverted(const std::string_view* segments, size_t count, bool mixed, NameParts* parts) {
  Words family, given;
  if (!Tokenize(segments[0], false, &family)) return NameShape::kWhole;
  for (size_t i = 1; i < count; ++i)
    if (!Tokenize(segments[i], false, &given)) return NameShape::kWhole;
  DropTitles(&given);
  DropTitles(&family);
  TakeLeadingGeneration(&given, parts);
  TakeSuffixes(mixed, Place::kGiven, &given, parts);
  TakeSuffixes(mixed, Place::kPart, &family, parts);
  if (!ExpandDotted(&given) || !ExpandDotted(&family)) return NameShape::kWhole;
  if (given.size() == 1 && (ClassOf(given[0]) & kTitle) != 0) given.Erase(0, 1);
  if (family.size() > 0 && (ClassOf(family[0]) & (kNote | kMarker)) != 0) return NameShape::kWhole;
  if (family.size() == 0 || AreTwoPersons(given, mixed) || AreTwoPersons(family, mixed)) return NameShape::kWhole;
  // "Berg, Anna van der": the particles belong to the last name, as dictionaries sort it.
  size_t particles = given.size();
  const bool name = family.size() > 1 || SuffixOf(family[0]).empty();
  while (name && particles > 1 && mixed && IsLowerWord(given[particles - 1]) && IsParticle(given, particles - 1, mixed))
    --particles;
  parts->words = given;
  parts->last = particles;
  parts->first = given.size() < 2 ? given.size() : FirstNameEnd(given, particles);
  for (size_t i = 0; i < family.size(); ++i)
    if (!parts->words.Push(family[i])) return NameShape::kWhole;
  return NameShape::kSplit;
}

// Without quotes or brackets around the whole.
std::string_view Unwrap(std::string_view text) {
  while (text.size() > 2) {
    const char closing = ClosingOf(text.front());
    if (closing == 0 || text.back() != closing) return text;
    const std::string_view inner = text.substr(1, text.size() - 2);
    if (inner.find(closing) != std::string_view::npos || inner.find(text.front()) != std::string_view::npos)
      return text;
    text = Trim(inner);
  }
  return text;
}

}  // namespace

NameShape ParseFullName(std::string_view text, NameParts* parts) {
  if (IsEastAsian(text)) return ParseEastAsian(text, parts) ? NameShape::kSplit : NameShape::kWhole;
  text = Unwrap(text);
  const bool mixed = HasBothCases(text);
  std::array<std::string_view, 8> segments, behind;
  size_t count = 0, behind_count = 0;
  bool capitals = false;  // one word before the comma is a last name, and "DO" behind it a given name
  while (!text.empty() && count < segments.size()) {
    const size_t comma = text.find(',');
    const std::string_view segment = Trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (segment.empty()) continue;
    if (count > 0 && IsPeerageOrNote(segment)) continue;
    if (count > 0 && behind_count < behind.size() && AreSuffixes(segment, capitals, nullptr)) {
      behind[behind_count++] = segment;
      continue;
    }
    segments[count++] = segment;
    capitals = count == 1 && segment.find(' ') != std::string_view::npos;
  }
  while (behind_count > 0) AreSuffixes(behind[--behind_count], capitals || count > 1, parts);
  if (count == 0) return NameShape::kWhole;
  return count == 1 ? ParseSpoken(segments[0], mixed, parts) : ParseInverted(segments.data(), count, mixed, parts);
}

bool ParseNamePart(std::string_view text, NamePart part, bool alone, Words* words, NameParts* suffixes) {
  if (!Tokenize(text, alone, words)) return false;
  if (part == NamePart::kFirst) DropTitles(words);
  if (part != NamePart::kMiddle) TakeSuffixes(HasBothCases(text), Place::kPart, words, suffixes);
  return ExpandDotted(words);
}

}  // namespace migrate::normalize
