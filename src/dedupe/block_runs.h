// The rows of one blocking key, brought together by hash.
#pragma once

#include <cstdint>
#include <vector>

#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/keys.h"

namespace migrate::dedupe {

struct BlockEntry {
  uint64_t hash;
  uint32_t row;
};

// The entries of a key sorted by (hash, row), a row once a hash. With a slice at least those of all blocks in which one
// of its rows is, whole; few others.
std::vector<BlockEntry> CollectEntries(const BlockingKey& key, const Table& table, const Frequencies& frequencies,
                                       const RowSlice* slice);

// Sorts by (hash, row), given that rows ascend.
void SortEntries(std::vector<BlockEntry>* entries, std::vector<BlockEntry>* scratch);

// Calls call(from, to) for each block of two rows and more.
template <class Call>
void EachRun(const std::vector<BlockEntry>& entries, Call call) {
  for (size_t from = 0, to = 0; from < entries.size(); from = to) {
    for (to = from + 1; to < entries.size() && entries[to].hash == entries[from].hash; ++to) {
    }
    if (to - from > 1) call(from, to);
  }
}

// How many blocks of each size there are, up to `largest`.
std::vector<uint64_t> BlocksOfSize(const std::vector<BlockEntry>& entries, uint32_t largest);

}  // namespace migrate::dedupe
