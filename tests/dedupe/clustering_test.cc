#include "migrate/dedupe/clustering.h"

#include <gtest/gtest.h>

#include <map>

#include "migrate/dedupe/weights.h"

namespace migrate::dedupe {
namespace {

// Pairs with given log odds; all evidence is one piece and the prior is in it.
struct Case {
  uint32_t records = 0;
  std::map<std::pair<uint32_t, uint32_t>, double> odds;
  std::vector<std::pair<uint32_t, uint32_t>> must{}, cannot{};
  std::map<uint32_t, uint8_t> generation{};
  double unknown = -10;  // pairs without an edge
  bool attract = false;
  double background = 0;

  Clusters Run() const {
    ClusterInput in;
    in.records = records;
    for (const auto& [pair, log_odds] : odds)
      in.edges.push_back({pair.first, pair.second, static_cast<float>(log_odds)});
    in.must = must;
    in.cannot = cannot;
    in.generation = [this](uint32_t row) {
      const auto it = generation.find(row);
      return it == generation.end() ? uint8_t{0} : it->second;
    };
    in.evidence = [this](uint32_t a, uint32_t b) {
      const auto it = odds.find({a, b});
      PairEvidence e;
      e.used = 1;
      e.match[0] = static_cast<float>(it == odds.end() ? unknown : it->second);
      return e;
    };
    in.combine = [](double match, double) { return match; };
    if (attract) in.background = [this](uint32_t) { return background; };
    in.match_log_odds = ProbabilityToLogOdds(.95);
    return BuildClusters(&in);
  }
};

std::vector<uint32_t> ClustersOf(const Case& c) { return c.Run().cluster; }

using Rows = std::vector<uint32_t>;

TEST(Clustering, JoinsStrongPairsAndNamesTheLowestRow) {
  EXPECT_EQ(ClustersOf({.records = 5, .odds = {{{1, 3}, 10}, {{2, 4}, 4.3}}}), (Rows{0, 1, 2, 1, 2}));
  EXPECT_EQ(ClustersOf({.records = 2, .odds = {{{0, 1}, 4.2}}}), (Rows{0, 1})) << "below 0.95";
  EXPECT_EQ(ClustersOf({.records = 0, .odds = {}}), Rows{});
}

TEST(Clustering, FormsNoChainsOfStrangers) {
  // 0-1 and 1-2 are strong, 0-2 is impossible.
  EXPECT_EQ(ClustersOf({.records = 3, .odds = {{{0, 1}, 12}, {{1, 2}, 5}, {{0, 2}, -40}}}), (Rows{0, 0, 2}));
  // The same with nothing against 0-2.
  EXPECT_EQ(ClustersOf({.records = 3, .odds = {{{0, 1}, 12}, {{1, 2}, 9}, {{0, 2}, 1}}}), (Rows{0, 0, 0}));
}

TEST(Clustering, GenerationsNeverMeet) {
  EXPECT_EQ(ClustersOf({.records = 2, .odds = {{{0, 1}, 30}}, .generation = {{0, 1}, {1, 2}}}), (Rows{0, 1}));
  EXPECT_EQ(ClustersOf({.records = 2, .odds = {{{0, 1}, 30}}, .generation = {{0, 1}}}), (Rows{0, 0}));
  // Through a third record that does not say.
  const auto c =
      ClustersOf({.records = 3, .odds = {{{0, 1}, 30}, {{1, 2}, 20}, {{0, 2}, 20}}, .generation = {{0, 1}, {2, 2}}});
  EXPECT_EQ(c, (Rows{0, 0, 2}));
}

TEST(Clustering, StewardsDecide) {
  EXPECT_EQ(ClustersOf({.records = 3, .odds = {{{0, 1}, 30}}, .cannot = {{0, 1}}}), (Rows{0, 1, 2}));
  EXPECT_EQ(ClustersOf({.records = 3, .odds = {}, .must = {{0, 2}}}), (Rows{0, 1, 0}));
  // A cannot-link holds for whole clusters.
  const auto c =
      ClustersOf({.records = 4,
                  .odds = {{{0, 1}, 30}, {{2, 3}, 30}, {{1, 2}, 25}, {{0, 2}, 25}, {{1, 3}, 25}, {{0, 3}, 25}},
                  .cannot = {{0, 3}}});
  EXPECT_EQ(c, (Rows{0, 0, 2, 2}));
}

TEST(Clustering, ALinkJoinsWholeClustersAndACannotLinkBetweenThemStillHolds) {
  // {0, 1} and {2, 3}, nothing for one person across.
  Case c{.records = 4, .odds = {{{0, 1}, 30}, {{2, 3}, 30}}, .must = {{1, 2}}};
  EXPECT_EQ(ClustersOf(c), (Rows{0, 0, 0, 0}));
  // A cannot-link across: the two linked records find together, the others go where they may.
  c.cannot = {{0, 3}};
  const Rows kept = ClustersOf(c);
  EXPECT_EQ(kept[1], kept[2]);
  EXPECT_NE(kept[0], kept[3]);
  // Over the very same records the link holds.
  c.cannot = {{1, 2}};
  EXPECT_EQ(ClustersOf(c)[1], ClustersOf(c)[2]);
  // Jr and Sr, if a steward says so.
  EXPECT_EQ(ClustersOf({.records = 2, .odds = {}, .must = {{0, 1}}, .generation = {{0, 1}, {1, 2}}}), (Rows{0, 0}));
}

TEST(Clustering, AClusterTooLargeIsCutByItsWeakestEvidence) {
  // All of one value but the first, which fits its own three friends alone. Every eighth or so is pooled.
  const auto make = [](uint32_t records) {
    Case c{.records = records, .odds = {}, .unknown = 10};
    for (uint32_t i = 1; i < records; ++i) {
      if (i > 1) c.odds[{i - 1, i}] = 20;
      c.odds[{0, i}] = i < 4 ? 19 : -60;
    }
    c.must = {};
    return c;
  };
  Case large = make(kOversizedRecords + 50);
  large.odds[{0, 1}] = 30;  // joins first, before the others speak
  const Clusters cut = large.Run();
  EXPECT_EQ(cut.oversized, 1u);
  ASSERT_EQ(cut.cut.size(), 1u);
  EXPECT_EQ(cut.cut[0].a, 0u);
  EXPECT_EQ(cut.cut[0].b, 1u);
  EXPECT_EQ(cut.cluster[0], 0u);
  EXPECT_EQ(cut.cluster[1], 1u) << "the others have a lowest row of their own";
  EXPECT_EQ(cut.cluster[kOversizedRecords], 1u);
  EXPECT_EQ(cut.confidence[0], 1.0f);
  large.must = {{0, 5}};
  EXPECT_TRUE(large.Run().cut.empty()) << "a must-link holds it";
  Case small = make(20);
  small.odds[{0, 1}] = 30;
  EXPECT_EQ(small.Run().oversized, 0u);
}

TEST(Clustering, AnInitialHasNoSayBesideFullNames) {
  // 0: J. Park, 1: Jim Park, 2: Jonathan Park.
  const auto evidence = [](uint32_t a, uint32_t) {
    PairEvidence e;
    e.used = 1u << kFirst | 1u << kLast;
    e.faint = a == 0 ? 1u << kFirst : 0;
    e.match[kFirst] = a == 0 ? 0.5f : -3.0f;
    e.match[kLast] = 8;
    return e;
  };
  const auto match = [](double m, double) { return m; };
  EXPECT_DOUBLE_EQ(PooledLogOdds({0}, {2}, evidence, match), 8.5);
  EXPECT_DOUBLE_EQ(PooledLogOdds({0, 1}, {2}, evidence, match), 5);
}

TEST(Clustering, PooledEvidenceAttractsWhatNoMemberProves) {
  // 2 is weakly bound to 0 and 1; as a mixture it is bound well enough to one value of theirs.
  EXPECT_EQ(ClustersOf({.records = 3, .odds = {{{0, 1}, 30}, {{0, 2}, 4.2}, {{1, 2}, 5.5}}}), (Rows{0, 0, 0}));
  EXPECT_EQ(ClustersOf({.records = 3, .odds = {{{0, 1}, 30}, {{0, 2}, 1}, {{1, 2}, 1}}}), (Rows{0, 0, 2}));
}

TEST(Clustering, ALonelyRecordIsWeighedAgainstAllItMayBelongTo) {
  // Ten records in pairs, so nobody is expected to be alone, and one that leans to the first pair.
  Case c{.records = 11, .odds = {}, .attract = true};
  for (uint32_t i = 0; i < 10; i += 2) c.odds[{i, i + 1}] = 30;
  c.odds[{0, 10}] = c.odds[{1, 10}] = 3.5;  // .92 by itself
  EXPECT_EQ(ClustersOf(c)[10], 0u);
  c.attract = false;
  EXPECT_EQ(ClustersOf(c)[10], 10u);
  c.attract = true;
  c.odds[{2, 10}] = c.odds[{3, 10}] = 3.5;  // it leans to the second as much
  EXPECT_EQ(ClustersOf(c)[10], 10u);
  c.odds.erase({2, 10});
  c.odds.erase({3, 10});
  c.background = 10;  // so it does to many that were not compared
  EXPECT_EQ(ClustersOf(c)[10], 10u);
}

TEST(Clustering, ConfidenceIsAProbability) {
  const Clusters c = Case{.records = 3, .odds = {{{0, 1}, 5}}}.Run();
  EXPECT_NEAR(c.confidence[0], LogOddsToProbability(5), 1e-5);
  EXPECT_NEAR(c.confidence[1], LogOddsToProbability(5), 1e-5);
  EXPECT_EQ(c.confidence[2], 1.0f);
}

TEST(Clustering, CountsUnionsItRefused) {
  const Clusters c = Case{.records = 2, .odds = {{{0, 1}, 30}}, .cannot = {{0, 1}}}.Run();
  EXPECT_EQ(c.refused_unions, 1u);
}

}  // namespace
}  // namespace migrate::dedupe
