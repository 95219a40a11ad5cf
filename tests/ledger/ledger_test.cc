#include "migrate/ledger/ledger.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <random>

#include "migrate/ledger/buckets.h"
#include "migrate/ledger/schema.h"

namespace migrate::ledger {
namespace {

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/migrate_ledger_XXXXXX";
    folder_ = ::mkdtemp(name);
    auto db = store::OpenSqlite(folder_ + "/t.db", store::OpenMode::kCreate);
    ASSERT_TRUE(db.ok()) << db.status().message();
    db_ = *std::move(db);
    ASSERT_TRUE(ApplySchema(db_.get()).ok());
  }
  void TearDown() override {
    db_.reset();
    std::filesystem::remove_all(folder_);
  }
  std::string folder_;
  std::unique_ptr<store::Connection> db_;
};

TEST_F(LedgerTest, ColumnListsAreTheTables) {
  for (const Table* t : DigestTables()) {
    auto q = db_->Prepare("SELECT name FROM pragma_table_info('" + t->name + "')");
    ASSERT_TRUE(q.ok());
    std::vector<std::string> columns;
    while (*(*q)->Step()) columns.emplace_back((*q)->Text(0));
    EXPECT_EQ(columns, t->columns) << t->name;
  }
}

TEST_F(LedgerTest, ForeignAndNewerDatabasesAreRefused) {
  EXPECT_EQ(*CheckSchema(db_.get()), SchemaState::kCurrent);
  ASSERT_TRUE(db_->Execute("PRAGMA user_version=99").ok());
  EXPECT_EQ(CheckSchema(db_.get()).status().kind(), ErrorKind::kPlan);
  auto other = store::OpenSqlite(folder_ + "/other.db", store::OpenMode::kCreate);
  ASSERT_TRUE((*other)->Execute("CREATE TABLE t (x)").ok());
  EXPECT_EQ(CheckSchema(other->get()).status().message(),
            folder_ + "/other.db: holds tables that this tool did not make; it is not used as a target");
}

TEST_F(LedgerTest, AuditFindsAnEditedARemovedAndAReorderedEvent) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(AppendAudit(db_.get(), "k" + std::to_string(i), "{}").ok());
  EXPECT_EQ(VerifyAudit(db_.get())->first_bad, 0);
  const std::pair<const char*, int64_t> damages[] = {
      {"UPDATE audit_event SET detail = '{ }' WHERE event_id = 3", 3},
      {"DELETE FROM audit_event WHERE event_id = 2", 2},
      {"UPDATE audit_event SET kind = CASE event_id WHEN 1 THEN 'k1' ELSE 'k0' END WHERE event_id < 3", 1}};
  for (const auto& [sql, bad] : damages) {
    ASSERT_TRUE(db_->Begin().ok());
    ASSERT_TRUE(db_->Execute(sql).ok());
    EXPECT_EQ(VerifyAudit(db_.get())->first_bad, bad) << sql;
    db_->Rollback();
  }
  EXPECT_EQ(VerifyAudit(db_.get())->events, 5);
}

TEST_F(LedgerTest, RecordsComeBackAsTheyWereBound) {
  StoredRecord r;
  r.record.record_id = 77;
  r.record.source = 3;
  r.record.source_key = "k";
  r.record.place = {2, 0, 9, 0};
  r.import_id = 4;
  r.schema_id = 5;
  r.record[Field::kPhone] = "+12065550100";
  r.record[Field::kLastName] = "O\"Brien";
  r.record.more_emails = {"a@b.example", "c\\d@e.example"};
  r.record.attributes = {"", "x\ny"};
  r.record.opt_out = 6;
  r.record.flags = kFlagZip;
  r.record.payload = "[\"1\"]";
  r.record.row_sha256 = Sha256Of("x");
  std::vector<Attribute> attributes = {{"a", AttributeType::kText}, {"b", AttributeType::kText}};
  std::string more = MoreJson(r.record), json = AttributesJson(r.record.attributes, attributes);
  EXPECT_EQ(more, R"({"email":["a@b.example","c\\d@e.example"]})");
  auto insert = db_->Prepare(InsertSql(RecordTable()));
  BindRecord(r, more, json, 1, 2, insert->get());
  ASSERT_TRUE((*insert)->Run().ok());
  auto q = db_->Prepare(SelectSql(RecordTable()));
  ASSERT_TRUE(*(*q)->Step());
  StoredRecord back;
  ReadRecord(**q, 0, 1, attributes, &back);
  EXPECT_EQ(back.record.values, r.record.values);
  EXPECT_EQ(back.record.more_emails, r.record.more_emails);
  EXPECT_EQ(back.record.attributes, r.record.attributes);
  EXPECT_EQ(back.record.payload, r.record.payload);
  EXPECT_EQ(back.record.row_sha256, r.record.row_sha256);
  EXPECT_EQ(back.record.place.line, 9u);
  EXPECT_EQ(back.schema_id, 5);
  RowHasher h;
  EXPECT_EQ(HashStoredRow(&h, **q, static_cast<int>(RecordTable().columns.size())), HashRecord(&h, r, more, json));
}

TEST_F(LedgerTest, BucketsFollowAnySequenceOfChanges) {
  std::mt19937_64 rng(4);
  std::map<uint64_t, Sha256> truth;
  BucketKeeper keeper(db_.get(), RecordTable(), Bucketing{});
  for (int round = 0; round < 30; ++round) {
    for (int i = 0; i < 50; ++i) {
      uint64_t key = rng() % 200 << 53;
      if (auto it = truth.find(key); it != truth.end()) {
        keeper.Remove(key, it->second);
        truth.erase(it);
        if (rng() % 2 == 0) continue;
      }
      truth[key] = Sha256Of(std::to_string(rng()));
      keeper.Add(key, truth[key]);
    }
    ASSERT_TRUE(keeper.Flush().ok());
  }
  std::map<uint64_t, MultisetDigest> digests;
  std::vector<NamedRow> named;
  for (const auto& [key, hash] : truth) {
    digests[key >> 57].Add(hash);
    named.push_back({key, Hash4(hash)});
  }
  auto q = db_->Prepare("SELECT bucket, digest, rows FROM bucket ORDER BY bucket");
  std::vector<NamedRow> stored;
  while (*(*q)->Step()) {
    EXPECT_EQ((*q)->Text(1), digests[static_cast<uint64_t>((*q)->Integer(0))].Text());
    for (const auto& r : DecodeBucketRows((*q)->Text(2))) stored.push_back(r);
  }
  EXPECT_EQ(stored, named);
  keeper.Remove(1, Sha256Of("never written"));
  EXPECT_FALSE(keeper.Flush().ok());
}

}  // namespace
}  // namespace migrate::ledger
