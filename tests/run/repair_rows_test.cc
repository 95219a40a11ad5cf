#include "../../src/run/repair_rows.h"

#include <gtest/gtest.h>

namespace migrate::run {
namespace {

RowImage Row(int64_t key, int64_t value) {
  RowImage row(2);
  row.Bind(1, key);
  row.Bind(2, value);
  return row;
}

Sha256 HashOf(const RowImage& row) {
  ledger::RowHasher hasher;
  return row.Hash(&hasher);
}

TEST(Wanted, TakesTheRowOfThatHashAndNoOther) {
  Wanted wanted;
  wanted.Add(7, ledger::Hash4(HashOf(Row(7, 1))), 0, {});
  EXPECT_FALSE(wanted.Offer(Row(7, 2)));
  EXPECT_FALSE(wanted.Offer(Row(8, 1)));
  EXPECT_TRUE(wanted.Offer(Row(7, 1)));
  EXPECT_FALSE(wanted.Offer(Row(7, 1)));
  EXPECT_TRUE(wanted.empty());
  EXPECT_FALSE(wanted.rows()[0].weak);
}

TEST(Wanted, AWholeHashIsHeldAgainstARowThatFitsInFourBytes) {
  Sha256 other = HashOf(Row(7, 1));
  other[31] ^= 1;
  Wanted wanted;
  wanted.Add(7, ledger::Hash4(other), 0, other);
  EXPECT_FALSE(wanted.Offer(Row(7, 1)));
  EXPECT_TRUE(wanted.Has(7));
}

TEST(Wanted, ManyTriesMakeARowWeakUnlessItsWholeHashIsKnown) {
  const int64_t last = static_cast<int64_t>(kFewTries) + 1;
  for (const bool exact : {false, true}) {
    for (const bool many : {false, true}) {
      const Sha256 hash = HashOf(Row(7, last));
      Wanted wanted;
      wanted.Add(7, ledger::Hash4(hash), 3, exact ? std::optional(hash) : std::nullopt);
      for (int64_t v = many ? 1 : 2; v < last; ++v) EXPECT_FALSE(wanted.Offer(Row(7, v)));
      EXPECT_TRUE(wanted.Offer(Row(7, last)));
      EXPECT_EQ(wanted.rows()[0].weak, many && !exact);
      wanted.DropWeak({2});
      EXPECT_TRUE(wanted.empty());
      wanted.DropWeak({3});
      EXPECT_EQ(wanted.rows()[0].found, !many || exact);
      EXPECT_EQ(wanted.Has(7), many && !exact);
    }
  }
}

TEST(TableDamage, WholeAreBucketsOfWhichNothingIsLost) {
  TableDamage damage;
  damage.buckets = {1, 2, 3, 4};
  damage.lost = {4};
  for (const auto& [key, bucket] : {std::pair(7, 1), std::pair(8, 2)})
    damage.wanted.Add(static_cast<uint64_t>(key), ledger::Hash4(HashOf(Row(key, 1))), static_cast<uint64_t>(bucket),
                      {});
  EXPECT_EQ(damage.Whole(), (std::set<uint64_t>{3}));
  EXPECT_TRUE(damage.wanted.Offer(Row(8, 1)));
  EXPECT_EQ(damage.Whole(), (std::set<uint64_t>{2, 3}));
}

}  // namespace
}  // namespace migrate::run
