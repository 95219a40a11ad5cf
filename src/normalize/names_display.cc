#include "names_display.h"

#include "migrate/normalize/casing.h"
#include "migrate/normalize/names.h"
#include "name_words.h"

namespace migrate::normalize {
namespace {

void AppendLower(std::string_view word, std::string* out) {
  for (const char c : word) out->push_back(Lower(c));
}

bool IsLowerWord(std::string_view word) {
  for (const char c : word)
    if (IsUpper(c)) return false;
  return true;
}

bool IsSmallParticle(const Words& words, size_t i, bool begins, bool mixed) {
  const uint32_t cls = ClassOf(words[i]);
  if (mixed && IsLowerWord(words[i])) return (cls & (kParticle | kLowerParticle | kLinkParticle | kPeople)) != 0;
  if (HasBothCases(words[i])) return false;
  if ((cls & kSmallParticle) != 0) return true;
  if (begins) return false;
  return (cls & kInnerParticle) != 0 || ((cls & kPeople) != 0 && (ClassOf(words[i - 1]) & kSmallParticle) != 0);
}

}  // namespace

bool IsInitials(std::string_view word) {
  if (word.size() != 2 || HasBothCases(word) || !IsAlpha(word[0]) || !IsAlpha(word[1])) return false;
  constexpr CharSet kVowels = "aeiouyAEIOUY";
  return Lower(word[1]) == 'j' || (!kVowels.Contains(word[0]) && !kVowels.Contains(word[1]));
}

void AppendWords(const Words& words, size_t from, size_t to, NamePart part, std::string* out) {
  bool upper = false;
  for (size_t i = from; i < to; ++i) upper |= !IsLowerWord(words[i]);
  for (size_t i = from; i < to; ++i) {
    if (i > from) out->push_back(' ');
    const std::string_view word = words[i];
    if (part == NamePart::kLast && i + 1 < to && IsSmallParticle(words, i, i == from, upper)) {
      AppendLower(word, out);
    } else if (part == NamePart::kFirst && IsInitials(word)) {
      for (const char c : word) out->push_back(Upper(c));
    } else {
      AppendDisplayWord(word, out);
    }
  }
}

void AppendUnsplit(std::string_view text, bool company, bool begins, std::string* out) {
  Words words;
  if (!words.Split(text)) {
    AppendDisplayText(text, out);
    return;
  }
  const bool mixed = HasBothCases(text);
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out->push_back(' ');
    const std::string_view word = words[i];
    const std::string_view core = StrippedWord(word, false);  // as it is read when the name is taken apart
    const uint32_t cls = ClassOfDotted(core);
    const bool first = begins && i == 0;
    const bool capitals = (cls & kAllCapitals) != 0 && ((cls & kCompanyLast) == 0 || i + 1 == words.size());
    if (capitals && !HasBothCases(word) && (!mixed || !IsLowerWord(word))) {
      for (const char c : word) out->push_back(Upper(c));
    } else if (!first && (cls & (kConnective | kPeople)) != 0 && !HasBothCases(word)) {
      AppendLower(word, out);
    } else if (const std::string_view suffix = first ? "" : SuffixOf(TrimChars(word, ",")); !suffix.empty()) {
      out->append(suffix).append(word.ends_with(',') ? "," : "");
    } else if (mixed && !first && cls != 0 && IsLowerWord(word)) {
      out->append(word);
    } else if (mixed && !HasBothCases(word) && !IsLowerWord(word) && (company || !CapitalSuffixOf(core).empty())) {
      out->append(word);
    } else {
      AppendDisplayWord(word, out);
    }
  }
}

void AppendWhole(std::string_view text, bool company, std::string* out) {
  std::string display, again;
  AppendUnsplit(text, company, true, &display);
  for (int round = 0; round < 4; ++round) {
    again.clear();
    AppendUnsplit(display, company, true, &again);
    if (again == display) break;
    display.swap(again);
  }
  out->append(display);
}

}  // namespace migrate::normalize
