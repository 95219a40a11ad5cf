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
// Two steps. PlanBlocking looks at the whole table and settles the cap of each key (nothing is left to settle where a
// model gives the caps). FindCandidates then makes the pairs of a slice of rows, as often as there are slices:
//
//   BlockingPlan plan = PlanBlocking(table, frequencies, options);
//   for (each slice that together tile the table)                          // one, if memory allows
//     Candidates found = FindCandidates(table, frequencies, plan, RowSlice::Range(from, to), options);
//
// With fixed caps, whether a block is kept depends on its members alone. So an increment asks for the candidates of its
// new rows against all rows, in both directions, in one call:
//
//   Candidates found = FindCandidates(table, frequencies, plan, RowSlice::Against(new_rows, table.size()), options);
//   // found.crossed: rows outside the slice, ascending, of blocks that the slice pushed over a cap. What only such a
//   // block had proposed holds no more: their pairs are found anew, by the same call with the slice new_rows + crossed
//   // (found.crossed of that second call says nothing).
//
// A row that is to be taken away is put into the slice of a call over the table that still has it: its pairs are those
// that go, and crossed the rows of blocks that fit again without it. Tables with up to a million pairs are compared
// whole (plan.all_pairs); an increment that ends this touches all rows.
//
// Memory: 8 bytes a pair of the slice, repeats by other keys included; or as much on the disk (spill_pairs). While a
// key is sorted 24 bytes a membership of rows in blocks with the slice, for each thread; under a limit they are brought
// into ranges of hashes on the disk first, 12 bytes each, a key and thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/dedupe/column.h"
#include "migrate/dedupe/features.h"
#include "migrate/dedupe/frequency.h"
#include "migrate/dedupe/scratch.h"

namespace migrate::dedupe {

struct BlockingOptions {
  unsigned threads = 1;
  double pairs_per_record = 0;  // budget over all keys; 0: BudgetFor(records)
  uint32_t strong_cap = 200;    // records a block of a strong key
  uint32_t weak_cap = 60;       // records a block of a weak key
  std::vector<uint32_t> caps;   // by key, as a model keeps them (0: key not used); empty: found from the table
  uint64_t memory_bytes = 0;    // for sorting, and for pairs on their way to the disk; 0: no limit
  std::string scratch;          // a folder for what does not fit; "": there is no limit
  bool spill_pairs = false;     // pairs go to the disk, where there is a folder for it
  bool keep_blocks = false;     // PlanBlocking leaves the blocks for FindCandidates: 5 bytes a membership
  bool spill_blocks = false;    // on the disk, where there is a folder for it
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
  uint32_t cap = 0;        // largest block that is kept
  uint64_t capped_blocks = 0, capped_records = 0;
  std::map<uint32_t, uint64_t> capped_sizes = {};  // records in a capped block -> blocks
};

// The largest capped blocks of all keys, at most kMaxReported: by size, then by key.
std::vector<CappedBlock> LargestCapped(const std::vector<KeyStats>& keys);

inline constexpr size_t kMaxReported = 100;

// The blocks of one key, to be gone through again: 4 bytes a membership and 4 a block, in memory or, with a folder, on
// the disk.
class KeptBlocks {
 public:
  using Rows = std::span<const uint32_t>;

  explicit KeptBlocks(const std::string& folder = "")
      : file_(folder.empty() ? nullptr : std::make_unique<PartedFile>(folder, 1)) {}

  void Add(Rows rows);
  // After the last Add.
  void Finish();
  // Calls take(rows) with one block after the other.
  template <class Take>
  void Each(Take take) const {
    const auto walk = [&](const Column<uint32_t>& some) {
      for (size_t at = 0; at < some.size(); at += 1 + some[at]) take(Rows(&some[at] + 1, some[at]));
    };
    if (file_ != nullptr) file_->EachPiece<uint32_t>(0, walk);
    walk(blocks_);
  }

 private:
  void Flush();

  Column<uint32_t> blocks_;  // of each its size, then its rows
  std::unique_ptr<PartedFile> file_;
};

struct BlockingPlan {
  std::vector<KeyStats> keys;  // the last is "all pairs"
  bool all_pairs = false;      // the table is small: every pair is a candidate
  bool counted = false;        // keys hold counts of the whole table
  std::vector<KeptBlocks> kept;  // by key; empty: FindCandidates hashes the rows again
  // By key: how many blocks of each size up to the cap there are. Of weak keys, where they were counted.
  std::vector<std::vector<uint64_t>> blocks_of_size;

  uint64_t PairsWithRepeats() const;
  // Drops what a key proposes; its cap becomes 0.
  void Drop(size_t key);
  // Lowers the cap of a weak key, at least 2; larger blocks count as capped. A larger cap changes nothing.
  void LowerCap(size_t key, uint32_t cap);
};

// Fails only when cancelled: the result is then empty and has no keys.
BlockingPlan PlanBlocking(const Table& table, const Frequencies& frequencies, const BlockingOptions& options);

// The rows whose candidates are wanted. 1 bit and 1/16 byte a row of the table, none for a range.
class RowSlice {
 public:
  // Each row of [from, to) with the rows behind it: slices that tile a table give each of its pairs once.
  static RowSlice Range(uint32_t from, uint32_t to);
  // The same for any rows, ascending.
  static RowSlice Behind(std::vector<uint32_t> rows, uint32_t table_size);
  // Each of these rows, ascending, with all other rows; a pair of two of them once, under the first.
  static RowSlice Against(std::vector<uint32_t> rows, uint32_t table_size);

  uint32_t size() const { return size_; }
  bool Has(uint32_t row) const {
    return bits_.empty() ? row - from_ < size_ : (bits_[row >> 6] >> (row & 63) & 1) != 0;
  }
  uint32_t IndexOf(uint32_t row) const;  // of a row that is in it
  uint32_t RowAt(uint32_t index) const { return rows_.empty() ? from_ + index : rows_[index]; }
  bool against() const { return against_; }

 private:
  uint32_t from_ = 0, size_ = 0;
  bool against_ = false;
  std::vector<uint32_t> rows_, before_;  // before_: rows of the slice before each 64 rows
  std::vector<uint64_t> bits_;
};

struct Candidate {
  uint32_t row = 0, other = 0;  // row is of the slice
  uint8_t key = 0;              // the first that proposes the pair
};

// The pairs of a slice in parts, each the pairs of kCandidateRows of its rows in order (they fit a processor's cache);
// parts may be taken by several threads.
inline constexpr uint32_t kCandidateRows = 16384;
class Candidates {
 public:
  size_t parts() const { return parts_; }
  size_t keys() const { return keys_.size(); }
  // The pairs of a part by (row, other), each once; the part is then gone.
  std::vector<Candidate> Take(size_t part);
  // Adds what blocks of the slice's rows proposed, and what was capped, where the plan does not know it yet. A block is
  // counted with the slice of its first row (for a slice against all: of any row).
  void CountInto(BlockingPlan* plan) const;

  std::vector<uint32_t> crossed;  // see above
  uint64_t pairs_with_repeats = 0;

 private:
  friend class CandidateBuilder;
  RowSlice slice_;
  size_t parts_ = 0;
  std::vector<std::vector<Column<uint64_t>>> pairs_;  // by key and part: index in part | other | key
  std::shared_ptr<PartedFile> spilled_;               // the same by part, if they are not in memory
  std::vector<KeyStats> keys_;
};

// Names of all keys in order, for reports: attributes by their number.
std::vector<std::string> KeyNames(size_t attributes);

// What Candidates::CountInto adds for slices that tile the table, without the pairs.
void CountBlocks(const Table& table, const Frequencies& frequencies, const BlockingOptions& options,
                 BlockingPlan* plan);

// Fails only when cancelled: the result then has no parts.
Candidates FindCandidates(const Table& table, const Frequencies& frequencies, const BlockingPlan& plan, RowSlice slice,
                          const BlockingOptions& options);

}  // namespace migrate::dedupe
