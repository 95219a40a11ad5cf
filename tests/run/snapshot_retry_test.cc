// Waiting for a server that was lost, on a clock that the test moves.
#include "../../src/run/snapshot_retry.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <utility>
#include <vector>

namespace migrate::run {
namespace {

struct Moved {
  double at = 0;
  extract::WaitClock clock() {
    return {[this] { return at; }, [this](double s) { at += s; }};
  }
};
const Status kLost = Status::Failed("lost").MayPass();

TEST(SnapshotRetry, WaitsLongEnoughForAFailoverAndThenGivesUp) {
  std::set<double> ends;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    Moved time;
    SnapshotRetry retry(time.clock(), seed);
    double longest = 0, first = 0;
    int n = 0;
    while (auto wait = retry.After(kLost, false, false)) {
      if (n++ == 0) first = *wait;
      longest = std::max(longest, *wait);
      time.at += *wait;
      ASSERT_LT(n, 100);
    }
    EXPECT_GE(first, 0.25);
    EXPECT_LT(first, 0.75);
    EXPECT_LE(longest, 45);
    EXPECT_GE(time.at, 180) << "three minutes at least";
    EXPECT_LE(time.at, 300);
    ends.insert(time.at);
  }
  EXPECT_GT(ends.size(), 40u) << "many clients do not come at once";
}

TEST(SnapshotRetry, AScaleMakesWaitsAndPatienceShorter) {
  Moved time;
  SnapshotRetry retry(time.clock(), 1, 0.1);
  while (auto wait = retry.After(kLost, false, false)) {
    EXPECT_LE(*wait, 4.5);
    time.at += *wait;
  }
  EXPECT_GE(time.at, 18);
  EXPECT_LE(time.at, 30);
}

TEST(SnapshotRetry, TheScaleComesFromTheEnvironment) {
  const std::vector<std::pair<const char*, double>> table = {{"0.1", 0.1}, {"2", 2}, {"0", 1},
                                                             {"-1", 1},    {"", 1},  {"soon", 1}};
  for (const auto& [text, scale] : table) {
    ::setenv("MIGRATE_RETRY_SCALE", text, 1);
    EXPECT_EQ(RetryScale(), scale) << text;
  }
  ::unsetenv("MIGRATE_RETRY_SCALE");
  EXPECT_EQ(RetryScale(), 1);
}

TEST(SnapshotRetry, WhatNeverPassesIsNotTriedAgain) {
  Moved time;
  SnapshotRetry retry(time.clock(), 1);
  EXPECT_FALSE(retry.After(Status::Plan("access denied"), true, true));
  EXPECT_FALSE(retry.After(Status::Failed("disk full"), true, true));
  EXPECT_FALSE(retry.After(Status::Cancelled(), true, true));
  EXPECT_EQ(retry.losses(), 0);
}

TEST(SnapshotRetry, ProgressEndsAnOutage) {
  Moved time;
  SnapshotRetry retry(time.clock(), 1);
  for (int i = 0; i < 100; ++i) {
    time.at += 1000;
    auto wait = retry.After(kLost, true, true);
    ASSERT_TRUE(wait) << i;
    EXPECT_LT(*wait, 0.75) << "each outage begins with a short wait";
  }
  EXPECT_EQ(retry.losses(), 100);
}

TEST(SnapshotRetry, ATableThatAlwaysBeginsAnewIsGivenUp) {
  Moved time;
  SnapshotRetry retry(time.clock(), 1);
  int n = 0;
  while (retry.After(kLost, true, false)) {
    time.at += 1000;
    ASSERT_LT(++n, 100);
  }
  EXPECT_EQ(n, SnapshotRetry::kMostRestarts);
}

}  // namespace
}  // namespace migrate::run
