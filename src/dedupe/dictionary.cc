#include "migrate/dedupe/dictionary.h"

#include <algorithm>
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

Dictionary::Dictionary() : starts_{0, 0}, slots_(64) {}

bool Dictionary::Holds(const Slot& slot, std::string_view value) const {
  if (value.size() <= kShort)
    return slot.size == value.size() && std::memcmp(slot.text, value.data(), value.size()) == 0;
  return slot.size > kShort && std::memcmp(slot.text, value.data(), kShort) == 0 && Of(slot.id) == value;
}

uint32_t Dictionary::Add(std::string_view value) {
  if (value.empty()) return 0;
  const size_t mask = slots_.size() - 1;
  size_t at = HashBytes(value) & mask;
  for (; slots_[at].id != 0; at = (at + 1) & mask)
    if (Holds(slots_[at], value)) return slots_[at].id;
  const uint32_t id = size();
  bytes_.append(value);
  starts_.push_back(bytes_.size());
  Slot& slot = slots_[at];
  slot.id = id;
  slot.size = static_cast<uint8_t>(std::min(value.size(), kShort + 1));
  std::memcpy(slot.text, value.data(), std::min(value.size(), kShort));
  if (starts_.size() * 2 > slots_.size()) Grow();
  return id;
}

void Dictionary::Grow() {
  std::vector<Slot> slots(slots_.size() * 2);
  const size_t mask = slots.size() - 1;
  for (const Slot& slot : slots_) {
    if (slot.id == 0) continue;
    size_t at = HashBytes(Of(slot.id)) & mask;
    while (slots[at].id != 0) at = (at + 1) & mask;
    slots[at] = slot;
  }
  slots_.swap(slots);
}

uint64_t Dictionary::MemoryBytes() const {
  return bytes_.capacity() + starts_.capacity() * 8 + slots_.capacity() * sizeof(Slot);
}

}  // namespace migrate::dedupe
