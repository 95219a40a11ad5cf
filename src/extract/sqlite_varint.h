// SQLite's varints (fileformat2.html, section 1.6): big-endian, 7 bits a byte, all 8 of the ninth.
#pragma once

#include <cstdint>

namespace migrate::extract {

// Where the varint at p ends; nullptr if it does not end before `end`.
inline const uint8_t* ReadSqliteVarint(const uint8_t* p, const uint8_t* end, uint64_t* value) {
  if (p < end && *p < 0x80) {
    *value = *p;
    return p + 1;
  }
  uint64_t v = 0;
  for (int i = 0; i < 9 && p < end; ++i) {
    const uint8_t b = *p++;
    if (i == 8) {
      *value = v << 8 | b;
      return p;
    }
    v = v << 7 | (b & 0x7f);
    if (b < 0x80) {
      *value = v;
      return p;
    }
  }
  return nullptr;
}

}  // namespace migrate::extract
