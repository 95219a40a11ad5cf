#include "phones_text.h"

#include <cstdint>

#include "migrate/normalize/text.h"

namespace migrate::normalize {
namespace {

constexpr size_t kMaxExtension = 7;

// The zeros of scripts whose digits people type (Unicode, general category Nd); one to nine follow each.
constexpr uint32_t kZeros[] = {0x0660, 0x06F0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6,
                               0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0, 0x0F20, 0x1040, 0x17E0};

// The digit of the three or two bytes of UTF-8 at s[i], or -1.
int DigitAt(std::string_view s, size_t i, size_t* length) {
  const auto byte = [&](size_t k) { return i + k < s.size() ? static_cast<uint8_t>(s[i + k]) : 0u; };
  uint32_t code = 0;
  if ((byte(0) & 0xE0) == 0xC0) {
    *length = 2;
    code = (byte(0) & 0x1Fu) << 6 | (byte(1) & 0x3Fu);
  } else if ((byte(0) & 0xF0) == 0xE0) {
    *length = 3;
    code = (byte(0) & 0x0Fu) << 12 | (byte(1) & 0x3Fu) << 6 | (byte(2) & 0x3Fu);
  } else {
    return -1;
  }
  if (i + *length > s.size()) return -1;
  for (const uint32_t zero : kZeros)
    if (code >= zero && code < zero + 10) return static_cast<int>(code - zero);
  return -1;
}

bool IsExtensionWord(std::string_view word) {
  static const WordTable table{{"x", 1},       {"ext", 1},       {"extn", 1},     {"xt", 1},    {"xtn", 1},
                               {"ex", 1},      {"extension", 1}, {"extensao", 1}, {"anexo", 1}, {"int", 1},
                               {"interno", 1}, {"ramal", 1},     {"poste", 1},    {"dw", 1},    {"durchwahl", 1},
                               {"app", 1},     {"toestel", 1},   {"#", 1}};
  return table.Find(word) != WordTable::kNone;
}

// Digits enough for a number before an extension.
constexpr int kLeastDigits = 7, kWholeDigits = 10;

// Digits, and the letters of "1-800-FLOWERS".
int CountDialled(std::string_view s) {
  int n = 0;
  for (const char c : s) n += IsAlnum(c);
  return n;
}

bool StartsWith(std::string_view s, std::string_view prefix) {
  return EqualsIgnoreCase(s.substr(0, prefix.size()), prefix);
}

}  // namespace

std::string_view AsciiDigits(std::string_view text, std::string* scratch) {
  size_t i = 0;
  while (i < text.size() && IsAscii(text[i])) ++i;
  if (i == text.size()) return text;
  scratch->clear();
  for (i = 0; i < text.size();) {
    size_t length = 1;
    const int digit = IsAscii(text[i]) ? -1 : DigitAt(text, i, &length);
    if (digit >= 0) {
      scratch->push_back(static_cast<char>('0' + digit));
      i += length;
    } else {
      scratch->push_back(text[i++]);
    }
  }
  return *scratch;
}

std::string_view UnwrapUri(std::string_view text, std::string* scratch) {
  size_t scheme = 0;
  for (const std::string_view s : {"tel:", "callto:", "sms:", "fax:"})
    if (StartsWith(text, s)) scheme = s.size();
  if (scheme == 0) return text;
  text = TrimChars(text.substr(scheme), " /");
  const size_t parameters = text.find(';');
  if (parameters == std::string_view::npos || text.find('=', parameters) == std::string_view::npos) return text;
  const std::string_view number = text.substr(0, parameters);
  std::string_view context, extension;
  for (std::string_view rest = text.substr(parameters + 1); !rest.empty();) {
    const size_t end = rest.find(';');
    const std::string_view parameter = rest.substr(0, end);
    if (StartsWith(parameter, "ext=")) extension = parameter.substr(4);
    if (StartsWith(parameter, "phone-context=")) context = parameter.substr(14);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  scratch->clear();
  // A context that is a domain says nothing about the digits.
  if (!context.empty() && context[0] == '+' && number.find('+') == std::string_view::npos) scratch->append(context);
  scratch->append(number);
  if (!extension.empty()) scratch->append(";ext=").append(extension);
  return *scratch;
}

Exactness ReadWholeNumber(std::string_view text, std::string* digits) {
  digits->clear();
  size_t i = 0;
  while (i < text.size() && IsDigit(text[i])) ++i;
  const std::string_view whole = text.substr(0, i);
  if (whole.empty() || i == text.size()) return Exactness::kNoNumber;
  std::string_view fraction;
  if (text[i] == '.' || text[i] == ',') {
    const size_t begin = ++i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    fraction = text.substr(begin, i - begin);
  }
  if (i == text.size()) {
    // "206.5559857" is punctuated; only zeros behind a number of full length are a fraction.
    const bool zeros = !fraction.empty() && fraction.find_first_not_of('0') == std::string_view::npos;
    if (!zeros || fraction.size() > 2 || whole.size() < kWholeDigits || text[whole.size()] != '.')
      return Exactness::kNoNumber;
    digits->assign(whole);
    return Exactness::kExact;
  }
  if (Lower(text[i]) != 'e' || whole.size() != 1 || whole[0] == '0') return Exactness::kNoNumber;
  ++i;
  if (i < text.size() && text[i] == '+') ++i;
  const std::string_view exponent = text.substr(i);
  if (exponent.empty() || exponent.size() > 2 || CountDigits(exponent) != static_cast<int>(exponent.size()))
    return Exactness::kNoNumber;
  size_t power = 0;
  for (const char c : exponent) power = power * 10 + static_cast<size_t>(c - '0');
  if (fraction.size() != power) return Exactness::kLossy;
  digits->append(whole).append(fraction);
  return Exactness::kExact;
}

std::string_view TakeExtension(std::string_view* text) {
  const std::string_view s = TrimChars(*text, " .)");
  size_t begin = s.size();
  while (begin > 0 && IsDigit(s[begin - 1])) --begin;
  const std::string_view digits = s.substr(begin);
  if (digits.empty() || digits.size() > kMaxExtension || begin == 0) return {};
  size_t end = begin;
  while (end > 0 && CharSet(" .:=-").Contains(s[end - 1])) --end;
  if (end == 0) return {};
  size_t word = end;
  const bool pause = s[end - 1] == ',' || s[end - 1] == ';';
  if (s[end - 1] == '#' || pause) {
    --word;
  } else {
    while (word > 0 && IsAlpha(s[word - 1])) --word;
    if (word == end || !IsExtensionWord(s.substr(word, end - word))) return {};
  }
  const std::string_view number = s.substr(0, word);
  const int n = CountDigits(number);
  if (n < (pause ? kWholeDigits : kLeastDigits) && !(n >= 3 && !pause && CountDialled(number) >= kWholeDigits))
    return {};
  *text = TrimChars(s.substr(0, word), " ,;(-");
  return digits;
}

bool IsPhoneLabel(std::string_view word) {
  static const WordTable table{
      {"cell", 1},    {"cel", 1},    {"mobile", 1},  {"mob", 1},      {"home", 1},   {"work", 1},     {"office", 1},
      {"fax", 1},     {"phone", 1},  {"tel", 1},     {"main", 1},     {"call", 1},   {"text", 1},     {"pager", 1},
      {"day", 1},     {"eve", 1},    {"evening", 1}, {"night", 1},    {"direct", 1}, {"business", 1}, {"other", 1},
      {"primary", 1}, {"number", 1}, {"voice", 1},   {"msg", 1},      {"only", 1},   {"after", 1},    {"best", 1},
      {"private", 1}, {"line", 1},   {"land", 1},    {"landline", 1}, {"none", 1},   {"unknown", 1},  {"telephone", 1}};
  return table.Find(word) != WordTable::kNone;
}

}  // namespace migrate::normalize
