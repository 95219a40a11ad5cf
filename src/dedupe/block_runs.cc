#include "block_runs.h"

#include <algorithm>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

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

}  // namespace

namespace {

// A range that is larger than the room: what a few hashes have is put aside.
void TakeLargeRange(const HashRanges<BlockEntry>& ranges, size_t range, Column<BlockEntry>* entries,
                    const TakeHub& hub) {
  std::vector<uint64_t> common;
  std::vector<Column<uint32_t>> rows;
  bool first = true;
  ranges.EachPiece(range, [&](const Column<BlockEntry>& piece) {
    if (std::exchange(first, false)) {
      common = CommonHashes(piece);
      rows.resize(common.size());
    }
    for (const BlockEntry& e : piece) {
      const auto it = std::find(common.begin(), common.end(), e.hash());
      if (it == common.end())
        entries->push_back(e);
      else
        rows[static_cast<size_t>(it - common.begin())].push_back(e.row);
    }
  });
  for (Column<uint32_t>& of_hub : rows) {
    if (of_hub.size() > 1) hub({of_hub.data(), of_hub.size()});
    of_hub.Clear();
  }
}

}  // namespace

void EachRange(const BlockingKey& key, const Table& table, const Frequencies& frequencies, const RowSlice* slice,
               const HashRoom& room, const TakeEntries& take, const TakeHub& hub) {
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
  HashRanges<BlockEntry> ranges(room, static_cast<double>(entries.size()) * table.size() / from);
  for (const BlockEntry& entry : entries) ranges.Add(entry);
  entries.Clear();
  for (; from < table.size(); from += std::min(kRows, table.size() - from))
    collect(from, [&](const BlockEntry& entry) { ranges.Add(entry); });
  ranges.Finish();
  for (size_t range = 0; range < ranges.size(); ++range) {
    entries.Truncate(0);
    if (ranges.EntriesOf(range) <= room.entries)
      ranges.Read(range, &entries);
    else
      TakeLargeRange(ranges, range, &entries, hub);
    SortEntries(&entries);
    take(entries);
  }
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
