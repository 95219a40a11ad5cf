#include "migrate/record/keys.h"

#include <utf8proc.h>

#include <cstdint>

namespace migrate {
namespace {

constexpr bool IsAsciiAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Letters that Unicode does not decompose although databases write them both ways.
std::string_view AsciiSpelling(int32_t c) {
  switch (c) {
    case 0xE6:
      return "ae";
    case 0xF0:
      return "d";
    case 0xF8:
      return "o";
    case 0xFE:
      return "th";
    case 0x111:
      return "d";
    case 0x127:
      return "h";
    case 0x131:
      return "i";
    case 0x142:
      return "l";
    case 0x153:
      return "oe";
    default:
      return {};
  }
}

bool IsLetterOrDigit(int32_t c) {
  const utf8proc_category_t category = utf8proc_category(c);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO);
}

void AppendCodePoint(int32_t c, std::string* out) {
  const std::string_view ascii = AsciiSpelling(c);
  if (!ascii.empty()) {
    out->append(ascii);
    return;
  }
  if (!IsLetterOrDigit(c)) return;
  uint8_t bytes[4];
  const utf8proc_ssize_t n = utf8proc_encode_char(c, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(n));
}

// Decomposes and folds one code point; utf8proc orders marks only within a whole string, but marks are dropped here.
void FoldCodePoint(int32_t c, std::string* out) {
  constexpr auto kOptions = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD |
                                                           UTF8PROC_IGNORE | UTF8PROC_STRIPMARK);
  utf8proc_int32_t parts[32];
  int boundary = 0;
  const utf8proc_ssize_t n = utf8proc_decompose_char(c, parts, 32, kOptions, &boundary);
  for (utf8proc_ssize_t i = 0; i < n && i < 32; ++i) AppendCodePoint(parts[i], out);
}

}  // namespace

void FoldKey(std::string_view utf8, std::string* out) {
  size_t i = 0;
  while (i < utf8.size()) {
    const char c = utf8[i];
    if (static_cast<uint8_t>(c) < 0x80) {
      if (IsAsciiAlnum(c)) out->push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c);
      ++i;
      continue;
    }
    utf8proc_int32_t code = -1;
    const utf8proc_ssize_t n = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + i,
                                                static_cast<utf8proc_ssize_t>(utf8.size() - i), &code);
    if (n > 0) FoldCodePoint(code, out);
    i += n > 0 ? static_cast<size_t>(n) : 1;
  }
}

std::string LooseEmail(std::string_view strict) {
  const size_t at = strict.rfind('@');
  if (at == std::string_view::npos) return std::string(strict);
  std::string_view local = strict.substr(0, at);
  std::string_view domain = strict.substr(at + 1);
  const size_t plus = local.find('+');
  if (plus != std::string_view::npos) local = local.substr(0, plus);
  const bool gmail = domain == "gmail.com" || domain == "googlemail.com";
  if (gmail) domain = "gmail.com";
  std::string key;
  for (const char c : local)
    if (!gmail || c != '.') key.push_back(c);
  if (key.empty()) return std::string(strict);
  key.push_back('@');
  key.append(domain);
  return key;
}

}  // namespace migrate
