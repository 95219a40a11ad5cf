#include "changed_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>
#include <unordered_map>

#include "migrate/dedupe/match_entries.h"
#include "migrate/dedupe/parallel.h"

namespace migrate::dedupe {
namespace {

constexpr uint32_t kUnlimited = ~0u;

uint64_t PairsOf(uint64_t size) { return size < 2 ? 0 : size * (size - 1) / 2; }

// Numbers of a set of entries, with a filter before them that stays in the processor's cache.
class EntrySet {
 public:
  explicit EntrySet(std::vector<uint64_t> entries) : entries_(std::move(entries)) {
    std::sort(entries_.begin(), entries_.end());
    entries_.erase(std::unique(entries_.begin(), entries_.end()), entries_.end());
    const size_t n = std::max<size_t>(64, entries_.size());
    filter_shift_ = 64 - std::bit_width(n * 12);
    filter_.assign((size_t{1} << (64 - filter_shift_)) / 64 + 1, 0);
    slot_shift_ = 64 - std::bit_width(n * 2);
    slots_.assign(size_t{1} << (64 - slot_shift_), 0);
    for (uint32_t i = 0; i < entries_.size(); ++i) {
      const uint64_t h = Spread(entries_[i]);
      filter_[h >> filter_shift_ >> 6] |= uint64_t{1} << (h >> filter_shift_ & 63);
      size_t at = h >> slot_shift_;
      while (slots_[at] != 0) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = i + 1;
    }
  }
  size_t size() const { return entries_.size(); }
  uint64_t operator[](size_t i) const { return entries_[i]; }

  static constexpr uint32_t kNone = ~0u;
  uint32_t Find(uint64_t entry) const {
    const uint64_t h = Spread(entry);
    if ((filter_[h >> filter_shift_ >> 6] >> (h >> filter_shift_ & 63) & 1) == 0) return kNone;
    for (size_t at = h >> slot_shift_; slots_[at] != 0; at = (at + 1) & (slots_.size() - 1))
      if (entries_[slots_[at] - 1] == entry) return slots_[at] - 1;
    return kNone;
  }

 private:
  // The key's number sits in the upper bits; the product's upper bits depend on all of them.
  static uint64_t Spread(uint64_t entry) { return entry * 0x9e3779b97f4a7c15ull; }
  std::vector<uint64_t> entries_;  // ascending
  std::vector<uint64_t> filter_;
  std::vector<uint32_t> slots_;
  int filter_shift_ = 0, slot_shift_ = 0;
};

// Who was in some blocks, among the live slots that lie before `rows`.
struct Members {
  std::vector<uint32_t> count;  // by block
  std::vector<uint64_t> begin;  // by block: place in slots; complete only where count is within the limit
  std::vector<uint32_t> slots;  // ascending within a block
  std::span<const uint32_t> Of(uint32_t block) const {
    return {slots.data() + begin[block], static_cast<size_t>(begin[block + 1] - begin[block])};
  }
};

Members Scan(const MatchState& state, uint32_t rows, const EntrySet& set, const std::vector<uint32_t>& limit,
             unsigned threads, const Cancel* cancel) {
  struct Hit {
    uint32_t block, slot;
  };
  struct Part {
    std::vector<uint32_t> count;
    std::vector<Hit> hits;
  };
  const size_t parts_n = std::max(1u, threads);
  std::vector<Part> parts(parts_n);
  ParallelParts(threads, parts_n, cancel, [&](size_t p) {
    Part& part = parts[p];
    part.count.assign(set.size(), 0);
    const auto from = static_cast<uint32_t>(uint64_t{rows} * p / parts_n);
    const auto to = static_cast<uint32_t>(uint64_t{rows} * (p + 1) / parts_n);
    for (uint32_t slot = from; slot < to; ++slot) {
      if (!state.Alive(slot)) continue;
      for (const uint64_t entry : state.Entries(slot).subspan(kNameEntries)) {
        const uint32_t block = set.Find(entry);
        if (block != EntrySet::kNone && ++part.count[block] <= limit[block]) part.hits.push_back({block, slot});
      }
    }
  });
  Members out;
  out.count.assign(set.size(), 0);
  out.begin.assign(set.size() + 2, 0);
  for (const Part& part : parts) {
    for (size_t i = 0; i < part.count.size(); ++i) out.count[i] += part.count[i];
    for (const Hit& hit : part.hits) ++out.begin[hit.block + 2];
  }
  for (size_t i = 1; i < out.begin.size(); ++i) out.begin[i] += out.begin[i - 1];
  out.slots.resize(out.begin.back());
  for (const Part& part : parts)
    for (const Hit& hit : part.hits) out.slots[out.begin[hit.block + 1]++] = hit.slot;
  return out;
}

struct Block {
  uint64_t entry = 0;
  std::vector<uint32_t> rest;           // untouched members
  std::vector<uint32_t> before, after;  // touched members
  uint64_t size_before = 0, size_after = 0;
};

struct SizePair {
  uint64_t before = 0, after = 0;
};

class Finder {
 public:
  Finder(const MatchState& state, const std::vector<uint32_t>& caps, const std::vector<bool>& strong,
         const TouchedSlots& touched, unsigned threads, const Cancel* cancel)
      : state_(state),
        caps_(caps),
        strong_(strong),
        touched_(touched),
        threads_(threads),
        cancel_(cancel),
        rows_(state.size() - static_cast<uint32_t>(touched.after.size())),
        is_touched_(state.size(), 0) {
    for (const auto* slots : {&touched.before, &touched.after})
      for (const uint32_t slot : *slots) is_touched_[slot] = 1;
    out_.proposed.assign(caps.size(), 0);
    out_.capped_sizes.resize(caps.size());
  }

  BlockChanges Run() {
    FirstScan();
    if (Cancelled()) return {};
    for (uint32_t i = 0; i < first_->size(); ++i) Visit(i);
    TouchedPairs();
    OtherPairs();
    if (Cancelled()) return {};
    return std::move(out_);
  }

 private:
  bool Cancelled() const { return cancel_ != nullptr && cancel_->requested(); }

  void FirstScan() {
    std::vector<uint64_t> entries;
    for (const auto* slots : {&touched_.before, &touched_.after})
      for (const uint32_t slot : *slots) {
        const auto of_slot = state_.Entries(slot).subspan(kNameEntries);
        entries.insert(entries.end(), of_slot.begin(), of_slot.end());
      }
    first_.emplace(std::move(entries));
    blocks_.resize(first_->size());
    for (size_t i = 0; i < blocks_.size(); ++i) blocks_[i].entry = (*first_)[i];
    const auto put = [&](const std::vector<uint32_t>& slots, std::vector<uint32_t> Block::*side) {
      for (const uint32_t slot : slots)
        for (const uint64_t entry : state_.Entries(slot).subspan(kNameEntries))
          if (!IsHubEntry(entry)) (blocks_[first_->Find(entry)].*side).push_back(slot);
    };
    put(touched_.before, &Block::before);
    put(touched_.after, &Block::after);
    // A weak block with more than its cap beside those that go proposes nothing, before or after.
    std::vector<uint32_t> limit(blocks_.size());
    for (size_t i = 0; i < blocks_.size(); ++i) {
      const uint8_t key = TagOf(blocks_[i].entry);
      if (!IsHubEntry(blocks_[i].entry))
        limit[i] = strong_[key] ? kUnlimited : caps_[key] + static_cast<uint32_t>(blocks_[i].before.size());
    }
    const Members members = Scan(state_, rows_, *first_, limit, threads_, cancel_);
    if (Cancelled()) return;
    for (uint32_t i = 0; i < blocks_.size(); ++i) {
      Block& b = blocks_[i];
      b.size_before = members.count[i];
      if (IsHubEntry(b.entry)) {
        out_.hub_entries.emplace_back(b.entry, b.size_before);
        continue;
      }
      b.size_after = b.size_before - b.before.size() + b.after.size();
      if (members.count[i] > limit[i]) continue;
      for (const uint32_t slot : members.Of(i))
        if (is_touched_[slot] == 0) b.rest.push_back(slot);
    }
  }

  // A block, or what it is blocked into again: who is in it, and whether it counts before and after.
  struct Node {
    std::vector<uint32_t> rest, before, after;
    bool was = true, is = true;
    size_t depth = 0;
  };

  void Visit(uint32_t i) {
    Block& b = blocks_[i];
    if (IsHubEntry(b.entry)) return;
    const uint8_t key = TagOf(b.entry);
    const uint32_t cap = caps_[key];
    if (b.size_before > cap) --out_.capped_sizes[key][static_cast<uint32_t>(b.size_before)];
    if (b.size_after > cap) ++out_.capped_sizes[key][static_cast<uint32_t>(b.size_after)];
    if (!strong_[key] && b.size_before > cap && b.size_after > cap) return;
    Visit({b.rest, b.before, b.after, true, true, 0}, key);
  }

  void Visit(const Node& node, uint8_t key) {
    const uint64_t cap = caps_[key];
    const uint64_t size_before = node.rest.size() + node.before.size();
    const uint64_t size_after = node.rest.size() + node.after.size();
    const bool kept_before = node.was && size_before <= cap, kept_after = node.is && size_after <= cap;
    if (kept_before) {
      out_.proposed[key] -= static_cast<int64_t>(PairsOf(size_before));
      Propose(node.before, node.rest, key, &pairs_before_);
    }
    if (kept_after) {
      out_.proposed[key] += static_cast<int64_t>(PairsOf(size_after));
      Propose(node.after, node.rest, key, &pairs_after_);
    }
    if (kept_before != kept_after)
      for (size_t i = 0; i < node.rest.size(); ++i)
        for (size_t j = i + 1; j < node.rest.size(); ++j)
          others_.push_back(uint64_t{node.rest[i]} << 32 | node.rest[j]);
    if (!strong_[key] || node.depth == kNameEntries) return;
    const bool was = node.was && !kept_before, is = node.is && !kept_after;
    if (was || is) Again(node, key, was, is);
  }

  // By first name, then by last name.
  void Again(const Node& node, uint8_t key, bool was, bool is) {
    std::unordered_map<uint64_t, Node> by_name;
    const auto put = [&](const std::vector<uint32_t>& slots, std::vector<uint32_t> Node::*side, bool all) {
      for (const uint32_t slot : slots) {
        const uint64_t name = state_.Entries(slot)[node.depth];
        if (name == 0) continue;
        const auto it = all ? by_name.try_emplace(name).first : by_name.find(name);
        if (it != by_name.end()) (it->second.*side).push_back(slot);
      }
    };
    put(node.before, &Node::before, true);
    put(node.after, &Node::after, true);
    // Where the block is too large before and after, a name that no touched record bears is what it was.
    put(node.rest, &Node::rest, was != is);
    for (auto& [name, sub] : by_name) {
      sub.was = was;
      sub.is = is;
      sub.depth = node.depth + 1;
      Visit(sub, key);
    }
  }

  struct Proposal {
    uint64_t pair;  // the lower slot in the upper half
    uint8_t key;
    bool operator<(const Proposal& o) const { return pair != o.pair ? pair < o.pair : key < o.key; }
  };

  static void Propose(const std::vector<uint32_t>& touched, const std::vector<uint32_t>& rest, uint8_t key,
                      std::vector<Proposal>* out) {
    for (size_t i = 0; i < touched.size(); ++i) {
      const auto with = [&](uint32_t other) {
        out->push_back({uint64_t{std::min(touched[i], other)} << 32 | std::max(touched[i], other), key});
      };
      for (const uint32_t slot : rest) with(slot);
      for (size_t j = i + 1; j < touched.size(); ++j) with(touched[j]);
    }
  }

  void TouchedPairs() {
    for (auto* proposals : {&pairs_before_, &pairs_after_}) {
      std::sort(proposals->begin(), proposals->end());
      uint64_t last = ~uint64_t{0};
      for (const Proposal& p : *proposals) {
        if (p.pair == last) continue;
        last = p.pair;
        PairChange change{static_cast<uint32_t>(p.pair >> 32), static_cast<uint32_t>(p.pair), kNoKey, kNoKey};
        (proposals == &pairs_before_ ? change.before : change.after) = p.key;
        out_.pairs.push_back(change);
      }
    }
  }

  // Pairs of untouched records of which some block now thinks otherwise: what all blocks of the two say.
  void OtherPairs() {
    std::sort(others_.begin(), others_.end());
    others_.erase(std::unique(others_.begin(), others_.end()), others_.end());
    std::vector<uint64_t> unknown;
    for (const uint64_t pair : others_)
      EachCommon(pair, [&](uint64_t entry) {
        if (first_->Find(entry) == EntrySet::kNone) unknown.push_back(entry);
      });
    second_.emplace(std::move(unknown));
    const size_t before = blocks_.size();
    if (second_->size() != 0) {
      std::vector<uint32_t> limit(second_->size());
      for (size_t i = 0; i < limit.size(); ++i) limit[i] = strong_[TagOf((*second_)[i])] ? kUnlimited : 0;
      const Members members = Scan(state_, rows_, *second_, limit, threads_, cancel_);
      if (Cancelled()) return;
      for (uint32_t i = 0; i < second_->size(); ++i) {
        Block b;
        b.entry = (*second_)[i];
        b.size_before = b.size_after = members.count[i];
        const auto rest = members.Of(i);
        b.rest.assign(rest.begin(), rest.end());
        blocks_.push_back(std::move(b));
      }
    }
    for (const uint64_t pair : others_) {
      PairChange change{static_cast<uint32_t>(pair >> 32), static_cast<uint32_t>(pair), kNoKey, kNoKey};
      EachCommon(pair, [&](uint64_t entry) {
        const uint32_t known = first_->Find(entry);
        const auto block = known != EntrySet::kNone ? known : static_cast<uint32_t>(before + second_->Find(entry));
        const auto [was, is] = Proposes(block, change.a, change.b);
        const uint8_t key = TagOf(entry);
        if (was) change.before = std::min(change.before, key);
        if (is) change.after = std::min(change.after, key);
      });
      if (change.before != change.after) out_.pairs.push_back(change);
    }
  }

  template <class Call>
  void EachCommon(uint64_t pair, Call call) const {
    const auto a = state_.Entries(static_cast<uint32_t>(pair >> 32)).subspan(kNameEntries);
    const auto b = state_.Entries(static_cast<uint32_t>(pair)).subspan(kNameEntries);
    for (size_t i = 0, j = 0; i < a.size() && j < b.size();) {
      if (IsHubEntry(a[i])) return;
      if (a[i] == b[j]) {
        call(a[i]);
        ++i;
        ++j;
      } else {
        a[i] < b[j] ? ++i : ++j;
      }
    }
  }

  // Does a block that both untouched slots are in propose them, before and after?
  std::pair<bool, bool> Proposes(uint32_t block, uint32_t a, uint32_t b) {
    const uint8_t key = TagOf(blocks_[block].entry);
    const uint64_t cap = caps_[key];
    SizePair size{blocks_[block].size_before, blocks_[block].size_after};
    bool was = size.before <= cap, is = size.after <= cap;
    if (!strong_[key]) return {was, is};
    bool open_before = !was, open_after = !is;
    std::array<uint64_t, kNameEntries> names{};
    for (size_t depth = 0; depth < kNameEntries && (open_before || open_after); ++depth) {
      names[depth] = state_.Entries(a)[depth];
      if (names[depth] == 0 || names[depth] != state_.Entries(b)[depth]) break;
      size = SizeOf(block, names);
      was |= open_before && size.before <= cap;
      is |= open_after && size.after <= cap;
      open_before &= size.before > cap;
      open_after &= size.after > cap;
    }
    return {was, is};
  }

  // How many of a strong block bear these names (a last name of 0: whatever it is).
  SizePair SizeOf(uint32_t block, const std::array<uint64_t, kNameEntries>& names) {
    const auto [it, made] = sizes_.try_emplace(block);
    auto& sizes = it->second;
    if (made) {
      const Block& b = blocks_[block];
      const auto count = [&](const std::vector<uint32_t>& slots, bool before, bool after) {
        for (const uint32_t slot : slots) {
          const auto of_slot = state_.Entries(slot);
          for (const uint64_t last : {uint64_t{0}, of_slot[1]}) {
            SizePair& n = sizes[HashMix(of_slot[0], last)];
            n.before += before ? 1 : 0;
            n.after += after ? 1 : 0;
            if (of_slot[1] == 0) break;
          }
        }
      };
      count(b.rest, true, true);
      count(b.before, true, false);
      count(b.after, false, true);
    }
    return sizes[HashMix(names[0], names[1])];
  }

  const MatchState& state_;
  const std::vector<uint32_t>& caps_;
  const std::vector<bool>& strong_;
  const TouchedSlots& touched_;
  const unsigned threads_;
  const Cancel* cancel_;
  const uint32_t rows_;  // slots that may have been in blocks before
  std::vector<uint8_t> is_touched_;
  std::optional<EntrySet> first_, second_;
  std::vector<Block> blocks_;  // of first_, then of second_
  std::vector<Proposal> pairs_before_, pairs_after_;
  std::vector<uint64_t> others_;
  std::unordered_map<uint32_t, std::unordered_map<uint64_t, SizePair>> sizes_;
  BlockChanges out_;
};

}  // namespace

BlockChanges FindBlockChanges(const MatchState& state, const std::vector<uint32_t>& caps,
                              const std::vector<bool>& strong, const TouchedSlots& touched, unsigned threads,
                              const Cancel* cancel) {
  return Finder(state, caps, strong, touched, threads, cancel).Run();
}

}  // namespace migrate::dedupe
