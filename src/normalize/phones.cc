#include "migrate/normalize/phones.h"

#include "foreign_phones.h"
#include "migrate/normalize/area_codes.h"
#include "migrate/normalize/junk.h"
#include "phones_text.h"

namespace migrate::normalize {
namespace {

constexpr int kMaxDigits = 24;

// What a text dials: digits, whether '+' stood before them, and the extension.
struct Dialled {
  char digits[kMaxDigits];
  int count = 0;
  bool plus = false;
  std::string_view extension;

  std::string_view view() const { return {digits, static_cast<size_t>(count)}; }
};

// Keypad digit of a letter (ITU-T E.161).
char KeypadDigit(char c) { return "22233344455566677778889999"[Lower(c) - 'a']; }

// The toll-free and premium codes of North America, whose numbers are words on purpose.
bool IsVanityCode(std::string_view digits) {
  if (digits.size() > 3 && digits[0] == '1') digits.remove_prefix(1);
  return digits.size() >= 3 &&
         ((digits[0] == '8' && digits[1] == digits[2]) || digits.substr(0, 3) == "900" || digits.substr(0, 3) == "800");
}

// Letters that are dialled follow the area code where the digits alone are no whole number. Anything else that is a
// word
// ("cell", "home") is skipped.
void Dial(std::string_view text, bool vanity_allowed, Dialled* out) {
  const int digits = CountDigits(text);
  const bool vanity = vanity_allowed && digits >= 3 && digits < 10;
  for (size_t i = 0; i < text.size() && out->count < kMaxDigits; ++i) {
    const char c = text[i];
    if (IsDigit(c)) {
      out->digits[out->count++] = c;
    } else if (c == '+' && out->count == 0) {
      out->plus = true;
    } else if (vanity && IsAlpha(c) && out->count >= 3) {
      size_t end = i;
      while (end < text.size() && IsAlpha(text[end])) ++end;
      const bool label = !IsVanityCode(out->view()) && IsPhoneLabel(text.substr(i, end - i));
      for (; i < end && out->count < kMaxDigits; ++i)
        if (!label) out->digits[out->count++] = KeypadDigit(text[i]);
      --i;
    }
  }
  // More letters than digits are needed are habit: 1-800-CONTACTS dials seven of them.
  if (!vanity || out->count == digits) return;
  const int whole = out->digits[0] == '1' ? 11 : 10;
  if (out->count > whole) out->count = whole;
}

void AppendExtension(std::string_view extension, std::string* out) {
  if (!extension.empty()) out->append(";ext=").append(extension);
}

bool IsN11(const char* d) { return d[1] == '1' && d[2] == '1'; }

Outcome WriteNanp(const char* d, std::string_view extension, std::string* out) {
  out->clear();
  const std::string_view digits(d, 10);
  if (IsDigitPlaceholder(digits) || digits.substr(3).find_first_not_of(d[3]) == std::string_view::npos ||
      digits.substr(3) == "5551212")
    return Outcome::kPlaceholder;
  if (d[0] < '2' || d[3] < '2' || IsN11(d)) return Outcome::kBad;
  out->append("+1").append(digits);
  AppendExtension(extension, out);
  const int area_code = (d[0] - '0') * 100 + (d[1] - '0') * 10 + (d[2] - '0');
  return AreaCodeCountry(area_code).empty() || IsN11(d + 3) ? Outcome::kDoubtful : Outcome::kOk;
}

// Ten digits, or eleven with 1, and nothing but the usual punctuation: most numbers of a North American file.
bool ReadPlain(std::string_view text, char* digits) {
  constexpr CharSet kPunctuation = " ()-./";
  int n = 0;
  if (text.size() > 20) return false;
  for (const char c : text) {
    if (IsDigit(c)) {
      if (n == 0 && c == '1') {
        n = -1;  // the country code, if ten digits follow
        continue;
      }
      if (n == -1) n = 0;
      if (n == 10) return false;
      digits[n++] = c;
    } else if (!kPunctuation.Contains(c)) {
      return false;
    }
  }
  return n == 10 && !text.ends_with(".0") && !text.ends_with(".00");
}

// "206-555-9857/58": the last digits of a further number; the first is whole.
std::string_view CutAlternative(std::string_view text) {
  const size_t slash = text.rfind('/');
  if (slash == std::string_view::npos) return text;
  const std::string_view left = Trim(text.substr(0, slash)), right = Trim(text.substr(slash + 1));
  const int n = CountDigits(left);
  const bool tail = !right.empty() && right.size() <= 4 && CountDigits(right) == static_cast<int>(right.size());
  return tail && n >= 10 ? left : text;
}

// Removes `n` digits at the front.
void DropFront(int n, Dialled* d) {
  for (int i = n; i < d->count; ++i) d->digits[i - n] = d->digits[i];
  d->count -= n;
}

// Turns the prefixes for calls abroad (00 of ITU-T E.123, 011 of North America) into '+'. No country's code begins with
// 0, so behind '+' they are a slip.
void ReadPrefix(bool home, Dialled* d) {
  if (!d->plus && !home) return;
  const std::string_view digits = d->view();
  const int prefix = digits.starts_with("011") && (home || d->plus) ? 3 : digits.starts_with("00") ? 2 : 0;
  if (prefix == 0 || d->count < 10) return;
  DropFront(prefix, d);
  d->plus = true;
}

Outcome WriteForeign(const Dialled& d, std::string_view country, std::string* out) {
  std::string number = d.plus ? "+" : "";
  number.append(d.view());
  const Outcome outcome = NormalizeForeignPhone(number, country, out);
  if (outcome != Outcome::kOk) return outcome;
  if (out->starts_with("+1")) {
    // The library's own list of area codes is older than the table's.
    const std::string national = out->substr(2);
    out->clear();
    return national.size() == 10 ? WriteNanp(national.data(), d.extension, out) : Outcome::kBad;
  }
  AppendExtension(d.extension, out);
  if (out->size() <= kPhoneBound) return outcome;
  out->clear();
  return Outcome::kBad;
}

bool IsSeparator(char c) { return c == ';' || c == ',' || c == '|' || c == '&' || c == '/'; }

// ";ext=", ";phone-context=": a parameter of RFC 3966 is no separator.
bool IsParameter(std::string_view text) {
  size_t i = 1;
  while (i < text.size() && (IsAlpha(text[i]) || text[i] == '-')) ++i;
  return text[0] == ';' && i > 1 && i < text.size() && text[i] == '=';
}

// Length of a separator at text[i], or 0.
size_t SeparatorAt(std::string_view text, size_t i) {
  if (text[i] == ' ') {
    for (const std::string_view word : {" or ", " and ", " y ", " et ", " ou ", " und ", " oder "})
      if (EqualsIgnoreCase(text.substr(i, word.size()), word)) return word.size();
    return 0;
  }
  return IsSeparator(text[i]) && !IsParameter(text.substr(i)) ? 1 : 0;
}

// Where a second number begins behind a mere blank, or npos: E.164 has at most 15 digits, so more are two numbers,
// which part behind ten (eleven with 1) or before a '+'.
size_t NextAfterBlank(std::string_view text) {
  if (CountDigits(text) <= 15) return std::string_view::npos;
  int left = 0, right = CountDigits(text);
  bool one = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (IsDigit(text[i])) {
      one = left == 0 ? text[i] == '1' : one;
      ++left;
      --right;
    } else if (text[i] == ' ' && i + 1 < text.size()) {
      if (left >= 7 && text[i + 1] == '+') return i;
      if (left == (one ? 11 : 10) && right >= 10) return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

bool NextPhone(std::string_view* rest, std::string_view* part) {
  if (rest->empty()) return false;
  constexpr size_t kLeastForTwo = 15;  // seven digits, a separator, seven digits
  size_t at = std::string_view::npos, length = 1;
  for (size_t i = 0; rest->size() >= kLeastForTwo && i < rest->size() && at == std::string_view::npos; ++i) {
    const size_t n = SeparatorAt(*rest, i);
    if (n == 0) continue;
    // Both sides must be numbers, or the separator belongs to one: "030/12345", "555-9857, ext. 3".
    if (CountDigits(rest->substr(0, i)) < 7 || CountDigits(rest->substr(i + n)) < 7) continue;
    at = i;
    length = n;
  }
  if (at == std::string_view::npos && rest->size() > 16) at = NextAfterBlank(*rest);
  *part = Trim(rest->substr(0, at));
  *rest = at == std::string_view::npos ? std::string_view() : Trim(rest->substr(at + length));
  return true;
}

Outcome NormalizePhone(std::string_view text, std::string_view country, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  const bool home = IsNanpCountry(country);
  Dialled dialled;
  if (home && ReadPlain(text, dialled.digits)) return WriteNanp(dialled.digits, {}, out);
  if (IsJunk(text)) return Outcome::kPlaceholder;
  std::string ascii, unwrapped, whole;
  text = UnwrapUri(AsciiDigits(text, &ascii), &unwrapped);
  const Exactness exactness = ReadWholeNumber(text, &whole);
  if (exactness == Exactness::kLossy) return Outcome::kBad;
  if (exactness == Exactness::kExact) text = whole;
  std::string_view number = text;
  dialled.extension = TakeExtension(&number);
  Dial(home ? CutAlternative(number) : number, home, &dialled);
  if (dialled.count == 0) return Outcome::kBad;
  if (IsDigitPlaceholder(dialled.view())) return Outcome::kPlaceholder;
  ReadPrefix(home, &dialled);
  const char* d = dialled.digits;
  const int n = dialled.count;
  if (d[0] == '1' && (dialled.plus || (home && n == 11)))
    return n == 11 ? WriteNanp(d + 1, dialled.extension, out) : Outcome::kBad;
  if (n == 10 && home && !dialled.plus) return WriteNanp(d, dialled.extension, out);
  if (home && !dialled.plus) return Outcome::kBad;
  return WriteForeign(dialled, country, out);
}

}  // namespace migrate::normalize
