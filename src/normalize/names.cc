#include "migrate/normalize/names.h"

#include "migrate/normalize/casing.h"
#include "migrate/normalize/junk.h"
#include "name_words.h"

namespace migrate::normalize {
namespace {

constexpr size_t kMaxSuffixes = 4;

// A name taken apart; the words are views of the text. Words in order of speaking: given names, then the last name.
struct Parts {
  Words words;
  size_t last = 0;  // words[last...] are the last name; words.size() if it has none
  std::array<std::string_view, kMaxSuffixes> suffixes;
  size_t suffix_count = 0;
};

void AddSuffix(std::string_view suffix, Parts* parts) {
  for (size_t i = 0; i < parts->suffix_count; ++i)
    if (parts->suffixes[i] == suffix) return;
  if (parts->suffix_count < kMaxSuffixes) parts->suffixes[parts->suffix_count++] = suffix;
}

bool HasLetters(std::string_view s) {
  for (const char c : s)
    if (IsAlpha(c) || !IsAscii(c)) return true;
  return false;
}

// Adds the words of `token`, which has inner periods: behind a name "M.D" is one suffix, else "J.R" is two initials.
bool PushDotted(std::string_view token, Words* words) {
  if (words->size() > 0 && !SuffixOf(token).empty()) return words->Push(token);
  while (!token.empty()) {
    const size_t dot = token.find('.');
    const std::string_view piece = TrimChars(token.substr(0, dot), ",;:()[]\"");
    if (!piece.empty() && piece != "-" && !words->Push(piece)) return false;
    token = dot == std::string_view::npos ? std::string_view() : token.substr(dot + 1);
  }
  return true;
}

// Words without periods and commas at their ends and without what stands in quotes or brackets.
bool Tokenize(std::string_view text, Words* words) {
  Words raw;
  if (!raw.Split(text)) return false;
  char closing = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    std::string_view token = TrimChars(raw[i], ".,;:");
    if (token.empty() || token == "-") continue;
    if (closing == 0 && (token.front() == '(' || token.front() == '"' || token.front() == '['))
      closing = token.front() == '(' ? ')' : token.front() == '[' ? ']' : '"';
    if (closing != 0) {
      const bool ends = token.size() > 1 && TrimChars(token, ".,").ends_with(closing);
      if (ends) closing = 0;
      continue;
    }
    if (token.find('.') == std::string_view::npos ? !words->Push(token) : !PushDotted(token, words)) return false;
  }
  return true;
}

void DropTitles(Words* words) {
  size_t n = 0;
  while (n + 1 < words->size()) {
    const uint32_t cls = ClassOf((*words)[n]);
    if ((cls & kTitle) == 0 && ((cls & kNobleTitle) == 0 || words->size() - n < 3)) break;
    ++n;
  }
  words->Erase(0, n);
}

// Moves suffixes from the end of the words; at least one word stays. "Junior" and "Senior" are names too, so they count
// only after two other words.
void TakeSuffixes(Words* words, Parts* parts) {
  while (words->size() > 1) {
    const std::string_view word = (*words)[words->size() - 1];
    const std::string_view suffix = SuffixOf(word);
    if (suffix.empty() || (word.size() == 6 && IsGeneration(suffix) && words->size() < 3)) return;
    AddSuffix(suffix, parts);
    words->Erase(words->size() - 1, 1);
  }
}

bool AreSuffixes(std::string_view segment, Parts* parts) {
  Words words;
  if (!words.Split(segment) || words.size() == 0) return false;
  for (size_t i = 0; i < words.size(); ++i)
    if (SuffixOf(words[i]).empty()) return false;
  for (size_t i = 0; i < words.size(); ++i) AddSuffix(SuffixOf(words[i]), parts);
  return true;
}

bool IsOrdinal(std::string_view word) { return !word.empty() && IsDigit(word.front()); }

// "1st Baron Rowallan", "Viscount Rochford", "Bt."
bool IsPeerage(std::string_view segment) {
  Words words;
  if (!words.Split(segment) || words.size() == 0) return false;
  return (ClassOf(TrimChars(words[0], ".")) & kPeerage) != 0 || IsOrdinal(words[0]);
}

// Where the last name begins in words of a name without comma.
size_t LastNameBegin(const Words& words) {
  size_t last = words.size() - 1;
  if (words.size() >= 4 && EqualsIgnoreCase(words[last - 1], "y")) return last - 2;
  while (last > 1 && (ClassOf(words[last - 1]) & kParticle) != 0) --last;
  return last;
}

// True if the text could be split; else *parts holds no words worth using.
bool ParseFull(std::string_view text, Parts* parts) {
  std::array<std::string_view, 8> segments;
  size_t count = 0;
  while (!text.empty() && count < segments.size()) {
    const size_t comma = text.find(',');
    const std::string_view segment = Trim(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    if (segment.empty()) continue;
    if (count > 0 && (AreSuffixes(segment, parts) || IsPeerage(segment))) continue;
    segments[count++] = segment;
  }
  if (count == 0) return false;
  Words first_segment;
  if (!Tokenize(segments[0], &first_segment)) return false;
  if (count == 1) {
    DropTitles(&first_segment);
    TakeSuffixes(&first_segment, parts);
    parts->words = first_segment;
    for (size_t i = 0; i < first_segment.size(); ++i)
      if ((ClassOf(first_segment[i]) & kConnective) != 0 && !EqualsIgnoreCase(first_segment[i], "of")) return false;
    if (first_segment.size() < 2) return false;
    parts->last = LastNameBegin(first_segment);
    return true;
  }
  Words given;
  for (size_t i = 1; i < count; ++i)
    if (!Tokenize(segments[i], &given)) return false;
  DropTitles(&given);
  TakeSuffixes(&given, parts);
  TakeSuffixes(&first_segment, parts);
  if (given.size() == 0 || first_segment.size() == 0) return false;
  parts->words = given;
  parts->last = given.size();
  for (size_t i = 0; i < first_segment.size(); ++i)
    if (!parts->words.Push(first_segment[i])) return false;
  for (size_t i = 0; i < parts->words.size(); ++i)
    if (parts->words[i] == "&" || EqualsIgnoreCase(parts->words[i], "and")) return false;
  return true;
}

bool HasBothCases(std::string_view word) {
  bool upper = false, lower = false;
  for (const char c : word) {
    upper |= IsUpper(c);
    lower |= IsLower(c);
  }
  return upper && lower;
}

void AppendLower(std::string_view word, std::string* out) {
  for (const char c : word) out->push_back(Lower(c));
}

// words[from, to) in display case; of a last name the particles are small where the source's case says nothing.
void AppendWords(const Words& words, size_t from, size_t to, bool last_name, std::string* out) {
  for (size_t i = from; i < to; ++i) {
    if (i > from) out->push_back(' ');
    const uint32_t cls = last_name && i + 1 < to ? ClassOf(words[i]) : 0;
    const bool small = (cls & kSmallParticle) != 0 || ((cls & kInnerParticle) != 0 && i > from);
    if (small && !HasBothCases(words[i])) {
      AppendLower(words[i], out);
    } else {
      AppendDisplayWord(words[i], out);
    }
  }
}

void WriteSuffixes(const Parts& parts, std::string* out) {
  if (!out->empty()) return;
  for (const bool generation : {true, false}) {
    // TakeSuffixes works from the end, so the words are in reverse order of writing.
    for (size_t i = parts.suffix_count; i-- > 0;) {
      if (IsGeneration(parts.suffixes[i]) != generation) continue;
      if (!out->empty()) out->push_back(' ');
      out->append(parts.suffixes[i]);
    }
  }
}

bool IsCompany(std::string_view text) {
  Words words;
  if (!words.Split(text, ",.;:") || words.size() < 2) return false;
  uint32_t all = 0;
  for (size_t i = 0; i < words.size(); ++i) all |= ClassOf(words[i]);
  return (all & kCompany) != 0 || ((all & kCompanyWeak) != 0 && (all & kConnective) != 0);
}

// A name that stays whole: a company, or two persons.
void AppendUnsplit(std::string_view text, std::string* out) {
  Words words;
  if (!words.Split(text)) {
    AppendDisplayText(text, out);
    return;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out->push_back(' ');
    const uint32_t cls = ClassOf(TrimChars(words[i], ".,"));
    if ((cls & kAllCapitals) != 0) {
      for (const char c : words[i]) out->push_back(Upper(c));
    } else if (i > 0 && (cls & kConnective) != 0 && !HasBothCases(words[i])) {
      AppendLower(words[i], out);
    } else {
      AppendDisplayWord(words[i], out);
    }
  }
}

enum class Part { kFirst, kMiddle, kLast };

// Letters alone, no word with a meaning: nearly every name there is.
bool IsSimple(std::string_view text) {
  for (const char c : text)
    if (!IsAlpha(c)) return false;
  return ClassOf(text) == 0;
}

// The text if it says anything, else "" and the flags of junk.
std::string_view Useful(std::string_view text, uint32_t* flags) {
  if (text.empty()) return text;
  if (IsJunkName(text)) {
    *flags |= kFlagName | kFlagPlaceholder;
    return {};
  }
  if (HasLetters(text)) return text;
  *flags |= kFlagName;
  return {};
}

// One given part into its field; true if it was as simple as names mostly are. Its words go to *words, for the
// comparison with the full name.
bool NormalizePart(std::string_view text, Part part, std::string* value, Parts* suffixes, Record* out, Words* words) {
  if (text.empty()) return true;
  if (IsSimple(text)) {
    words->Push(text);
    AppendDisplayWord(text, value);
    return true;
  }
  if (part == Part::kLast && IsCompany(text)) {
    out->flags |= kFlagCompany;
    AppendUnsplit(text, value);
    return false;
  }
  if (!Tokenize(text, words)) {
    AppendDisplayText(text, value);
    return false;
  }
  if (part == Part::kFirst) DropTitles(words);
  if (part != Part::kMiddle) TakeSuffixes(words, suffixes);
  if (words->size() == 0 || (part == Part::kFirst && words->size() == 1 && (ClassOf((*words)[0]) & kTitle) != 0)) {
    words->Erase(0, words->size());
    out->flags |= kFlagName;
    return false;
  }
  AppendWords(*words, 0, words->size(), part == Part::kLast, value);
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
    if (IsOrdinal(words[i]) || (ClassOf(words[i]) & (kPeerage | kConnective)) != 0) return false;
  return true;
}

// Fills from the full name what the given parts leave open, if it begins and ends as they say.
void Supplement(std::string_view full, const Words& first, const Words& last, Parts* suffixes, Record* out) {
  // A part that stayed whole (a company, too many words) cannot be compared.
  if ((first.size() == 0) != (*out)[Field::kFirstName].empty()) return;
  if ((last.size() == 0) != (*out)[Field::kLastName].empty()) return;
  Parts parts;
  if (!ParseFull(full, &parts)) return;
  const Words& words = parts.words;
  if (first.size() > 0 && !MatchesAt(words, 0, first)) return;
  if (last.size() > 0 && (words.size() < last.size() || !MatchesAt(words, words.size() - last.size(), last))) return;
  const size_t end = last.size() > 0 ? words.size() - last.size() : parts.last;
  size_t begin = first.size() > 0 ? first.size() : 1;
  if (begin > end) return;
  if (first.size() == 0) AppendWords(words, 0, begin, false, &(*out)[Field::kFirstName]);
  if (last.size() == 0) AppendWords(words, end, words.size(), true, &(*out)[Field::kLastName]);
  std::string& middle = (*out)[Field::kMiddleName];
  if (middle.empty() && end - begin <= 4 && MayBeMiddle(words, begin, end))
    AppendWords(words, begin, end, false, &middle);
  for (size_t i = 0; i < parts.suffix_count; ++i) AddSuffix(parts.suffixes[i], suffixes);
}

// The source has only a full name.
void NormalizeFull(std::string_view full, Parts* suffixes, Record* out) {
  std::string& whole = (*out)[Field::kFullName];
  if (IsCompany(full)) {
    out->flags |= kFlagCompany;
    AppendUnsplit(full, &whole);
    return;
  }
  Parts parts;
  const bool split = ParseFull(full, &parts);
  if (!split) {
    AppendUnsplit(full, &whole);
    return;
  }
  const Words& words = parts.words;
  AppendWords(words, 0, 1, false, &(*out)[Field::kFirstName]);
  std::string& middle = (*out)[Field::kMiddleName];
  if (middle.empty()) AppendWords(words, 1, parts.last, false, &middle);
  AppendWords(words, parts.last, words.size(), true, &(*out)[Field::kLastName]);
  for (size_t i = 0; i < parts.suffix_count; ++i) AddSuffix(parts.suffixes[i], suffixes);
}

// "Mary A" or "J R" in the first-name column of a source that has no middle name: the initials at its end.
void MoveInitials(std::string* first_name, std::string* middle_name) {
  if (!middle_name->empty()) return;
  size_t end = first_name->size();
  while (end > 2 && IsAlpha((*first_name)[end - 1]) && (*first_name)[end - 2] == ' ') end -= 2;
  if (end == first_name->size()) return;
  middle_name->assign(*first_name, end + 1);
  first_name->resize(end);
}

void NormalizeSuffixField(std::string_view text, std::string* value) {
  if (text.empty()) return;
  Parts parts;
  Words words;
  if (!words.Split(text, ",")) return;
  for (size_t i = words.size(); i-- > 0;) {
    const std::string_view suffix = SuffixOf(words[i]);
    // A suffix of a name column may be one that nobody would dare to read out of a name.
    const bool v =
        EqualsIgnoreCase(words[i], "v") || EqualsIgnoreCase(words[i], "vi") || EqualsIgnoreCase(words[i], "i");
    if (suffix.empty() && !v) {
      value->assign(text);
      return;
    }
    AddSuffix(!suffix.empty() ? suffix : words[i].size() == 2 ? "VI" : Lower(words[i][0]) == 'v' ? "V" : "I", &parts);
  }
  WriteSuffixes(parts, value);
}

// Taking a text apart may leave junk of it ("Unknown (Bob)", "UNKNOWN SMITH"): what is left must be a name as well.
void DropJunk(Record* out) {
  for (const Field f : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName}) {
    std::string& value = (*out)[f];
    if (!value.empty() && Useful(value, &out->flags).empty()) value.clear();
  }
}

}  // namespace

void NormalizeNames(const RawNames& raw, Record* out) {
  std::string& first_name = (*out)[Field::kFirstName];
  std::string& middle_name = (*out)[Field::kMiddleName];
  std::string& last_name = (*out)[Field::kLastName];
  std::string& suffix = (*out)[Field::kSuffix];
  for (const Field f : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSuffix})
    (*out)[f].clear();
  const std::string_view full = Useful(raw.full, &out->flags);
  Words first, middle, last;
  Parts suffixes;
  bool simple = NormalizePart(Useful(raw.first, &out->flags), Part::kFirst, &first_name, &suffixes, out, &first);
  simple &= NormalizePart(Useful(raw.middle, &out->flags), Part::kMiddle, &middle_name, &suffixes, out, &middle);
  simple &= NormalizePart(Useful(raw.last, &out->flags), Part::kLast, &last_name, &suffixes, out, &last);
  NormalizeSuffixField(IsJunk(raw.suffix) ? std::string_view() : raw.suffix, &suffix);
  MoveInitials(&first_name, &middle_name);
  if (!full.empty()) {
    if (first_name.empty() && last_name.empty()) {
      NormalizeFull(full, &suffixes, out);
    } else {
      Supplement(full, first, last, &suffixes, out);
    }
  }
  WriteSuffixes(suffixes, &suffix);
  if (!simple || !full.empty()) DropJunk(out);
  for (const Field f : {Field::kFullName, Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSuffix})
    if (Cut(&(*out)[f], kNameBound)) out->flags |= kFlagTruncated;
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
