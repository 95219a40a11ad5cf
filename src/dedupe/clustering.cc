#include "migrate/dedupe/clustering.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "migrate/dedupe/parallel.h"
#include "migrate/dedupe/weights.h"
#include "row_set.h"
#include "weighed.h"

namespace migrate::dedupe {
namespace {

constexpr int kAttractRounds = 2;

using RowPairs = std::vector<std::pair<uint32_t, uint32_t>>;

bool Probabler(const Home& x, const Home& y) {
  if (x.chance != y.chance) return x.chance > y.chance;
  return x.row != y.row ? x.row < y.row : x.root < y.root;
}

class Clusterer {
 public:
  explicit Clusterer(const ClusterInput& in)
      : in_(in),
        parent_(in.records, kRoot | 1),
        next_(in.records),
        grouped_(in.records),
        changed_(in.records),
        changed_before_(in.records),
        weighed_(in.memory_bytes, in.edges.size()) {
    std::iota(next_.begin(), next_.end(), 0u);
    generations_.resize(in.records);
    for (uint32_t row = 0; row < in.records; ++row) {
      const uint8_t g = in.generation ? in.generation(row) : 0;
      generations_[row] = g == 0 ? 0 : static_cast<uint8_t>(1u << (g & 7));
    }
    for (const auto& [a, b] : in.cannot) {
      cannot_[a].push_back(b);
      cannot_[b].push_back(a);
    }
  }

  // `first`: must-links that join their two records before all else; the others join the clusters that have formed.
  // *late gets those that cannot, because a cannot-link stands between the clusters: the result then does not count.
  Clusters Run(const RowPairs& first, RowPairs* late) {
    for (const auto& [a, b] : first)
      if (Root(a) != Root(b)) Unite(Root(a), Root(b));
    Strong();
    Settle();
    Attract();
    Join(late);
    Settle();
    return Finish();
  }

 private:
  void Strong() {
    in_.edges.Each([&](const Edge& e) {
      if (static_cast<double>(e.log_odds) < in_.match_log_odds || Cancelled()) return false;
      const uint32_t a = Root(e.a), b = Root(e.b);
      if (a == b || Vetoed(a, b)) return true;
      if ((Size(a) == 1 && Size(b) == 1) || PooledOdds(a, b) >= 0) Unite(a, b);
      return true;
    });
  }

  void Join(RowPairs* late) {
    for (const auto& [x, y] : in_.must) {
      const uint32_t a = Root(x), b = Root(y);
      if (a == b) continue;
      if (KeptApart(a, b))
        late->emplace_back(x, y);
      else
        Unite(a, b);
    }
  }

  void Settle() {
    if (in_.threads > 1) WeighAhead();
    while (Pooled()) {
    }
  }

  // What a record that is alone may belong to; sum: the odds of all that it may.
  struct Suitor {
    uint32_t row, root;
    double odds, sum;
  };
  // The rows that are alone when step 3 begins a round: how many have no edge, the sums of those that have, and of
  // their suitors those that may be probable enough.
  struct Lonely {
    double without_edges = 0;
    std::vector<double> sums;
    std::vector<Suitor> suitors;  // by row, the strongest edge first
  };

  bool Follows(uint32_t row) const { return !in_.follows.empty() && in_.follows[row] != 0; }

  // Calls take(row, root of the other, log odds) for the edges of rows in [from, to) that are alone.
  template <class Take>
  void EachSight(uint32_t from, uint32_t to, Take take) {
    const auto look = [&](uint32_t row, uint32_t other, float log_odds) {
      if (row >= from && row < to && Alone(row) && !Follows(row)) take(row, Root(other), log_odds);
    };
    const auto both = [&](const Edge& e) {
      look(e.a, e.b, e.log_odds);
      look(e.b, e.a, e.log_odds);
    };
    in_.edges.Each(both);
    std::for_each(passive_.begin(), passive_.end(), both);
  }

  double WithoutEdges() {
    std::vector<bool> seen(in_.records);
    EachSight(0, in_.records, [&](uint32_t row, uint32_t, float) { seen[row] = true; });
    double without = 0;
    for (uint32_t row = 0; row < in_.records; ++row) without += Alone(row) && !seen[row] ? 1 : 0;
    return without;
  }

  // So many rows at a time that what all of them might belong to needs little memory.
  Lonely FindLonely() {
    // A pass over all edges for each part, so large tables have larger parts.
    const uint32_t rows = std::max(1u << 20, in_.records / 16);
    Lonely lonely;
    lonely.without_edges = WithoutEdges();
    // EstimateAlone gives no less.
    const double least_alone =
        alone_known_ ? alone_ : std::min(1.0, std::max(lonely.without_edges, 1.0) / std::max(1u, in_.records));
    for (uint32_t from = 0; from < in_.records; from += std::min(rows, in_.records - from))
      FindLonely(from, from + std::min(rows, in_.records - from), least_alone, &lonely);
    return lonely;
  }

  void FindLonely(uint32_t first, uint32_t last, double least_alone, Lonely* out) {
    std::vector<Suitor> sights;
    EachSight(first, last, [&](uint32_t row, uint32_t root, float log_odds) {
      sights.push_back({row, root, static_cast<double>(log_odds), 0});
    });
    std::sort(sights.begin(), sights.end(), [](const Suitor& x, const Suitor& y) {
      if (x.row != y.row) return x.row < y.row;
      return x.odds != y.odds ? x.odds > y.odds : x.root < y.root;
    });
    // One a cluster, the strongest edge.
    std::vector<uint32_t> ends;
    size_t kept = 0;
    for (size_t from = 0, to = 0; from < sights.size(); from = to) {
      const size_t begin = kept;
      for (to = from; to < sights.size() && sights[to].row == sights[from].row; ++to) {
        const Suitor sight = sights[to];
        const bool known =
            std::any_of(sights.begin() + static_cast<ptrdiff_t>(begin), sights.begin() + static_cast<ptrdiff_t>(kept),
                        [&](const Suitor& s) { return s.root == sight.root; });
        if (!known && !Vetoed(sight.row, sight.root)) sights[kept++] = sight;
      }
      ends.push_back(static_cast<uint32_t>(kept));
    }
    sights.resize(kept);
    EachPart(kept, [&](size_t i) {
      Suitor& s = sights[i];
      s.odds = std::exp2(Size(s.root) == 1 ? s.odds : OddsOf(s.row, s.root));
    });
    size_t from = 0;
    for (const size_t to : ends) {
      double sum = 0;
      for (size_t i = from; i < to; ++i) sum += sights[i].odds;
      if (!alone_known_) out->sums.push_back(sum);
      for (size_t i = from; i < to; ++i) {
        sights[i].sum = sum;
        if (!Hopeless(sights[i], least_alone)) out->suitors.push_back(sights[i]);
      }
      from = to;
    }
  }

  // Even if nothing but the suitors found is weighed against it.
  bool Hopeless(const Suitor& suitor, double alone) const {
    return suitor.odds / (alone + suitor.sum) < LogOddsToProbability(in_.match_log_odds) * 0.9;
  }

  // Of a row that is alone and a cluster; most were weighed when the clusters settled.
  double OddsOf(uint32_t row, uint32_t root) const {
    const Weighed::Entry* const weighed = weighed_.Find(Weighed::PairOf(row, root));
    const bool holds = weighed != nullptr && weighed->records == Size(root) + 1;
    return static_cast<double>(holds ? weighed->odds : ShortOdds(row, root));
  }

  // work(i) for all i below n, by several threads; it must change nothing but what is i's.
  template <class Work>
  void EachPart(size_t n, Work work) const {
    constexpr size_t kPerPart = 4096;
    ParallelParts(in_.threads, (n + kPerPart - 1) / kPerPart, in_.cancel, [&](size_t part) {
      for (size_t i = part * kPerPart; i < std::min(n, (part + 1) * kPerPart); ++i) work(i);
    });
  }

  // Share of records without another one of their person: expectation and maximization over the lonely.
  double EstimateAlone(const Lonely& lonely) const {
    double alone = 1;
    for (int i = 0; i < 20; ++i) {
      double expected = lonely.without_edges;
      for (const double sum : lonely.sums) expected += alone / (alone + sum);
      alone = std::max(expected, 1.0) / std::max(1u, in_.records);
    }
    return std::min(1.0, alone);
  }

  // The chance that a row belongs to its suitor, among all that it may belong to.
  double Chance(const Suitor& suitor) const {
    if (Hopeless(suitor, alone_)) return 0;  // the background can only lower it
    return suitor.odds / (alone_ + suitor.sum + in_.background(suitor.row));
  }

  void Attract() {
    if (!in_.background || Cancelled()) return;
    lonely_.resize(in_.records);
    for (uint32_t row = 0; row < in_.records; ++row) lonely_[row] = Alone(row) ? 1 : 0;
    passive_ = in_.passive;
    alone_known_ = in_.alone > 0;
    if (alone_known_) alone_ = in_.alone;
    for (uint8_t round = 0; round < kAttractRounds; ++round) {
      Lonely lonely = FindLonely();
      if (round == 0 && !alone_known_) alone_ = EstimateAlone(lonely);
      alone_known_ = true;
      EachPart(lonely.suitors.size(), [&](size_t i) { lonely.suitors[i].odds = Chance(lonely.suitors[i]); });
      std::vector<Home> homes;
      for (const Suitor& s : lonely.suitors)
        if (s.odds >= LogOddsToProbability(in_.match_log_odds))
          homes.push_back({s.row, s.root, static_cast<float>(s.odds), round});
      for (const Home& home : in_.homes)
        if (home.round == round && Follows(home.row)) homes.push_back(home);
      std::sort(homes.begin(), homes.end(), Probabler);
      homes_.insert(homes_.end(), homes.begin(), homes.end());
      // Both rounds, whoever moves: who wants whom is kept of both.
      MoveIn(homes);
      Settle();
    }
  }

  void MoveIn(const std::vector<Home>& homes) {
    std::unordered_set<uint64_t> wanted;
    for (const Home& home : homes) wanted.insert(uint64_t{home.row} << 32 | home.root);
    for (const Home& home : homes) {
      const uint32_t row = home.row, root = Root(home.root);
      if (!Alone(row) || root == row || Vetoed(row, root)) continue;
      // Two records that are alone must want each other.
      if (Size(root) == 1 && wanted.count(uint64_t{home.root} << 32 | row) == 0) continue;
      Unite(Root(row), root);
      moved_.push_back(row);
    }
  }

  // By all threads what Pooled would weigh one after the other, as long as nothing is joined: little is.
  void WeighAhead() {
    constexpr size_t kAtOnce = 1 << 18;
    RowPairs pairs;
    std::vector<float> odds;
    const auto weigh = [&] {
      odds.assign(pairs.size(), 0);
      EachPart(pairs.size(), [&](size_t i) { odds[i] = ShortOdds(pairs[i].first, pairs[i].second); });
      for (size_t i = 0; i < pairs.size(); ++i)
        if (auto* const entry = weighed_.Of(Weighed::PairOf(pairs[i].first, pairs[i].second))) entry->odds = odds[i];
      pairs.clear();
    };
    in_.edges.Each([&](const Edge& e) {
      if (!changed_.Has(e.a) && !changed_.Has(e.b)) return true;
      const uint32_t a = Root(e.a), b = Root(e.b);
      if (a == b || (Size(a) == 1 && Size(b) == 1) || Vetoed(a, b)) return !Cancelled();
      Weighed::Entry* const weighed = weighed_.Of(Weighed::PairOf(a, b));
      // Without a place for what is found it is not looked for; of other pairs some may have one.
      if (weighed == nullptr || weighed->records == Size(a) + Size(b)) return true;
      weighed->records = Size(a) + Size(b);
      pairs.emplace_back(a, b);
      if (pairs.size() == kAtOnce) weigh();
      return true;
    });
    weigh();
  }

  // One pass over the edges between clusters of which one has changed since they were last looked at: of the others
  // nothing new is to be said. True where something was joined.
  bool Pooled() {
    bool joined = false;
    std::swap(changed_, changed_before_);
    changed_.Clear();
    const auto changed = [this](uint32_t row) { return changed_before_.Has(row) || changed_.Has(row); };
    in_.edges.Each([&](const Edge& e) {
      if (!changed(e.a) && !changed(e.b)) return true;
      const uint32_t x = Root(e.a), y = Root(e.b);
      if (x == y || (Size(x) == 1 && Size(y) == 1) || Vetoed(x, y)) return !Cancelled();
      const uint32_t a = std::min(x, y), b = std::max(x, y);
      if (static_cast<double>(OddsNow(a, b)) < in_.match_log_odds) return true;
      Unite(a, b);
      joined = true;
      return true;
    });
    return joined && !Cancelled();
  }

  // What was weighed before and has not grown since is as it was.
  float OddsNow(uint32_t a, uint32_t b) {
    Weighed::Entry* const weighed = weighed_.Of(Weighed::PairOf(a, b));
    if (weighed == nullptr) return ShortOdds(a, b);
    if (weighed->records != Size(a) + Size(b)) {
      weighed->records = Size(a) + Size(b);
      weighed->odds = ShortOdds(a, b);
    }
    return weighed->odds;
  }

  Clusters Finish() {
    weighed_ = Weighed(0, 0);
    std::vector<uint8_t>().swap(generations_);
    Clusters out;
    out.alone = alone_;
    out.moved = std::move(moved_);
    out.homes = std::move(homes_);
    if (in_.for_increments) out.lonely = std::move(lonely_);
    std::vector<uint8_t>().swap(lonely_);
    // In place: a row's parent is a lower one.
    for (uint32_t row = 0; row < in_.records; ++row) {
      const uint32_t parent = parent_[row];
      parent_[row] = (parent & kRoot) != 0 ? row : parent_[parent];
    }
    out.cluster = std::move(parent_);
    if (in_.for_increments) out.formed = out.cluster;
    out.confidence.resize(in_.records);
    SetConfidences(&out);
    CutOversized(&out);
    in_.edges.Each([&](const Edge& e) {
      if (static_cast<double>(e.log_odds) < in_.match_log_odds) return false;
      if (out.cluster[e.a] != out.cluster[e.b]) ++out.refused_unions;
      return true;
    });
    return out;
  }

  // How many rows the ring of a row has, as far as `most`.
  uint32_t RingOf(uint32_t row, uint32_t most) const {
    uint32_t size = 1;
    for (uint32_t at = next_[row]; at != row && size < most; at = next_[at]) ++size;
    return size;
  }

  void SetConfidences(Clusters* out) const {
    constexpr float kUnknown = -1;
    for (uint32_t row = 0; row < in_.records; ++row) out->confidence[row] = next_[row] == row ? 1.0f : kUnknown;
    // What two records say of each other is what their edge says.
    in_.edges.Each([&](const Edge& e) {
      if (grouped_.Has(e.a) && next_[e.a] == e.b && next_[e.b] == e.a)
        out->confidence[e.a] = out->confidence[e.b] =
            static_cast<float>(LogOddsToProbability(static_cast<double>(e.log_odds)));
    });
    constexpr size_t kRowsPerPart = 8192;
    ParallelParts(in_.threads, (in_.records + kRowsPerPart - 1) / kRowsPerPart, in_.cancel, [&](size_t part) {
      const auto to = static_cast<uint32_t>(std::min<size_t>(in_.records, (part + 1) * kRowsPerPart));
      for (auto row = static_cast<uint32_t>(part * kRowsPerPart); row < to; ++row)
        if (out->cluster[row] == row && out->confidence[row] == kUnknown &&
            (in_.confidences || RingOf(row, kOversizedRecords + 1) > kOversizedRecords))
          SetConfidencesOf(row, out);
    });
  }

  // Of the rows of one cluster, each against the others.
  void SetConfidencesOf(uint32_t root, Clusters* out) const {
    std::vector<uint32_t> rows;
    for (uint32_t row = root;;) {
      rows.push_back(row);
      row = next_[row];
      if (row == root) break;
    }
    const size_t n = rows.size();
    std::sort(rows.begin(), rows.end());
    // Where all take part in pooling, a pair is needed for both of its rows.
    std::vector<PairEvidence> pairs;
    const bool all = n <= kPooledMembers + 1;
    for (size_t i = 0; all && i < n; ++i) {
      if (in_.prefetch) in_.prefetch(rows[i]);
      for (size_t j = 0; j < i; ++j) pairs.push_back(in_.evidence(rows[j], rows[i]));
    }
    const auto place = [&](uint32_t row) {
      return static_cast<size_t>(std::lower_bound(rows.begin(), rows.end(), row) - rows.begin());
    };
    const EvidenceOfPair known = [&](uint32_t a, uint32_t b) {
      const size_t i = place(a), j = place(b);
      return pairs[j * (j - 1) / 2 + i];
    };
    for (const uint32_t row : rows) {
      std::vector<uint32_t> others;
      for (const uint32_t other : rows)
        if (other != row) others.push_back(other);
      const double odds =
          PooledLogOdds({row}, PooledMembers(std::move(others)), all ? known : in_.evidence, in_.combine);
      out->confidence[row] = static_cast<float>(LogOddsToProbability(odds));
    }
  }

  // Step 5. A record that leaves is a cluster of its own; the others keep together under their lowest row.
  void CutOversized(Clusters* out) const {
    std::unordered_set<uint32_t> oversized;  // roots
    for (uint32_t row = 0; row < in_.records; ++row)
      if (out->cluster[row] == row && RingOf(row, kOversizedRecords + 1) > kOversizedRecords) oversized.insert(row);
    out->oversized = oversized.size();
    if (oversized.empty()) return;
    std::unordered_set<uint32_t> held;
    for (const auto& [a, b] : in_.must) held.insert({a, b});
    std::unordered_map<uint32_t, uint32_t> lowest;  // by old root
    std::unordered_map<uint32_t, size_t> cut;       // row -> place in out->cut
    for (uint32_t row = 0; row < in_.records; ++row) {
      const uint32_t root = out->cluster[row];
      if (oversized.count(root) == 0) continue;
      if (out->confidence[row] < 0.5f && held.count(row) == 0) {
        cut[row] = out->cut.size();
        out->cut.push_back({row, row, -1e30f});
      } else {
        out->cluster[row] = lowest.try_emplace(root, row).first->second;
      }
    }
    // By the best pair with one that stayed, strongest first in `edges`.
    in_.edges.Each([&](const Edge& e) {
      for (const auto& [row, other] : {std::pair(e.a, e.b), std::pair(e.b, e.a)}) {
        const auto it = cut.find(row);
        if (it == cut.end() || cut.count(other) != 0 || out->cut[it->second].b != row) continue;
        const auto stayed = lowest.find(out->cluster[row]);
        if (stayed != lowest.end() && out->cluster[other] == stayed->second)
          out->cut[it->second] = {row, other, e.log_odds};
      }
    });
    for (const auto& [row, place] : cut) {
      out->cluster[row] = row;
      out->confidence[row] = 1;
    }
  }

  bool Cancelled() const { return in_.cancel != nullptr && in_.cancel->requested(); }

  uint32_t Root(uint32_t row) {
    for (;;) {
      const uint32_t parent = parent_[row];
      if ((parent & kRoot) != 0) return row;
      const uint32_t above = parent_[parent];
      if ((above & kRoot) != 0) return parent;
      row = parent_[row] = above;
    }
  }
  uint32_t Size(uint32_t root) const { return parent_[root] & ~kRoot; }
  bool Alone(uint32_t row) const { return !grouped_.Has(row); }

  // The lowest row is the root; members form a ring.
  void Unite(uint32_t a, uint32_t b) {
    if (a > b) std::swap(a, b);
    parent_[a] += Size(b);
    parent_[b] = a;
    std::swap(next_[a], next_[b]);
    grouped_.Add(a);
    grouped_.Add(b);
    NoteChange(a);
    generations_[a] |= generations_[b];
  }

  // All members, so that an edge need not look for its roots to know; of a cluster that is large this would take long.
  void NoteChange(uint32_t root) {
    constexpr uint32_t kLarge = 1000;
    if (Size(root) > kLarge) return changed_.AddAll();
    uint32_t row = root;
    do {
      changed_.Add(row);
      row = next_[row];
    } while (row != root);
  }

  bool Vetoed(uint32_t a, uint32_t b) {
    const unsigned both = generations_[a] | generations_[b];
    return (both & (both - 1)) != 0 || KeptApart(a, b);
  }

  // A steward's cannot-link stands between two clusters.
  bool KeptApart(uint32_t a, uint32_t b) {
    if (cannot_.empty()) return false;
    if (Size(a) > Size(b)) std::swap(a, b);
    for (uint32_t row = a;;) {
      if (const auto it = cannot_.find(row); it != cannot_.end())
        for (const uint32_t other : it->second)
          if (Root(other) == b) return true;
      row = next_[row];
      if (row == a) return false;
    }
  }

  // The rows of a cluster that take part in pooling; `without` is left out.
  std::vector<uint32_t> Members(uint32_t root, uint32_t without) const {
    std::vector<uint32_t> rows;
    for (uint32_t row = root;;) {
      if (row != without) rows.push_back(row);
      row = next_[row];
      if (row == root) break;
    }
    return PooledMembers(std::move(rows));
  }

  double Pool(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) const {
    return PooledLogOdds(a, b, in_.evidence, in_.combine);
  }

  double PooledOdds(uint32_t a, uint32_t b) const {
    constexpr uint32_t kNone = ~0u;
    return Pool(Members(a, kNone), Members(b, kNone));
  }

  // As it is kept.
  float ShortOdds(uint32_t a, uint32_t b) const {
    return static_cast<float>(PooledOdds(std::min(a, b), std::max(a, b)));
  }

  static constexpr uint32_t kRoot = 1u << 31;

  const ClusterInput& in_;
  std::vector<uint32_t> parent_;  // of a root kRoot and how many it stands for
  std::vector<uint32_t> next_;
  RowSet grouped_;                   // rows that are not alone
  RowSet changed_, changed_before_;  // rows of clusters that have grown since the pass before the last one began
  std::vector<uint8_t> generations_;
  double alone_ = 1;
  bool alone_known_ = false;
  std::vector<Edge> passive_;
  std::vector<uint8_t> lonely_;
  std::vector<Home> homes_;
  std::vector<uint32_t> moved_;
  std::unordered_map<uint32_t, std::vector<uint32_t>> cannot_;
  Weighed weighed_;
};

}  // namespace

Clusters BuildClusters(ClusterInput* input) {
  input->edges.Sort();
  RowPairs first;
  for (;;) {
    RowPairs late;
    Clusters clusters = Clusterer(*input).Run(first, &late);
    // A link that was among the first can be late no more, so this ends.
    if (late.empty()) return clusters;
    first.insert(first.end(), late.begin(), late.end());
  }
}

}  // namespace migrate::dedupe
