#include "migrate/base/visible.h"

#include <fmt/core.h>

#include <cstdint>

namespace migrate {
namespace {

// The code point of three bytes that encode one from U+0800 to U+FFFF, else 0.
uint32_t ThreeByteCodePoint(std::string_view s) {
  const auto b = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  if (s.size() < 3 || (b(0) & 0xf0) != 0xe0 || (b(1) & 0xc0) != 0x80 || (b(2) & 0xc0) != 0x80) return 0;
  return (b(0) & 0x0fu) << 12 | (b(1) & 0x3fu) << 6 | (b(2) & 0x3fu);
}

bool IsInvisible(uint32_t c) {
  return c == 0xfeff || (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f);
}

}  // namespace

std::string Visible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<uint8_t>(text[i]);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else if (uint32_t point = ThreeByteCodePoint(text.substr(i)); IsInvisible(point)) {
      out += fmt::format("\\u{{{:x}}}", point);
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

}  // namespace migrate
