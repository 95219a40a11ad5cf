#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "migrate/base/file.h"
#include "migrate/spool/manifest.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"
#include "migrate/spool/sorter.h"

namespace migrate::spool {
namespace {

class SpoolTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/migrate_spool_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

Record MakeRecord(uint64_t id) {
  Record r;
  r.record_id = id;
  r.place = {0, id % 7, id % 11, id % 13};
  r.source_key = "key-" + std::to_string(id);
  r[Field::kFirstName] = "Ann";
  r[Field::kUpdatedAt] = std::to_string(id);
  r.more_emails = {"a@b.example"};
  r.attributes = {"", "x"};
  r.opt_out = 5;
  r.flags = kFlagZip;
  r.payload = "[\"" + std::to_string(id) + "\"]";
  r.row_sha256 = Sha256Of(r.payload);
  r.raw = "raw";
  return r;
}

TEST_F(SpoolTest, EveryFlippedBitAndEveryCutIsFound) {
  std::string path = folder_ + "/a.seg";
  {
    auto writer = SegmentWriter::Create(path);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->AddBlock(3, "hello hello hello", 1).ok());
    ASSERT_TRUE((*writer)->AddBlock(4, "world", 2).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
  }
  std::string good = *ReadWholeFile(path);
  auto read = [&](const std::string& bytes) -> std::string {
    EXPECT_TRUE(WriteFileAtomic(path, bytes).ok());
    auto reader = SegmentReader::Open(path);
    if (!reader.ok()) return "damaged";
    std::string all, block;
    for (const auto& b : (*reader)->blocks()) {
      if (!(*reader)->Read(b, &block).ok()) return "damaged";
      all += std::to_string(b.partition) + block;
    }
    return all;
  };
  ASSERT_EQ(read(good), "3hello hello hello4world");
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    std::string got = read(bad);
    // A frame header has bits that mean nothing to a reader; what matters is that no other content comes out.
    EXPECT_TRUE(got == "damaged" || got == "3hello hello hello4world") << bit << ": " << got;
  }
  for (size_t n = 0; n < good.size(); ++n) EXPECT_EQ(read(good.substr(0, n)), "damaged") << n;
}

TEST_F(SpoolTest, UnfinishedSegmentLeavesNothing) {
  {
    auto writer = SegmentWriter::Create(folder_ + "/a.seg");
    ASSERT_TRUE((*writer)->AddBlock(0, "x", 1).ok());
  }
  EXPECT_TRUE(ListFolder(folder_)->empty());
}

TEST_F(SpoolTest, RecordsComeBackMergedInOrder) {
  std::mt19937_64 rng(3);
  std::vector<uint64_t> ids;
  std::vector<RecordSegment> segments;
  for (uint32_t s = 0; s < 5; ++s) {
    std::vector<uint64_t> mine;
    for (int i = 0; i < 200; ++i) mine.push_back(rng() % 500);
    std::sort(mine.begin(), mine.end());
    segments.push_back({folder_ + "/" + std::to_string(s) + ".seg", s, s + 10});
    auto writer = SegmentWriter::Create(segments.back().path);
    for (uint32_t partition = 0; partition < 2; ++partition) {
      std::string block;
      for (uint64_t id : mine)
        if (id % 2 == partition) AppendRecord(MakeRecord(id), &block);
      ASSERT_TRUE((*writer)->AddBlock(partition, block, 1).ok());
    }
    ASSERT_TRUE((*writer)->Finish().ok());
    for (uint64_t id : mine)
      if (id % 2 == 1) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  auto merger = RecordMerger::Open(segments, 1);
  ASSERT_TRUE(merger.ok());
  Record r;
  uint64_t last_id = 0;
  uint32_t last_file = 0;
  for (uint64_t id : ids) {
    ASSERT_TRUE(*(*merger)->Next(&r));
    ASSERT_EQ(r.record_id, id);
    EXPECT_EQ(r.source, r.place.file + 10);
    if (id == last_id) {
      EXPECT_GE(r.place.file, last_file);
    }
    last_id = id, last_file = r.place.file;
    Record want = MakeRecord(id);
    EXPECT_EQ(r.values, want.values);
    EXPECT_EQ(r.source_key, want.source_key);
    EXPECT_EQ(r.more_emails, want.more_emails);
    EXPECT_EQ(r.attributes, want.attributes);
    EXPECT_EQ(r.payload, want.payload);
    EXPECT_EQ(r.row_sha256, want.row_sha256);
    EXPECT_EQ(r.raw, want.raw);
    EXPECT_EQ(r.place.line, want.place.line);
    EXPECT_EQ(r.opt_out, 5);
    EXPECT_EQ(r.flags, kFlagZip);
  }
  EXPECT_FALSE(*(*merger)->Next(&r));
}

TEST_F(SpoolTest, ManifestDropsATornLastLineAndRefusesDamage) {
  std::string path = folder_ + "/manifest.jsonl";
  {
    auto m = Manifest::Open(path);
    ASSERT_TRUE((*m)->Append({"raw", 1, 2, {{"rows", "17"}, {"path", "a \"b\""}}}).ok());
    ASSERT_TRUE((*m)->Append({"raw", 1, 3, {}}).ok());
  }
  std::string text = *ReadWholeFile(path);
  ASSERT_TRUE(WriteFileAtomic(path, text.substr(0, text.size() - 5)).ok());
  auto m = Manifest::Open(path);
  ASSERT_TRUE(m.ok());
  EXPECT_EQ((*m)->Lines("raw").size(), 1u);
  EXPECT_EQ((*m)->Find("raw", 1, 3), nullptr);
  ASSERT_NE((*m)->Find("raw", 1, 2), nullptr);
  EXPECT_EQ((*m)->Find("raw", 1, 2)->Number("rows"), 17u);
  EXPECT_EQ((*m)->Find("raw", 1, 2)->Text("path"), "a \"b\"");
  ASSERT_TRUE(WriteFileAtomic(path, "garbage\n" + text).ok());
  auto bad = Manifest::Open(path);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.status().message(), path + ":1: damaged manifest line");
}

TEST_F(SpoolTest, SorterAgreesWithStableSortForAnyBudget) {
  std::mt19937_64 rng(5);
  std::vector<std::tuple<uint64_t, uint64_t, std::string>> want;
  for (int i = 0; i < 20000; ++i) want.emplace_back(rng() % 50, rng() % 50, "value " + std::to_string(i));
  auto sorted = want;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  for (uint64_t memory : {uint64_t{1}, uint64_t{1} << 18, uint64_t{1} << 30}) {
    Sorter sorter(folder_, memory);
    for (const auto& [a, b, v] : want) ASSERT_TRUE(sorter.Add(a, b, v).ok());
    ASSERT_TRUE(sorter.Sort().ok());
    Sorter::Item item;
    for (const auto& [a, b, v] : sorted) {
      ASSERT_TRUE(*sorter.Next(&item));
      ASSERT_EQ(std::tie(item.high, item.low), std::tie(a, b));
      ASSERT_EQ(item.value, v);
    }
    EXPECT_FALSE(*sorter.Next(&item));
  }
  EXPECT_TRUE(ListFolder(folder_)->empty());
}

}  // namespace
}  // namespace migrate::spool
