#include "migrate/normalize/phones.h"

#include "foreign_phones.h"
#include "migrate/normalize/area_codes.h"
#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

constexpr int kMaxDigits = 24;
constexpr int kMaxExtension = 7;

// What a text dials: digits, whether '+' stood before them, and the extension.
struct Dialled {
  char digits[kMaxDigits];
  int count = 0;
  bool plus = false;
  std::string_view extension;
};

// Keypad digit of a letter (ITU-T E.161).
char KeypadDigit(char c) { return "22233344455566677778889999"[Lower(c) - 'a']; }

bool IsExtensionWord(std::string_view word) {
  return EqualsIgnoreCase(word, "x") || EqualsIgnoreCase(word, "ext") || EqualsIgnoreCase(word, "extn") ||
         EqualsIgnoreCase(word, "xt") || EqualsIgnoreCase(word, "extension") || word == "#";
}

// The extension at the end of *text, taken off it: after "x", "ext." or "#", one to seven digits. "" if there is none.
std::string_view TakeExtension(std::string_view* text) {
  std::string_view s = TrimChars(*text, " .)");
  size_t begin = s.size();
  while (begin > 0 && IsDigit(s[begin - 1])) --begin;
  const std::string_view digits = s.substr(begin);
  if (digits.empty() || digits.size() > kMaxExtension) return {};
  size_t end = begin;
  while (end > 0 && (s[end - 1] == ' ' || s[end - 1] == '.' || s[end - 1] == ':' || s[end - 1] == '=')) --end;
  size_t word = end;
  if (word > 0 && s[word - 1] == '#') {
    --word;
  } else {
    while (word > 0 && IsAlpha(s[word - 1])) --word;
  }
  if (word == end || !IsExtensionWord(s.substr(word, end - word)) || CountDigits(s.substr(0, word)) < 7) return {};
  *text = TrimChars(s.substr(0, word), " ,;(");
  return digits;
}

// Letters that are dialled: a run of at least three after the area code, where the digits alone are no whole number.
// Anything else that is a word ("cell", "home") is skipped.
void Dial(std::string_view text, Dialled* out) {
  const int digits = CountDigits(text);
  const bool vanity = digits >= 3 && digits < 10;
  for (size_t i = 0; i < text.size() && out->count < kMaxDigits; ++i) {
    const char c = text[i];
    if (IsDigit(c)) {
      out->digits[out->count++] = c;
    } else if (c == '+' && out->count == 0) {
      out->plus = true;
    } else if (vanity && IsAlpha(c) && out->count >= 3) {
      out->digits[out->count++] = KeypadDigit(c);
    }
  }
  // More letters than digits are needed are habit: 1-800-CONTACTS dials seven of them.
  if (!vanity || out->count == digits) return;
  const int whole = out->digits[0] == '1' ? 11 : 10;
  if (out->count > whole) out->count = whole;
}

bool IsNanpForm(const char* d) { return d[0] >= '2' && d[3] >= '2'; }

Outcome WriteNanp(const char* d, std::string_view extension, std::string* out) {
  const std::string_view digits(d, 10);
  if (IsDigitPlaceholder(digits) || digits.substr(3).find_first_not_of(d[3]) == std::string_view::npos)
    return Outcome::kPlaceholder;
  if (!IsNanpForm(d) || (d[1] == '1' && d[2] == '1')) return Outcome::kBad;
  out->append("+1").append(digits);
  if (!extension.empty()) out->append(";ext=").append(extension);
  const int area_code = (d[0] - '0') * 100 + (d[1] - '0') * 10 + (d[2] - '0');
  return AreaCodeCountry(area_code).empty() ? Outcome::kDoubtful : Outcome::kOk;
}

bool IsJunkDigits(const Dialled& d) {
  return d.count >= 4 && IsDigitPlaceholder(std::string_view(d.digits, static_cast<size_t>(d.count)));
}

bool IsSeparator(char c) { return c == ';' || c == ',' || c == '|' || c == '&' || c == '/'; }

// Length of a separator at text[i], or 0. ";ext=" is none.
size_t SeparatorAt(std::string_view text, size_t i) {
  if (text[i] == ' ' && EqualsIgnoreCase(text.substr(i, 4), " or ")) return 4;
  if (text[i] == ' ' && EqualsIgnoreCase(text.substr(i, 5), " and ")) return 5;
  if (!IsSeparator(text[i]) || EqualsIgnoreCase(text.substr(i, 5), ";ext=")) return 0;
  return 1;
}

}  // namespace

bool NextPhone(std::string_view* rest, std::string_view* part) {
  if (rest->empty()) return false;
  for (size_t i = 0; i < rest->size(); ++i) {
    const size_t n = SeparatorAt(*rest, i);
    if (n == 0) continue;
    // Both sides must be numbers, or the separator belongs to one: "030/12345", "555-9857, ext. 3".
    if (CountDigits(rest->substr(0, i)) < 7 || CountDigits(rest->substr(i + n)) < 7) continue;
    *part = Trim(rest->substr(0, i));
    *rest = Trim(rest->substr(i + n));
    return true;
  }
  *part = *rest;
  *rest = {};
  return true;
}

Outcome NormalizePhone(std::string_view text, std::string_view country, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  if (IsJunk(text)) return Outcome::kPlaceholder;
  std::string_view number = text;
  Dialled dialled;
  dialled.extension = TakeExtension(&number);
  Dial(number, &dialled);
  const char* d = dialled.digits;
  const int n = dialled.count;
  const bool home = IsNanpCountry(country);
  if (n == 0) return Outcome::kBad;
  if (IsJunkDigits(dialled)) return Outcome::kPlaceholder;
  if (home && !dialled.plus && n > 11 && d[0] == '0' && d[1] == '1' && d[2] == '1') {
    // 011 is the prefix for calls out of the plan's area; with 1 after it, it leads back in.
    if (d[3] == '1') return n == 14 ? WriteNanp(d + 4, dialled.extension, out) : Outcome::kBad;
    const std::string international = "+" + std::string(d + 3, static_cast<size_t>(n - 3));
    return NormalizeForeignPhone(international, country, out);
  }
  if (n == 11 && d[0] == '1' && (dialled.plus || home)) return WriteNanp(d + 1, dialled.extension, out);
  if (n == 10 && home && !dialled.plus) return WriteNanp(d, dialled.extension, out);
  if (home && !dialled.plus) return Outcome::kBad;
  const Outcome outcome = NormalizeForeignPhone(text, country, out);
  if (out->size() <= kPhoneBound) return outcome;
  out->clear();
  return Outcome::kBad;
}

}  // namespace migrate::normalize
