#include "migrate/normalize/postal_codes.h"

#include "migrate/normalize/countries.h"
#include "migrate/normalize/junk.h"

namespace migrate::normalize {
namespace {

bool AllDigits(std::string_view s) { return !s.empty() && CountDigits(s) == static_cast<int>(s.size()); }

// Letters and digits of a code in capitals; "" if there is anything but blanks and hyphens besides, or too much of it.
std::string_view Compact(std::string_view text, std::array<char, kZipBound>* buffer) {
  size_t n = 0;
  for (const char c : text) {
    if (c == ' ' || c == '-') continue;
    if (!IsAlnum(c) || n == buffer->size()) return {};
    (*buffer)[n++] = Upper(c);
  }
  return {buffer->data(), n};
}

// ZIP or ZIP+4 from 5 or 9 digits.
void AppendUsZip(std::string_view digits, std::string* out) {
  out->append(digits.substr(0, 5));
  if (digits.size() == 9 && digits.substr(5) != "0000") out->append("-").append(digits.substr(5));
}

bool IsUsForm(std::string_view text, std::string_view compact) {
  if (!AllDigits(compact)) return false;
  if (compact.size() == 5) return text.find_first_of(" -") == std::string_view::npos || text.back() == '-';
  return compact.size() == 9 && (text.size() == 9 || (text.size() == 10 && !IsDigit(text[5])));
}

// Canada Post: A9A 9A9 without D F I O Q U, and no W or Z in the first place.
bool IsCanadianForm(std::string_view c) {
  if (c.size() != 6) return false;
  for (size_t i = 0; i < 6; ++i) {
    if (i % 2 == 1 ? !IsDigit(c[i]) : !IsUpper(c[i])) return false;
    if (std::string_view("DFIOQU").find(c[i]) != std::string_view::npos) return false;
  }
  return c[0] != 'W' && c[0] != 'Z';
}

// BS 7666: outward A9, A99, AA9, AA99, A9A, AA9A, then inward 9AA; and GIR 0AA.
bool IsBritishForm(std::string_view c) {
  if (c.size() < 5 || c.size() > 7) return false;
  const std::string_view inward = c.substr(c.size() - 3);
  if (!IsDigit(inward[0]) || !IsUpper(inward[1]) || !IsUpper(inward[2])) return false;
  if (c == "GIR0AA") return true;
  std::string_view outward = c.substr(0, c.size() - 3);
  if (!IsUpper(outward[0])) return false;
  outward.remove_prefix(IsUpper(outward[1]) ? 2 : 1);
  if (outward.empty() || outward.size() > 2 || !IsDigit(outward[0])) return false;
  return outward.size() == 1 || IsAlnum(outward[1]);
}

size_t DigitsOf(std::string_view country) {
  for (const char* five : {"DE", "ES", "FR", "IT", "MX"})
    if (country == five) return 5;
  if (country == "AU" || country == "NZ") return 4;
  return StyleOf(country) == AddressStyle::kUs ? 5 : 0;
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

void AppendSplit(std::string_view compact, size_t at, std::string* out) {
  out->append(compact.substr(0, at)).append(" ").append(compact.substr(at));
}

Outcome Keep(std::string_view text, AddressStyle style, std::string* out) {
  if (text.size() > kZipBound) return Outcome::kBad;
  if (style == AddressStyle::kOther) {
    for (const char c : text) out->push_back(Upper(c));
    return Outcome::kOk;
  }
  if (CountDigits(text) == 0) return Outcome::kBad;
  for (const char c : text) out->push_back(Upper(c));
  return Outcome::kDoubtful;
}

}  // namespace

bool IsZipOf(std::string_view text, std::string_view country) {
  std::array<char, kZipBound> buffer;
  const std::string_view compact = Compact(text, &buffer);
  if (country == "CA") return IsCanadianForm(compact);
  if (country == "GB") return IsBritishForm(compact);
  if (country == "AU" || country == "NZ") return compact.size() == 4 && AllDigits(text);
  if (StyleOf(country) == AddressStyle::kUs) return IsUsForm(text, compact);
  return compact.size() == 5 && AllDigits(text);
}

Outcome NormalizeZip(std::string_view text, CellType type, std::string_view country, std::string* out) {
  out->clear();
  if (text.empty()) return Outcome::kEmpty;
  std::string padded;
  if ((type == CellType::kInteger || type == CellType::kReal) && AllDigits(text)) {
    if (text.find_first_not_of('0') == std::string_view::npos) return Outcome::kPlaceholder;
    Pad(text, country, &padded);
    text = padded;
  }
  if (IsJunk(text)) return Outcome::kPlaceholder;
  std::array<char, kZipBound> buffer;
  const std::string_view compact = Compact(text, &buffer);
  if (compact.size() >= 4 &&
      (compact.find_first_not_of('0') == std::string_view::npos || compact == "99999" || compact == "999999999"))
    return Outcome::kPlaceholder;
  const AddressStyle style = StyleOf(country);
  if (style == AddressStyle::kUs && IsUsForm(text, compact)) {
    AppendUsZip(compact, out);
    return Outcome::kOk;
  }
  const bool north_america = style == AddressStyle::kUs || style == AddressStyle::kCanada;
  if (north_america && IsCanadianForm(compact)) {
    AppendSplit(compact, 3, out);
    return Outcome::kOk;
  }
  if (country == "GB" && IsBritishForm(compact)) {
    AppendSplit(compact, compact.size() - 3, out);
    return Outcome::kOk;
  }
  if ((country == "AU" || country == "NZ") && IsZipOf(text, country)) {
    out->assign(text);
    return Outcome::kOk;
  }
  return Keep(text, style, out);
}

}  // namespace migrate::normalize
