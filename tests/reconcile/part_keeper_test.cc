#include "../../src/reconcile/part_keeper.h"

#include <gtest/gtest.h>

#include <random>

namespace migrate::reconcile {
namespace {

using Random = std::mt19937_64;

Sha256 AnyHash(Random* random) {
  Sha256 hash;
  for (auto& byte : hash) byte = static_cast<uint8_t>((*random)());
  return hash;
}

std::vector<std::pair<uint64_t, RowFault>> AnyFaults(Random* random, size_t n) {
  std::vector<std::pair<uint64_t, RowFault>> faults;
  for (size_t i = 0; i < n; ++i) faults.emplace_back((*random)(), static_cast<RowFault>((*random)() % 3));
  return faults;
}

SourceDigests AnySources(Random* random) {
  SourceDigests sources;
  for (size_t i = 0; i < (*random)() % 4; ++i)
    sources[{static_cast<uint32_t>((*random)() % 3), static_cast<uint32_t>((*random)() % 32)}].Add(AnyHash(random));
  return sources;
}

// A stretch of a server's table: at most kMaxFaults are named.
ServerCheck AnyStretch(Random* random) {
  ServerCheck check;
  check.rows = (*random)() % 1000;
  check.unequal_buckets = (*random)() % 3;
  check.faults = AnyFaults(random, (*random)() % 8 == 0 ? kMaxFaults : (*random)() % 400);
  check.more_faults = check.faults.size() == kMaxFaults ? (*random)() % 100 : 0;
  check.sources = AnySources(random);
  for (size_t i = 0; i < 5; ++i) {
    check.keys.Add((*random)());
    check.members.Add((*random)(), (*random)() % 9);
  }
  return check;
}

void ExpectSame(const ServerCheck& a, const ServerCheck& b) {
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.unequal_buckets, b.unequal_buckets);
  EXPECT_EQ(a.faults, b.faults);
  EXPECT_EQ(a.more_faults, b.more_faults);
  EXPECT_EQ(a.sources, b.sources);
  EXPECT_EQ(a.keys, b.keys);
  EXPECT_EQ(a.members, b.members);
}

TEST(PartKeeper, PartsThatWereWrittenDownGiveWhatOnePassGives) {
  Random random(7);
  for (int trial = 0; trial < 50; ++trial) {
    ServerCheck whole, together;
    for (int part = 0; part < 4; ++part) {
      ServerCheck of_part;
      for (size_t stretches = random() % 4; stretches > 0; --stretches) {
        const ServerCheck stretch = AnyStretch(&random);
        Merge(stretch, &whole);
        Merge(stretch, &of_part);
      }
      ServerCheck read;
      ASSERT_TRUE(DecodeFound(EncodeFound("record 3", of_part), "record 3", &read));
      ExpectSame(read, of_part);
      Merge(read, &together);
    }
    ExpectSame(together, whole);
    EXPECT_LE(whole.faults.size(), kMaxFaults);
  }
}

TEST(PartKeeper, AStretchOfAFileComesBackAsItWas) {
  Random random(8);
  for (int trial = 0; trial < 50; ++trial) {
    SqliteStretch stretch, read;
    stretch.of_table = {random() % 1000, random() % 4, AnyFaults(&random, random() % 20), random(), {random(), 0}};
    stretch.sources = AnySources(&random);
    stretch.sample = {random() >> 1, 5};
    ASSERT_TRUE(DecodeFound(EncodeFound("person 0-7", stretch), "person 0-7", &read));
    EXPECT_EQ(read.of_table.rows, stretch.of_table.rows);
    EXPECT_EQ(read.of_table.unequal_buckets, stretch.of_table.unequal_buckets);
    EXPECT_EQ(read.of_table.faults, stretch.of_table.faults);
    EXPECT_EQ(read.of_table.more_faults, stretch.of_table.more_faults);
    EXPECT_EQ(read.of_table.damaged_lists, stretch.of_table.damaged_lists);
    EXPECT_EQ(read.sources, stretch.sources);
    EXPECT_EQ(read.sample, stretch.sample);
  }
}

TEST(PartKeeper, WhatIsNotThatPartIsNotThere) {
  const std::vector<Check> checks = {{"database integrity", false, "row 3 \"missing\"\n"}, {"x", true, ""}};
  const std::string good = EncodeFound("quick_check", checks);
  std::vector<Check> read;
  ASSERT_TRUE(DecodeFound(good, "quick_check", &read));
  ASSERT_EQ(read.size(), 2u);
  EXPECT_EQ(read[0].name, checks[0].name);
  EXPECT_EQ(read[0].ok, false);
  EXPECT_EQ(read[0].detail, checks[0].detail);
  ServerCheck server;
  KeySet keys;
  for (const std::string& bad :
       {std::string(), std::string("null"), good.substr(1), good.substr(0, good.size() - 1), std::string("{}"),
        std::string(R"({"part":"quick_check","checks":[["a",1,"b"]]})"), std::string(R"({"part":"quick_check"})")}) {
    EXPECT_FALSE(DecodeFound(bad, "quick_check", &read)) << bad;
    EXPECT_FALSE(DecodeFound(bad, "quick_check", &server)) << bad;
    EXPECT_FALSE(DecodeFound(bad, "quick_check", &keys)) << bad;
  }
  EXPECT_FALSE(DecodeFound(good, "index person.x", &read));
  EXPECT_FALSE(DecodeFound(EncodeFound("a", KeySet{1, 2, 3}), "a", &server));
  std::string fault = EncodeFound("a", ServerCheck{});
  fault.replace(fault.find("\"faults\":[]"), 11, "\"faults\":[[4,3]]");
  EXPECT_FALSE(DecodeFound(fault, "a", &server));
  EXPECT_EQ(read.size(), 2u);
}

}  // namespace
}  // namespace migrate::reconcile
