#include "block_runs.h"

#include <algorithm>
#include <bit>
#include <utility>

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

// Calls take(row, hash) for each hash of each row of [from, to), a hash once a row.
template <class Take>
void EachHash(const BlockingKey& key, const Table& table, const Frequencies& frequencies, uint32_t from, uint32_t to,
              RowHashes* scratch, Take take) {
  constexpr uint32_t kRows = 4096;  // that stay in the cache
  for (; from < to; from += std::min(kRows, to - from)) {
    scratch->hashes.clear();
    scratch->ends.clear();
    AppendRows(key, table, frequencies, from, std::min(to, from + kRows), scratch);
    uint32_t begin = 0;
    for (size_t i = 0; i < scratch->ends.size(); ++i) {
      const uint32_t row = from + static_cast<uint32_t>(i), end = scratch->ends[i];
      const uint64_t* const hashes = scratch->hashes.data();
      for (uint32_t at = begin; at < end; ++at)
        if (std::find(hashes + begin, hashes + at, hashes[at]) == hashes + at) take(row, hashes[at]);
      begin = end;
    }
  }
}

}  // namespace

std::vector<BlockEntry> CollectEntries(const BlockingKey& key, const Table& table, const Frequencies& frequencies,
                                       const RowSlice* slice) {
  RowHashes hashes;
  std::vector<BlockEntry> entries;
  if (slice == nullptr) {
    EachHash(key, table, frequencies, 0, table.size(), &hashes, [&](uint32_t row, uint64_t hash) {
      entries.push_back({hash, row});
    });
  } else {
    HashSet wanted(slice->size());
    for (uint32_t i = 0, to = 0; i < slice->size(); i = to) {
      for (to = i + 1; to < slice->size() && slice->RowAt(to) == slice->RowAt(i) + (to - i); ++to) {
      }
      EachHash(key, table, frequencies, slice->RowAt(i), slice->RowAt(i) + (to - i), &hashes,
               [&](uint32_t, uint64_t hash) { wanted.Add(hash); });
    }
    EachHash(key, table, frequencies, 0, table.size(), &hashes, [&](uint32_t row, uint64_t hash) {
      if (wanted.MayHave(hash)) entries.push_back({hash, row});
    });
  }
  std::vector<BlockEntry> scratch;
  SortEntries(&entries, &scratch);
  return entries;
}

// Counting passes of 11 bits bring equal hashes together, with others that are equal in these bits: few, as there are
// about as many values of the bits as entries. The last step sorts these out.
void SortEntries(std::vector<BlockEntry>* entries, std::vector<BlockEntry>* scratch) {
  const auto less = [](const BlockEntry& a, const BlockEntry& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.row < b.row;
  };
  if (entries->size() < 512) {
    std::sort(entries->begin(), entries->end(), less);
    return;
  }
  constexpr unsigned kBits = 11;
  constexpr uint64_t kMask = (1u << kBits) - 1;
  const unsigned passes = entries->size() >> 25 != 0 ? 3 : 2;
  scratch->resize(entries->size());
  for (unsigned pass = 0; pass < passes; ++pass) {
    const unsigned shift = pass * kBits;
    std::vector<uint32_t> at(size_t{1} << kBits, 0);
    for (const BlockEntry& e : *entries) ++at[e.hash >> shift & kMask];
    uint32_t sum = 0;
    for (uint32_t& n : at) n = std::exchange(sum, sum + n);
    for (const BlockEntry& e : *entries) (*scratch)[at[e.hash >> shift & kMask]++] = e;
    entries->swap(*scratch);
  }
  const uint64_t low = (uint64_t{1} << (kBits * passes)) - 1;
  for (size_t from = 0, to = 0; from < entries->size(); from = to) {
    bool mixed = false;
    for (to = from + 1; to < entries->size() && ((*entries)[to].hash & low) == ((*entries)[from].hash & low); ++to)
      mixed |= (*entries)[to].hash != (*entries)[from].hash;
    if (mixed)
      std::sort(entries->begin() + static_cast<ptrdiff_t>(from), entries->begin() + static_cast<ptrdiff_t>(to), less);
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
