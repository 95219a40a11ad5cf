#include "block_runs.h"

#include <algorithm>
#include <bit>

namespace migrate::dedupe {
namespace {

// A set of hashes that errs on the side of having one: one bit a hash, 16 bits of room each.
class HashSet {
 public:
  explicit HashSet(size_t hashes)
      : bits_(std::bit_ceil(std::max<size_t>(1024, hashes * 16)) / 64), mask_(bits_.size() * 64 - 1) {}
  void Add(uint64_t hash) { bits_[(hash >> 20 & mask_) / 64] |= uint64_t{1} << (hash >> 20 & 63); }
  bool MayHave(uint64_t hash) const { return (bits_[(hash >> 20 & mask_) / 64] >> (hash >> 20 & 63) & 1) != 0; }

 private:
  std::vector<uint64_t> bits_;
  uint64_t mask_;
};

template <class Take>
void EachHash(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t row,
              std::vector<uint64_t>* hashes, Take take) {
  hashes->clear();
  AppendHashes(key, table, frequencies, row, hashes);
  if (hashes->size() > 1) {
    std::sort(hashes->begin(), hashes->end());
    hashes->erase(std::unique(hashes->begin(), hashes->end()), hashes->end());
  }
  for (const uint64_t hash : *hashes) take(hash);
}

}  // namespace

std::vector<BlockEntry> CollectEntries(const BlockingKey& key, const Table& table, const Frequencies& frequencies,
                                       const RowSlice* slice) {
  std::vector<uint64_t> hashes;
  std::vector<BlockEntry> entries;
  if (slice == nullptr) {
    for (uint32_t row = 0; row < table.size(); ++row)
      EachHash(key, table, frequencies, row, &hashes, [&](uint64_t hash) { entries.push_back({hash, row}); });
  } else {
    HashSet wanted(slice->size());
    for (uint32_t i = 0; i < slice->size(); ++i)
      EachHash(key, table, frequencies, slice->RowAt(i), &hashes, [&](uint64_t hash) { wanted.Add(hash); });
    for (uint32_t row = 0; row < table.size(); ++row)
      EachHash(key, table, frequencies, row, &hashes, [&](uint64_t hash) {
        if (wanted.MayHave(hash)) entries.push_back({hash, row});
      });
  }
  std::vector<BlockEntry> scratch;
  SortEntries(&entries, &scratch);
  return entries;
}

// Three counting passes of 11 bits bring equal hashes together but for collisions of 33 bits, which the last step
// sorts out.
void SortEntries(std::vector<BlockEntry>* entries, std::vector<BlockEntry>* scratch) {
  if (entries->size() < 4096) {
    std::sort(entries->begin(), entries->end(), [](const BlockEntry& a, const BlockEntry& b) {
      return a.hash != b.hash ? a.hash < b.hash : a.row < b.row;
    });
    return;
  }
  constexpr unsigned kBits = 11, kPasses = 3;
  constexpr uint64_t kMask = (1u << kBits) - 1;
  scratch->resize(entries->size());
  for (unsigned pass = 0; pass < kPasses; ++pass) {
    const unsigned shift = pass * kBits;
    std::vector<uint32_t> at(size_t{1} << kBits, 0);
    for (const BlockEntry& e : *entries) ++at[e.hash >> shift & kMask];
    uint32_t sum = 0;
    for (uint32_t& n : at) {
      const uint32_t here = n;
      n = sum;
      sum += here;
    }
    for (const BlockEntry& e : *entries) (*scratch)[at[e.hash >> shift & kMask]++] = e;
    entries->swap(*scratch);
  }
  constexpr uint64_t kLow = (uint64_t{1} << (kBits * kPasses)) - 1;
  for (size_t from = 0, to = 0; from < entries->size(); from = to) {
    bool mixed = false;
    for (to = from + 1; to < entries->size() && ((*entries)[to].hash & kLow) == ((*entries)[from].hash & kLow); ++to)
      mixed |= (*entries)[to].hash != (*entries)[from].hash;
    if (mixed)
      std::stable_sort(entries->begin() + static_cast<ptrdiff_t>(from), entries->begin() + static_cast<ptrdiff_t>(to),
                       [](const BlockEntry& a, const BlockEntry& b) { return a.hash < b.hash; });
  }
}

std::vector<uint64_t> BlocksOfSize(const std::vector<BlockEntry>& entries, uint32_t largest) {
  std::vector<uint64_t> blocks(size_t{largest} + 1, 0);
  EachRun(entries, [&](size_t from, size_t to) {
    if (to - from <= largest) ++blocks[to - from];
  });
  return blocks;
}

}  // namespace migrate::dedupe
