#include "migrate/dedupe/clustering.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <unordered_set>

#include "migrate/dedupe/parallel.h"
#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {
namespace {

// Members of a cluster that take part in pooling: enough for an average, few enough for the time.
constexpr size_t kPooledMembers = 8;
constexpr int kMaxRounds = 5, kAttractRounds = 2;

using RowPairs = std::vector<std::pair<uint32_t, uint32_t>>;

struct Mean {
  double sum = 0;
  int count = 0;
  void Add(double x) {
    sum += x;
    ++count;
  }
  double Value() const { return sum / count; }
};

class Clusterer {
 public:
  explicit Clusterer(const ClusterInput& in) : in_(in), parent_(in.records), next_(in.records), size_(in.records, 1) {
    std::iota(parent_.begin(), parent_.end(), 0u);
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
    std::vector<Edge> edges = in_.edges;
    std::sort(edges.begin(), edges.end(), [](const Edge& x, const Edge& y) {
      if (x.log_odds != y.log_odds) return x.log_odds > y.log_odds;
      return x.a != y.a ? x.a < y.a : x.b < y.b;
    });
    Strong(edges);
    Settle(edges);
    Attract(edges);
    Join(late);
    if (!in_.must.empty()) Settle(edges);
    return Finish(edges);
  }

 private:
  void Strong(const std::vector<Edge>& edges) {
    for (const Edge& e : edges) {
      if (static_cast<double>(e.log_odds) < in_.match_log_odds || Cancelled()) break;
      const uint32_t a = Root(e.a), b = Root(e.b);
      if (a == b || Vetoed(a, b)) continue;
      if ((size_[a] == 1 && size_[b] == 1) || PooledOdds(a, b) >= 0) Unite(a, b);
    }
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

  void Settle(const std::vector<Edge>& edges) {
    for (int round = 0; round < kMaxRounds && Pooled(edges); ++round) {
    }
  }

  // What a record that is alone may belong to.
  struct Suitor {
    uint32_t root;
    double odds;
  };
  struct Lonely {
    std::vector<Suitor> suitors;  // one a cluster
    double sum = 0;
  };

  std::unordered_map<uint32_t, Lonely> FindLonely(const std::vector<Edge>& edges) {
    std::unordered_map<uint32_t, Lonely> lonely;
    for (const Edge& e : edges) {
      for (const auto& [row, other] : {std::pair(e.a, e.b), std::pair(e.b, e.a)}) {
        if (size_[Root(row)] != 1) continue;
        Lonely& l = lonely[row];
        const uint32_t root = Root(other);
        const bool known =
            std::any_of(l.suitors.begin(), l.suitors.end(), [&](const Suitor& s) { return s.root == root; });
        if (known || Vetoed(row, root)) continue;
        const double odds = std::exp2(size_[root] == 1 ? static_cast<double>(e.log_odds) : PooledOdds(row, root));
        l.suitors.push_back({root, odds});
        l.sum += odds;
      }
    }
    return lonely;
  }

  // Share of records without another one of their person: expectation and maximization over the lonely.
  double EstimateAlone(const std::unordered_map<uint32_t, Lonely>& lonely) {
    double without_edges = 0;
    std::vector<double> sums;
    for (uint32_t row = 0; row < in_.records; ++row) {
      if (size_[Root(row)] != 1) continue;
      const auto it = lonely.find(row);
      it == lonely.end() ? without_edges += 1 : (sums.push_back(it->second.sum), 0.0);
    }
    double alone = 1;
    for (int i = 0; i < 20; ++i) {
      double expected = without_edges;
      for (const double sum : sums) expected += alone / (alone + sum);
      alone = std::max(expected, 1.0) / std::max(1u, in_.records);
    }
    return std::min(1.0, alone);
  }

  // The chance that `row` belongs to its suitor, among all that it may belong to.
  double Chance(Lonely* l, uint32_t row, const Suitor& suitor) {
    const double least = LogOddsToProbability(in_.match_log_odds);
    if (suitor.odds / (alone_ + l->sum) < least * 0.9) return 0;  // the background can only lower it
    return suitor.odds / (alone_ + l->sum + in_.background(row));
  }

  void Attract(const std::vector<Edge>& edges) {
    if (!in_.background || Cancelled()) return;
    for (int round = 0; round < kAttractRounds; ++round) {
      std::unordered_map<uint32_t, Lonely> lonely = FindLonely(edges);
      if (round == 0) alone_ = in_.alone > 0 ? in_.alone : EstimateAlone(lonely);
      std::vector<Edge> homes;  // log_odds holds the chance
      for (auto& [row, l] : lonely) {
        for (const Suitor& suitor : l.suitors) {
          const double chance = Chance(&l, row, suitor);
          if (chance >= LogOddsToProbability(in_.match_log_odds))
            homes.push_back({row, suitor.root, static_cast<float>(chance)});
        }
      }
      if (!MoveIn(&homes)) return;
      Settle(edges);
    }
  }

  bool MoveIn(std::vector<Edge>* homes) {
    std::sort(homes->begin(), homes->end(), [](const Edge& x, const Edge& y) {
      if (x.log_odds != y.log_odds) return x.log_odds > y.log_odds;
      return x.a != y.a ? x.a < y.a : x.b < y.b;
    });
    std::unordered_set<uint64_t> wanted;
    for (const Edge& home : *homes) wanted.insert(uint64_t{home.a} << 32 | home.b);
    bool moved = false;
    for (const Edge& home : *homes) {
      const uint32_t row = home.a, root = Root(home.b);
      if (size_[Root(row)] != 1 || root == Root(row) || Vetoed(Root(row), root)) continue;
      // Two records that are alone must want each other.
      if (size_[root] == 1 && wanted.count(uint64_t{home.b} << 32 | row) == 0) continue;
      Unite(Root(row), root);
      ++attracted_;
      moved = true;
    }
    return moved;
  }

  // One pass over all edges that still lie across clusters. True where something was joined.
  bool Pooled(const std::vector<Edge>& edges) {
    bool joined = false;
    for (const Edge& e : edges) {
      if (Cancelled()) return false;
      uint32_t a = Root(e.a), b = Root(e.b);
      if (a == b || (size_[a] == 1 && size_[b] == 1) || Vetoed(a, b)) continue;
      if (a > b) std::swap(a, b);
      // What was weighed before and has not grown since is as it was.
      uint32_t& weighed = weighed_[uint64_t{a} << 32 | b];
      if (weighed == size_[a] + size_[b]) continue;
      weighed = size_[a] + size_[b];
      if (PooledOdds(a, b) < in_.match_log_odds) continue;
      Unite(a, b);
      joined = true;
    }
    return joined;
  }

  Clusters Finish(const std::vector<Edge>& edges) {
    Clusters out;
    out.alone = alone_;
    out.attracted = attracted_;
    out.cluster.resize(in_.records);
    out.confidence.assign(in_.records, 1.0f);
    for (uint32_t row = 0; row < in_.records; ++row) out.cluster[row] = Root(row);
    SetConfidences(&out);
    CutOversized(edges, &out);
    for (const Edge& e : edges)
      if (static_cast<double>(e.log_odds) >= in_.match_log_odds && out.cluster[e.a] != out.cluster[e.b])
        ++out.refused_unions;
    return out;
  }

  void SetConfidences(Clusters* out) const {
    constexpr size_t kRowsPerPart = 8192;
    ParallelParts(in_.threads, (in_.records + kRowsPerPart - 1) / kRowsPerPart, in_.cancel, [&](size_t part) {
      const auto to = static_cast<uint32_t>(std::min<size_t>(in_.records, (part + 1) * kRowsPerPart));
      for (auto row = static_cast<uint32_t>(part * kRowsPerPart); row < to; ++row) {
        const uint32_t root = out->cluster[row];
        if (size_[root] == 1) continue;
        out->confidence[row] = static_cast<float>(LogOddsToProbability(Pool({row}, Members(root, row))));
      }
    });
  }

  // Step 5. A record that leaves is a cluster of its own; the others keep together under their lowest row.
  void CutOversized(const std::vector<Edge>& edges, Clusters* out) const {
    std::unordered_set<uint32_t> held;
    for (const auto& [a, b] : in_.must) held.insert({a, b});
    std::unordered_map<uint32_t, uint32_t> lowest;  // by old root
    std::unordered_map<uint32_t, size_t> cut;       // row -> place in out->cut
    for (uint32_t row = 0; row < in_.records; ++row) {
      const uint32_t root = out->cluster[row];
      if (size_[root] <= kOversizedRecords) continue;
      out->oversized += root == row ? 1 : 0;
      if (out->confidence[row] < 0.5f && held.count(row) == 0) {
        cut[row] = out->cut.size();
        out->cut.push_back({row, row, -1e30f});
      } else {
        out->cluster[row] = lowest.try_emplace(root, row).first->second;
      }
    }
    // By the best pair with one that stayed, strongest first in `edges`.
    for (const Edge& e : edges) {
      for (const auto& [row, other] : {std::pair(e.a, e.b), std::pair(e.b, e.a)}) {
        const auto it = cut.find(row);
        if (it == cut.end() || cut.count(other) != 0 || out->cut[it->second].b != row) continue;
        const auto stayed = lowest.find(out->cluster[row]);
        if (stayed != lowest.end() && out->cluster[other] == stayed->second)
          out->cut[it->second] = {row, other, e.log_odds};
      }
    }
    for (const auto& [row, place] : cut) {
      out->cluster[row] = row;
      out->confidence[row] = 1;
    }
  }

  bool Cancelled() const { return in_.cancel != nullptr && in_.cancel->requested(); }

  uint32_t Root(uint32_t row) {
    while (parent_[row] != row) row = parent_[row] = parent_[parent_[row]];
    return row;
  }

  // The lowest row is the root; members form a ring.
  void Unite(uint32_t a, uint32_t b) {
    if (a > b) std::swap(a, b);
    parent_[b] = a;
    std::swap(next_[a], next_[b]);
    size_[a] += size_[b];
    generations_[a] |= generations_[b];
  }

  bool Vetoed(uint32_t a, uint32_t b) {
    const unsigned both = generations_[a] | generations_[b];
    return (both & (both - 1)) != 0 || KeptApart(a, b);
  }

  // A steward's cannot-link stands between two clusters.
  bool KeptApart(uint32_t a, uint32_t b) {
    if (cannot_.empty()) return false;
    if (size_[a] > size_[b]) std::swap(a, b);
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

  double PooledOdds(uint32_t a, uint32_t b) {
    constexpr uint32_t kNone = ~0u;
    return Pool(Members(a, kNone), Members(b, kNone));
  }

  const ClusterInput& in_;
  std::vector<uint32_t> parent_, next_, size_;
  std::vector<uint8_t> generations_;
  double alone_ = 1;
  uint64_t attracted_ = 0;
  std::unordered_map<uint32_t, std::vector<uint32_t>> cannot_;
  std::unordered_map<uint64_t, uint32_t> weighed_;  // pair of roots -> records in both when they were weighed
};

}  // namespace

Clusters BuildClusters(const ClusterInput& input) {
  RowPairs first;
  for (;;) {
    RowPairs late;
    Clusters clusters = Clusterer(input).Run(first, &late);
    // A link that was among the first can be late no more, so this ends.
    if (late.empty()) return clusters;
    first.insert(first.end(), late.begin(), late.end());
  }
}

std::vector<uint32_t> PooledMembers(std::vector<uint32_t> rows) {
  std::sort(rows.begin(), rows.end());
  if (rows.size() <= kPooledMembers) return rows;
  std::vector<uint32_t> some;
  for (size_t i = 0; i < kPooledMembers; ++i) some.push_back(rows[i * rows.size() / kPooledMembers]);
  return some;
}

// Evidence between two groups, field by field. A record's value is one of the values that the other group has for the
// field, so its chance is the mean of the chances: one shared number among many different ones still tells. Over the
// records of a group the logarithms are averaged, in both directions.
double PooledLogOdds(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b, const EvidenceOfPair& evidence,
                     const CombineParts& combine) {
  std::vector<PairEvidence> pairs;
  for (const uint32_t x : a)
    for (const uint32_t y : b) pairs.push_back(evidence(std::min(x, y), std::max(x, y)));
  double m = 0, h = 0;
  for (size_t field = 0; field < kEvidenceCount; ++field) {
    Mean match, household;
    const auto direction = [&](size_t outer, size_t inner, size_t outer_step, size_t inner_step) {
      for (size_t i = 0; i < outer; ++i) {
        Mean mm, hh;
        for (size_t j = 0; j < inner; ++j) {
          const PairEvidence& e = pairs[i * outer_step + j * inner_step];
          if ((e.used >> field & 1) == 0) continue;
          mm.Add(std::exp2(static_cast<double>(e.match[field])));
          hh.Add(std::exp2(static_cast<double>(e.household[field])));
        }
        if (mm.count == 0) continue;
        match.Add(std::log2(mm.Value()));
        household.Add(std::log2(hh.Value()));
      }
    };
    direction(a.size(), b.size(), b.size(), 1);
    if (a.size() > 1 || b.size() > 1) direction(b.size(), a.size(), 1, b.size());
    if (match.count == 0) continue;
    m += match.Value();
    h += household.Value();
  }
  return combine(m, h);
}

}  // namespace migrate::dedupe
