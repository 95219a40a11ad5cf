#include <gtest/gtest.h>
#include <unistd.h>
#include <zstd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "migrate/base/bytes.h"
#include "migrate/base/checksum.h"
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
  for (auto effort : {SegmentWriter::Effort::kFast, SegmentWriter::Effort::kSmall}) {
    {
      auto writer = SegmentWriter::Create(path, effort);
      ASSERT_TRUE(writer.ok());
      ASSERT_TRUE((*writer)->AddBlock(3, "hello hello hello", 1).ok());
      ASSERT_TRUE((*writer)->AddBlock(4, "world", 2).ok());
      ASSERT_TRUE((*writer)->Finish().ok());
    }
    std::string good = *ReadWholeFile(path);
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
}

// A footer whose checksum fits and whose numbers do not: the place and the length of a block, added, run over.
TEST_F(SpoolTest, AFooterThatPointsOutsideIsRefused) {
  const std::string path = folder_ + "/a.seg";
  auto open = [&](uint64_t offset, uint64_t stored, uint64_t raw) -> std::string {
    std::string footer, file = "MIGSEG2\nblock";
    for (uint64_t v : {uint64_t{1}, uint64_t{0}, offset, stored, raw, uint64_t{1}, uint64_t{0}}) PutVarint(&footer, v);
    std::string frame(ZSTD_compressBound(footer.size()), '\0');
    frame.resize(ZSTD_compress(frame.data(), frame.size(), footer.data(), footer.size(), 1));
    const size_t at = file.size();
    file += frame;
    PutFixed64(&file, at);
    file += "MIGSEGE\n";
    EXPECT_TRUE(WriteFileAtomic(path, file).ok());
    auto reader = SegmentReader::Open(path);
    return reader.ok() ? "" : reader.status().message();
  };
  const std::string outside = path + ": damaged segment: its footer points outside of it";
  EXPECT_EQ(open(8, 5, 5), "");
  EXPECT_EQ(open(9, 5, 5), outside);
  EXPECT_EQ(open(14, 0, 0), outside);
  EXPECT_EQ(open(~uint64_t{0} - 2, 5, 5), outside);
  EXPECT_EQ(open(8, ~uint64_t{0} - 7, 5), outside);
  EXPECT_EQ(open(8, 5, uint64_t{1} << 40), outside);
}

TEST_F(SpoolTest, SegmentsFinishedTogether) {
  std::vector<std::unique_ptr<SegmentWriter>> writers;
  std::vector<SegmentWriter*> all;
  for (int i = 0; i < 3; ++i) {
    writers.push_back(
        std::move(*SegmentWriter::Create(folder_ + "/" + std::to_string(i), SegmentWriter::Effort::kFast)));
    ASSERT_TRUE(writers.back()->AddBlock(0, "block " + std::to_string(i), 1).ok());
    all.push_back(writers.back().get());
  }
  ASSERT_TRUE(SegmentWriter::FinishAll(all).ok());
  ASSERT_TRUE(SegmentWriter::FinishAll({}).ok());
  writers.clear();
  EXPECT_EQ(*ListFolder(folder_), (std::vector<std::string>{"0", "1", "2"}));
  for (int i = 0; i < 3; ++i) {
    auto reader = SegmentReader::Open(folder_ + "/" + std::to_string(i));
    ASSERT_TRUE(reader.ok());
    std::string block;
    ASSERT_TRUE((*reader)->Read((*reader)->blocks()[0], &block).ok());
    EXPECT_EQ(block, "block " + std::to_string(i));
  }
}

// A zstd frame ends with the low half of the XXH64 of its content (RFC 8878, 3.1.1).
TEST(Xxh64, AgreesWithLibzstd) {
  std::mt19937 rng(1);
  ZSTD_CCtx* ctx = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
  for (size_t n = 0; n < 300; ++n) {
    std::string bytes(n < 200 ? n : n * 131, '\0'), frame(ZSTD_compressBound(n * 131), '\0');
    for (char& c : bytes) c = static_cast<char>(rng());
    frame.resize(ZSTD_compress2(ctx, frame.data(), frame.size(), bytes.data(), bytes.size()));
    uint32_t low = 0;
    std::memcpy(&low, frame.data() + frame.size() - 4, 4);
    ASSERT_EQ(static_cast<uint32_t>(Xxh64(bytes)), low) << n;
  }
  ZSTD_freeCCtx(ctx);
}

// What a writer got comes back, whatever places follow each other.
TEST(RawBlock, RowsAndRejectsComeBack) {
  std::mt19937_64 rng(8);
  RawBlockWriter writer;
  for (int round = 0; round < 3; ++round) {
    std::vector<Reject> given;
    for (int i = 0; i < 500; ++i) {
      Reject r;
      r.place = {0, rng() >> rng() % 64, rng() >> rng() % 64, i % 5 == 0 ? 0 : rng() >> rng() % 64};
      r.source_key = std::string(rng() % 40, 'k');
      r.reason = i % 2 == 0 ? "" : "reason";
      r.detail = std::string(rng() % 300, 'd');
      r.raw = std::string(rng() % 20 == 0 ? 40'000 : rng() % 10, 'r');
      given.push_back(r);
    }
    for (const Reject& r : given) {
      if (!r.reason.empty())
        writer.Add(r);
      else
        writer.Add(RawRow{r.place, r.source_key, r.detail, Sha256Of(r.detail), r.raw});
    }
    ASSERT_EQ(writer.rows(), given.size());
    RawBlockReader reader(writer.bytes());
    for (const Reject& r : given) {
      auto kind = reader.Next();
      ASSERT_TRUE(kind.ok());
      const bool reject = !r.reason.empty();
      ASSERT_EQ(*kind, reject ? RawBlockReader::Kind::kReject : RawBlockReader::Kind::kRow);
      const Place& place = reject ? reader.reject().place : reader.row().place;
      ASSERT_EQ(place.row, r.place.row);
      ASSERT_EQ(place.line, r.place.line);
      ASSERT_EQ(place.byte_offset, r.place.byte_offset);
      ASSERT_EQ(reject ? reader.reject().source_key : reader.row().source_key, r.source_key);
      ASSERT_EQ(reject ? reader.reject().raw : reader.row().raw, r.raw);
      ASSERT_EQ(reject ? reader.reject().detail : reader.row().payload, r.detail);
      if (!reject) {
        ASSERT_EQ(reader.row().row_sha256, Sha256Of(r.detail));
      }
    }
    ASSERT_EQ(*reader.Next(), RawBlockReader::Kind::kEnd);
    for (size_t n = 1; n < writer.bytes().size(); n += 997) {
      RawBlockReader cut(writer.bytes().substr(0, n));
      for (;;) {
        auto kind = cut.Next();
        if (!kind.ok() || *kind == RawBlockReader::Kind::kEnd) break;
      }
    }
    writer.Clear();
    EXPECT_TRUE(writer.bytes().empty());
  }
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
  const std::string torn = text.substr(0, text.size() - 5);
  ASSERT_TRUE(WriteFileAtomic(path, torn).ok());
  auto read = ReadManifest(path);  // while somebody may be writing it
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().Text("path"), "a \"b\"");
  EXPECT_EQ(*ReadWholeFile(path), torn);
  auto m = Manifest::Open(path);
  ASSERT_TRUE(m.ok());
  EXPECT_EQ((*m)->Lines("raw").size(), 1u);
  EXPECT_EQ((*m)->Find("raw", 1, 3), nullptr);
  ASSERT_NE((*m)->Find("raw", 1, 2), nullptr);
  EXPECT_EQ((*m)->Find("raw", 1, 2)->Number("rows"), 17u);
  EXPECT_EQ((*m)->Find("raw", 1, 2)->Text("path"), "a \"b\"");
  for (const char* damage :
       {"garbage", "[]", R"({"file":1,"chunk":2})", R"({"kind":1})", R"({"kind":"raw","file":"1"})",
        R"({"kind":"raw","file":-1})", R"({"kind":"raw","file":4294967296})", R"({"kind":"raw","chunk":null})"}) {
    ASSERT_TRUE(WriteFileAtomic(path, damage + ("\n" + text)).ok());
    auto bad = Manifest::Open(path);
    ASSERT_FALSE(bad.ok()) << damage;
    EXPECT_EQ(bad.status().message(), path + ":1: damaged manifest line");
    EXPECT_EQ(ReadManifest(path)->size(), 2u) << damage;  // a look leaves it out
  }
}

// What several writers leave is read as one, whatever one of them did twice or is writing just now.
TEST_F(SpoolTest, ManifestsOfSeveralWritersAreReadAsOne) {
  const std::string path = folder_ + "/manifest.jsonl";
  auto lines = [](const Manifest& m) {
    std::vector<std::string> out;
    for (const auto& l : m.Lines("raw"))
      out.push_back(std::to_string(l.file) + "/" + std::to_string(l.chunk) + " " + l.Text("rows"));
    return out;
  };
  ASSERT_TRUE((*Manifest::Open(path))->Append({"work", 0, 0, {{"run_key", "k"}}}).ok());
  auto a = *Manifest::OpenBeside(path), b = *Manifest::OpenBeside(path), late = *Manifest::OpenBeside(path);
  ASSERT_TRUE(a->Append({"raw", 0, 1, {{"rows", "1"}}}).ok());
  ASSERT_TRUE(b->Append({"raw", 0, 0, {{"rows", "2"}}}).ok());
  ASSERT_TRUE(b->Append({"raw", 0, 1, {{"rows", "1"}}}).ok());  // the same again
  a->AsWhole(7);
  ASSERT_TRUE(a->Append({"raw", 7, 0, {{"rows", "3"}}}).ok());  // begun as a whole, and left
  b->AsWhole(7);
  ASSERT_TRUE(b->Append({"raw", 7, 0, {{"rows", "4"}}}).ok());
  EXPECT_EQ(lines(**Manifest::OpenBeside(path)), (std::vector<std::string>{"0/0 2", "0/1 1"}));
  ASSERT_TRUE(b->Append({"extracted", 7, 0, {}}).ok());
  const std::vector<std::string> all = {"0/0 2", "0/1 1", "7/0 4"};
  EXPECT_EQ(lines(**Manifest::OpenBeside(path)), all);
  // A line that is being written is nobody's to mend.
  size_t files = 0;
  std::string torn;
  const std::vector<std::string> names = *ListFolder(folder_);
  for (const auto& name : names)
    if (name.starts_with("manifest.") && name != "manifest.jsonl") {
      torn = folder_ + "/" + name;
      ++files;
    }
  EXPECT_EQ(files, 2u);
  std::ofstream(torn, std::ios::app) << R"({"kind":"raw","file":0,"chunk":5)";
  const std::string before = *ReadWholeFile(torn);
  auto whole = *Manifest::Open(path);
  EXPECT_EQ(lines(*whole), all);
  EXPECT_EQ(*ReadWholeFile(torn), before);
  ASSERT_TRUE(whole->Drop("raw", 0).ok());
  EXPECT_EQ(lines(**Manifest::Open(path)), (std::vector<std::string>{"7/0 4"}));
  // Taken in by a process that died before it removed the files: nothing is there twice.
  std::vector<std::pair<std::string, std::string>> left;
  for (const auto& name : names)
    if (name.starts_with("manifest.") && name != "manifest.jsonl")
      left.emplace_back(folder_ + "/" + name, *ReadWholeFile(folder_ + "/" + name));
  ASSERT_TRUE((*Manifest::Open(path))->TakeIn().ok());
  for (const auto& [file, text] : left) ASSERT_TRUE(WriteFileAtomic(file, text).ok());
  EXPECT_EQ(lines(**Manifest::Open(path)), (std::vector<std::string>{"7/0 4"}));
  ASSERT_TRUE(whole->TakeIn().ok());
  EXPECT_FALSE(PathExists(torn));
  EXPECT_EQ(lines(**Manifest::Open(path)), (std::vector<std::string>{"7/0 4"}));
  EXPECT_NE(Manifest::Look(path)->find("extracted"), std::string::npos);
  // Another work began: who was paused in the old one writes nothing into it.
  ASSERT_TRUE(whole->Append({"work", 0, 0, {{"run_key", "k2"}}}).ok());
  ASSERT_TRUE(late->Append({"raw", 1, 0, {{"rows", "9"}}}).ok());
  EXPECT_EQ(lines(**Manifest::Open(path)), (std::vector<std::string>{"7/0 4"}));
}

using SorterValues = std::vector<std::tuple<uint64_t, uint64_t, std::string>>;

// What is added comes out as `sorted` with any budget, and no file stays.
void ExpectSorted(const std::string& folder, Sorter::Ties ties, const SorterValues& added, const SorterValues& sorted) {
  for (uint64_t memory : {uint64_t{1}, uint64_t{1} << 18, uint64_t{1} << 30}) {
    Sorter sorter(folder, memory, ties);
    for (const auto& [a, b, v] : added) ASSERT_TRUE(sorter.Add(a, b, v).ok());
    ASSERT_TRUE(sorter.Sort().ok());
    Sorter::Item item;
    for (const auto& [a, b, v] : sorted) {
      ASSERT_TRUE(*sorter.Next(&item));
      ASSERT_EQ(std::tie(item.high, item.low), std::tie(a, b));
      ASSERT_EQ(item.value, v);
    }
    EXPECT_FALSE(*sorter.Next(&item));
  }
  EXPECT_TRUE(ListFolder(folder)->empty());
}

TEST_F(SpoolTest, SorterAgreesWithStableSortForAnyBudget) {
  std::mt19937_64 rng(5);
  SorterValues want;
  for (int i = 0; i < 20000; ++i) want.emplace_back(rng() % 50, rng() % 50, "value " + std::to_string(i));
  auto sorted = want;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  ExpectSorted(folder_, Sorter::Ties::kAsAdded, want, sorted);
}

TEST_F(SpoolTest, SorterOrdersTiesByTheirValuesWhereItIsAskedTo) {
  std::mt19937_64 rng(6);
  SorterValues want;
  for (int i = 0; i < 20000; ++i)
    want.emplace_back(rng() % 3, rng() % 3, std::string(rng() % 4, '\xff') + std::to_string(rng() % 10000));
  auto sorted = want;
  std::sort(sorted.begin(), sorted.end());
  ExpectSorted(folder_, Sorter::Ties::kByValue, want, sorted);
}

}  // namespace
}  // namespace migrate::spool
