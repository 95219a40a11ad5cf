#include "migrate/dedupe/blocking.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "block_runs.h"
#include "migrate/dedupe/keys.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

uint64_t PairsOf(uint64_t size) { return size == 0 ? 0 : size * (size - 1) / 2; }

constexpr const char* kAllPairsKey = "all pairs";
constexpr uint64_t kCompareAll = 1'000'000;
constexpr size_t kRowsPerPart = 16384;  // of a slice: their pairs fit a processor's cache

// The largest block size whose blocks, with all smaller ones, stay within `pairs`; never below a pair's.
uint32_t CapWithin(const std::vector<uint64_t>& blocks_of_size, double pairs) {
  uint64_t sum = 0;
  uint32_t cap = 2;
  for (uint32_t size = 2; size < blocks_of_size.size(); ++size) {
    sum += blocks_of_size[size] * PairsOf(size);
    if (static_cast<double>(sum) > pairs) break;
    cap = size;
  }
  return cap;
}

void Trim(std::vector<CappedBlock>* capped) {
  std::sort(capped->begin(), capped->end(), [](const CappedBlock& a, const CappedBlock& b) {
    return a.size != b.size ? a.size > b.size : a.key < b.key;
  });
  if (capped->size() > kMaxReported) capped->resize(kMaxReported);
}

// What one key gives for one slice.
struct KeyCandidates {
  std::vector<std::vector<uint64_t>> parts;
  KeyStats stats;
  std::vector<CappedBlock> capped;
  std::vector<uint32_t> crossed;
};

// Walks the blocks of a key: keeps, blocks again or drops them, and makes the pairs of those that are kept.
class BlockWalker {
 public:
  BlockWalker(const Table& table, const RowSlice* slice, bool strong, uint8_t key, uint32_t cap)
      : table_(table), slice_(slice), strong_(strong), key_(key), cap_(cap) {}

  void Walk(const std::vector<BlockEntry>& entries) { Walk(entries, strong_ ? 0 : 2); }
  KeyCandidates out;

 private:
  // depth 0: as the key says; 1: within a block by first name; 2: by last name or not at all.
  void Walk(const std::vector<BlockEntry>& entries, int depth) {
    EachRun(entries, [&](size_t from, size_t to) {
      const std::span<const BlockEntry> block(entries.data() + from, to - from);
      const auto size = static_cast<uint32_t>(block.size());
      const uint32_t inside = slice_ == nullptr ? size : Inside(block);
      if (inside == 0) return;
      // Pairs behind a row need rows behind it; who counts a block is the slice that has its first row.
      const bool mine = slice_ == nullptr || slice_->against() || slice_->Has(block[0].row);
      if (size <= cap_) {
        if (mine) out.stats.pairs += PairsOf(size);
        if (slice_ != nullptr) Emit(block);
        return;
      }
      if (mine && (depth == 0 || !strong_)) Report(size);
      if (slice_ != nullptr && slice_->against() && size - inside <= cap_)
        for (const BlockEntry& e : block)
          if (!slice_->Has(e.row)) out.crossed.push_back(e.row);
      if (depth < 2) BlockAgain(block, depth);
    });
  }

  uint32_t Inside(std::span<const BlockEntry> block) const {
    uint32_t n = 0;
    for (const BlockEntry& e : block) n += slice_->Has(e.row) ? 1 : 0;
    return n;
  }

  void BlockAgain(std::span<const BlockEntry> block, int depth) {
    std::vector<BlockEntry> sub;
    for (const BlockEntry& e : block) {
      const Features& f = table_[e.row];
      const uint64_t name = depth == 0 ? f.first : f.last;
      if (name != 0) sub.push_back({HashMix(e.hash, HashMix(name, static_cast<uint64_t>(depth))), e.row});
    }
    std::vector<BlockEntry> scratch;
    SortEntries(&sub, &scratch);
    Walk(sub, depth + 1);
  }

  void Emit(std::span<const BlockEntry> block) {
    for (size_t i = 0; i < block.size(); ++i) {
      if (slice_->Has(block[i].row)) {
        const uint32_t index = slice_->IndexOf(block[i].row);
        uint64_t* to = Room(index, block.size() - i - 1);
        for (size_t j = i + 1; j < block.size(); ++j) *to++ = Packed(index, block[j].row);
      } else if (slice_->against()) {
        for (size_t j = i + 1; j < block.size(); ++j) {
          if (!slice_->Has(block[j].row)) continue;
          const uint32_t index = slice_->IndexOf(block[j].row);
          *Room(index, 1) = Packed(index, block[i].row);
        }
      }
    }
  }

  uint64_t Packed(uint32_t index, uint32_t other) const { return uint64_t{index} << 40 | uint64_t{other} << 8 | key_; }

  // Place for that many more pairs of a row.
  uint64_t* Room(uint32_t index, size_t pairs) {
    const size_t part = index / kRowsPerPart;
    if (out.parts.size() <= part) out.parts.resize(part + 1);
    std::vector<uint64_t>& of_part = out.parts[part];
    const size_t before = of_part.size();
    of_part.resize(before + pairs);
    return of_part.data() + before;
  }

  void Report(uint32_t size) {
    ++out.stats.capped_blocks;
    out.stats.capped_records += size;
    out.capped.push_back({key_, size});
    if (out.capped.size() > 4 * kMaxReported) Trim(&out.capped);
  }

  const Table& table_;
  const RowSlice* slice_;
  bool strong_;
  uint8_t key_;
  uint32_t cap_;
};

// Where comparing everything takes a second, blocking has nothing to save.
KeyCandidates AllPairs(const Table& table, const RowSlice& slice, uint8_t key) {
  std::vector<BlockEntry> entries;
  for (uint32_t row = 0; row < table.size(); ++row)
    if (!table.empty(row)) entries.push_back({0, row});
  BlockWalker walker(table, &slice, false, key, table.size());
  walker.Walk(entries);
  return std::move(walker.out);
}

}  // namespace

class CandidateBuilder {
 public:
  static Candidates Join(RowSlice slice, std::vector<KeyCandidates>* keys) {
    Candidates c;
    c.parts_ = (slice.size() + kRowsPerPart - 1) / kRowsPerPart;
    c.slice_ = std::move(slice);
    for (KeyCandidates& key : *keys) {
      key.parts.resize(c.parts_);
      for (const auto& part : key.parts) c.pairs_with_repeats += part.size();
      c.pairs_.push_back(std::move(key.parts));
      c.keys_.push_back(std::move(key.stats));
      c.capped_.insert(c.capped_.end(), key.capped.begin(), key.capped.end());
      c.crossed.insert(c.crossed.end(), key.crossed.begin(), key.crossed.end());
      key = KeyCandidates{};
    }
    std::sort(c.crossed.begin(), c.crossed.end());
    c.crossed.erase(std::unique(c.crossed.begin(), c.crossed.end()), c.crossed.end());
    return c;
  }
};

RowSlice RowSlice::Range(uint32_t from, uint32_t to) {
  RowSlice s;
  s.from_ = from;
  s.size_ = to - from;
  return s;
}

RowSlice RowSlice::Behind(std::vector<uint32_t> rows, uint32_t table_size) {
  RowSlice s;
  s.size_ = static_cast<uint32_t>(rows.size());
  s.bits_.assign(table_size / 64 + 1, 0);
  for (const uint32_t row : rows) s.bits_[row >> 6] |= uint64_t{1} << (row & 63);
  uint32_t sum = 0;
  for (const uint64_t word : s.bits_) {
    s.before_.push_back(sum);
    sum += static_cast<uint32_t>(std::popcount(word));
  }
  s.rows_ = std::move(rows);
  return s;
}

RowSlice RowSlice::Against(std::vector<uint32_t> rows, uint32_t table_size) {
  RowSlice s = Behind(std::move(rows), table_size);
  s.against_ = true;
  return s;
}

uint32_t RowSlice::IndexOf(uint32_t row) const {
  if (bits_.empty()) return row - from_;
  const uint64_t below = bits_[row >> 6] & ((uint64_t{1} << (row & 63)) - 1);
  return before_[row >> 6] + static_cast<uint32_t>(std::popcount(below));
}

std::vector<Candidate> Candidates::Take(size_t part) {
  std::vector<uint64_t> all;
  size_t n = 0;
  for (const auto& key : pairs_) n += key[part].size();
  all.reserve(n);
  for (auto& key : pairs_) {
    all.insert(all.end(), key[part].begin(), key[part].end());
    std::vector<uint64_t>().swap(key[part]);
  }
  std::sort(all.begin(), all.end());
  // Of a pair that several keys propose the first stands first.
  all.erase(std::unique(all.begin(), all.end(), [](uint64_t a, uint64_t b) { return a >> 8 == b >> 8; }), all.end());
  std::vector<Candidate> out;
  out.reserve(all.size());
  for (const uint64_t pair : all)
    out.push_back({slice_.RowAt(static_cast<uint32_t>(pair >> 40)), static_cast<uint32_t>(pair >> 8),
                   static_cast<uint8_t>(pair)});
  return out;
}

void Candidates::CountInto(BlockingPlan* plan) const {
  if (plan->counted) return;
  for (size_t i = 0; i < keys_.size() && i < plan->keys.size(); ++i) {
    plan->keys[i].pairs += keys_[i].pairs;
    plan->keys[i].capped_blocks += keys_[i].capped_blocks;
    plan->keys[i].capped_records += keys_[i].capped_records;
  }
  plan->capped.insert(plan->capped.end(), capped_.begin(), capped_.end());
  Trim(&plan->capped);
}

void BlockingPlan::Drop(size_t key) {
  keys[key].cap = 0;
  keys[key].pairs = 0;
}

uint64_t BlockingPlan::PairsWithRepeats() const {
  uint64_t sum = 0;
  for (const KeyStats& key : keys) sum += key.pairs;
  return sum;
}

double BudgetFor(uint64_t records) {
  return std::clamp(120 * std::sqrt(25000.0 / static_cast<double>(std::max<uint64_t>(records, 1))), 24.0, 160.0);
}

bool PairsWithinReach(uint64_t records) { return PairsOf(records) <= kCompareAll; }

std::vector<std::string> KeyNames(size_t attributes) {
  std::vector<std::string> names;
  for (const BlockingKey& key : AllKeys(attributes)) names.push_back(key.name);
  names.emplace_back(kAllPairsKey);
  return names;
}

BlockingPlan PlanBlocking(const Table& table, const Frequencies& frequencies, const BlockingOptions& options) {
  const std::vector<BlockingKey> keys = AllKeys(table.attribute_count());
  BlockingPlan plan;
  plan.all_pairs = PairsWithinReach(table.size());
  plan.keys.resize(keys.size());
  plan.counted = options.caps.empty();
  // Not every key applies to every record, so a key may use more than an equal share of the budget.
  const double budget = options.pairs_per_record > 0 ? options.pairs_per_record : BudgetFor(table.size());
  const double share = budget / 8 * table.size();
  std::vector<std::vector<CappedBlock>> capped(keys.size());
  ParallelParts(options.threads, keys.size(), options.cancel, [&](size_t i) {
    KeyStats& stats = plan.keys[i];
    const uint32_t most = keys[i].strong ? options.strong_cap : options.weak_cap;
    if (!plan.counted) {
      stats.cap = i < options.caps.size() ? options.caps[i] : most;
    } else {
      const std::vector<BlockEntry> entries = CollectEntries(keys[i], table, frequencies, nullptr);
      const uint32_t cap = keys[i].strong ? most : CapWithin(BlocksOfSize(entries, most), share);
      BlockWalker walker(table, nullptr, keys[i].strong, static_cast<uint8_t>(i), cap);
      walker.Walk(entries);
      stats = std::move(walker.out.stats);
      stats.cap = cap;
      capped[i] = std::move(walker.out.capped);
    }
    stats.name = keys[i].name;
  });
  if (options.cancel != nullptr && options.cancel->requested()) return BlockingPlan{};
  for (const auto& of_key : capped) plan.capped.insert(plan.capped.end(), of_key.begin(), of_key.end());
  Trim(&plan.capped);
  uint32_t full = 0;
  for (uint32_t row = 0; plan.all_pairs && row < table.size(); ++row) full += table.empty(row) ? 0 : 1;
  plan.keys.push_back({kAllPairsKey, plan.counted ? PairsOf(full) : 0, 0, full, 0, 0});
  return plan;
}

Candidates FindCandidates(const Table& table, const Frequencies& frequencies, const BlockingPlan& plan, RowSlice slice,
                          const BlockingOptions& options) {
  const std::vector<BlockingKey> keys = AllKeys(table.attribute_count());
  std::vector<KeyCandidates> found(keys.size() + 1);
  const RowSlice* filter = slice.size() < table.size() ? &slice : nullptr;
  ParallelParts(options.threads, keys.size(), options.cancel, [&](size_t i) {
    if (plan.keys[i].cap < 2) return;
    BlockWalker walker(table, &slice, keys[i].strong, static_cast<uint8_t>(i), plan.keys[i].cap);
    walker.Walk(CollectEntries(keys[i], table, frequencies, filter));
    found[i] = std::move(walker.out);
  });
  if (options.cancel != nullptr && options.cancel->requested()) return Candidates{};
  if (plan.all_pairs) found.back() = AllPairs(table, slice, static_cast<uint8_t>(keys.size()));
  return CandidateBuilder::Join(std::move(slice), &found);
}

}  // namespace migrate::dedupe
