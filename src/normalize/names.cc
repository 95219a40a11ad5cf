#include "migrate/normalize/names.h"

#include <utility>

#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "name_words.h"
#include "names_display.h"
#include "names_parse.h"

namespace migrate::normalize {
namespace {

void WriteSuffixes(const NameParts& parts, std::string* out) {
  if (!out->empty()) return;
  for (const bool generation : {true, false}) {
    // Suffixes are taken from the end on, so they are in reverse order of writing.
    for (size_t i = parts.suffix_count; i-- > 0;) {
      if (IsGeneration(parts.suffixes[i]) != generation) continue;
      if (!out->empty()) out->push_back(' ');
      out->append(parts.suffixes[i]);
    }
  }
}

// Appends the company's name if it is one, also in display case ("v AB" is none as "V AB").
bool AppendCompany(std::string_view text, std::string* out) {
  if (!IsCompanyName(text)) return false;
  AppendWhole(text, true, out);
  if (IsCompanyName(*out)) return true;
  out->clear();
  return false;
}

// "xx", "aaa".
bool IsRepeated(std::string_view text) {
  for (const char c : text)
    if (Lower(c) != Lower(text.front())) return false;
  return true;
}

// Letters, with or without an apostrophe or hyphen within; not one letter repeated.
bool IsPlainWord(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const bool within = (text[i] == '\'' || text[i] == '-') && i > 0 && i + 1 < text.size();
    if (!IsAlpha(text[i]) && !within) return false;
  }
  return text.size() == 1 || !IsRepeated(text);
}

// One plain word that has no meaning: nearly every name there is.
bool IsSimple(std::string_view text) { return IsPlainWord(text) && ClassOf(text) == 0; }

// Plain words of which at most particles mean something: "Mary Ann", "van der Berg".
bool AreSimple(std::string_view text, Words* words) {
  if (text.find(' ') == std::string_view::npos || !words->Split(text)) return false;
  for (size_t i = 0; i < words->size(); ++i) {
    const std::string_view word = (*words)[i];
    constexpr uint32_t kHarmless = kParticle | kSmallParticle | kInnerParticle;
    if (word.size() == 1 || !IsPlainWord(word) || (ClassOf(word) & ~kHarmless) != 0) return false;
  }
  const std::string_view last = (*words)[words->size() - 1];
  return SuffixOf(last).empty() && CapitalSuffixOf(last).empty();
}

// Every word of two or more says nothing: "Test Test", "Unknown N/A", "asdf qwerty".
bool IsTestEntry(std::string_view text) {
  const std::string_view start = text.substr(0, text.find_first_of(" ,"));
  if ((ClassOf(start) & (kTestWord | kJunkWord)) == 0 && !IsJunkName(start)) return false;
  Words words;
  if (!words.Split(text, ",") || words.size() < 2) return false;
  bool test = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    const bool junk = word.size() > 2 && IsJunkName(word);
    if (!junk && (ClassOf(word) & kTestWord) == 0) return false;
    test |= junk || EqualsIgnoreCase(word.substr(0, 4), "test") || EqualsIgnoreCase(word.substr(0, 4), "demo");
  }
  return test;
}

// "john@x.org", "http://x.org"
bool IsAddress(std::string_view text) {
  bool at = false, blank = false, colon = false;
  for (const char c : text) {
    at |= c == '@';
    blank |= c == ' ';
    colon |= c == ':';
  }
  return (at && !blank) || (colon && text.find("://") != std::string_view::npos);
}

// The text if it says anything, else "" and the flags of junk.
std::string_view Useful(std::string_view text, uint32_t* flags) {
  if (text.empty()) return text;
  if (IsJunkName(text)) {
    *flags |= kFlagName | kFlagPlaceholder;
    return {};
  }
  if (text.find(' ') != std::string_view::npos && IsTestEntry(text)) {
    *flags |= kFlagName | kFlagPlaceholder;
    return {};
  }
  if (HasLetters(text) && !IsAddress(text)) return text;
  *flags |= kFlagName;
  return {};
}

// Grave accents and spaced apostrophes as people type them ("O`Brien", "O' Brien", "D' Angelo"), commas of other
// scripts. A view of `text` or of *scratch.
std::string_view Typed(std::string_view text, std::string* scratch) {
  bool any = false;
  for (size_t i = 0; i < text.size() && !any; ++i)
    any = text[i] == '`' || !IsAscii(text[i]) || (text[i] == '\'' && i + 1 < text.size() && text[i + 1] == ' ');
  if (!any) return text;
  scratch->clear();
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    if (rest.starts_with("，") || rest.starts_with("、") || rest.starts_with("،")) {
      scratch->push_back(',');
      i += rest.starts_with("،") ? 1 : 2;
      continue;
    }
    const char c = text[i] == '`' ? '\'' : text[i];
    // "O' Brien": one letter that begins a word, an apostrophe, a blank.
    const size_t at = scratch->size();
    const bool opens = c == ' ' && at >= 2 && (*scratch)[at - 1] == '\'' && IsAlpha((*scratch)[at - 2]) &&
                       (at == 2 || (*scratch)[at - 3] == ' ' || (*scratch)[at - 3] == ',');
    if (!opens) scratch->push_back(c);
  }
  return Trim(*scratch);
}

void AppendSimple(std::string_view text, NamePart part, std::string* value) {
  if (part == NamePart::kFirst && IsInitials(text)) {
    value->push_back(Upper(text[0]));
    value->push_back(Upper(text[1]));
  } else {
    AppendDisplayWord(text, value);
  }
}

// One given part into its field; true if it was as simple as names mostly are. Its words go to *words, for the
// comparison with the full name.
bool NormalizePart(std::string_view text, NamePart part, bool alone, std::string* value, NameParts* suffixes,
                   Record* out, Words* words) {
  if (text.empty()) return true;
  if (IsSimple(text)) {
    words->Push(text);
    AppendSimple(text, part, value);
    return true;
  }
  if (part == NamePart::kLast && AppendCompany(text, value)) {
    out->flags |= kFlagCompany;
    return false;
  }
  if (!ParseNamePart(text, part, alone, words, suffixes)) {
    AppendDisplayText(text, value);
    return false;
  }
  if (words->size() == 0 || (part == NamePart::kFirst && words->size() == 1 && (ClassOf((*words)[0]) & kTitle) != 0)) {
    words->Erase(0, words->size());
    out->flags |= kFlagName;
    return false;
  }
  AppendWords(*words, 0, words->size(), part, value);
  return false;
}

bool MatchesAt(const Words& all, size_t at, const Words& some) {
  if (at + some.size() > all.size()) return false;
  for (size_t i = 0; i < some.size(); ++i)
    if (!EqualsIgnoreCase(all[at + i], some[i])) return false;
  return true;
}

bool MayBeMiddle(const Words& words, size_t from, size_t to) {
  for (size_t i = from; i < to; ++i)
    if (IsDigit(words[i].front()) || (ClassOf(words[i]) & (kPeerage | kConnective)) != 0) return false;
  return true;
}

// Fills from the full name what the given parts leave open, if it begins and ends as they say.
void Supplement(std::string_view full, const Words& first, const Words& last, NameParts* suffixes, Record* out) {
  // A part that stayed whole (a company, too many words) cannot be compared.
  if ((first.size() == 0) != (*out)[Field::kFirstName].empty()) return;
  if ((last.size() == 0) != (*out)[Field::kLastName].empty()) return;
  NameParts parts;
  if (ParseFullName(full, &parts) != NameShape::kSplit) return;
  const Words& words = parts.words;
  if (parts.first == 0 || parts.last == words.size()) return;
  if (first.size() > 0 && !MatchesAt(words, 0, first)) return;
  if (last.size() > 0 && (words.size() < last.size() || !MatchesAt(words, words.size() - last.size(), last))) return;
  const size_t end = last.size() > 0 ? words.size() - last.size() : parts.last;
  size_t begin = first.size() > 0 ? first.size() : parts.first;
  if (begin > end) return;
  if (first.size() == 0) AppendWords(words, 0, begin, NamePart::kFirst, &(*out)[Field::kFirstName]);
  if (last.size() == 0) AppendWords(words, end, words.size(), NamePart::kLast, &(*out)[Field::kLastName]);
  std::string& middle = (*out)[Field::kMiddleName];
  if (middle.empty() && end - begin <= 4 && MayBeMiddle(words, begin, end))
    AppendWords(words, begin, end, NamePart::kMiddle, &middle);
  for (size_t i = 0; i < parts.suffix_count; ++i) AddSuffix(parts.suffixes[i], suffixes);
}

// The source has only a full name.
void NormalizeFull(std::string_view full, NameParts* suffixes, Record* out) {
  std::string& whole = (*out)[Field::kFullName];
  if (AppendCompany(full, &whole)) {
    out->flags |= kFlagCompany;
    return;
  }
  NameParts parts;
  switch (ParseFullName(full, &parts)) {
    case NameShape::kNothing:
      out->flags |= kFlagName;
      return;
    case NameShape::kWhole:
      // Who takes letters for somebody is not that person.
      if (full.size() > 4 && EqualsIgnoreCase(full.substr(0, 4), "c/o ")) {
        out->flags |= kFlagName;
        whole = "c/o ";
        full.remove_prefix(4);
      }
      AppendWhole(full, false, &whole);
      return;
    case NameShape::kSplit:
      break;
  }
  const Words& words = parts.words;
  AppendWords(words, 0, parts.first, NamePart::kFirst, &(*out)[Field::kFirstName]);
  std::string& middle = (*out)[Field::kMiddleName];
  if (middle.empty()) AppendWords(words, parts.first, parts.last, NamePart::kMiddle, &middle);
  AppendWords(words, parts.last, words.size(), NamePart::kLast, &(*out)[Field::kLastName]);
  for (size_t i = 0; i < parts.suffix_count; ++i) AddSuffix(parts.suffixes[i], suffixes);
}

// "Mary A" or "J R" in the first-name column of a source that has no middle name: the initials at its end.
bool MoveInitials(std::string* first_name, std::string* middle_name) {
  if (!middle_name->empty()) return false;
  size_t end = first_name->size();
  while (end > 2 && IsAlpha((*first_name)[end - 1]) && (*first_name)[end - 2] == ' ') end -= 2;
  if (end == first_name->size()) return false;
  middle_name->assign(*first_name, end + 1);
  first_name->resize(end);
  return true;
}

void NormalizeSuffixField(std::string_view text, std::string* value) {
  if (text.empty()) return;
  NameParts parts;
  Words words;
  if (!words.Split(text, ",;/")) return;
  for (size_t i = words.size(); i-- > 0;) {
    const std::string_view suffix = SuffixInColumn(words[i]);
    if (suffix.empty()) {
      value->assign(text);
      return;
    }
    AddSuffix(suffix, &parts);
  }
  WriteSuffixes(parts, value);
}

// Taking a text apart may leave junk of it ("Unknown (Bob)", "UNKNOWN SMITH"): what is left must be a name as well.
void DropJunk(Record* out) {
  for (const Field f : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName}) {
    std::string& value = (*out)[f];
    if (!value.empty() && Useful(value, &out->flags).empty()) value.clear();
  }
  std::string& first = (*out)[Field::kFirstName];
  std::string& last = (*out)[Field::kLastName];
  const auto tests = [](std::string_view word) { return (ClassOf(word) & kTestWord) != 0; };
  if (tests(first) && tests(last) && IsTestEntry(first + " " + last)) {
    first.clear();
    last.clear();
    out->flags |= kFlagName | kFlagPlaceholder;
  }
}

// A company that the source spread over the columns of a person: "Acme" "Tools LLC".
bool IsSpreadCompany(std::string_view first, std::string_view middle, std::string_view last) {
  if (first.empty() || last.empty() || !(MayBeCompany(last) || MayBeCompany(first))) return false;
  std::string joined(first);
  for (const std::string_view part : {middle, last})
    if (!part.empty()) joined.append(" ").append(part);
  return IsCompanyName(joined) && !IsCompanyName(last);
}

// Keeps it as it is spread, if it is one, also in display case.
bool KeepSpreadCompany(const RawNames& raw, Record* out) {
  if (!IsSpreadCompany(raw.first, raw.middle, raw.last)) return false;
  std::string& first = (*out)[Field::kFirstName];
  std::string& middle = (*out)[Field::kMiddleName];
  std::string& last = (*out)[Field::kLastName];
  AppendUnsplit(raw.first, true, true, &first);
  AppendUnsplit(raw.middle, true, false, &middle);
  AppendUnsplit(raw.last, true, false, &last);
  if (IsSpreadCompany(first, middle, last)) {
    out->flags |= kFlagCompany;
    return true;
  }
  for (std::string* part : {&first, &middle, &last}) part->clear();
  return false;
}

constexpr Field kNameFields[] = {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName,
                                 Field::kSuffix};

void NormalizeUseful(const RawNames& raw, Record* out) {
  std::string& first_name = (*out)[Field::kFirstName];
  std::string& middle_name = (*out)[Field::kMiddleName];
  std::string& last_name = (*out)[Field::kLastName];
  std::string& suffix = (*out)[Field::kSuffix];
  NormalizeSuffixField(IsJunk(raw.suffix) ? std::string_view() : raw.suffix, &suffix);
  if (KeepSpreadCompany(raw, out)) return;
  const bool alone = raw.full.empty() && (raw.first.empty() || raw.last.empty());
  Words first, middle, last;
  NameParts suffixes;
  bool simple = NormalizePart(raw.first, NamePart::kFirst, alone, &first_name, &suffixes, out, &first);
  simple &= NormalizePart(raw.middle, NamePart::kMiddle, alone, &middle_name, &suffixes, out, &middle);
  simple &= NormalizePart(raw.last, NamePart::kLast, alone, &last_name, &suffixes, out, &last);
  if (!raw.full.empty()) {
    if (first_name.empty() && last_name.empty()) {
      NormalizeFull(raw.full, &suffixes, out);
    } else {
      Supplement(raw.full, first, last, &suffixes, out);
    }
  }
  WriteSuffixes(suffixes, &suffix);
  if (!simple || !raw.full.empty()) DropJunk(out);
  if (!MoveInitials(&first_name, &middle_name)) return;
  DropJunk(out);
  if (first_name.find(' ') == std::string::npos) return;
  // "Mary Jane Jr V": without its initials the name ends otherwise.
  Words words;
  const std::string rest = std::exchange(first_name, {});
  NormalizePart(rest, NamePart::kFirst, alone, &first_name, &suffixes, out, &words);
  WriteSuffixes(suffixes, &suffix);
}

void NormalizeOnce(const RawNames& raw, Record* out) {
  RawNames useful = raw;
  std::string typed[4];
  std::string_view* const parts[] = {&useful.full, &useful.first, &useful.middle, &useful.last};
  for (size_t i = 0; i < std::size(parts); ++i)
    if (!parts[i]->empty()) *parts[i] = Useful(Typed(*parts[i], &typed[i]), &out->flags);
  // "Smith, John" in a column of first or last names is a whole name.
  std::string_view& only = useful.first.empty() ? useful.last : useful.first;
  if (useful.full.empty() && useful.middle.empty() && (useful.first.empty() || useful.last.empty()) &&
      only.find(", ") != std::string_view::npos) {
    NameParts probe;
    if (!IsCompanyName(only) && ParseFullName(only, &probe) == NameShape::kSplit && probe.first > 0)
      std::swap(useful.full, only);
  }
  NormalizeUseful(useful, out);
  bool cut = false;
  for (const Field f : kNameFields) cut |= Cut(&(*out)[f], kNameBound);
  if (!cut) return;
  out->flags |= kFlagTruncated;
  DropJunk(out);  // what is left may be one letter repeated
}

// Nothing but simple parts; else *out stays as it is.
bool NormalizeSimple(const RawNames& raw, Record* out) {
  constexpr std::pair<NamePart, Field> kParts[] = {{NamePart::kFirst, Field::kFirstName},
                                                   {NamePart::kMiddle, Field::kMiddleName},
                                                   {NamePart::kLast, Field::kLastName}};
  const std::string_view texts[] = {raw.first, raw.middle, raw.last};
  Words words[3];
  bool one[3] = {};
  for (size_t i = 0; i < 3; ++i) {
    if (texts[i].empty()) continue;
    if (texts[i].size() > kNameBound) return false;
    one[i] = IsSimple(texts[i]);
    if (!one[i] && !AreSimple(texts[i], &words[i])) return false;
  }
  for (size_t i = 0; i < 3; ++i) {
    if (texts[i].empty()) continue;
    std::string* const value = &(*out)[kParts[i].second];
    if (one[i]) {
      AppendSimple(texts[i], kParts[i].first, value);
    } else {
      AppendWords(words[i], 0, words[i].size(), kParts[i].first, value);
    }
  }
  return true;
}

// Has words that mean something, or more than letters and the usual punctuation.
bool IsOdd(std::string_view text) {
  constexpr CharSet kUsual = " ,.'-";
  constexpr uint32_t kHarmless = kParticle | kSmallParticle | kInnerParticle;
  bool between = false, other = false;
  for (const char c : text) {
    if (IsAlpha(c)) continue;
    between |= c == ' ' || c == '.' || c == ',';
    other |= !IsAscii(c);
    if (IsAscii(c) && !kUsual.Contains(c)) return true;
  }
  if (!between) return false;
  if (other) return true;
  Words words;
  if (!words.Split(text, ",.") || words.size() < 2) return false;
  for (size_t i = 0; i < words.size(); ++i)
    if ((ClassOf(words[i]) & ~kHarmless) != 0 || !SuffixOf(words[i]).empty() || !CapitalSuffixOf(words[i]).empty())
      return true;
  return false;
}

}  // namespace

void NormalizeNames(const RawNames& raw, Record* out) {
  for (const Field f : kNameFields) (*out)[f].clear();
  if (raw.full.empty() && raw.suffix.empty() && NormalizeSimple(raw, out)) return;
  NormalizeOnce(raw, out);
  if (!IsOdd(raw.full) && !IsOdd(raw.first) && !IsOdd(raw.middle) && !IsOdd(raw.last)) return;
  // Display case and neighbours tell particles, suffixes and companies apart, so that what comes out may read
  // differently from what went in: again, until it does not.
  for (int round = 0; round < 4; ++round) {
    Record again;
    again.flags = out->flags;
    NormalizeOnce({(*out)[Field::kFullName], (*out)[Field::kFirstName], (*out)[Field::kMiddleName],
                   (*out)[Field::kLastName], (*out)[Field::kSuffix]},
                  &again);
    bool same = true;
    for (const Field f : kNameFields) same &= again[f] == (*out)[f];
    if (same) return;
    out->flags = again.flags;
    for (const Field f : kNameFields) (*out)[f] = again[f];
  }
}

Outcome NormalizeName(std::string_view text, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  AppendDisplayText(text, out);
  if (!IsJunkName(text) && !IsJunkName(*out)) return Outcome::kOk;
  out->clear();
  return Outcome::kPlaceholder;
}

}  // namespace migrate::normalize
