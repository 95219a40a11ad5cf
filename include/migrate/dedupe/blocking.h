// Blocking: which pairs of records are compared at all.
//
// Each key puts a record into blocks; records of one block are candidates for each other. Keys are conjunctions of what
// a record says (a word of the name and the birth year; the birth date and the sound of the last name; ...), many and
// mutually different, so that a true pair with a few faults still meets in some of them.
//
// A block's size is capped: by an absolute cap, and for weak keys by a budget of pairs per record, filled from the
// smallest (most telling) blocks upwards. What is above the cap of a strong key (e-mail, phone, address, ...) is
// blocked again within the block by first name, then by last name. A block that is dropped proposes nothing and is
// reported.
//
// Memory: 4 bytes a membership in a block that is kept, twice (by block and by record); blocks of one record are not
// kept. 8 + 16 bytes a record while a key is sorted, per thread.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"

namespace migrate::dedupe {

struct BlockingOptions {
  unsigned threads = 1;
  double pairs_per_record = 0;  // budget over all keys; 0: BudgetFor(records)
  uint32_t strong_cap = 200;    // records a block of a strong key
  uint32_t weak_cap = 60;       // records a block of a weak key
  std::vector<uint32_t> caps;   // by key, as a model keeps them (0: key not used); empty: found from the table
  const Cancel* cancel = nullptr;
};

// Candidates a record that are worth their time: many where records are few.
double BudgetFor(uint64_t records);

// True where so few records are compared whole.
bool PairsWithinReach(uint64_t records);

struct CappedBlock {
  uint8_t key = 0;
  uint32_t size = 0;
};

struct KeyStats {
  std::string name;
  uint64_t pairs = 0;      // proposed by its blocks, repeats of earlier keys included
  uint64_t new_pairs = 0;  // not proposed by an earlier key; filled by scoring
  uint32_t cap = 0;        // largest block that was kept
  uint64_t capped_blocks = 0, capped_records = 0;
  std::map<uint32_t, uint64_t> capped_sizes;  // records in a capped block -> blocks
};

// The largest capped blocks of all keys, at most kMaxReported: by size, then by key.
std::vector<CappedBlock> LargestCapped(const std::vector<KeyStats>& keys);

class Blocks {
 public:
  // Blocks of a row, in the order of their keys.
  std::span<const uint32_t> OfRow(uint32_t row) const {
    return {row_blocks_.data() + row_begin_[row], static_cast<size_t>(row_begin_[row + 1] - row_begin_[row])};
  }
  // Rows of a block, ascending.
  std::span<const uint32_t> Members(uint32_t block) const {
    return {members_.data() + block_begin_[block], static_cast<size_t>(block_begin_[block + 1] - block_begin_[block])};
  }
  int KeyOf(uint32_t block) const;
  // Drops what a key proposes; its cap becomes 0.
  void Drop(size_t key);
  bool dropped(size_t key) const { return dropped_[key]; }
  uint64_t PairsWithRepeats() const;
  uint64_t MemoryBytes() const;

  std::vector<KeyStats> keys;
  std::vector<CappedBlock> capped;  // the largest, at most kMaxReported

 private:
  friend class BlockBuilder;
  std::vector<uint32_t> members_, row_blocks_;
  std::vector<uint64_t> block_begin_, row_begin_;
  std::vector<uint32_t> key_begin_;  // first block of each key
  std::vector<bool> dropped_;
};

inline constexpr size_t kMaxReported = 100;

// Names of all keys in order, for reports: attributes by their number.
std::vector<std::string> KeyNames(size_t attributes);

// Fails only when cancelled: the result is then empty and has no keys.
Blocks BuildBlocks(const Table& table, const Frequencies& frequencies, const BlockingOptions& options);

}  // namespace migrate::dedupe
