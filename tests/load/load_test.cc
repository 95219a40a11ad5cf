#include "migrate/load/load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"
#include "migrate/record/digest.h"
#include "migrate/record/payload.h"
#include "migrate/spool/segment.h"

namespace migrate::load {
namespace {

struct TestRow {
  std::string key, value, updated_at = "";
};

class LoadTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/migrate_load_XXXXXX";
    folder_ = ::mkdtemp(name);
    SetUpTarget();
  }
  void SetUpTarget() {
    db_ = *store::OpenSqlite(folder_ + "/t.db", store::OpenMode::kCreate);
    ASSERT_TRUE(ledger::ApplySchema(db_.get()).ok());
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(folder_);
  }

  // A segment of rows of source 1 as normalize would leave it.
  spool::RecordSegment Segment(uint32_t file, const std::vector<TestRow>& rows) {
    std::vector<Record> records;
    RowDigester digester("s");
    for (const TestRow& row : rows) {
      Record r;
      r.record_id = RecordId("s", row.key);
      r.source_key = row.key;
      r.place.line = records.size() + 2;
      r[Field::kLastName] = row.value;
      r[Field::kUpdatedAt] = row.updated_at;
      PayloadWriter w(&r.payload);
      w.Text(row.key), w.Text(row.value), w.Text(row.updated_at);
      w.Finish();
      r.row_sha256 = digester.Row(row.key, r.payload);
      records.push_back(std::move(r));
    }
    std::stable_sort(records.begin(), records.end(),
                     [](const Record& a, const Record& b) { return a.record_id < b.record_id; });
    spool::RecordSegment segment{folder_ + "/seg-" + std::to_string(next_++), file, 1};
    auto writer = *spool::SegmentWriter::Create(segment.path);
    for (uint32_t p = 0; p < kPartitions; ++p) {
      std::string block;
      uint64_t n = 0;
      for (const Record& r : records)
        if (partitioner_.Of(r.record_id) == p) spool::AppendRecord(r, &block), ++n;
      EXPECT_TRUE(writer->AddBlock(p, block, n).ok());
    }
    EXPECT_TRUE(writer->Finish().ok());
    return segment;
  }

  Counts Load(std::vector<spool::RecordSegment> segments, std::set<uint32_t> snapshots = {}) {
    EXPECT_TRUE(db_->Begin().ok());
    auto source = ledger::SourceId(db_.get(), "s");
    auto import = ledger::BeginImport(db_.get(), {});
    EXPECT_TRUE(db_->Commit().ok());
    return LoadAs(*import, std::move(segments), std::move(snapshots));
  }

  Counts LoadAs(int64_t import, std::vector<spool::RecordSegment> segments, std::set<uint32_t> snapshots = {}) {
    Options o;
    o.db = db_.get();
    o.import_id = import;
    o.scratch = folder_;
    o.segments = std::move(segments);
    for (const auto& s : o.segments) o.files[s.file] = {1, ","};
    o.partitioner = partitioner_;
    o.full_snapshots = std::move(snapshots);
    o.same_rules = same_rules_;
    auto counts = LoadRecords(o);
    EXPECT_TRUE(counts.ok()) << counts.status().message();
    return counts.ok() ? (*counts)[1] : Counts{};
  }

  std::string Query(const std::string& sql) { return *db_->QueryText(sql); }

  static constexpr uint32_t kPartitions = 4;
  Partitioner partitioner_{Partitioner::Kind::kRange, kPartitions};
  std::string folder_;
  std::unique_ptr<store::Connection> db_;
  int next_ = 0;
  std::set<int64_t> same_rules_;
};

TEST_F(LoadTest, LoadingTheSameRowsAgainChangesNothing) {
  std::vector<TestRow> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back({std::to_string(i), "v"});
  Counts first = Load({Segment(0, rows)});
  EXPECT_EQ(first.inserted, 3000u);
  std::string before = Query("SELECT group_concat(digest) FROM bucket");
  Counts again = Load({Segment(0, rows)});
  EXPECT_EQ(again.unchanged, 3000u);
  EXPECT_EQ(again.inserted + again.updated + again.superseded + again.duplicates, 0u);
  EXPECT_EQ(Query("SELECT group_concat(digest) FROM bucket"), before);
  EXPECT_EQ(first.seen, again.seen);
}

// Whether a row is told by its hash or by all of its columns, and found by a stretch of keys or one by one, is not
// seen.
TEST_F(LoadTest, WhatIsThereAsItComesIsToldByItsHashIfItsImportHadTheSameRules) {
  std::vector<TestRow> rows, some;
  for (int i = 0; i < 20000; ++i) rows.push_back({std::to_string(i), "v", "2020-01-01"});
  Load({Segment(0, rows)});
  for (int i = 0; i < 20000; i += 7) rows[static_cast<size_t>(i)].value = "changed";
  for (int i = 0; i < 20000; i += 13) rows[static_cast<size_t>(i)].updated_at = "2019-01-01";
  for (int i = 0; i < 20000; i += 997) some.push_back(rows[static_cast<size_t>(i)]);
  some.push_back(some.front());
  some.push_back({"new", "v"});
  same_rules_ = {1, 2};
  const Counts sparse = Load({Segment(0, some)});  // a few of many: one by one
  EXPECT_EQ(sparse.inserted, 1u);
  EXPECT_EQ(sparse.duplicates, 1u);
  const Counts dense = Load({Segment(0, rows)}, {1});
  EXPECT_EQ(dense.seen.count, 20000u);
  EXPECT_EQ(dense.gone, 1u);
  const std::string with = Query("SELECT group_concat(digest) FROM source_digest"),
                    history = Query("SELECT count(*) || ' ' || sum(seq) FROM record_history");
  db_.reset();
  std::filesystem::remove(folder_ + "/t.db");
  SetUpTarget();
  same_rules_.clear();
  for (int i = 0; i < 20000; ++i) rows[static_cast<size_t>(i)] = {std::to_string(i), "v", "2020-01-01"};
  Load({Segment(0, rows)});
  for (int i = 0; i < 20000; i += 7) rows[static_cast<size_t>(i)].value = "changed";
  for (int i = 0; i < 20000; i += 13) rows[static_cast<size_t>(i)].updated_at = "2019-01-01";
  const Counts plain = Load({Segment(0, some)});
  const Counts all = Load({Segment(0, rows)}, {1});
  EXPECT_EQ(plain.updated, sparse.updated);
  EXPECT_EQ(plain.unchanged, sparse.unchanged);
  EXPECT_EQ(all.updated, dense.updated);
  EXPECT_EQ(all.unchanged, dense.unchanged);
  EXPECT_EQ(all.superseded, dense.superseded);
  EXPECT_EQ(all.gone, dense.gone);
  EXPECT_EQ(Query("SELECT group_concat(digest) FROM source_digest"), with);
  EXPECT_EQ(Query("SELECT count(*) || ' ' || sum(seq) FROM record_history"), history);
}

TEST_F(LoadTest, ALoadThatIsDoneIsNotDoneTwice) {
  auto segment = Segment(0, {{"a", "1"}, {"b", "2"}});
  Counts first = Load({segment});
  Counts resumed = LoadAs(1, {segment});
  EXPECT_EQ(resumed.inserted, first.inserted);
  EXPECT_EQ(Query("SELECT count(*) FROM record"), "2");
}

TEST_F(LoadTest, AChangedRowLeavesItsOldImageInHistory) {
  Load({Segment(0, {{"a", "old"}})});
  Counts c = Load({Segment(0, {{"a", "new"}})});
  EXPECT_EQ(c.updated, 1u);
  EXPECT_EQ(Query("SELECT last_name || import_id FROM record"), "new2");
  EXPECT_EQ(Query("SELECT last_name || import_id || ended_import FROM record_history"), "old12");
}

TEST_F(LoadTest, AnOlderRowGoesStraightIntoHistoryAndOnlyOnce) {
  Load({Segment(0, {{"a", "new", "2024-01-01"}})});
  EXPECT_EQ(Load({Segment(0, {{"a", "old", "2020-01-01"}})}).superseded, 1u);
  EXPECT_EQ(Query("SELECT last_name FROM record"), "new");
  EXPECT_EQ(Load({Segment(0, {{"a", "old", "2020-01-01"}})}).unchanged, 1u);
  EXPECT_EQ(Query("SELECT count(*) FROM record_history"), "1");
}

TEST_F(LoadTest, WithinAFileTheGreatestIsKeptAndTheOthersAreQuarantined) {
  Counts c = Load({Segment(0, {{"a", "1", "2020"}, {"a", "2", "2022"}, {"a", "3", "2021"}, {"b", "x"}})});
  EXPECT_EQ(c.inserted, 2u);
  EXPECT_EQ(c.duplicates, 2u);
  EXPECT_EQ(c.seen.count, 4u);
  EXPECT_EQ(Query("SELECT last_name FROM record WHERE source_key = 'a'"), "2");
  EXPECT_EQ(
      Query("SELECT group_concat(CAST(raw AS TEXT) || '@' || line, ' ') FROM (SELECT * FROM quarantine ORDER BY line)"),
      "a,1,2020@2 a,3,2021@4");
  EXPECT_EQ(Query("SELECT DISTINCT reason FROM quarantine"), "duplicate_key");
}

TEST_F(LoadTest, AcrossFilesTheGreatestIsCurrentAndTheOthersAreHistory) {
  Counts c = Load({Segment(0, {{"a", "old", "2020"}}), Segment(1, {{"a", "new", "2021"}})});
  EXPECT_EQ(c.inserted, 1u);
  EXPECT_EQ(c.superseded, 1u);
  EXPECT_EQ(Query("SELECT last_name FROM record"), "new");
  EXPECT_EQ(Query("SELECT last_name FROM record_history"), "old");
}

TEST_F(LoadTest, ASnapshotMarksWhatItNoLongerHoldsAndClearsTheMarkWhenItComesBack) {
  Load({Segment(0, {{"a", "1"}, {"b", "2"}})}, {1});
  EXPECT_EQ(Load({Segment(0, {{"a", "1"}})}, {1}).gone, 1u);
  EXPECT_EQ(Query("SELECT source_key || gone_import FROM record WHERE gone_import IS NOT NULL"), "b2");
  EXPECT_EQ(Load({Segment(0, {{"a", "1"}})}, {}).gone, 0u);
  EXPECT_EQ(Load({Segment(0, {{"a", "1"}, {"b", "2"}})}, {1}).updated, 1u);
  EXPECT_EQ(Query("SELECT count(*) FROM record WHERE gone_import IS NOT NULL"), "0");
}

TEST_F(LoadTest, BatchesDoNotTearImagesOfOneKeyApart) {
  std::vector<TestRow> rows;
  for (int i = 0; i < 5000; ++i) rows.push_back({"same", std::to_string(i), std::to_string(10000 + i)});
  Counts c = Load({Segment(0, rows)});
  EXPECT_EQ(c.inserted, 1u);
  EXPECT_EQ(c.duplicates, 4999u);
  EXPECT_EQ(Query("SELECT last_name FROM record"), "4999");
}

}  // namespace
}  // namespace migrate::load
