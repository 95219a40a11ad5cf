// Hash ranges: entries of which more come than may be in memory, by ranges of their hashes in a scratch file.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "migrate/dedupe/column.h"
#include "migrate/dedupe/scratch.h"

namespace migrate::dedupe {

// How many entries may be in memory, and the folder for those that may not; "": all may.
struct HashRoom {
  size_t entries = ~size_t{0};
  std::string scratch = {};
};

// Hashes that an eighth of some entries have at least, ascending.
template <class Entry>
std::vector<uint64_t> CommonHashes(const Column<Entry>& some) {
  std::vector<uint64_t> hashes, common;
  for (const Entry& e : some) hashes.push_back(e.hash());
  std::sort(hashes.begin(), hashes.end());
  for (size_t from = 0, to = 0; from < hashes.size(); from = to) {
    for (to = from + 1; to < hashes.size() && hashes[to] == hashes[from]; ++to) {
    }
    if ((to - from) * 8 >= hashes.size()) common.push_back(hashes[from]);
  }
  return common;
}

// Entry: plain bytes with a uint64_t hash() const. A hash is in one range only; ranges ascend by hash, and the entries
// of a range come in the order in which they were added. Memory: a quarter of the room while entries are added.
template <class Entry>
class HashRanges {
 public:
  // `expected`: entries in all, roughly; the average range then has half of the room.
  HashRanges(const HashRoom& room, double expected)
      : bits_(std::bit_width(
            static_cast<uint64_t>(std::min(expected * 2 / static_cast<double>(room.entries), kMostRanges)))),
        buffers_(size_t{1} << bits_),
        flush_(std::clamp<size_t>(room.entries / buffers_.size() / 4, 64, 8192)),
        file_(room.scratch, buffers_.size()) {}

  size_t size() const { return size_t{1} << bits_; }
  void Add(const Entry& entry) {
    const size_t range = bits_ == 0 ? 0 : entry.hash() >> (64 - bits_);
    buffers_[range].push_back(entry);
    if (buffers_[range].size() >= flush_) Flush(range);
  }
  // After the last Add.
  void Finish() {
    for (size_t range = 0; range < buffers_.size(); ++range) Flush(range);
    std::vector<Column<Entry>>().swap(buffers_);
  }
  // Of a range, after Finish.
  size_t EntriesOf(size_t range) const { return file_.BytesOf(range) / sizeof(Entry); }
  void Read(size_t range, Column<Entry>* out) const { file_.Read(range, out); }
  // Calls take(entries) with one piece of the range after the other.
  template <class Take>
  void EachPiece(size_t range, Take take) const {
    file_.EachPiece<Entry>(range, take);
  }

 private:
  static constexpr double kMostRanges = 4000;

  void Flush(size_t range) {
    file_.Append(range, buffers_[range]);
    buffers_[range].Truncate(0);
  }

  unsigned bits_;
  std::vector<Column<Entry>> buffers_;
  size_t flush_;
  PartedFile file_;
};

}  // namespace migrate::dedupe
