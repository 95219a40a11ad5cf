#include "migrate/dedupe/dictionary.h"

#include <bit>
#include <cstring>

namespace migrate::dedupe {

uint64_t HashBytes(std::string_view s, uint64_t seed) {
  uint64_t h = seed ^ (0x51ed270b9f1c2a35ull * (s.size() + 1));
  while (s.size() >= 8) {
    uint64_t word = 0;
    if constexpr (std::endian::native == std::endian::little) {
      std::memcpy(&word, s.data(), 8);
    } else {
      for (int i = 7; i >= 0; --i) word = word << 8 | static_cast<uint8_t>(s[static_cast<size_t>(i)]);
    }
    h = HashMix(h, word);
    s.remove_prefix(8);
  }
  uint64_t tail = 0;
  for (const char c : s) tail = tail << 8 | static_cast<uint8_t>(c);
  return HashMix(h, tail);
}

Dictionary::Dictionary() : starts_{0, 0}, counts_{0}, slots_(64, 0) {}

uint32_t Dictionary::Add(std::string_view value) {
  if (value.empty()) return 0;
  const size_t mask = slots_.size() - 1;
  size_t at = HashBytes(value) & mask;
  while (slots_[at] != 0) {
    if (Of(slots_[at]) == value) {
      ++counts_[slots_[at]];
      return slots_[at];
    }
    at = (at + 1) & mask;
  }
  const uint32_t id = size();
  bytes_.append(value);
  starts_.push_back(bytes_.size());
  counts_.push_back(1);
  slots_[at] = id;
  if (counts_.size() * 2 > slots_.size()) Grow();
  return id;
}

void Dictionary::Grow() {
  slots_.assign(slots_.size() * 2, 0);
  const size_t mask = slots_.size() - 1;
  for (uint32_t id = 1; id < size(); ++id) {
    size_t at = HashBytes(Of(id)) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = id;
  }
}

uint64_t Dictionary::MemoryBytes() const {
  return bytes_.capacity() + starts_.capacity() * 8 + counts_.capacity() * 4 + slots_.capacity() * 4;
}

}  // namespace migrate::dedupe
