#include "migrate/dedupe/match_entries.h"

#include <algorithm>

namespace migrate::dedupe {

EntryMaker::EntryMaker(const Table& table, const Frequencies& frequencies, const std::vector<uint32_t>& caps)
    : table_(table), frequencies_(frequencies), values_(table.dictionaries()) {
  const std::vector<BlockingKey> keys = AllKeys(table.attribute_count());
  for (size_t i = 0; i < keys.size(); ++i)
    if (i < caps.size() && caps[i] >= 2) keys_.emplace_back(static_cast<uint8_t>(i), keys[i]);
}

void EntryMaker::Append(uint32_t row, std::vector<uint64_t>* out) const {
  const Features f = table_[row];
  out->push_back(values_.names[f.first]);
  out->push_back(values_.names[f.last]);
  std::vector<uint64_t> hashes;
  for (const auto& [number, key] : keys_) {
    hashes.clear();
    AppendValueHashes(key, table_, frequencies_, values_, row, &hashes);
    for (uint64_t& h : hashes) h = EntryOf(number, h);
    std::sort(hashes.begin(), hashes.end());
    hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
    out->insert(out->end(), hashes.begin(), hashes.end());
  }
  const size_t hubs = out->size();
  HubValues(table_, row, [&](HubField field, uint64_t hash, const std::function<std::string()>&) {
    out->push_back(HubEntryOf(field, hash));
  });
  std::sort(out->begin() + static_cast<ptrdiff_t>(hubs), out->end());
}

}  // namespace migrate::dedupe
