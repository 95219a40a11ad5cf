#include "migrate/dedupe/texts.h"

#include "migrate/dedupe/dictionary.h"

namespace migrate::dedupe {

Texts::Texts() : slots_(64, 0) {
  bytes_.push_back(0);
  bytes_.push_back(0);
}

uint32_t Texts::Add(std::string_view text) {
  if (text.empty()) return 0;
  text = text.substr(0, kLongest);
  const uint64_t hash = HashBytes(text);
  const size_t mask = slots_.size() - 1;
  const uint64_t tag = hash >> 32 << 32;
  size_t at = tag >> 32 & mask;
  for (; slots_[at] != 0; at = (at + 1) & mask)
    if ((slots_[at] ^ tag) >> 32 == 0 && Of(static_cast<uint32_t>(slots_[at])) == text)
      return static_cast<uint32_t>(slots_[at]);
  const auto id = static_cast<uint32_t>(bytes_.size() / 2);
  if (text.size() >= 128) bytes_.push_back(static_cast<char>(128 | text.size() >> 8));
  bytes_.push_back(static_cast<char>(text.size() & 255));
  bytes_.append(text.data(), text.size());
  if (bytes_.size() % 2 != 0) bytes_.push_back(0);
  slots_[at] = tag | id;
  if (++used_ * 4 > slots_.size() * 3) Grow();
  return id;
}

void Texts::Grow() {
  std::vector<uint64_t> slots(slots_.size() * 2, 0);
  const size_t mask = slots.size() - 1;
  for (const uint64_t slot : slots_) {
    if (slot == 0) continue;
    size_t at = slot >> 32 & mask;
    while (slots[at] != 0) at = (at + 1) & mask;
    slots[at] = slot;
  }
  slots_.swap(slots);
}

void Texts::Finish() {
  bytes_.shrink_to_fit();
  std::vector<uint64_t>().swap(slots_);
}

}  // namespace migrate::dedupe
