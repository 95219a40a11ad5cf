// The rows of one blocking key, brought together by hash.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "hash_ranges.h"
#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/column.h"
#include "migrate/dedupe/keys.h"

namespace migrate::dedupe {

// 12 bytes.
struct BlockEntry {
  BlockEntry(uint64_t hash, uint32_t of_row)
      : low(static_cast<uint32_t>(hash)), high(static_cast<uint32_t>(hash >> 32)), row(of_row) {}
  uint64_t hash() const { return uint64_t{high} << 32 | low; }
  bool SameHash(const BlockEntry& other) const { return low == other.low && high == other.high; }

  uint32_t low, high, row;
};

// Calls take(entries) with the entries of a key, equal hashes together and their rows ascending, a row once a hash;
// where there is not room for all, one range of hashes after the other, so that a block is never split. With a slice at
// least those of all blocks in which one of its rows is, whole; few others. For a block that fills much of the room by
// itself hub(rows) is called instead: they ascend, and take 4 bytes each beyond the room.
using TakeEntries = std::function<void(const Column<BlockEntry>&)>;
using TakeHub = std::function<void(std::span<const uint32_t>)>;
void EachRange(const BlockingKey& key, const Table& table, const Frequencies& frequencies, const RowSlice* slice,
               const HashRoom& room, const TakeEntries& take, const TakeHub& hub);

// Brings equal hashes together, given that rows ascend, which they then do in each hash.
void SortEntries(Column<BlockEntry>* entries);

// Calls call(from, to) for each block of two rows and more.
template <class Call>
void EachRun(const Column<BlockEntry>& entries, Call call) {
  for (size_t from = 0, to = 0; from < entries.size(); from = to) {
    for (to = from + 1; to < entries.size() && entries[to].SameHash(entries[from]); ++to) {
    }
    if (to - from > 1) call(from, to);
  }
}

// Calls call(rows) for each of them.
template <class Call>
void EachBlock(const Column<BlockEntry>& entries, Call call) {
  std::vector<uint32_t> rows;
  EachRun(entries, [&](size_t from, size_t to) {
    rows.clear();
    for (size_t i = from; i < to; ++i) rows.push_back(entries[i].row);
    call(std::span<const uint32_t>(rows));
  });
}

}  // namespace migrate::dedupe
