#include "recluster.h"

#include <algorithm>

#include "migrate/dedupe/background.h"
#include "migrate/dedupe/scoring.h"
#include "slot_table.h"

namespace migrate::dedupe {
namespace {

// Of an old cluster, by its label in MatchState::formed.
enum Level : uint8_t { kOutside, kInS, kInG, kInR };

class Reclusterer {
 public:
  explicit Reclusterer(const ReclusterInput& in)
      : in_(in), state_(*in.state), level_(state_.size(), kOutside), scorer_(in.options.model->weights) {
    for (const uint32_t slot : in.seeds) level_[state_.formed[slot]] = kInS;
  }

  Result<Reclustered> Run() {
    Clusters clusters;
    for (;;) {
      Surround();
      MIGRATE_ASSIGN(clusters, Cluster());
      if (in_.options.cancel != nullptr && in_.options.cancel->requested()) return Status::Cancelled();
      if (!Widen(clusters)) break;
    }
    return WriteBack(clusters);
  }

 private:
  Level Of(uint32_t slot) const { return static_cast<Level>(level_[state_.formed[slot]]); }
  bool Lonely(uint32_t slot) const { return (state_.flags[slot] & kSlotLonely) != 0; }

  // G and R of the S at hand.
  void Surround() {
    const auto reach = [&](Level level, auto from) {
      std::vector<uint32_t> found;
      for (const Edge& e : state_.edges) {
        if (from(e.a) && Of(e.b) == kOutside) found.push_back(e.b);
        if (from(e.b) && Of(e.a) == kOutside) found.push_back(e.a);
      }
      for (const uint32_t slot : found) level_[state_.formed[slot]] = level;
    };
    reach(kInG, [&](uint32_t slot) { return Of(slot) == kInS; });
    reach(kInR, [&](uint32_t slot) { return Of(slot) == kInG && Lonely(slot); });
  }

  Result<Clusters> Cluster() {
    std::vector<uint32_t> slots;
    for (const uint32_t slot : in_.order)
      if (Of(slot) != kOutside) slots.push_back(slot);
    // A cluster of G that went to S often has no further neighbours: the features are there then.
    if (rows_ == nullptr || rows_->slots() != slots) {
      MIGRATE_ASSIGN(rows_, SlotTable::Make(state_, std::move(slots), *in_.options.model));
    }
    const Comparator& comparator = rows_->comparator();
    ClusterInput input;
    input.records = rows_->table().size();
    input.match_log_odds = ProbabilityToLogOdds(in_.options.match_probability);
    input.generation = [&](uint32_t row) { return rows_->table().generation(row); };
    input.combine = [&](double m, double h) { return scorer_.Combine(m, h); };
    input.evidence = [&](uint32_t a, uint32_t b) { return EvidenceOf(comparator, scorer_, a, b); };
    input.background = [&](uint32_t row) {
      Comparison itself;
      comparator.Compare(row, row, &itself);
      return Background(itself, *in_.options.model);
    };
    input.alone = in_.options.model->alone;
    input.threads = in_.options.threads;
    input.cancel = in_.options.cancel;
    for (const auto& [a, b] : in_.must) input.must.emplace_back(rows_->RowOf(a), rows_->RowOf(b));
    for (const auto& [a, b] : in_.cannot) input.cannot.emplace_back(rows_->RowOf(a), rows_->RowOf(b));
    TakeEdges(&input);
    return BuildClusters(&input);
  }

  void TakeEdges(ClusterInput* input) const {
    for (const Edge& e : state_.edges) {
      const Level a = Of(e.a), b = Of(e.b);
      if (a == kOutside || b == kOutside) continue;
      const Edge row{rows_->RowOf(e.a), rows_->RowOf(e.b), e.log_odds};
      if (a == kInS || b == kInS || state_.formed[e.a] == state_.formed[e.b])
        input->edges.push_back(row);
      else if ((a == kInG && Lonely(e.a)) || (b == kInG && Lonely(e.b)))
        input->passive.push_back(row);
    }
    input->follows.resize(input->records);
    for (uint32_t row = 0; row < input->records; ++row) input->follows[row] = Of(rows_->SlotOf(row)) == kInR ? 1 : 0;
    for (const Home& h : state_.homes)
      if (Of(h.row) == kInR && Of(h.root) != kOutside)
        input->homes.push_back({rows_->RowOf(h.row), rows_->RowOf(h.root), h.chance, h.round});
  }

  // Old clusters of G and R that did not end as they were go to S. False where none did.
  bool Widen(const Clusters& clusters) {
    const uint32_t n = rows_->table().size();
    std::vector<uint32_t> size(n, 0);
    for (const uint32_t root : clusters.formed) ++size[root];
    struct Old {
      uint32_t label, root;
    };
    std::vector<Old> old;
    for (uint32_t row = 0; row < n; ++row)
      if (Of(rows_->SlotOf(row)) != kInS) old.push_back({state_.formed[rows_->SlotOf(row)], clusters.formed[row]});
    std::sort(old.begin(), old.end(),
              [](const Old& x, const Old& y) { return x.label != y.label ? x.label < y.label : x.root < y.root; });
    std::vector<uint32_t> changed;
    for (size_t from = 0, to = 0; from < old.size(); from = to) {
      for (to = from; to < old.size() && old[to].label == old[from].label; ++to) {
      }
      if (old[to - 1].root != old[from].root || size[old[from].root] != to - from) changed.push_back(old[from].label);
    }
    if (changed.empty()) return false;
    for (uint8_t& level : level_) level = level == kInS ? kInS : kOutside;
    for (const uint32_t label : changed) level_[label] = kInS;
    return true;
  }

  Reclustered WriteBack(const Clusters& c) {
    std::erase_if(state_.homes, [&](const Home& h) { return Of(h.row) == kInS || Of(h.row) == kInG; });
    std::erase_if(state_.cut, [&](const Edge& e) { return Of(e.a) == kInS; });
    const auto slot = [&](uint32_t row) { return rows_->SlotOf(row); };
    for (const Home& h : c.homes)
      if (Of(slot(h.row)) != kInR) state_.homes.push_back({slot(h.row), slot(h.root), h.chance, h.round});
    for (const Edge& e : c.cut)
      if (Of(slot(e.a)) == kInS) state_.cut.push_back({slot(e.a), slot(e.b), e.log_odds});
    std::vector<uint8_t> moved(rows_->table().size(), 0);
    for (const uint32_t row : c.moved) moved[row] = 1;
    Reclustered out;
    out.in_s.assign(state_.size(), 0);
    out.clustered = rows_->table().size();
    for (uint32_t row = 0; row < rows_->table().size(); ++row)
      if (Of(slot(row)) == kInS) {
        out.slots.push_back(slot(row));
        out.in_s[slot(row)] = 1;
      }
    for (uint32_t row = 0; row < rows_->table().size(); ++row) {
      const uint32_t s = slot(row);
      if (out.in_s[s] == 0) continue;
      state_.confidence[s] = c.confidence[row];
      state_.flags[s] = static_cast<uint8_t>(kSlotAlive | (!c.lonely.empty() && c.lonely[row] != 0 ? kSlotLonely : 0) |
                                             (moved[row] != 0 ? kSlotMoved : 0));
      state_.formed[s] = slot(c.formed[row]);
    }
    return out;
  }

  const ReclusterInput& in_;
  MatchState& state_;
  std::vector<uint8_t> level_;
  Scorer scorer_;
  std::unique_ptr<SlotTable> rows_;
};

}  // namespace

Result<Reclustered> Recluster(const ReclusterInput& input) { return Reclusterer(input).Run(); }

}  // namespace migrate::dedupe
