#include "migrate/normalize/postal_codes.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "migrate/normalize/countries.h"
#include "migrate/normalize/junk.h"
#include "postal_codes_forms.h"

namespace migrate::normalize {
namespace {

using Buffer = std::array<char, kZipBound>;

bool AllDigits(std::string_view s) { return !s.empty() && CountDigits(s) == static_cast<int>(s.size()); }

// Letters and digits of a code in capitals; "" if there is anything but blanks and hyphens besides, or too much of it.
std::string_view Compact(std::string_view text, Buffer* buffer) {
  size_t n = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    if (!IsAlnum(c) || n == buffer->size()) return {};
    (*buffer)[n++] = Upper(c);
  }
  return {buffer->data(), n};
}

bool IsSeparator(char c) { return c == ' ' || c == '-'; }

// `text` has nothing between its digits but where `form` has. Forms with letters leave no doubt and do not ask.
bool SeparatorsFit(std::string_view text, std::string_view form) {
  if (form.find_first_of("AX") != std::string_view::npos) return true;
  size_t i = 0;
  for (const char f : form) {
    if (IsSeparator(f)) {
      while (i < text.size() && (IsSeparator(text[i]))) ++i;
    } else if (i >= text.size() || !IsDigit(text[i++])) {
      return false;
    }
  }
  while (i < text.size() && text[i] == '-') ++i;  // "62704-"
  return i == text.size();
}

bool FitsChar(char c, char f) { return f == '9' ? IsDigit(c) : f == 'A' ? IsUpper(c) : IsAlnum(c); }

// What a letter that was taken for a digit, or a digit for a letter, stands for; 0 if it looks like none.
char Mistaken(char c, char f) {
  if (f == '9') return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : 0;
  return f == 'A' && c == '0' ? 'O' : f == 'A' && c == '1' ? 'I' : 0;
}

// The form of one country that `compact` has, or an empty view. With `slips` > 0 up to as many characters may be
// mistaken ones, which are put right in *compact (a buffer of the caller's).
bool Fits(char* compact, size_t size, std::string_view form, int slips) {
  size_t i = 0;
  for (const char f : form) {
    if (IsSeparator(f)) continue;
    if (i >= size) return false;
    if (!FitsChar(compact[i], f)) {
      const char right = slips-- > 0 ? Mistaken(compact[i], f) : '\0';
      if (right == 0) return false;
      compact[i] = right;
    }
    ++i;
  }
  return i == size;
}

std::string_view NextForm(std::string_view* forms) {
  const size_t end = forms->find('|');
  const std::string_view form = forms->substr(0, end);
  *forms = end == std::string_view::npos ? std::string_view() : forms->substr(end + 1);
  return form;
}

bool IsAllowed(std::string_view country, std::string_view compact) {
  if (country == "CA") return IsCanadaPostCode(compact);
  const bool royal_mail = country == "GB" || country == "GG" || country == "IM" || country == "JE";
  return !royal_mail || IsRoyalMailCode(compact);
}

// The form of `country` that text and its compact writing have; "" for none.
std::string_view FormOf(std::string_view text, std::string_view compact, std::string_view country) {
  Buffer buffer;
  std::copy(compact.begin(), compact.end(), buffer.begin());
  for (std::string_view forms = PostalForms(country); !forms.empty();) {
    const std::string_view form = NextForm(&forms);
    if (Fits(buffer.data(), compact.size(), form, 0) && SeparatorsFit(text, form) && IsAllowed(country, compact))
      return form;
  }
  return {};
}

// The characters of `code` with the separators of `text`.
std::string Spread(std::string_view text, std::string_view code) {
  std::string spread;
  size_t i = 0;
  for (const char c : text) spread.push_back(IsSeparator(c) ? c : code[i++]);
  return spread;
}

// As FormOf, for codes with one or two characters mistaken (O for 0, I for 1). Only where a single code comes out of
// it; it is in *buffer then.
std::string_view FormWithSlips(std::string_view text, std::string_view compact, std::string_view country,
                               Buffer* buffer) {
  const int digits = CountDigits(compact);
  if (digits < 1) return {};
  std::string_view found;
  for (std::string_view forms = PostalForms(country); !forms.empty();) {
    const std::string_view form = NextForm(&forms);
    Buffer mended;
    std::copy(compact.begin(), compact.end(), mended.begin());
    if (!Fits(mended.data(), compact.size(), form, digits < 3 ? 1 : 2)) continue;
    const std::string_view code(mended.data(), compact.size());
    if (!IsAllowed(country, code) || !SeparatorsFit(Spread(text, code), form)) continue;
    if (!found.empty() && code != std::string_view(buffer->data(), compact.size())) return {};
    if (found.empty()) found = form;
    *buffer = mended;
  }
  return found;
}

void Write(std::string_view compact, std::string_view form, std::string* out) {
  size_t i = 0;
  for (const char f : form) out->push_back(IsSeparator(f) ? f : compact[i++]);
  if (form == "99999-9999" && out->ends_with("-0000")) out->resize(5);  // a plus-four of 0000 is none
}

// "D-10115", "LV-1010", "F 75002": the country's sign before the code goes where a code is left.
std::string_view WithoutSign(std::string_view text, std::string_view country) {
  size_t letters = 0;
  while (letters < text.size() && IsAlpha(text[letters])) ++letters;
  if (letters == 0 || letters > 3 || letters + 1 >= text.size() || !IsSeparator(text[letters])) return text;
  if (!IsCountrySign(text.substr(0, letters), country)) return text;
  const std::string_view code = TrimChars(text.substr(letters), " -");
  Buffer buffer;
  const std::string_view compact = Compact(code, &buffer);
  return compact.size() >= 3 && !FormOf(code, compact, country).empty() ? code : text;
}

// Digits that a numeric column holds of codes of this country, 0 where they have letters.
size_t DigitsOf(std::string_view country) {
  std::string_view forms = PostalForms(country);
  const std::string_view form = NextForm(&forms);
  if (form.find_first_of("AX") != std::string_view::npos) return 0;
  return static_cast<size_t>(std::count(form.begin(), form.end(), '9'));
}

// Zeros that a numeric column lost.
void Pad(std::string_view digits, std::string_view country, std::string* padded) {
  const size_t length = DigitsOf(country);
  const bool plus4 = length == 5 && StyleOf(country) == AddressStyle::kUs && digits.size() >= 7 && digits.size() <= 9;
  const size_t whole = plus4 ? 9 : length;
  const bool lost = digits.size() + 2 >= whole && digits.size() < whole;
  padded->assign(lost ? whole - digits.size() : 0, '0');
  padded->append(digits);
}

// "2139.0" in a text was a number once.
bool TakeZeroFraction(std::string_view* text) {
  if (text->size() < 4 || !text->ends_with(".0") || !AllDigits(text->substr(0, text->size() - 2))) return false;
  text->remove_suffix(2);
  return true;
}

// Zeros and nines that the form of a code had hidden ("00000-1234").
Outcome DropNoZip(std::string* out) {
  const bool none = out->starts_with("00000") || *out == "99999" || out->find_first_not_of("0 -") == std::string::npos;
  if (!none) return Outcome::kOk;
  out->clear();
  return Outcome::kPlaceholder;
}

Outcome Keep(std::string_view text, std::string_view country, std::string* out) {
  if (text.size() > kZipBound) return Outcome::kBad;
  const bool known = !PostalForms(country).empty();
  if (known && CountDigits(text) == 0) return Outcome::kBad;
  for (const char c : text) out->push_back(Upper(c));
  return known ? Outcome::kDoubtful : Outcome::kOk;
}

}  // namespace

bool IsZipOf(std::string_view text, std::string_view country) {
  Buffer buffer;
  text = WithoutSign(text, country);
  const std::string_view compact = Compact(text, &buffer);
  if (compact.size() < 3) return false;
  if (PostalForms(country).empty()) return compact.size() == 5 && AllDigits(text);
  return !FormOf(text, compact, country).empty();
}

Outcome NormalizeZip(std::string_view text, CellType type, std::string_view country, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  std::string padded;
  const bool was_number = TakeZeroFraction(&text);
  if ((was_number || type == CellType::kInteger || type == CellType::kReal) && AllDigits(text)) {
    if (text.find_first_not_of('0') == std::string_view::npos) return Outcome::kPlaceholder;
    Pad(text, country, &padded);
    text = padded;
  }
  if (IsJunk(text)) return Outcome::kPlaceholder;
  if (text.size() == 5 && country == "US" && AllDigits(text)) {  // most codes, and no doubt about them
    if (text == "00000" || text == "99999") return Outcome::kPlaceholder;
    out->assign(text);
    return Outcome::kOk;
  }
  Buffer buffer, mended;
  text = WithoutSign(text, country);
  const std::string_view compact = Compact(text, &buffer);
  if (compact.size() >= 4 &&
      (compact.find_first_not_of('0') == std::string_view::npos || compact == "99999" || compact == "999999999"))
    return Outcome::kPlaceholder;
  if (compact.empty()) return Keep(text, country, out);
  std::string_view form = FormOf(text, compact, country);
  // Files of one of the two neighbours hold codes of the other, and the forms cannot be confused.
  if (form.empty() && StyleOf(country) == AddressStyle::kUs) form = FormOf(text, compact, "CA");
  if (form.empty() && country == "CA") form = FormOf(text, compact, "US");
  if (!form.empty()) {
    Write(compact, form, out);
    return DropNoZip(out);
  }
  form = FormWithSlips(text, compact, country, &mended);
  if (form.empty()) return Keep(text, country, out);
  Write({mended.data(), compact.size()}, form, out);
  return DropNoZip(out);
}

}  // namespace migrate::normalize
