#include <algorithm>

#include "migrate/dedupe/blocking.h"
#include "migrate/dedupe/explain.h"
#include "migrate/dedupe/keys.h"
#include "migrate/dedupe/nicknames.h"

namespace migrate::dedupe {
namespace {

constexpr size_t kBatch = 20'000;  // records that are in memory at a time

}  // namespace

// Blocks are known by hashes over dictionary numbers. The two records go first into each batch's table, so their
// numbers and hashes are the same in all of them.
class SharedBlocks::Impl {
 public:
  Impl(const Model& model, const Record& a, const Record& b)
      : model_(model), a_(a), b_(b), keys_(AllKeys(model.attributes.size())) {
    FindShared();
  }

  void Add(const Record& other) {
    if (other.record_id == a_.record_id || other.record_id == b_.record_id) return;
    ++records_;
    if (shared_.empty()) return;
    batch_.push_back(other);
    if (batch_.size() == kBatch) Count();
  }

  std::vector<SharedBlock> Finish() {
    Count();
    std::vector<SharedBlock> out;
    for (const Shared& s : shared_) out.push_back(OutcomeOf(s));
    // Small tables are compared whole.
    if (!PairsWithinReach(records_ + 2)) return out;
    const auto cap = static_cast<uint32_t>(records_ + 2);
    if (!empty_) out.push_back({KeyNames(0).back(), cap, cap, SharedBlock::Outcome::kProposes});
    return out;
  }

 private:
  struct Shared {
    size_t key = 0;
    uint64_t hash = 0;
    // Records besides the two: in the block; of those with the same first name; of those with the same last name too.
    uint64_t all = 0, first = 0, last = 0;
  };

  void FindShared() {
    Table table(model_.attributes.size());
    table.Add(a_);
    table.Add(b_);
    table.Finish();
    const Frequencies frequencies = UseFrequencies(table, model_.frequencies, nicknames_);
    first_ = table[0].first == table[1].first ? table[0].first : 0;
    last_ = table[0].last == table[1].last ? table[0].last : 0;
    empty_ = table[0].empty || table[1].empty;
    std::vector<uint64_t> of_a, of_b;
    for (size_t k = 0; k < keys_.size(); ++k) {
      of_a.clear();
      of_b.clear();
      AppendHashes(keys_[k], table, frequencies, 0, &of_a);
      AppendHashes(keys_[k], table, frequencies, 1, &of_b);
      std::sort(of_a.begin(), of_a.end());
      of_a.erase(std::unique(of_a.begin(), of_a.end()), of_a.end());
      for (const uint64_t hash : of_a)
        if (std::find(of_b.begin(), of_b.end(), hash) != of_b.end()) shared_.push_back({k, hash, 0, 0, 0});
    }
  }

  void Count() {
    if (batch_.empty()) return;
    Table table(model_.attributes.size());
    table.Add(a_);
    table.Add(b_);
    for (const Record& r : batch_) table.Add(r);
    batch_.clear();
    table.Finish();
    const Frequencies frequencies = UseFrequencies(table, model_.frequencies, nicknames_);
    std::vector<uint64_t> hashes;
    for (uint32_t row = 0; row < table.size(); ++row) {
      if (table.record_id(row) == a_.record_id || table.record_id(row) == b_.record_id) continue;
      size_t key = keys_.size();
      for (Shared& s : shared_) {
        if (s.key != key) {
          hashes.clear();
          AppendHashes(keys_[s.key], table, frequencies, row, &hashes);
          key = s.key;
        }
        if (std::find(hashes.begin(), hashes.end(), s.hash) == hashes.end()) continue;
        ++s.all;
        if (first_ == 0 || table[row].first != first_) continue;
        ++s.first;
        if (last_ != 0 && table[row].last == last_) ++s.last;
      }
    }
  }

  // As blocking keeps blocks (blocking.h): a large one of a strong key is blocked again by first, then by last name.
  SharedBlock OutcomeOf(const Shared& s) const {
    SharedBlock out{keys_[s.key].name, s.key < model_.caps.size() ? model_.caps[s.key] : 0, s.all + 2,
                    SharedBlock::Outcome::kProposes};
    if (out.cap < 2) {
      out.outcome = SharedBlock::Outcome::kUnused;
      return out;
    }
    if (out.size <= out.cap) return out;
    if (keys_[s.key].strong && first_ != 0) {
      out.size = s.first + 2;
      if (out.size <= out.cap) return out;
      if (last_ != 0) {
        out.size = s.last + 2;
        if (out.size <= out.cap) return out;
      }
    }
    out.outcome = SharedBlock::Outcome::kCapped;
    return out;
  }

  const Model& model_;
  const Record a_, b_;
  Nicknames nicknames_;
  std::vector<BlockingKey> keys_;
  std::vector<Shared> shared_;
  std::vector<Record> batch_;
  uint64_t records_ = 0;
  uint32_t first_ = 0, last_ = 0;  // names that both have, 0: they differ
  bool empty_ = false;
};

SharedBlocks::SharedBlocks(const Model& model, const Record& a, const Record& b)
    : impl_(std::make_unique<Impl>(model, a, b)) {}
SharedBlocks::~SharedBlocks() = default;
void SharedBlocks::Add(const Record& other) { impl_->Add(other); }
std::vector<SharedBlock> SharedBlocks::Finish() { return impl_->Finish(); }

}  // namespace migrate::dedupe
