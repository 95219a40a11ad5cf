#include "sqlite_utf16.h"

#include <cstdint>

namespace migrate::extract {
namespace {

void AppendCodePoint(uint32_t c, std::string* out) {
  const auto put = [&](uint32_t b) { out->push_back(static_cast<char>(b)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      put(0xE0 | c >> 12);
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 63));
    }
    put(0x80 | (c >> 6 & 63));
  }
  put(0x80 | (c & 63));
}

}  // namespace

bool AppendUtf16(std::string_view bytes, bool big_endian, std::string* out) {
  const size_t before = out->size();
  const auto unit = [&](size_t i) {
    const auto a = static_cast<uint8_t>(bytes[i]), b = static_cast<uint8_t>(bytes[i + 1]);
    return big_endian ? static_cast<uint32_t>(a << 8 | b) : static_cast<uint32_t>(b << 8 | a);
  };
  const auto refuse = [&] {
    out->resize(before);
    return false;
  };
  if (bytes.size() % 2 != 0) return refuse();
  for (size_t i = 0; i < bytes.size(); i += 2) {
    uint32_t c = unit(i);
    if (c >= 0xD800 && c < 0xE000) {
      const uint32_t low = i + 4 <= bytes.size() ? unit(i + 2) : 0;
      if (c >= 0xDC00 || low < 0xDC00 || low >= 0xE000) return refuse();
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      i += 2;
    }
    AppendCodePoint(c, out);
  }
  return true;
}

}  // namespace migrate::extract
