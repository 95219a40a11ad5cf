#include "street_parts.h"

#include "migrate/normalize/casing.h"

namespace migrate::normalize {
std::string_view PlainLetters(std::string_view text, std::string* scratch) {
  size_t i = 0;
  while (i < text.size() && IsAscii(text[i])) ++i;
  if (i == text.size()) return text;
  constexpr std::pair<std::string_view, std::string_view> kPlain[] = {{"\u0130", "I"}, {"\u0131", "i"}, {"\u017F", "s"},
                                                                      {"½", " 1/2 "},  {"¼", " 1/4 "},  {"¾", " 3/4 "}};
  scratch->clear();
  for (i = 0; i < text.size();) {
    size_t length = 1;
    std::string_view plain = text.substr(i, 1);
    for (const auto& [from, to] : kPlain) {
      if (text.substr(i, from.size()) != from) continue;
      length = from.size();
      plain = to;
    }
    scratch->append(plain);
    i += length;
  }
  Compose(Form::kDisplay, scratch);  // a mark behind the letter may now have a letter to stand on
  return Trim(*scratch);
}

bool HasDigit(std::string_view s) {
  for (const char c : s)
    if (IsDigit(c)) return true;
  return false;
}

bool AllDigits(std::string_view s) { return !s.empty() && CountDigits(s) == static_cast<int>(s.size()); }

bool IsOrdinal(std::string_view s) {
  if (s.size() < 3 || !IsDigit(s[0])) return false;
  for (const char c : s.substr(0, s.size() - 2))
    if (!IsDigit(c)) return false;
  const std::string_view end = s.substr(s.size() - 2);
  return EqualsIgnoreCase(end, "st") || EqualsIgnoreCase(end, "nd") || EqualsIgnoreCase(end, "rd") ||
         EqualsIgnoreCase(end, "th");
}

namespace {

// "Apt4B", "Unit5": the designator and its number, written together.
size_t GluedDesignator(std::string_view word) {
  size_t letters = 0;
  while (letters < word.size() && IsAlpha(word[letters])) ++letters;
  if (letters < 2 || letters == word.size() || !IsDigit(word[letters])) return 0;
  // "RR2", "POBOX12", as the post knows them too
  for (const char* line : {"rr", "hc", "box", "pob", "pobox"})
    if (EqualsIgnoreCase(word.substr(0, letters), line)) return letters;
  if (letters < 3) return 0;
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
  for (const char* known : {"PO", "POB", "US", "RR", "HC"})
    if (EqualsIgnoreCase(joined, known)) return words->Push(known);
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

}  // namespace

bool TokenizeStreet(std::string_view text, Words* words) {
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

}  // namespace migrate::normalize
