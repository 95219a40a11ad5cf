#include "migrate/dedupe/match_increment.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "changed_blocks.h"
#include "migrate/dedupe/keys.h"
#include "migrate/dedupe/match_entries.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/parallel.h"
#include "migrate/dedupe/review_pairs.h"
#include "migrate/dedupe/scoring.h"
#include "recluster.h"
#include "slot_table.h"

namespace migrate::dedupe {
namespace {

Status NotPossible(const std::string& why) { return Status::Failed(why); }

// An increment of more than this share of the records is no faster than matching all.
constexpr uint64_t kLargestShare = 4;

class Increment {
 public:
  Increment(MatchState* state, const MatchOptions& options)
      : state_(*state), options_(options), model_(*options.model), scorer_(model_.weights) {}

  Result<MatchIncrement> Run(const std::vector<MatchChange>& changes, const std::vector<uint64_t>& also) {
    MIGRATE_TRY(CheckModel(model_, options_.attributes));
    MIGRATE_TRY(FindTouched(changes, also));
    Step("blocking");
    const BlockChanges blocks =
        FindBlockChanges(state_, model_.caps, Strong(), touched_, options_.threads, options_.cancel);
    MIGRATE_TRY(CountKeys(blocks));
    CountHubs(blocks);
    if (Cancelled()) return Status::Cancelled();
    Step("scoring");
    MIGRATE_TRY(Rescore(blocks.pairs));
    Step("clustering");
    MIGRATE_TRY(ClusterAgain());
    MIGRATE_TRY(Review());
    Sum();
    Step("");
    return std::move(out_);
  }

 private:
  struct HubChange {
    uint64_t before = 0, after = 0;
    std::string value;
  };

  bool Cancelled() const { return options_.cancel != nullptr && options_.cancel->requested(); }
  bool Before(uint32_t a, uint32_t b) const { return state_.slots[a].record_id < state_.slots[b].record_id; }

  void Step(std::string_view step) {
    const auto now = std::chrono::steady_clock::now();
    auto& steps = out_.stats.seconds;
    if (!steps.empty()) steps.back().seconds = std::chrono::duration<double>(now - began_).count();
    began_ = now;
    if (step.empty()) return;
    steps.push_back({std::string(step), 0});
    if (options_.progress) options_.progress(step, 0, 0);
  }

  std::vector<bool> Strong() const {
    std::vector<bool> strong(model_.caps.size(), false);
    const auto keys = AllKeys(std::min<size_t>(options_.attributes.size(), kMaxAttributes));
    for (size_t i = 0; i < strong.size() && i < keys.size(); ++i) strong[i] = keys[i].strong;
    return strong;
  }

  uint32_t SlotOf(uint64_t record_id) const {
    const auto it = std::lower_bound(order_.begin(), order_.end(), record_id,
                                     [&](uint32_t slot, uint64_t id) { return state_.slots[slot].record_id < id; });
    return it == order_.end() || state_.slots[*it].record_id != record_id ? ~0u : *it;
  }

  // Old images, and new ones with their entries as slots behind the others.
  Status FindTouched(const std::vector<MatchChange>& changes, const std::vector<uint64_t>& also) {
    order_ = state_.Order();
    const uint64_t n = order_.size();
    // A changed record's old slot stays until all is written anew.
    if (state_.size() > 2 * n) return NotPossible("half of what the last matching left has been replaced since");
    uint64_t came = 0;
    Table table(options_.attributes.size());
    std::vector<std::pair<uint64_t, std::string>> images;
    for (const MatchChange& change : changes) {
      const uint32_t slot = SlotOf(change.record_id);
      if (slot != ~0u) seeds_.push_back(slot);  // its row may have changed where matching does not look
      const std::string image = change.record ? EncodeForMatching(*change.record) : "";
      if (slot != ~0u && change.record && state_.RecordBytes(slot) == image) continue;
      if (slot != ~0u) {
        touched_.before.push_back(slot);
        Record old;
        if (!state_.ReadRecord(slot, &old)) return NotPossible("the state of the last matching is damaged: a record");
        out_.replaced.push_back(std::move(old));
      }
      if (!change.record) continue;
      Record record = *change.record;
      record.record_id = change.record_id;
      table.Add(record);
      images.emplace_back(change.record_id, image);
      came += slot == ~0u ? 1 : 0;
    }
    for (const uint64_t id : also)
      if (const uint32_t slot = SlotOf(id); slot != ~0u) seeds_.push_back(slot);
    const uint64_t gone = touched_.before.size() + came - images.size();
    if (PairsWithinReach(n) || PairsWithinReach(n + came - gone))
      return NotPossible("so few records are compared whole");
    if (kLargestShare * (images.size() + gone) > n) return NotPossible("much of the records has changed");
    if (!table.Finish()) return NotPossible("a record was given twice");
    std::sort(images.begin(), images.end());
    const Frequencies frequencies = UseFrequencies(table, model_.frequencies, nicknames_);
    const EntryMaker maker(table, frequencies, model_.caps);
    std::vector<uint64_t> entries;
    for (uint32_t row = 0; row < table.size(); ++row) {
      entries.clear();
      maker.Append(row, &entries);
      touched_.after.push_back(state_.Append(images[row].first, images[row].second, entries));
      NoteHubs(table, row, &HubChange::after);
    }
    return OldHubValues();
  }

  Status OldHubValues() {
    if (touched_.before.empty()) return {};
    MIGRATE_ASSIGN(auto rows, SlotTable::Make(state_, touched_.before, model_));
    for (uint32_t row = 0; row < rows->table().size(); ++row) NoteHubs(rows->table(), row, &HubChange::before);
    return {};
  }

  void NoteHubs(const Table& table, uint32_t row, uint64_t HubChange::*side) {
    HubValues(table, row, [&](HubField field, uint64_t hash, const std::function<std::string()>& text) {
      HubChange& change = hub_changes_[{field, hash}];
      if (change.value.empty()) change.value = text();
      ++(change.*side);
    });
  }

  Status CountKeys(const BlockChanges& blocks) {
    if (state_.keys.size() < blocks.proposed.size())
      return NotPossible("the state of the last matching is of other keys");
    for (size_t key = 0; key < blocks.proposed.size(); ++key) {
      KeyStats& k = state_.keys[key];
      k.pairs += static_cast<uint64_t>(blocks.proposed[key]);
      for (const auto& [size, change] : blocks.capped_sizes[key]) {
        uint64_t& n = k.capped_sizes[size];
        n += static_cast<uint64_t>(change);
        k.capped_blocks += static_cast<uint64_t>(change);
        k.capped_records += static_cast<uint64_t>(change * int64_t{size});
        if (n == 0) k.capped_sizes.erase(size);
      }
    }
    return {};
  }

  void CountHubs(const BlockChanges& blocks) {
    for (const auto& [place, change] : hub_changes_) {
      const auto& [field, hash] = place;
      const uint64_t entry = HubEntryOf(field, hash);
      const auto it =
          std::lower_bound(blocks.hub_entries.begin(), blocks.hub_entries.end(), std::pair(entry, uint64_t{0}));
      const uint64_t before = it == blocks.hub_entries.end() || it->first != entry ? 0 : it->second;
      const uint64_t now = before - change.before + change.after;
      HubCounts& counts = state_.hubs[field];
      counts.occurrences += now - before;
      counts.values += (now != 0 ? 1u : 0u) - (before != 0 ? 1u : 0u);
      if (now >= kHubTimes)
        counts.frequent[hash] = {change.value, now};
      else
        counts.frequent.erase(hash);
    }
  }

  // log2 odds of pairs, in their order. Of each pair the record with the lower id goes first.
  Result<std::vector<double>> Odds(const std::vector<PairChange>& pairs) {
    std::vector<uint32_t> slots;
    for (const PairChange& p : pairs) slots.insert(slots.end(), {p.a, p.b});
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    out_.compared += slots.size();
    MIGRATE_ASSIGN(auto rows, SlotTable::Make(state_, std::move(slots), model_));
    std::vector<double> odds(pairs.size());
    constexpr size_t kPairsPerPart = 4096;
    ParallelParts(options_.threads, (pairs.size() + kPairsPerPart - 1) / kPairsPerPart, options_.cancel,
                  [&](size_t part) {
                    Comparison comparison;
                    const size_t to = std::min(pairs.size(), (part + 1) * kPairsPerPart);
                    for (size_t i = part * kPairsPerPart; i < to; ++i) {
                      const uint32_t a = rows->RowOf(pairs[i].a), b = rows->RowOf(pairs[i].b);
                      rows->comparator().Compare(std::min(a, b), std::max(a, b), &comparison);
                      odds[i] = scorer_.LogOdds(comparison);
                    }
                  });
    if (Cancelled()) return Status::Cancelled();
    return odds;
  }

  Status Rescore(const std::vector<PairChange>& changes) {
    std::vector<PairChange> gone, came;
    for (const PairChange& c : changes) {
      if (c.before != kNoKey) --state_.keys[c.before].new_pairs;
      if (c.after != kNoKey) ++state_.keys[c.after].new_pairs;
      if (c.after == kNoKey) gone.push_back(c);
      if (c.before == kNoKey) came.push_back(c);
    }
    state_.pairs_scored += came.size();
    state_.pairs_scored -= gone.size();
    std::vector<uint64_t> lost;
    for (const PairChange& c : gone) lost.push_back(PairOf(c.a, c.b));
    Withdraw(std::move(lost));
    MIGRATE_ASSIGN(const auto odds, Odds(came));
    for (size_t i = 0; i < came.size(); ++i) {
      if (odds[i] < kLeastLogOdds) continue;
      uint32_t a = came[i].a, b = came[i].b;
      if (Before(b, a)) std::swap(a, b);
      state_.edges.push_back({a, b, static_cast<float>(odds[i])});
      // A pair of two that were there is a change of both; and who is likely to join is in S from the beginning, which
      // saves a round.
      const bool both_old = std::max(a, b) < state_.size() - touched_.after.size();
      if (both_old || odds[i] >= 0) seeds_.insert(seeds_.end(), {a, b});
    }
    return {};
  }

  static uint64_t PairOf(uint32_t a, uint32_t b) { return uint64_t{std::min(a, b)} << 32 | std::max(a, b); }

  void Withdraw(std::vector<uint64_t> lost) {
    if (lost.empty()) return;
    std::sort(lost.begin(), lost.end());
    std::erase_if(state_.edges, [&](const Edge& e) {
      if (!std::binary_search(lost.begin(), lost.end(), PairOf(e.a, e.b))) return false;
      seeds_.insert(seeds_.end(), {e.a, e.b});
      return true;
    });
  }

  Status ClusterAgain() {
    seeds_.insert(seeds_.end(), touched_.before.begin(), touched_.before.end());
    seeds_.insert(seeds_.end(), touched_.after.begin(), touched_.after.end());
    for (const uint32_t slot : touched_.before) state_.flags[slot] &= static_cast<uint8_t>(~kSlotAlive);
    order_ = state_.Order();
    std::vector<std::pair<uint32_t, uint32_t>> must;
    for (const std::vector<Decision>* decisions :
         {static_cast<const std::vector<Decision>*>(&state_.decisions), &options_.decisions})
      for (const Decision& d : *decisions) {
        const uint32_t a = SlotOf(d.a), b = SlotOf(d.b);
        if (a == ~0u || b == ~0u || a == b) continue;
        seeds_.insert(seeds_.end(), {a, b});
        if (decisions == &options_.decisions) (d.kind == Decision::Kind::kMustLink ? must : cannot_).emplace_back(a, b);
      }
    MIGRATE_ASSIGN(clustered_, Recluster({&state_, order_, seeds_, must, cannot_, options_}));
    for (const uint32_t slot : touched_.before) state_.formed[slot] = slot;
    out_.clustered = clustered_.clustered;
    return {};
  }

  Status Review() {
    const std::vector<uint32_t> final = state_.FinalClusters();
    std::vector<uint32_t> rank(state_.size());
    for (uint32_t i = 0; i < order_.size(); ++i) rank[order_[i]] = i;
    std::vector<uint64_t> ids(order_.size());
    std::vector<uint32_t> cluster(order_.size());
    for (uint32_t i = 0; i < order_.size(); ++i) {
      ids[i] = state_.slots[order_[i]].record_id;
      cluster[i] = rank[final[order_[i]]];
    }
    const double match = ProbabilityToLogOdds(options_.match_probability);
    const double least = ProbabilityToLogOdds(options_.review_probability);
    std::vector<Edge> across, cut;
    for (const Edge& e : state_.edges) {
      const double odds = static_cast<double>(e.log_odds);
      if (odds < std::min(match, least) || final[e.a] == final[e.b]) continue;
      if (odds >= match) ++out_.stats.refused_unions;
      if (odds >= least) across.push_back({rank[e.a], rank[e.b], e.log_odds});
    }
    for (const Edge& e : state_.cut) cut.push_back({rank[e.a], rank[e.b], e.log_odds});
    std::vector<std::pair<uint32_t, uint32_t>> cannot;
    for (const auto& [a, b] : cannot_) cannot.emplace_back(rank[a], rank[b]);
    const EdgeList asked(std::move(across));
    const ReviewInput input{ids, cluster, asked, cut, cannot, match, least};
    const Questions questions = FindQuestions(input);
    out_.stats.review_pairs = questions.all;
    MIGRATE_TRY(Weigh(input, questions));
    TakeAffected(ids, cluster);
    for (uint32_t i = 0; i < order_.size(); ++i) out_.stats.clusters += cluster[i] == i ? 1 : 0;
    std::vector<uint32_t> size(order_.size(), 0);
    for (const uint32_t c : cluster) ++size[c];
    for (const uint32_t n : size)
      if (n != 0) ++out_.sizes[n];
    return {};
  }

  // Questions about two clusters of which neither was touched have the answer they had.
  Status Weigh(const ReviewInput& input, const Questions& questions) {
    std::map<std::pair<uint64_t, uint64_t>, float> known;
    for (const ReviewPair& p : state_.review) known[{p.a, p.b}] = p.pooled;
    const auto answer = [&](const Edge& e) {
      if (clustered_.in_s[order_[e.a]] != 0 || clustered_.in_s[order_[e.b]] != 0) return known.end();
      return known.find({input.record_ids[e.a], input.record_ids[e.b]});
    };
    std::vector<uint8_t> asked(input.cluster.size(), 0);
    for (const Edge& e : questions.edges)
      if (answer(e) == known.end()) asked[input.cluster[e.a]] = asked[input.cluster[e.b]] = 1;
    std::vector<uint32_t> slots;
    for (uint32_t row = 0; row < input.cluster.size(); ++row)
      if (asked[input.cluster[row]] != 0) slots.push_back(order_[row]);
    MIGRATE_ASSIGN(auto rows, SlotTable::Make(state_, std::move(slots), model_));
    const auto local = [&](const std::vector<uint32_t>& of) {
      std::vector<uint32_t> out;
      for (const uint32_t row : PooledMembers(of)) out.push_back(rows->RowOf(order_[row]));
      return out;
    };
    out_.review = WeighQuestions(
        input, questions, [&](const Edge& e, const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
          if (const auto it = answer(e); it != known.end()) return it->second;
          const auto evidence = [&](uint32_t x, uint32_t y) { return EvidenceOf(rows->comparator(), scorer_, x, y); };
          const auto combine = [&](double m, double h) { return scorer_.Combine(m, h); };
          return static_cast<float>(LogOddsToProbability(PooledLogOdds(local(a), local(b), evidence, combine)));
        });
    state_.review = out_.review;
    return {};
  }

  void TakeAffected(const std::vector<uint64_t>& ids, const std::vector<uint32_t>& cluster) {
    std::vector<uint32_t> place(order_.size(), 0);
    for (uint32_t row = 0; row < order_.size(); ++row) {
      if (clustered_.in_s[order_[row]] == 0) continue;
      place[row] = static_cast<uint32_t>(out_.record_ids.size());
      out_.record_ids.push_back(ids[row]);
      out_.cluster.push_back(place[cluster[row]]);
      out_.confidence.push_back(state_.confidence[order_[row]]);
    }
  }

  void Sum() {
    MatchStats& s = out_.stats;
    s.records = order_.size();
    s.pairs_scored = state_.pairs_scored;
    s.pairs_kept = state_.edges.size();
    s.keys = state_.keys;
    s.capped = LargestCapped(state_.keys);
    s.hubs = FindHubs(state_.hubs);
    s.weight_histogram = WeightHistogram(state_.edges, state_.pairs_scored);
    s.cut_off = state_.cut.size();
    s.alone = model_.alone;
    for (const uint32_t slot : order_) s.attracted += (state_.flags[slot] & kSlotMoved) != 0 ? 1 : 0;
    std::vector<uint32_t> size(state_.size(), 0);
    for (const uint32_t slot : order_)
      if (++size[state_.formed[slot]] == kOversizedRecords + 1) ++s.oversized;
    state_.decisions = options_.decisions;
  }

  MatchState& state_;
  const MatchOptions& options_;
  const Model& model_;
  const Scorer scorer_;
  const Nicknames nicknames_;
  std::vector<uint32_t> order_;
  TouchedSlots touched_;
  std::vector<uint32_t> seeds_;
  std::vector<std::pair<uint32_t, uint32_t>> cannot_;
  std::map<std::pair<HubField, uint64_t>, HubChange> hub_changes_;  // by field and hash
  Reclustered clustered_;
  MatchIncrement out_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace

Result<MatchIncrement> MatchAgain(MatchState* state, const std::vector<MatchChange>& changes,
                                  const std::vector<uint64_t>& also, const MatchOptions& options) {
  return Increment(state, options).Run(changes, also);
}

}  // namespace migrate::dedupe
