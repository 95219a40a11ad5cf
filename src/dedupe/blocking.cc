#include "migrate/dedupe/blocking.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <optional>

#include "block_runs.h"
#include "migrate/dedupe/keys.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

uint64_t PairsOf(uint64_t size) { return size == 0 ? 0 : size * (size - 1) / 2; }

constexpr const char* kAllPairsKey = "all pairs";
constexpr uint64_t kCompareAll = 1'000'000;

using BlocksOfSize = std::map<uint32_t, uint64_t>;

// The largest block size up to `most` whose blocks, with all smaller ones, stay within `pairs`; never below a pair's.
uint32_t CapWithin(const BlocksOfSize& blocks, uint32_t most, double pairs) {
  uint64_t sum = 0;
  for (const auto& [size, count] : blocks) {
    if (size > most) break;
    sum += count * PairsOf(size);
    if (static_cast<double>(sum) > pairs) return std::max(2u, size - 1);
  }
  return most;
}

// What a weak key proposes follows from the sizes of its blocks.
KeyStats StatsOf(const BlocksOfSize& blocks, uint32_t cap) {
  KeyStats stats;
  stats.cap = cap;
  for (const auto& [size, count] : blocks) {
    if (size <= cap) {
      stats.pairs += count * PairsOf(size);
      continue;
    }
    stats.capped_blocks += count;
    stats.capped_records += count * size;
    stats.capped_sizes[size] = count;
  }
  return stats;
}

// Where pairs go that are not to stay in memory, in pieces of so many.
struct PairSpill {
  std::shared_ptr<PartedFile> file;
  size_t flush = 0;
};

// What one key gives for one slice.
struct KeyCandidates {
  std::vector<Column<uint64_t>> parts;
  uint64_t spilled = 0;
  KeyStats stats;
  std::vector<uint32_t> crossed;
};

// Walks the blocks of a key: keeps, blocks again or drops them, and makes the pairs of those that are kept.
class BlockWalker {
 public:
  using Rows = KeptBlocks::Rows;

  // spill: null where pairs stay in memory; Flush then ends the walk.
  BlockWalker(const Table& table, const RowSlice* slice, bool strong, uint8_t key, uint32_t cap,
              const PairSpill* spill = nullptr)
      : table_(table), slice_(slice), strong_(strong), key_(key), cap_(cap), spill_(spill) {}

  void Walk(const Column<BlockEntry>& entries) {
    EachBlock(entries, [&](Rows block) { Walk(block); });
  }
  void Walk(Rows block) { Walk(block, strong_ ? 0 : 2); }
  void Flush() {
    if (spill_ == nullptr) return;
    for (size_t part = 0; part < out.parts.size(); ++part) Flush(part);
    out.parts.clear();
  }
  KeyCandidates out;

 private:
  // depth 0: as the key says; 1: within a block by first name; 2: by last name or not at all.
  void Walk(Rows block, int depth) {
    const auto size = static_cast<uint32_t>(block.size());
    const uint32_t inside = slice_ == nullptr ? size : Inside(block);
    if (inside == 0) return;
    // Pairs behind a row need rows behind it; who counts a block is the slice that has its first row.
    const bool mine = slice_ == nullptr || slice_->against() || slice_->Has(block[0]);
    if (size <= cap_) {
      if (mine) out.stats.pairs += PairsOf(size);
      if (slice_ != nullptr) Emit(block);
      return;
    }
    if (mine && (depth == 0 || !strong_)) Report(size);
    if (slice_ != nullptr && slice_->against() && size - inside <= cap_)
      for (const uint32_t row : block)
        if (!slice_->Has(row)) out.crossed.push_back(row);
    if (depth < 2) BlockAgain(block, depth);
  }

  uint32_t Inside(Rows block) const {
    uint32_t n = 0;
    for (const uint32_t row : block) n += slice_->Has(row) ? 1 : 0;
    return n;
  }

  void BlockAgain(Rows block, int depth) {
    std::vector<uint64_t> sub;  // name | row
    for (const uint32_t row : block) {
      const Features f = table_[row];
      const uint64_t name = depth == 0 ? f.first : f.last;
      if (name != 0) sub.push_back(name << 32 | row);
    }
    std::sort(sub.begin(), sub.end());
    std::vector<uint32_t> rows;
    for (size_t from = 0, to = 0; from < sub.size(); from = to) {
      rows.clear();
      for (to = from; to < sub.size() && sub[to] >> 32 == sub[from] >> 32; ++to)
        rows.push_back(static_cast<uint32_t>(sub[to]));
      if (rows.size() > 1) Walk(rows, depth + 1);
    }
  }

  void Emit(Rows block) {
    for (size_t i = 0; i < block.size(); ++i) {
      if (slice_->Has(block[i])) {
        const uint32_t index = slice_->IndexOf(block[i]);
        uint64_t* to = Room(index, block.size() - i - 1);
        for (size_t j = i + 1; j < block.size(); ++j) *to++ = Packed(index, block[j]);
      } else if (slice_->against()) {
        for (size_t j = i + 1; j < block.size(); ++j) {
          if (!slice_->Has(block[j])) continue;
          const uint32_t index = slice_->IndexOf(block[j]);
          *Room(index, 1) = Packed(index, block[i]);
        }
      }
    }
  }

  uint64_t Packed(uint32_t index, uint32_t other) const {
    return uint64_t{index % kCandidateRows} << 40 | uint64_t{other} << 8 | key_;
  }

  // Place for that many more pairs of a row.
  uint64_t* Room(uint32_t index, size_t pairs) {
    const size_t part = index / kCandidateRows;
    if (out.parts.size() <= part) out.parts.resize(part + 1);
    if (spill_ != nullptr && out.parts[part].size() >= spill_->flush) Flush(part);
    return out.parts[part].Extend(pairs);
  }

  void Flush(size_t part) {
    spill_->file->Append(part, out.parts[part]);
    out.spilled += out.parts[part].size();
    out.parts[part].Truncate(0);
  }

  void Report(uint32_t size) {
    ++out.stats.capped_blocks;
    out.stats.capped_records += size;
    ++out.stats.capped_sizes[size];
  }

  const Table& table_;
  const RowSlice* slice_;
  bool strong_;
  uint8_t key_;
  uint32_t cap_;
  const PairSpill* spill_;
};

// Entries of one thread: 12 bytes, and 12 to sort them.
HashRoom RoomFor(const BlockingOptions& options) {
  HashRoom room;
  if (options.memory_bytes == 0) return room;
  room.entries =
      std::max<size_t>(1024, options.memory_bytes / std::max(1u, options.threads) / (2 * sizeof(BlockEntry)));
  room.scratch = options.scratch;
  return room;
}

size_t PartsOf(const RowSlice& slice) { return (slice.size() + kCandidateRows - 1) / kCandidateRows; }

std::optional<PairSpill> SpillFor(const BlockingOptions& options, const RowSlice& slice) {
  if (!options.spill_pairs || options.scratch.empty()) return std::nullopt;
  PairSpill spill;
  spill.file = std::make_shared<PartedFile>(options.scratch, PartsOf(slice));
  // A piece of 1 to 16 KiB for each part and thread.
  const uint64_t each = options.memory_bytes / std::max(1u, options.threads) / std::max<size_t>(1, PartsOf(slice));
  spill.flush = std::clamp<size_t>(each / sizeof(uint64_t), 128, 2048);
  return spill;
}

// Where comparing everything takes a second, blocking has nothing to save.
KeyCandidates AllPairs(const Table& table, const RowSlice& slice, uint8_t key, const PairSpill* spill) {
  std::vector<uint32_t> rows;
  for (uint32_t row = 0; row < table.size(); ++row)
    if (!table.empty(row)) rows.push_back(row);
  BlockWalker walker(table, &slice, false, key, table.size(), spill);
  if (rows.size() > 1) walker.Walk(rows);
  walker.Flush();
  return std::move(walker.out);
}

}  // namespace

class CandidateBuilder {
 public:
  static Candidates Join(RowSlice slice, std::vector<KeyCandidates>* keys, std::shared_ptr<PartedFile> spilled) {
    Candidates c;
    c.parts_ = PartsOf(slice);
    c.slice_ = std::move(slice);
    c.spilled_ = std::move(spilled);
    for (KeyCandidates& key : *keys) {
      if (c.spilled_ == nullptr) key.parts.resize(c.parts_);
      c.pairs_with_repeats += key.spilled;
      for (const auto& part : key.parts) c.pairs_with_repeats += part.size();
      if (c.spilled_ == nullptr) c.pairs_.push_back(std::move(key.parts));
      c.keys_.push_back(std::move(key.stats));
      c.crossed.insert(c.crossed.end(), key.crossed.begin(), key.crossed.end());
      key = KeyCandidates{};
    }
    std::sort(c.crossed.begin(), c.crossed.end());
    c.crossed.erase(std::unique(c.crossed.begin(), c.crossed.end()), c.crossed.end());
    return c;
  }
};

void KeptBlocks::Add(Rows rows) {
  constexpr size_t kPiece = 1 << 18;  // 1 MiB
  blocks_.push_back(static_cast<uint32_t>(rows.size()));
  blocks_.append(rows.data(), rows.size());
  if (file_ != nullptr && blocks_.size() >= kPiece) Flush();
}

void KeptBlocks::Flush() {
  file_->Append(0, blocks_);
  blocks_.Truncate(0);
}

void KeptBlocks::Finish() {
  if (file_ == nullptr) return;
  Flush();
  blocks_.Clear();
}

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
  // By row first, by counting; the few of a row are then sorted.
  std::vector<uint32_t> at(kCandidateRows + 1, 0);
  const auto row_of = [](uint64_t pair) { return static_cast<size_t>(pair >> 40); };
  Column<uint64_t> read;
  if (spilled_ != nullptr) spilled_->Read(part, &read);
  std::vector<Column<uint64_t>*> lists = {&read};
  for (auto& key : pairs_) lists.push_back(&key[part]);
  for (const auto* list : lists)
    for (const uint64_t pair : *list) ++at[row_of(pair) + 1];
  for (size_t i = 1; i < at.size(); ++i) at[i] += at[i - 1];
  std::vector<uint64_t> all(at.back());
  for (auto* list : lists) {
    for (const uint64_t pair : *list) all[at[row_of(pair)]++] = pair;
    list->Clear();
  }
  for (size_t row = 0, from = 0; row < kCandidateRows; from = at[row++])
    if (at[row] - from > 1)
      std::sort(all.begin() + static_cast<ptrdiff_t>(from), all.begin() + static_cast<ptrdiff_t>(at[row]));
  // Of a pair that several keys propose the first stands first.
  all.erase(std::unique(all.begin(), all.end(), [](uint64_t a, uint64_t b) { return a >> 8 == b >> 8; }), all.end());
  std::vector<Candidate> out;
  out.reserve(all.size());
  const auto base = static_cast<uint32_t>(part * kCandidateRows);
  for (const uint64_t pair : all)
    out.push_back({slice_.RowAt(base + static_cast<uint32_t>(pair >> 40)), static_cast<uint32_t>(pair >> 8),
                   static_cast<uint8_t>(pair)});
  return out;
}

namespace {

void Add(const KeyStats& found, KeyStats* key) {
  key->pairs += found.pairs;
  key->capped_blocks += found.capped_blocks;
  key->capped_records += found.capped_records;
  for (const auto& [size, blocks] : found.capped_sizes) key->capped_sizes[size] += blocks;
}

}  // namespace

void Candidates::CountInto(BlockingPlan* plan) const {
  if (plan->counted) return;
  for (size_t i = 0; i < keys_.size() && i < plan->keys.size(); ++i) Add(keys_[i], &plan->keys[i]);
}

void CountBlocks(const Table& table, const Frequencies& frequencies, const BlockingOptions& options,
                 BlockingPlan* plan) {
  if (plan->counted) return;
  const std::vector<BlockingKey> keys = AllKeys(table.attribute_count());
  const HashRoom room = RoomFor(options);
  ParallelParts(options.threads, keys.size(), options.cancel, [&](size_t i) {
    if (plan->keys[i].cap < 2) return;
    BlockWalker walker(table, nullptr, keys[i].strong, static_cast<uint8_t>(i), plan->keys[i].cap);
    EachRange(
        keys[i], table, frequencies, nullptr, room, [&](const Column<BlockEntry>& entries) { walker.Walk(entries); },
        [&](BlockWalker::Rows rows) { walker.Walk(rows); });
    Add(walker.out.stats, &plan->keys[i]);
  });
  if (!plan->all_pairs) return;
  const RowSlice all = RowSlice::Range(0, table.size());
  Add(AllPairs(table, all, static_cast<uint8_t>(keys.size()), nullptr).stats, &plan->keys.back());
}

std::vector<CappedBlock> LargestCapped(const std::vector<KeyStats>& keys) {
  std::vector<CappedBlock> all;
  for (size_t key = 0; key < keys.size(); ++key) {
    size_t taken = 0;
    for (auto it = keys[key].capped_sizes.rbegin(); it != keys[key].capped_sizes.rend(); ++it)
      for (uint64_t i = 0; i < it->second && taken < kMaxReported; ++i, ++taken)
        all.push_back({static_cast<uint8_t>(key), it->first});
  }
  std::sort(all.begin(), all.end(), [](const CappedBlock& a, const CappedBlock& b) {
    return a.size != b.size ? a.size > b.size : a.key < b.key;
  });
  if (all.size() > kMaxReported) all.resize(kMaxReported);
  return all;
}

void BlockingPlan::Drop(size_t key) {
  if (key < kept.size()) kept[key] = KeptBlocks();
  keys[key].cap = 0;
  keys[key].pairs = 0;
}

void BlockingPlan::LowerCap(size_t key, uint32_t cap) {
  KeyStats& stats = keys[key];
  const std::vector<uint64_t>& blocks = blocks_of_size[key];
  for (uint32_t size = std::max(cap, 1u) + 1; size < blocks.size() && size <= stats.cap; ++size) {
    if (blocks[size] == 0) continue;
    stats.pairs -= blocks[size] * PairsOf(size);
    stats.capped_blocks += blocks[size];
    stats.capped_records += blocks[size] * size;
    stats.capped_sizes[size] += blocks[size];
  }
  stats.cap = std::min(stats.cap, cap);
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
  plan.blocks_of_size.resize(keys.size() + 1);
  for (size_t i = 0; options.keep_blocks && options.caps.empty() && i < keys.size(); ++i)
    plan.kept.emplace_back(options.spill_blocks ? options.scratch : std::string());
  plan.counted = options.caps.empty();
  // Not every key applies to every record, so a key may use more than an equal share of the budget.
  const double budget = options.pairs_per_record > 0 ? options.pairs_per_record : BudgetFor(table.size());
  const double share = budget / 8 * table.size();
  const HashRoom room = RoomFor(options);
  ParallelParts(options.threads, keys.size(), options.cancel, [&](size_t i) {
    KeyStats& stats = plan.keys[i];
    const uint32_t most = keys[i].strong ? options.strong_cap : options.weak_cap;
    if (!plan.counted) {
      stats.cap = i < options.caps.size() ? options.caps[i] : most;
    } else {
      BlockWalker walker(table, nullptr, keys[i].strong, static_cast<uint8_t>(i), most);
      BlocksOfSize blocks;
      const auto take = [&](KeptBlocks::Rows rows) {
        if (keys[i].strong)
          walker.Walk(rows);
        else
          ++blocks[static_cast<uint32_t>(rows.size())];
        if (options.keep_blocks && (keys[i].strong || rows.size() <= most)) plan.kept[i].Add(rows);
      };
      EachRange(
          keys[i], table, frequencies, nullptr, room,
          [&](const Column<BlockEntry>& entries) { EachBlock(entries, take); }, take);
      if (options.keep_blocks) plan.kept[i].Finish();
      stats = keys[i].strong ? std::move(walker.out.stats) : StatsOf(blocks, CapWithin(blocks, most, share));
      if (keys[i].strong) {
        stats.cap = most;
      } else {
        plan.blocks_of_size[i].resize(stats.cap + 1);
        for (const auto& [size, count] : blocks)
          if (size <= stats.cap) plan.blocks_of_size[i][size] = count;
      }
    }
    stats.name = keys[i].name;
  });
  if (options.cancel != nullptr && options.cancel->requested()) return BlockingPlan{};
  uint32_t full = 0;
  for (uint32_t row = 0; plan.all_pairs && row < table.size(); ++row) full += table.empty(row) ? 0 : 1;
  plan.keys.push_back({kAllPairsKey, plan.counted ? PairsOf(full) : 0, 0, full, 0, 0, {}});
  return plan;
}

Candidates FindCandidates(const Table& table, const Frequencies& frequencies, const BlockingPlan& plan, RowSlice slice,
                          const BlockingOptions& options) {
  const std::vector<BlockingKey> keys = AllKeys(table.attribute_count());
  std::vector<KeyCandidates> found(keys.size() + 1);
  const HashRoom room = RoomFor(options);
  const std::optional<PairSpill> spill = SpillFor(options, slice);
  const RowSlice* filter = slice.size() < table.size() ? &slice : nullptr;
  ParallelParts(options.threads, keys.size(), options.cancel, [&](size_t i) {
    if (plan.keys[i].cap < 2) return;
    BlockWalker walker(table, &slice, keys[i].strong, static_cast<uint8_t>(i), plan.keys[i].cap,
                       spill ? &*spill : nullptr);
    if (plan.kept.empty()) {
      EachRange(
          keys[i], table, frequencies, filter, room, [&](const Column<BlockEntry>& entries) { walker.Walk(entries); },
          [&](BlockWalker::Rows rows) { walker.Walk(rows); });
    } else {
      plan.kept[i].Each([&](KeptBlocks::Rows rows) { walker.Walk(rows); });
    }
    walker.Flush();
    found[i] = std::move(walker.out);
  });
  if (options.cancel != nullptr && options.cancel->requested()) return Candidates{};
  if (plan.all_pairs)
    found.back() = AllPairs(table, slice, static_cast<uint8_t>(keys.size()), spill ? &*spill : nullptr);
  return CandidateBuilder::Join(std::move(slice), &found, spill ? spill->file : nullptr);
}

}  // namespace migrate::dedupe
