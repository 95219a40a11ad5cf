// Byte coding: varints (LEB128), fixed-width integers, hex, base64 (RFC 4648 with padding).
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace migrate {

inline void PutVarint(std::string* out, uint64_t v) {
  char b[10];
  size_t n = 0;
  for (; v >= 0x80; v >>= 7) b[n++] = static_cast<char>(v | 0x80);
  b[n++] = static_cast<char>(v);
  out->append(b, n);
}

inline void PutBytes(std::string* out, std::string_view bytes) {
  PutVarint(out, bytes.size());
  out->append(bytes);
}

inline void PutFixed64(std::string* out, uint64_t v) {  // little-endian
  char b[8];
  std::memcpy(b, &v, 8);
  out->append(b, 8);
}

// Reads what the functions above wrote. After the first failure every read fails (returns 0 or ""), so that a decoder
// checks ok() once, at its end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : p_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  uint64_t Varint() {
    uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (p_ == end_) break;
      auto b = static_cast<uint8_t>(*p_++);
      v |= static_cast<uint64_t>(b & 0x7f) << shift;
      if (b < 0x80) return v;
    }
    ok_ = false;
    p_ = end_;
    return 0;
  }
  uint64_t Fixed64() {
    std::string_view b = Raw(8);
    uint64_t v = 0;
    if (b.size() == 8) std::memcpy(&v, b.data(), 8);
    return v;
  }
  std::string_view Bytes() { return Raw(Varint()); }
  std::string_view Raw(uint64_t n) {
    if (n > static_cast<uint64_t>(end_ - p_)) {
      ok_ = false;
      p_ = end_;
      return {};
    }
    std::string_view v(p_, n);
    p_ += n;
    return v;
  }
  bool ok() const { return ok_; }
  bool done() const { return p_ == end_; }

 private:
  const char* p_;
  const char* end_;
  bool ok_ = true;
};

std::string Hex(std::string_view bytes);
std::optional<std::string> Unhex(std::string_view hex);
std::string Base64(std::string_view bytes);
std::optional<std::string> Unbase64(std::string_view text);

// Is the text valid UTF-8 (RFC 3629: no surrogates, no overlong forms)?
bool IsUtf8(std::string_view bytes);

}  // namespace migrate
