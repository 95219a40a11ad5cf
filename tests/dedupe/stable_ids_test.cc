#include "migrate/dedupe/stable_ids.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

namespace migrate::dedupe {
namespace {

TEST(StableIds, NewIdsInOrderOfTheLowestRecord) {
  auto a = AssignIds({0, 1, 0, 3}, {0, 0, 0, 0}, 10);
  EXPECT_EQ(a.person, (std::vector<uint64_t>{10, 11, 10, 12}));
  EXPECT_EQ(a.next_id, 13u);
  EXPECT_EQ(a.created, 3u);
  EXPECT_TRUE(a.aliases.empty());
}

TEST(StableIds, AMergeKeepsTheIdOfMostRecordsAndTheOldestOfEqualOnes) {
  auto most = AssignIds({0, 0, 0}, {5, 9, 9}, 10);
  EXPECT_EQ(most.person, (std::vector<uint64_t>{9, 9, 9}));
  EXPECT_EQ(most.aliases, (std::vector<Alias>{{5, 9, true}}));
  EXPECT_EQ(most.retired, std::vector<uint64_t>{5});
  auto equal = AssignIds({0, 0}, {7, 3}, 10);
  EXPECT_EQ(equal.person, (std::vector<uint64_t>{3, 3}));
}

TEST(StableIds, ASplitLeavesAnAlias) {
  auto a = AssignIds({0, 0, 2}, {4, 4, 4}, 10);
  EXPECT_EQ(a.person, (std::vector<uint64_t>{4, 4, 10}));
  EXPECT_EQ(a.aliases, (std::vector<Alias>{{4, 10, false}}));
  EXPECT_EQ(a.split, 1u);
  EXPECT_TRUE(a.retired.empty());
}

TEST(StableIds, TheSameClustersKeepTheirIdsAndNoIdIsGivenTwice) {
  std::mt19937 rng(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<uint32_t> cluster(50);
    for (uint32_t i = 0; i < cluster.size(); ++i) cluster[i] = rng() % 3 == 0 && i > 0 ? cluster[rng() % i] : i;
    auto first = AssignIds(cluster, std::vector<uint64_t>(50, 0), 1);
    auto again = AssignIds(cluster, first.person, first.next_id);
    EXPECT_EQ(again.person, first.person);
    EXPECT_EQ(again.created, 0u);
    EXPECT_TRUE(again.aliases.empty());
    for (uint32_t i = 0; i < cluster.size(); ++i) cluster[i] = rng() % 3 == 0 && i > 0 ? cluster[rng() % i] : i;
    auto other = AssignIds(cluster, first.person, first.next_id);
    std::map<uint64_t, uint32_t> owner;
    for (uint32_t i = 0; i < cluster.size(); ++i)
      EXPECT_EQ(owner.try_emplace(other.person[i], cluster[i]).first->second, cluster[i]);
    std::set<uint64_t> answered;
    for (const Alias& x : other.aliases) answered.insert(x.old_id);
    for (uint64_t id : first.person)
      EXPECT_TRUE(owner.count(id) > 0 || answered.count(id) > 0) << id << " answers no more";
  }
}

}  // namespace
}  // namespace migrate::dedupe
