#include "migrate/run/estimate.h"

#include <gtest/gtest.h>

#include "migrate/base/plural.h"
#include "migrate/dedupe/matcher.h"

namespace migrate::run {
namespace {

using plan::Stage;

Shape Sample(double rows) {
  Record r;
  r.source_key = "12345";
  r.payload = std::string(150, 'x');
  r.values[static_cast<size_t>(Field::kFirstName)] = "Ann";
  r.values[static_cast<size_t>(Field::kLastName)] = "Lee";
  r.values[static_cast<size_t>(Field::kEmail)] = "ann@example.com";
  r.values[static_cast<size_t>(Field::kZip)] = "62704";
  r.more_phones = {"+12175550142"};
  Shape s;
  s.rows = 1;
  s.raw = 190;
  s.records = 150;
  AddRecordCost(r, {}, &s);
  return s.Scaled(rows);
}

TEST(Shape, CountsWhatARecordCosts) {
  Shape s = Sample(1);
  EXPECT_EQ(s.emails, 1);
  EXPECT_EQ(s.phones, 0);
  EXPECT_EQ(s.identifiers, 2);
  EXPECT_EQ(s.identifier_bytes, 15 + 12);
  EXPECT_EQ(s.name_zip_bytes, 3 + 5);
  EXPECT_EQ(s.person_bytes, 3 + 3 + 15 + 5);
  EXPECT_EQ(s.row_bytes, 26 + 5 + 150 + 12 + 12 + 3);
  Shape twice = s;
  twice.Add(s);
  EXPECT_EQ(twice.row_bytes, s.Scaled(2).row_bytes);
  EXPECT_EQ(twice.rows, 2);
}

TEST(EstimateDisk, GrowsWithWhatIsNewAndNothingElse) {
  Volume v;
  EXPECT_EQ(EstimateDisk(v, 96 << 20).target, 0u) << "nothing to read takes nothing";
  v.target_bytes = 1 << 30;
  v.records_before = 1'000'000;
  Disk none = EstimateDisk(v, 96 << 20);
  EXPECT_EQ(none.raw_segments + none.target + none.journal + none.temporary + none.sort_runs + none.report, 0u);

  Volume one;
  one.read = Sample(100'000);
  one.inserted = 100'000;
  Disk first = EstimateDisk(one, 96 << 20);
  EXPECT_EQ(first.raw_segments, 19'000'000u);
  EXPECT_EQ(first.journal, 0u) << "a new file needs next to none";
  EXPECT_GT(first.target, 100'000u * (200 + 150));
  EXPECT_LT(first.target, 100'000u * (200 + 600));
  EXPECT_EQ(first.sort_runs, 0u) << "fits into memory";
  EXPECT_GT(EstimateDisk(one, 1 << 20).sort_runs, 0u);

  Volume again = one;
  again.inserted = 0;
  again.records_before = 100'000;
  again.target_bytes = first.target;
  Disk second = EstimateDisk(again, 96 << 20);
  EXPECT_LT(second.target, 1u << 20) << "records that are there are not put in again";
  EXPECT_EQ(second.raw_segments, first.raw_segments);
  EXPECT_GT(second.journal, 0u);
}

TEST(WhatDoesNotFit, AddsUpPlacesOfOneFileSystem) {
  constexpr uint64_t kGiB = 1ULL << 30;
  EXPECT_TRUE(WhatDoesNotFit({{"/a", 1, kGiB, 2 * kGiB}, {"/b", 1, kGiB, 2 * kGiB}}).empty());
  auto lacks = WhatDoesNotFit({{"/a", 1, kGiB, 2 * kGiB}, {"/c", 2, kGiB, kGiB - 1}, {"/b", 1, kGiB + 1, 2 * kGiB}});
  ASSERT_EQ(lacks.size(), 2u);
  EXPECT_EQ(lacks[0], "disk: 2048 MiB are free for /a and /b, about 2048 MiB are needed");
  EXPECT_EQ(lacks[1], "disk: 1023 MiB are free for /c, about 1024 MiB are needed");
}

TEST(EstimateSeconds, ScalesWithThreadsAsFarAsTheyHelp) {
  const Rate rate{1000, 2, "a test"};
  EXPECT_DOUBLE_EQ(EstimateSeconds(Stage::kLoad, 5000, rate, 1), 5);
  EXPECT_DOUBLE_EQ(EstimateSeconds(Stage::kLoad, 5000, rate, 64), 5);
  EXPECT_DOUBLE_EQ(EstimateSeconds(Stage::kExtract, 5000, rate, 2), 5);
  EXPECT_NEAR(EstimateSeconds(Stage::kExtract, 5000, rate, 1), 5 / 0.525, 1e-9);
  EXPECT_LT(EstimateSeconds(Stage::kDedupe, 5000, rate, 8), 5);
  EXPECT_EQ(EstimateSeconds(Stage::kDedupe, 5000, Rate{}, 8), 0);
  for (Stage s : {Stage::kExtract, Stage::kNormalize, Stage::kLoad, Stage::kDedupe, Stage::kReconcile})
    EXPECT_GT(DocumentedRate(s).rows_per_second, 0);
}

TEST(EstimateMemory, KnowsTheFloorAndGrowsWithRecords) {
  EXPECT_EQ(dedupe::DedupeFloor(84'000'000), 84'000'000ULL * 90 + (512ULL << 20));
  const auto small = EstimateMemory(1e5, 2, 96 << 20), large = EstimateMemory(1e7, 2, 96 << 20);
  for (size_t s = 2; s < 5; ++s) EXPECT_GT(large[s], small[s]);
  EXPECT_LT(small[0], EstimateMemory(1e5, 16, 96 << 20)[0]);
}

TEST(SortBudget, FollowsTheMemory) {
  EXPECT_EQ(SortBudget(0), 96u << 20);
  EXPECT_EQ(SortBudget(64 << 20), 8u << 20);
  EXPECT_EQ(SortBudget(1ULL << 30), (1ULL << 30) / 10);
  EXPECT_EQ(SortBudget(1ULL << 40), 512u << 20);
}

TEST(Counted, SaysOneRowAndTwoRows) {
  EXPECT_EQ(Counted(0, "row"), "0 rows");
  EXPECT_EQ(Counted(1, "row"), "1 row");
  EXPECT_EQ(Counted(2, "row"), "2 rows");
  EXPECT_EQ(Counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(Counted(12, "entry", "entries"), "12 entries");
  EXPECT_EQ(Plural(1, "is", "are"), "is");
  EXPECT_EQ(Plural(0, "is", "are"), "are");
}

}  // namespace
}  // namespace migrate::run
