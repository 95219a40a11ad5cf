#include "../../src/run/server_advice.h"

#include <gtest/gtest.h>

namespace migrate::run {
namespace {

constexpr uint64_t kMiB = 1 << 20, kGiB = 1 << 30;
const ServerVariables kMysql = {{"innodb_buffer_pool_size", 128 * kMiB},
                                {"innodb_redo_log_capacity", 100 * kMiB},
                                {"innodb_log_file_size", 48 * kMiB}};

ServerSetting Pool(const ServerUse& use) { return AdviseServer(kMysql, use).at(0); }

TEST(ServerAdvice, PoolIsATenthOfTheTablesInWholeUnits) {
  EXPECT_EQ(Pool({}).recommended, 128 * kMiB);
  EXPECT_EQ(Pool({300 * kMiB}).recommended, 384 * kMiB);
  EXPECT_EQ(Pool({2 * kGiB}).recommended, 512 * kMiB);
  EXPECT_EQ(Pool({60 * kGiB}).recommended, 6 * kGiB);
  EXPECT_EQ(Pool({61 * kGiB}).recommended, 7 * kGiB);
  EXPECT_EQ(Pool({61 * kGiB}).now, 128 * kMiB);
}

TEST(ServerAdvice, OnThisMachinePoolLeavesTheRunItsMemory) {
  EXPECT_EQ(Pool({60 * kGiB, 11 * kGiB, 24 * kGiB}).recommended, 6 * kGiB);
  EXPECT_EQ(Pool({60 * kGiB, 11 * kGiB, 24 * kGiB}).most, 13 * kGiB);
  const ServerSetting small = Pool({60 * kGiB, 11 * kGiB, 16 * kGiB});
  EXPECT_EQ(small.recommended, 5 * kGiB);
  EXPECT_EQ(small.most, 5 * kGiB);
  EXPECT_EQ(small.why,
            "this machine has 16.0 GiB, of which the run and the system take 11.0 GiB; the tables will take 60.0 GiB");
  EXPECT_EQ(Pool({60 * kGiB, 20 * kGiB, 16 * kGiB}).recommended, 0);
}

TEST(ServerAdvice, OldLogsHaveSeveralFiles) {
  const ServerVariables old = {{"innodb_log_file_size", 48 * kMiB}, {"innodb_log_files_in_group", 2}};
  EXPECT_EQ(AdviseServer(old, {60 * kGiB}).at(0).recommended, kGiB);
}

TEST(ServerAdvice, LogGrowsWithTheTablesUpToABound) {
  const auto log = [](uint64_t tables) { return AdviseServer(kMysql, {tables}).at(1).recommended; };
  EXPECT_EQ(log(0), 100 * kMiB);
  EXPECT_EQ(log(kGiB), 256 * kMiB);
  EXPECT_EQ(log(60 * kGiB), 2 * kGiB);
}

TEST(ServerAdvice, NamesWhatTheServerHas) {
  const auto names = [](const ServerVariables& variables) {
    std::vector<std::string> out;
    for (const auto& s : AdviseServer(variables, {})) out.push_back(s.variable);
    return out;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(kMysql), (Names{"innodb_buffer_pool_size", "innodb_redo_log_capacity"}));
  ServerVariables other = kMysql;
  other.erase("innodb_redo_log_capacity");
  EXPECT_EQ(names(other), (Names{"innodb_buffer_pool_size", "innodb_log_file_size"}));
  other["aurora_version"] = 3;
  EXPECT_EQ(names(other), Names{"innodb_buffer_pool_size"});
  EXPECT_TRUE(AdviseServer({}, {}).empty());
}

}  // namespace
}  // namespace migrate::run
