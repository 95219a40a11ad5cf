#include "migrate/dedupe/review_pairs.h"

#include <algorithm>
#include <cmath>

#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {
namespace {

double Entropy(double p) { return p <= 0 || p >= 1 ? 0.0 : -p * std::log2(p) - (1 - p) * std::log2(1 - p); }

// The rows of the clusters that are asked about, by cluster.
class Members {
 public:
  Members(const std::vector<uint32_t>& cluster, const std::vector<Edge>& edges) {
    place_.assign(cluster.size(), 0);
    for (const Edge& e : edges)
      for (const uint32_t c : {cluster[e.a], cluster[e.b]})
        if (place_[c] == 0) {
          rows_.emplace_back();
          place_[c] = static_cast<uint32_t>(rows_.size());
        }
    for (uint32_t row = 0; row < cluster.size(); ++row)
      if (const uint32_t at = place_[cluster[row]]; at != 0) rows_[at - 1].push_back(row);
  }
  const std::vector<uint32_t>& Of(uint32_t cluster) const { return rows_[place_[cluster] - 1]; }

 private:
  std::vector<uint32_t> place_;  // by cluster: place in rows_ + 1
  std::vector<std::vector<uint32_t>> rows_;
};

}  // namespace

Questions FindQuestions(const ReviewInput& in) {
  Questions out;
  std::vector<Edge>& best = out.edges;
  in.edges.Each([&](const Edge& e) {
    if (static_cast<double>(e.log_odds) >= in.review_log_odds && in.cluster[e.a] != in.cluster[e.b]) best.push_back(e);
  });
  const auto clusters_of = [&](const Edge& e) {
    return std::pair<uint32_t, uint32_t>(std::minmax(in.cluster[e.a], in.cluster[e.b]));
  };
  std::sort(best.begin(), best.end(), [&](const Edge& x, const Edge& y) {
    const auto cx = clusters_of(x), cy = clusters_of(y);
    return cx != cy ? cx < cy : Stronger(x, y);
  });
  best.erase(std::unique(best.begin(), best.end(),
                         [&](const Edge& x, const Edge& y) { return clusters_of(x) == clusters_of(y); }),
             best.end());
  std::set<std::pair<uint32_t, uint32_t>> decided;
  for (const auto& [a, b] : in.cannot) decided.insert(std::minmax(in.cluster[a], in.cluster[b]));
  std::erase_if(best, [&](const Edge& e) { return decided.count(clusters_of(e)) != 0; });
  // What was cut off a cluster is looked at whatever its pair says; it is no other question at the same time.
  for (const Edge& e : in.cut)
    if (e.a != e.b) out.oversized.insert(clusters_of(e));
  std::erase_if(best, [&](const Edge& e) { return out.oversized.count(clusters_of(e)) != 0; });
  for (const Edge& e : in.cut)
    if (e.a != e.b && decided.count(clusters_of(e)) == 0)
      best.push_back({std::min(e.a, e.b), std::max(e.a, e.b), e.log_odds});
  out.all = best.size();
  // Those beyond the cap are the least probable.
  std::sort(best.begin(), best.end(), Stronger);
  if (best.size() > kMaxReviewPairs) best.resize(kMaxReviewPairs);
  return out;
}

std::vector<ReviewPair> WeighQuestions(const ReviewInput& in, const Questions& questions,
                                       const PooledOfQuestion& pooled) {
  const Members members(in.cluster, questions.edges);
  std::vector<ReviewPair> out;
  for (const Edge& e : questions.edges) {
    const auto &a = members.Of(in.cluster[e.a]), &b = members.Of(in.cluster[e.b]);
    const float probability = pooled(e, a, b);
    ReviewPair pair;
    pair.a = in.record_ids[e.a];
    pair.b = in.record_ids[e.b];
    pair.probability = static_cast<float>(LogOddsToProbability(static_cast<double>(e.log_odds)));
    pair.pooled = probability;
    pair.gain =
        Entropy(static_cast<double>(probability)) * static_cast<double>(a.size()) * static_cast<double>(b.size());
    if (static_cast<double>(e.log_odds) >= in.match_log_odds) pair.reason = ReviewPair::Reason::kRefused;
    if (questions.oversized.count(std::minmax(in.cluster[e.a], in.cluster[e.b])) != 0)
      pair.reason = ReviewPair::Reason::kOversized;
    out.push_back(pair);
  }
  std::sort(out.begin(), out.end(), [](const ReviewPair& x, const ReviewPair& y) {
    if (x.gain != y.gain) return x.gain > y.gain;
    if (x.probability != y.probability) return x.probability > y.probability;
    return x.a != y.a ? x.a < y.a : x.b < y.b;
  });
  return out;
}

}  // namespace migrate::dedupe
