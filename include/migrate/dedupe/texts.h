// Texts: distinct texts under numbers, for fields in which nearly every value is somebody's own (e-mails, ids). A
// number is a place, so nothing but the text itself is kept: its bytes, one or two for its length, half a byte of
// padding on average. While values are added, 8 to 20 bytes a distinct text on top to find it again.
//
// Numbers depend on the order of Add; nothing that reaches a result may be ordered by them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "migrate/dedupe/column.h"

namespace migrate::dedupe {

class Texts {
 public:
  Texts();

  // The number of `text`, cut to kLongest bytes; 0 for "".
  uint32_t Add(std::string_view text);
  // No further Add; gives back what that needed.
  void Finish();
  // True where no number is left for another text: 8 GiB are in use.
  bool full() const { return bytes_.size() > (uint64_t{1} << 33) - kLongest - 8; }

  // Text of a number; valid until the next Add. Of(0) is "".
  std::string_view Of(uint32_t id) const {
    const auto* at = bytes_.data() + uint64_t{id} * 2;
    size_t size = static_cast<uint8_t>(*at++);
    if (size >= 128) size = (size & 127) << 8 | static_cast<uint8_t>(*at++);
    return {at, size};
  }
  void Prefetch(uint32_t id) const { __builtin_prefetch(bytes_.data() + uint64_t{id} * 2); }
  uint64_t MemoryBytes() const { return bytes_.MemoryBytes() + slots_.capacity() * 8; }

  static constexpr size_t kLongest = 32767;

 private:
  void Grow();

  Column<char> bytes_;
  std::vector<uint64_t> slots_;  // open addressing: 32 bits of the hash, number; 0 is free
  size_t used_ = 0;
};

}  // namespace migrate::dedupe
