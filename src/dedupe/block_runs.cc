#include "block_runs.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "migrate/dedupe/scratch.h"

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

namespace {

HashSet HashesOf(const BlockingKey& key, const Table& table, const Frequencies& frequencies, const RowSlice& slice) {
  RowHashes scratch;
  HashSet wanted(slice.size());
  // Neighbouring rows at once.
  for (uint32_t i = 0, to = 0; i < slice.size(); i = to) {
    for (to = i + 1; to < slice.size() && slice.RowAt(to) == slice.RowAt(i) + (to - i); ++to) {
    }
    EachHash(key, table, frequencies, slice.RowAt(i), slice.RowAt(i) + (to - i), &scratch,
             [&](uint32_t, uint64_t hash) { wanted.Add(hash); });
  }
  return wanted;
}

// The entries of a key that do not fit, by ranges of hashes in a scratch file.
class Ranges {
 public:
  // `expected`: entries in all, roughly.
  Ranges(const BlockRoom& room, double expected)
      : bits_(BitsFor(expected / static_cast<double>(room.entries))),
        buffers_(size_t{1} << bits_),
        flush_(std::clamp<size_t>(room.entries / buffers_.size() / 4, 64, 8192)),
        file_(room.scratch, buffers_.size()) {}

  void Add(const BlockEntry& entry) {
    const size_t range = bits_ == 0 ? 0 : entry.high >> (32 - bits_);
    buffers_[range].push_back(entry);
    if (buffers_[range].size() >= flush_) Flush(range);
  }
  // Calls take(entries) for each range.
  void Each(const std::function<void(const Column<BlockEntry>&)>& take) {
    for (size_t range = 0; range < buffers_.size(); ++range) Flush(range);
    buffers_.clear();
    Column<BlockEntry> entries;
    for (size_t range = 0; range < size_t{1} << bits_; ++range) {
      entries.Truncate(0);
      file_.Read(range, &entries);
      SortEntries(&entries);
      take(entries);
    }
  }

 private:
  // Half of the room for the average range.
  static unsigned BitsFor(double times) {
    return static_cast<unsigned>(std::bit_width(static_cast<uint64_t>(std::min(times * 2, 4000.0))));
  }
  void Flush(size_t range) {
    file_.Append(range, buffers_[range]);
    buffers_[range].Truncate(0);
  }

  unsigned bits_;
  std::vector<Column<BlockEntry>> buffers_;
  size_t flush_;
  PartedFile file_;
};

}  // namespace

void EachRange(const BlockingKey& key, const Table& table, const Frequencies& frequencies, const RowSlice* slice,
               const BlockRoom& room, const std::function<void(const Column<BlockEntry>&)>& take) {
  constexpr uint32_t kRows = 1 << 16;
  std::optional<HashSet> wanted;
  if (slice != nullptr) wanted = HashesOf(key, table, frequencies, *slice);
  RowHashes scratch;
  const auto collect = [&](uint32_t from, auto add) {
    EachHash(key, table, frequencies, from, from + std::min(kRows, table.size() - from), &scratch,
             [&](uint32_t row, uint64_t hash) {
               if (!wanted || wanted->MayHave(hash)) add({hash, row});
             });
  };
  Column<BlockEntry> entries;
  uint32_t from = 0;
  const auto fits = [&] { return room.scratch.empty() || entries.size() <= room.entries; };
  for (; from < table.size() && fits(); from += std::min(kRows, table.size() - from))
    collect(from, [&](const BlockEntry& entry) { entries.push_back(entry); });
  if (fits()) {
    SortEntries(&entries);
    return take(entries);
  }
  Ranges ranges(room, static_cast<double>(entries.size()) * table.size() / from);
  for (const BlockEntry& entry : entries) ranges.Add(entry);
  entries.Clear();
  for (; from < table.size(); from += std::min(kRows, table.size() - from))
    collect(from, [&](const BlockEntry& entry) { ranges.Add(entry); });
  ranges.Each(take);
}

// Counting passes of 11 bits bring equal hashes together, with others that are equal in these bits: few, as there are
// about as many values of the bits as entries. The last step sorts these out.
void SortEntries(Column<BlockEntry>* entries) {
  const auto less = [](const BlockEntry& a, const BlockEntry& b) {
    return a.high != b.high ? a.high < b.high : a.low != b.low ? a.low < b.low : a.row < b.row;
  };
  if (entries->size() < 512) {
    std::sort(entries->begin(), entries->end(), less);
    return;
  }
  constexpr unsigned kBits = 11;
  constexpr uint32_t kMask = (1u << kBits) - 1;
  Column<BlockEntry> scratch;
  scratch.Extend(entries->size());
  for (unsigned shift = 0; shift < 2 * kBits; shift += kBits) {
    std::vector<uint32_t> at(size_t{1} << kBits, 0);
    for (const BlockEntry& e : *entries) ++at[e.low >> shift & kMask];
    uint32_t sum = 0;
    for (uint32_t& n : at) n = std::exchange(sum, sum + n);
    for (const BlockEntry& e : *entries) scratch[at[e.low >> shift & kMask]++] = e;
    entries->swap(scratch);
  }
  constexpr uint32_t kSorted = (1u << (2 * kBits)) - 1;
  for (size_t from = 0, to = 0; from < entries->size(); from = to) {
    const BlockEntry first = (*entries)[from];
    bool mixed = false;
    for (to = from + 1; to < entries->size() && (((*entries)[to].low ^ first.low) & kSorted) == 0; ++to)
      mixed |= !(*entries)[to].SameHash(first);
    if (mixed) std::sort(entries->begin() + from, entries->begin() + to, less);
  }
}

}  // namespace migrate::dedupe
