#include "migrate/dedupe/blocking.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "migrate/dedupe/keys.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

struct Entry {
  uint64_t hash;
  uint32_t row;
};

// Sorts by (hash, row), given that rows ascend: three counting passes of 11 bits bring equal hashes together but for
// collisions of 33 bits, which the last step sorts out.
void SortEntries(std::vector<Entry>* entries, std::vector<Entry>* scratch) {
  if (entries->size() < 4096) {
    std::sort(entries->begin(), entries->end(),
              [](const Entry& a, const Entry& b) { return a.hash != b.hash ? a.hash < b.hash : a.row < b.row; });
    return;
  }
  constexpr unsigned kBits = 11, kPasses = 3;
  constexpr uint64_t kMask = (1u << kBits) - 1;
  scratch->resize(entries->size());
  for (unsigned pass = 0; pass < kPasses; ++pass) {
    const unsigned shift = pass * kBits;
    std::vector<uint32_t> at(size_t{1} << kBits, 0);
    for (const Entry& e : *entries) ++at[e.hash >> shift & kMask];
    uint32_t sum = 0;
    for (uint32_t& n : at) {
      const uint32_t here = n;
      n = sum;
      sum += here;
    }
    for (const Entry& e : *entries) (*scratch)[at[e.hash >> shift & kMask]++] = e;
    entries->swap(*scratch);
  }
  constexpr uint64_t kLow = (uint64_t{1} << (kBits * kPasses)) - 1;
  for (size_t from = 0, to = 0; from < entries->size(); from = to) {
    bool mixed = false;
    for (to = from + 1; to < entries->size() && ((*entries)[to].hash & kLow) == ((*entries)[from].hash & kLow); ++to)
      mixed |= (*entries)[to].hash != (*entries)[from].hash;
    if (mixed)
      std::stable_sort(entries->begin() + static_cast<ptrdiff_t>(from), entries->begin() + static_cast<ptrdiff_t>(to),
                       [](const Entry& a, const Entry& b) { return a.hash < b.hash; });
  }
}

uint64_t PairsOf(uint64_t size) { return size == 0 ? 0 : size * (size - 1) / 2; }

constexpr const char* kAllPairsKey = "all pairs";
constexpr uint64_t kCompareAll = 1'000'000;

// Blocks of one key.
struct KeyBlocks {
  std::vector<uint32_t> members;
  std::vector<uint32_t> ends;
  KeyStats stats;
};

class KeyBuilder {
 public:
  KeyBuilder(const Table& table, const Frequencies& frequencies, const BlockingKey& key, uint32_t cap, bool fixed,
             double budget)
      : table_(table), frequencies_(frequencies), key_(key), cap_(cap), fixed_(fixed), budget_(budget) {}

  KeyBlocks Build() {
    std::vector<uint64_t> hashes;
    for (uint32_t row = 0; row < table_.size(); ++row) {
      hashes.clear();
      AppendHashes(key_, table_, frequencies_, row, &hashes);
      std::sort(hashes.begin(), hashes.end());
      hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
      for (const uint64_t hash : hashes) entries_.push_back({hash, row});
    }
    std::vector<Entry> scratch;
    SortEntries(&entries_, &scratch);
    out_.stats.cap = key_.strong || fixed_ ? cap_ : CapWithin(budget_ * table_.size());
    Keep(entries_, out_.stats.cap, key_.strong ? 0 : 2);
    return std::move(out_);
  }

 private:
  // The largest block size whose blocks, with all smaller ones, stay within `pairs`; never below a pair's.
  uint32_t CapWithin(double pairs) const {
    std::vector<uint64_t> blocks_of_size(cap_ + 1, 0);
    EachRun(entries_, [&](size_t from, size_t to) {
      if (to - from <= cap_) ++blocks_of_size[to - from];
    });
    uint64_t sum = 0;
    uint32_t cap = 2;
    for (uint32_t size = 2; size <= cap_; ++size) {
      sum += blocks_of_size[size] * PairsOf(size);
      if (static_cast<double>(sum) > pairs) break;
      cap = size;
    }
    return cap;
  }

  template <class Call>
  static void EachRun(const std::vector<Entry>& entries, Call call) {
    for (size_t from = 0, to = 0; from < entries.size(); from = to) {
      for (to = from + 1; to < entries.size() && entries[to].hash == entries[from].hash; ++to) {
      }
      if (to - from > 1) call(from, to);
    }
  }

  // depth 0: as the key says; 1: within a block by first name; 2: by last name or not at all.
  void Keep(const std::vector<Entry>& entries, uint32_t cap, int depth) {
    EachRun(entries, [&](size_t from, size_t to) {
      const auto size = static_cast<uint32_t>(to - from);
      if (size <= cap) {
        for (size_t i = from; i < to; ++i) out_.members.push_back(entries[i].row);
        out_.ends.push_back(static_cast<uint32_t>(out_.members.size()));
        out_.stats.pairs += PairsOf(size);
        return;
      }
      if (depth == 0 || !key_.strong) Report(size);
      if (depth < 2) SubBlock(entries, from, to, cap, depth);
    });
  }

  void SubBlock(const std::vector<Entry>& entries, size_t from, size_t to, uint32_t cap, int depth) {
    std::vector<Entry> sub;
    for (size_t i = from; i < to; ++i) {
      const Features& f = table_[entries[i].row];
      const uint64_t name = depth == 0 ? f.first : f.last;
      if (name != 0)
        sub.push_back({HashMix(entries[i].hash, HashMix(name, static_cast<uint64_t>(depth))), entries[i].row});
    }
    std::vector<Entry> scratch;
    SortEntries(&sub, &scratch);
    Keep(sub, cap, depth + 1);
  }

  void Report(uint32_t size) {
    ++out_.stats.capped_blocks;
    out_.stats.capped_records += size;
    ++out_.stats.capped_sizes[size];
  }

  const Table& table_;
  const Frequencies& frequencies_;
  const BlockingKey& key_;
  uint32_t cap_;
  bool fixed_;
  double budget_;
  std::vector<Entry> entries_;
  KeyBlocks out_;
};

// Where comparing everything takes a second, blocking has nothing to save.
KeyBlocks AllPairs(const Table& table) {
  KeyBlocks out;
  out.stats.name = kAllPairsKey;
  if (!PairsWithinReach(table.size())) return out;
  for (uint32_t row = 0; row < table.size(); ++row)
    if (!table[row].empty) out.members.push_back(row);
  out.stats.cap = static_cast<uint32_t>(out.members.size());
  out.stats.pairs = PairsOf(out.members.size());
  out.ends.push_back(out.stats.cap);
  return out;
}

}  // namespace

class BlockBuilder {
 public:
  static Blocks Join(uint32_t rows, std::vector<KeyBlocks>* parts) {
    Blocks b;
    b.block_begin_.push_back(0);
    for (KeyBlocks& part : *parts) {
      b.key_begin_.push_back(static_cast<uint32_t>(b.block_begin_.size() - 1));
      const uint64_t base = b.members_.size();
      b.members_.insert(b.members_.end(), part.members.begin(), part.members.end());
      for (const uint32_t end : part.ends) b.block_begin_.push_back(base + end);
      b.keys.push_back(std::move(part.stats));
      part = KeyBlocks{};
    }
    b.capped = LargestCapped(b.keys);
    b.dropped_.assign(parts->size(), false);
    b.row_begin_.assign(size_t{rows} + 2, 0);
    for (const uint32_t row : b.members_) ++b.row_begin_[row + 2];
    for (size_t i = 2; i < b.row_begin_.size(); ++i) b.row_begin_[i] += b.row_begin_[i - 1];
    b.row_blocks_.resize(b.members_.size());
    for (uint32_t block = 0; block + 1 < b.block_begin_.size(); ++block)
      for (const uint32_t row : b.Members(block)) b.row_blocks_[b.row_begin_[row + 1]++] = block;
    return b;
  }
};

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

int Blocks::KeyOf(uint32_t block) const {
  return static_cast<int>(std::upper_bound(key_begin_.begin(), key_begin_.end(), block) - key_begin_.begin()) - 1;
}

void Blocks::Drop(size_t key) {
  dropped_[key] = true;
  keys[key].cap = 0;
  keys[key].pairs = 0;
}

uint64_t Blocks::PairsWithRepeats() const {
  uint64_t sum = 0;
  for (const KeyStats& key : keys) sum += key.pairs;
  return sum;
}

uint64_t Blocks::MemoryBytes() const {
  return (members_.capacity() + row_blocks_.capacity()) * 4 + (block_begin_.capacity() + row_begin_.capacity()) * 8;
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

Blocks BuildBlocks(const Table& table, const Frequencies& frequencies, const BlockingOptions& options) {
  const std::vector<BlockingKey> keys = AllKeys(table.attribute_count());
  // Not every key applies to every record, so a key may use more than an equal share of the budget.
  const double budget = options.pairs_per_record > 0 ? options.pairs_per_record : BudgetFor(table.size());
  const double share = budget / 8;
  std::vector<KeyBlocks> parts(keys.size());
  ParallelParts(options.threads, keys.size(), options.cancel, [&](size_t i) {
    const bool fixed = i < options.caps.size();
    const uint32_t cap = fixed ? options.caps[i] : keys[i].strong ? options.strong_cap : options.weak_cap;
    if (cap >= 2) parts[i] = KeyBuilder(table, frequencies, keys[i], cap, fixed, share).Build();
    parts[i].stats.name = keys[i].name;
  });
  if (options.cancel != nullptr && options.cancel->requested()) return Blocks{};
  parts.push_back(AllPairs(table));
  return BlockBuilder::Join(table.size(), &parts);
}

}  // namespace migrate::dedupe
