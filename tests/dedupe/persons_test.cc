#include "migrate/dedupe/persons.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <random>
#include <set>

#include "../base/rounds.h"
#include "migrate/base/file.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"
#include "migrate/record/keys.h"

namespace migrate::dedupe {
namespace {

using store::Connection;

// Forwards everything; the nth commit from now on fails, before or after it took place.
class FaultyConnection : public Connection {
 public:
  explicit FaultyConnection(Connection* db) : db_(db) {}
  void FailCommit(int nth, bool takes_place) {
    left_ = nth;
    takes_place_ = takes_place;
  }
  int commits() const { return commits_; }

  store::Dialect dialect() const override { return db_->dialect(); }
  Result<std::unique_ptr<store::Statement>> Prepare(const std::string& sql) override { return db_->Prepare(sql); }
  Result<std::unique_ptr<store::Statement>> Scan(const std::string& sql) override { return db_->Scan(sql); }
  Result<std::unique_ptr<store::RowWriter>> Rows(const std::string& table, const std::vector<std::string>& columns,
                                                 store::OnExisting on_existing, int partition) override {
    return db_->Rows(table, columns, on_existing, partition);
  }
  Status Execute(const std::string& sql) override { return db_->Execute(sql); }
  Status Begin() override { return db_->Begin(); }
  Status BeginRead() override { return db_->BeginRead(); }
  Status Commit() override {
    ++commits_;
    if (--left_ != 0) return db_->Commit();
    if (takes_place_) {
      MIGRATE_TRY(db_->Commit());
    } else {
      db_->Rollback();
    }
    return Status::Failed("the server went away").MayPass();
  }
  void Rollback() override { db_->Rollback(); }
  const std::string& name() const override { return db_->name(); }

 private:
  Connection* db_;
  int left_ = 0, commits_ = 0;
  bool takes_place_ = false;
};

struct TestRecord {
  uint64_t id = 0;
  int cluster = 0;  // records with the same one are one person
  std::string last_name, email, phone;
  float confidence = 1;
  std::vector<std::string> more_emails = {};
};

// Tables that hold persons, and what says how far they are.
constexpr const char* kTables[] = {"person",       "person_history", "person_record", "person_identifier",
                                   "person_alias", "setting",        "checkpoint",    "bucket"};

struct Shape {
  uint32_t partitions = 1;
  uint64_t chunk_rows = 1u << 18;
  unsigned workers = 1;
};

// A target of its own, to which imports are applied one after the other.
class World {
 public:
  explicit World(Shape shape = {}) : shape_(shape) {
    // Hundreds of small databases are written and synced: in memory where there is a place for it.
    std::string name = std::string(::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp") + "/migrate_persons_XXXXXX";
    folder_ = ::mkdtemp(name.data());
    sqlite_ = *store::OpenSqlite(folder_ + "/t.db", store::OpenMode::kCreate);
    db_ = std::make_unique<FaultyConnection>(sqlite_.get());
    EXPECT_TRUE(ledger::ApplySchema(db_.get()).ok());
    EXPECT_TRUE(MakeFolders(scratch()).ok());
  }
  ~World() {
    db_.reset();
    sqlite_.reset();
    std::filesystem::remove_all(folder_);
  }

  std::string scratch() const { return folder_ + "/work"; }
  FaultyConnection* db() { return db_.get(); }

  void BeginImport(std::vector<TestRecord> records) {
    EXPECT_TRUE(db_->Begin().ok());
    import_ = *ledger::BeginImport(db_.get(), {});
    EXPECT_TRUE(db_->Commit().ok());
    PutRecords(std::move(records));
  }

  // In place of those that are there, under the import at hand.
  void PutRecords(std::vector<TestRecord> records) {
    EXPECT_TRUE(db_->Begin().ok());
    std::sort(records.begin(), records.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    const ledger::Table& t = ledger::RecordTable();
    EXPECT_TRUE(db_->Execute("DELETE FROM record").ok());
    auto rows = *db_->Rows(t.name, t.columns, store::OnExisting::kError, -1);
    for (const auto& r : records) {
      ledger::StoredRecord s;
      s.import_id = import_;
      s.record.record_id = r.id;
      s.record.source = 1;
      s.record.source_key = std::to_string(r.id);
      s.record[Field::kLastName] = r.last_name;
      s.record[Field::kEmail] = r.email;
      s.record[Field::kPhone] = r.phone;
      s.record.more_emails = r.more_emails;
      const std::string more = ledger::MoreJson(s.record);
      ledger::BindRecord(s, more, "", 1, 2, rows.get());
      EXPECT_TRUE(rows->Add().ok());
    }
    EXPECT_TRUE(db_->Commit().ok());
    records_ = std::move(records);
  }

  PersonOptions Options() {
    PersonOptions o;
    o.db = db_.get();
    o.import_id = import_;
    o.identity = identity;
    o.buckets = {55, shape_.partitions};
    o.scratch = scratch();
    o.chunk_rows = shape_.chunk_rows;
    o.workers = shape_.workers;
    o.connect = [this] { return store::OpenSqlite(folder_ + "/t.db", store::OpenMode::kReadWrite); };
    o.cancel = cancel;
    return o;
  }

  Status Decide() {
    std::vector<uint64_t> ids;
    std::vector<uint32_t> cluster;
    std::vector<float> confidence;
    std::map<int, uint32_t> lowest;
    for (const auto& r : records_) {
      const auto i = static_cast<uint32_t>(ids.size());
      ids.push_back(r.id);
      cluster.push_back(lowest.try_emplace(r.cluster, i).first->second);
      confidence.push_back(r.confidence);
    }
    return DecidePersons(Options(), {ids, cluster, confidence});
  }

  // What the stage does: decides only if that was not done.
  Result<PersonCounts> Go() {
    MIGRATE_ASSIGN(bool decided, PersonsDecided(Options()));
    if (!decided) MIGRATE_TRY(Decide());
    return ApplyPersons(Options());
  }

  PersonCounts Import(std::vector<TestRecord> records) {
    BeginImport(std::move(records));
    auto counts = Go();
    EXPECT_TRUE(counts.ok()) << counts.status().message();
    CheckAll();
    return counts.ok() ? *counts : PersonCounts{};
  }

  // Every row of a query, columns joined by '|'.
  std::vector<std::string> Rows(const std::string& sql) {
    std::vector<std::string> out;
    auto q = *sqlite_->Prepare(sql);
    while (*q->Step()) {
      std::string row;
      for (int c = 0; c < q->Columns(); ++c) row += (c == 0 ? "" : "|") + (q->IsNull(c) ? "NULL" : Shown(*q, c));
      out.push_back(std::move(row));
    }
    return out;
  }
  std::map<std::string, std::vector<std::string>> Tables() {
    std::map<std::string, std::vector<std::string>> out;
    for (const char* t : kTables) {
      std::string order;
      for (int c = 1; c <= (std::string(t) == "bucket" ? 2 : 3) && std::string(t) != "setting"; ++c)
        order += (c == 1 ? " ORDER BY " : ", ") + std::to_string(c);
      out[t] = Rows(std::string("SELECT * FROM ") + t + order);
    }
    return out;
  }

  // What must hold after every import.
  void CheckAll() {
    for (const ledger::Table* t : {&ledger::PersonTable(), &ledger::PersonHistoryTable(), &ledger::PersonRecordTable(),
                                   &ledger::PersonIdentifierTable(), &ledger::PersonAliasTable()})
      CheckBuckets(*t);
    std::map<int, std::string> person_of;
    std::set<std::string> identifiers, expected;
    std::map<uint64_t, std::string> links;
    for (const auto& row : Rows("SELECT record_id, person_id FROM person_record"))
      links[std::stoull(row)] = row.substr(row.find('|') + 1);
    ASSERT_EQ(links.size(), records_.size());
    for (const auto& r : records_) {
      const std::string& person = links[r.id];
      EXPECT_EQ(person_of.try_emplace(r.cluster, person).first->second, person) << "record " << r.id;
      for (const auto& email : r.more_emails) expected.insert("email|" + person + "|" + email);
      if (!r.email.empty()) expected.insert("email|" + person + "|" + r.email);
      if (!r.phone.empty()) expected.insert("phone|" + person + "|" + std::string(PhoneNumber(r.phone)));
    }
    std::set<std::string> distinct;
    for (const auto& [cluster, person] : person_of) distinct.insert(person);
    EXPECT_EQ(distinct.size(), person_of.size()) << "two clusters share a person";
    for (const auto& row : Rows("SELECT kind, person_id, value FROM person_identifier")) identifiers.insert(row);
    EXPECT_EQ(identifiers, expected);
    EXPECT_EQ(Rows("SELECT person_id, record_count FROM person ORDER BY 1"),
              Rows("SELECT person_id, count(*) FROM person_record GROUP BY 1 ORDER BY 1"));
    EXPECT_EQ(Rows("SELECT count(*) FROM checkpoint WHERE stage LIKE 'apply%'"), std::vector<std::string>{"0"});
    EXPECT_FALSE(PathExists(scratch() + "/persons"));
  }

  std::string identity = "plan";
  const Cancel* cancel = nullptr;

 private:
  static std::string Shown(const store::Statement& q, int c) {
    switch (q.ColumnType(c)) {
      case store::Statement::Type::kInteger:
        return std::to_string(q.Integer(c));
      case store::Statement::Type::kReal:
        return std::to_string(q.Real(c));
      default:
        return std::string(q.Text(c));
    }
  }

  // The buckets as they would be made of what is stored.
  void CheckBuckets(const ledger::Table& t) {
    const ledger::Bucketing buckets = Options().buckets;
    std::map<uint64_t, MultisetDigest> digests;
    std::map<uint64_t, std::vector<ledger::NamedRow>> rows;
    ledger::RowHasher hasher;
    auto q = *sqlite_->Prepare(ledger::SelectSql(t));
    while (*q->Step()) {
      const auto key = static_cast<uint64_t>(q->Integer(0));
      const Sha256 hash = ledger::HashStoredRow(&hasher, *q, static_cast<int>(t.columns.size()));
      digests[buckets.Of(t, key)].Add(hash);
      rows[buckets.Of(t, key)].push_back({key, ledger::Hash4(hash)});
    }
    auto stored = *sqlite_->Prepare("SELECT bucket, digest, `rows` FROM bucket WHERE table_name = ?");
    stored->BindText(1, t.name);
    while (*stored->Step()) {
      const auto bucket = static_cast<uint64_t>(stored->Integer(0));
      std::sort(rows[bucket].begin(), rows[bucket].end());
      EXPECT_EQ(stored->Text(1), digests[bucket].Text()) << t.name << " " << bucket;
      EXPECT_EQ(ledger::DecodeBucketRows(stored->Text(2)), rows[bucket]) << t.name << " " << bucket;
      digests.erase(bucket);
    }
    EXPECT_TRUE(digests.empty()) << t.name << ": rows in no bucket";
  }

  Shape shape_;
  std::string folder_;
  std::unique_ptr<Connection> sqlite_;
  std::unique_ptr<FaultyConnection> db_;
  int64_t import_ = 0;
  std::vector<TestRecord> records_;
};

using Lines = std::vector<std::string>;

TEST(PersonsTest, TheFirstImportGivesIdsInTheOrderOfLowestRecords) {
  World w;
  PersonCounts counts = w.Import({{30, 1, "Roe", "r@x.org", ""},
                                  {10, 2, "Doe", "d@x.org", "+12065550100;ext=7", 0.987654321F, {"e@x.org"}},
                                  {20, 2, "Do", "d@x.org", "", 0.96F}});
  EXPECT_EQ(counts.total, 2u);
  EXPECT_EQ(counts.created, 2u);
  EXPECT_EQ(counts.changed, 0u);
  EXPECT_EQ(w.Rows("SELECT record_id, person_id, import_id, confidence FROM person_record ORDER BY 1"),
            (Lines{"10|1|1|0.987654", "20|1|1|0.960000", "30|2|1|1.000000"}));
  EXPECT_EQ(w.Rows("SELECT person_id, import_id, record_count, confidence FROM person ORDER BY 1"),
            (Lines{"1|1|2|0.960000", "2|1|1|1.000000"}));
  EXPECT_EQ(w.Rows("SELECT person_id, kind, value FROM person_identifier ORDER BY 1, 2, 3"),
            (Lines{"1|email|d@x.org", "1|email|e@x.org", "1|phone|+12065550100", "2|email|r@x.org"}));
  EXPECT_EQ(w.Rows("SELECT value FROM setting WHERE name = 'next_person_id'"), Lines{"3"});
  EXPECT_EQ(PersonCountsFrom(w.Rows("SELECT value FROM checkpoint WHERE stage = 'dedupe'")[0]).sizes,
            (std::map<uint64_t, uint64_t>{{1, 1}, {2, 1}}));
  EXPECT_TRUE(w.Rows("SELECT * FROM person_history").empty());
}

TEST(PersonsTest, OnlyWhatChangedIsWrittenAndItsOldImageKept) {
  World w;
  w.Import({{1, 1, "A", "a@x.org", ""}, {2, 1, "A", "", ""}, {3, 3, "C", "c@x.org", ""}});
  PersonCounts counts = w.Import({{1, 1, "A", "new@x.org", ""}, {2, 1, "A", "", ""}, {3, 3, "C", "c@x.org", ""}});
  EXPECT_EQ(counts.changed, 1u);
  EXPECT_EQ(counts.created, 0u);
  EXPECT_EQ(w.Rows("SELECT person_id, import_id, email FROM person ORDER BY 1"),
            (Lines{"1|2|new@x.org", "2|1|c@x.org"}));
  EXPECT_EQ(w.Rows("SELECT person_id, ended_import, import_id, email, members FROM person_history"),
            (Lines{"1|2|1|a@x.org|[1,2]"}));
  EXPECT_EQ(w.Rows("SELECT import_id FROM person_record"), (Lines{"1", "1", "1"}));
}

TEST(PersonsTest, MergedAndSplitPersonsLeaveAliases) {
  World w;
  w.Import({{1, 1, "A", "a@x.org", ""}, {2, 1, "B", "", ""}, {3, 3, "C", "c@x.org", ""}, {4, 1, "B", "", ""}});
  // Person 2 goes into 1, and record 2 leaves it.
  PersonCounts counts =
      w.Import({{1, 1, "A", "a@x.org", ""}, {2, 2, "B", "", ""}, {3, 1, "C", "c@x.org", ""}, {4, 1, "B", "", ""}});
  EXPECT_EQ(counts.merged, 1u);
  EXPECT_EQ(counts.split, 1u);
  EXPECT_EQ(counts.created, 1u);
  EXPECT_EQ(w.Rows("SELECT record_id, person_id, import_id FROM person_record ORDER BY 1"),
            (Lines{"1|1|1", "2|3|2", "3|1|2", "4|1|1"}));
  EXPECT_EQ(w.Rows("SELECT alias_id, person_id, kind, import_id FROM person_alias ORDER BY 1"),
            (Lines{"1|3|split_from|2", "2|1|merged_into|2"}));
  EXPECT_EQ(w.Rows("SELECT person_id, members FROM person_history ORDER BY 1"), (Lines{"1|[1,2,4]", "2|[3]"}));
}

TEST(PersonsTest, ARerunOfTheSameImportMakesNoHistory) {
  World w;
  w.Import({{1, 1, "A", "", ""}, {2, 2, "B", "", ""}});
  w.Import({{1, 1, "A", "", ""}, {2, 1, "B", "", ""}});
  const Lines history = w.Rows("SELECT * FROM person_history ORDER BY 1, 2");
  // The same import decides again, otherwise: its own images do not become history.
  w.PutRecords({{1, 1, "A2", "", ""}, {2, 1, "B", "", ""}});
  EXPECT_TRUE(ForgetPersons(w.scratch()).ok());
  ASSERT_TRUE(w.Decide().ok());
  auto again = ApplyPersons(w.Options());
  ASSERT_TRUE(again.ok()) << again.status().message();
  EXPECT_EQ(again->changed, 1u);
  EXPECT_EQ(again->created, 0u);
  EXPECT_EQ(w.Rows("SELECT * FROM person_history ORDER BY 1, 2"), history);
  w.CheckAll();
}

// Imports of random records in random clusters; each holds those of the one before, changed, and more.
std::vector<std::vector<TestRecord>> GrowingImports(uint32_t seed, int records, int imports) {
  std::mt19937 rng(seed);
  auto pick = [&](int n) { return static_cast<int>(rng() % static_cast<unsigned>(n)); };
  std::set<uint64_t> ids;
  while (ids.size() < static_cast<size_t>(records)) {
    const uint64_t high = rng();
    ids.insert(high << 31 ^ rng());
  }
  std::vector<TestRecord> all;
  for (uint64_t id : ids) all.push_back({id, pick(records / 2), "N", "", ""});
  std::shuffle(all.begin(), all.end(), rng);
  std::vector<std::vector<TestRecord>> out;
  for (int i = 1; i <= imports; ++i) {
    for (TestRecord& r : all) {
      if (pick(3) == 0) r.cluster = pick(records / 2);
      if (pick(3) == 0) r.last_name = std::string(1, static_cast<char>('A' + pick(5)));
      if (pick(3) == 0) r.email = pick(2) == 0 ? "" : "e" + std::to_string(pick(9)) + "@x.org";
      if (pick(4) == 0) r.phone = "+1206555010" + std::to_string(pick(10));
      if (pick(4) == 0) r.confidence = static_cast<float>(pick(1000)) / 1000;
    }
    out.emplace_back(all.begin(), all.begin() + records * i / imports);
  }
  return out;
}

void ExpectSameTables(World* a, World* b, bool buckets = true) {
  auto x = a->Tables(), y = b->Tables();
  for (const char* t : kTables) {
    if (!buckets && std::string(t) == "bucket") continue;
    EXPECT_EQ(x[t], y[t]) << t;
  }
}

TEST(PersonsTest, ChunksAndPartitionsChangeNothing) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    const auto imports = GrowingImports(seed, 60, 5);
    World whole, small({1, 3}), parts({4, 1000}), both({4, 3});
    for (const auto& records : imports) {
      whole.Import(records);
      for (World* w : {&small, &parts, &both}) w->Import(records);
      ExpectSameTables(&small, &whole);
      ExpectSameTables(&both, &parts);
      ExpectSameTables(&parts, &whole, false);
    }
    EXPECT_FALSE(whole.Rows("SELECT * FROM person_history").empty());
    EXPECT_FALSE(whole.Rows("SELECT * FROM person_alias").empty());
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// SQLite lets one worker write at a time; the others wait, so few chunks.
TEST(PersonsTest, WorkersChangeNothing) {
  World one({4, 20}), three({4, 20, 3});
  for (const auto& records : GrowingImports(7, 40, 2)) {
    one.Import(records);
    three.Import(records);
    ExpectSameTables(&three, &one);
  }
}

TEST(PersonsTest, HistoryHoldsThePersonAsItWas) {
  for (uint32_t seed = 11; seed <= 14; ++seed) {
    World w({2, 5});
    std::map<std::string, std::string> image, members;
    for (const auto& records : GrowingImports(seed, 50, 5)) {
      w.Import(records);
      const std::string last = w.Rows("SELECT max(import_id) FROM import")[0];
      for (const auto& row :
           w.Rows("SELECT person_id, import_id, confidence, last_name, email, phone_e164, members FROM person_history "
                  "WHERE ended_import = " +
                  last)) {
        const std::string id = row.substr(0, row.find('|'));
        EXPECT_EQ(row, image[id] + "|" + members[id]);
      }
      std::map<std::string, std::string> now;
      for (const auto& row :
           w.Rows("SELECT person_id, import_id, confidence, last_name, email, phone_e164 FROM person"))
        now[row.substr(0, row.find('|'))] = row;
      for (const auto& [id, row] : image) {
        if (now[id] == row) continue;
        const std::string of = " WHERE person_id = " + id + " AND ended_import = " + last;
        EXPECT_EQ(w.Rows("SELECT count(*) FROM person_history" + of), Lines{"1"});
      }
      image = std::move(now);
      members.clear();
      for (const auto& row : w.Rows("SELECT person_id, record_id FROM person_record ORDER BY record_id")) {
        std::string& m = members[row.substr(0, row.find('|'))];
        m += (m.empty() ? "[" : ",") + row.substr(row.find('|') + 1);
      }
      for (auto& [id, m] : members) m += "]";
    }
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

// A run that dies at the nth commit of the last import, before or after it took place, and is run again.
void DieAtEveryCommit(Shape shape, uint32_t seed) {
  const auto imports = GrowingImports(seed, 40, 3);
  World whole(shape);
  for (const auto& records : imports) whole.Import(records);
  bool died = true;
  int points = 0;
  for (int nth = 1; died; nth += Rounds(1, 8)) {
    for (bool takes_place : {false, true}) {
      World w(shape);
      for (size_t i = 0; i + 1 < imports.size(); ++i) w.Import(imports[i]);
      w.BeginImport(imports.back());
      w.db()->FailCommit(nth, takes_place);
      auto first = w.Go();
      died = !first.ok();
      if (died) {
        ++points;
        EXPECT_TRUE(first.status().may_pass()) << first.status().message();
        // The last commit may have taken place; then the stage is done, which its checkpoint says.
        if (w.Rows("SELECT 1 FROM checkpoint WHERE stage = 'dedupe' AND import_id = 3").empty()) {
          EXPECT_TRUE(*PersonsDecided(w.Options())) << "decided again at commit " << nth;
          auto second = w.Go();
          ASSERT_TRUE(second.ok()) << second.status().message();
        } else {
          EXPECT_FALSE(*PersonsDecided(w.Options())) << "what was applied would be applied again";
          EXPECT_TRUE(ForgetPersons(w.scratch()).ok());
        }
      }
      w.CheckAll();
      ExpectSameTables(&w, &whole);
      if (testing::Test::HasFailure()) FAIL() << "commit " << nth << ", took place: " << takes_place;
    }
  }
  EXPECT_GT(points, Rounds(40, 5));
}

TEST(PersonsTest, ARunThatDiesAtAnyCommitResumes) { DieAtEveryCommit({1, 3}, 21); }
TEST(PersonsTest, ARunThatDiesAtAnyCommitResumesWithPartitions) { DieAtEveryCommit({4, 3}, 22); }

TEST(PersonsTest, ACancelStopsBetweenChunks) {
  World w({1, 3});
  Cancel cancel;
  w.cancel = &cancel;
  w.BeginImport(GrowingImports(31, 40, 1)[0]);
  ASSERT_TRUE(w.Decide().ok());
  cancel.Request();
  auto stopped = ApplyPersons(w.Options());
  ASSERT_FALSE(stopped.ok());
  EXPECT_EQ(stopped.status().kind(), ErrorKind::kCancelled);
  w.cancel = nullptr;
  ASSERT_TRUE(w.Go().ok());
  w.CheckAll();
}

TEST(PersonsTest, EachTableIsAStepThatCountsToItsRowsAndGoesOnWhereItStopped) {
  World w({4, 3});
  Cancel cancel;
  w.cancel = &cancel;
  w.BeginImport(GrowingImports(31, 40, 1)[0]);
  ASSERT_TRUE(w.Decide().ok());
  std::vector<std::string> steps;
  std::vector<std::pair<uint64_t, uint64_t>> rows;  // done and in all, of each step
  PersonOptions o = w.Options();
  uint64_t first = 0;  // of the first step, of an earlier attempt
  o.step = [&](std::string_view step, uint64_t n, uint64_t before) {
    if (steps.empty()) first = before;
    steps.emplace_back(step);
    rows.emplace_back(before, n);
  };
  o.progress = [&](uint64_t n) {
    rows.back().first = n;
    if (n >= 7) cancel.Request();
  };
  ASSERT_FALSE(ApplyPersons(o).ok());
  EXPECT_EQ(steps, std::vector<std::string>{"writing person"});
  const uint64_t at = rows[0].first, all = rows[0].second;
  EXPECT_LT(at, all);
  EXPECT_EQ(first, 0u);
  steps.clear();
  rows.clear();
  o.cancel = nullptr;
  o.progress = [&](uint64_t n) { rows.back().first = n; };
  ASSERT_TRUE(ApplyPersons(o).ok());
  EXPECT_EQ(steps, (std::vector<std::string>{"writing person", "writing person_record", "writing person_identifier"}));
  EXPECT_EQ(rows[0].second, all);
  EXPECT_GE(first, 3u);  // a chunk at least was committed
  for (const auto& [done, in_all] : rows) EXPECT_EQ(done, in_all);
  EXPECT_EQ(rows[1].second, 40u);
}

TEST(PersonsTest, ADecisionHoldsOnlyForWhatItWasMadeFor) {
  World w;
  w.Import({{1, 1, "A", "", ""}});
  w.BeginImport({{1, 1, "A", "", ""}, {2, 2, "B", "", ""}});
  EXPECT_FALSE(*PersonsDecided(w.Options()));
  ASSERT_TRUE(w.Decide().ok());
  EXPECT_TRUE(*PersonsDecided(w.Options()));
  w.identity = "another plan";
  EXPECT_FALSE(*PersonsDecided(w.Options()));
  EXPECT_FALSE(ApplyPersons(w.Options()).ok());
  w.identity = "plan";
  PersonOptions older = w.Options();
  older.import_id = 1;
  EXPECT_FALSE(*PersonsDecided(older));
  const std::string list = w.scratch() + "/persons/person_record.seg";
  std::filesystem::rename(list, list + ".gone");
  EXPECT_FALSE(*PersonsDecided(w.Options()));
  std::filesystem::rename(list + ".gone", list);
  EXPECT_TRUE(*PersonsDecided(w.Options()));
  // Another import has begun, and may have changed anything.
  ASSERT_TRUE(ledger::BeginImport(w.db(), {}).ok());
  EXPECT_FALSE(*PersonsDecided(w.Options()));
}

TEST(PersonsTest, ADamagedListIsNoDecision) {
  const auto imports = GrowingImports(51, 40, 2);
  for (const char* name : {"person_alias", "person", "members", "person_record", "person_identifier"}) {
    World w({4, 3});
    w.Import(imports[0]);
    w.BeginImport(imports[1]);
    ASSERT_TRUE(w.Decide().ok());
    const std::string list = w.scratch() + "/persons/" + name + ".seg";
    std::string bytes = *ReadWholeFile(list);
    bytes[9] = static_cast<char>(bytes[9] ^ 1);  // behind the magic, in the first block
    ASSERT_TRUE(WriteFileAtomic(list, bytes).ok());
    auto applied = ApplyPersons(w.Options());
    ASSERT_FALSE(applied.ok()) << name;
    EXPECT_NE(applied.status().message().find(list), std::string::npos) << applied.status().message();
    EXPECT_EQ(applied.status().hint(), "run the same command again: the persons are decided anew");
    ASSERT_TRUE(w.Go().ok());
    w.CheckAll();
  }
}

// Whatever an abandoned decision wrote, the next one makes of it what its records say.
TEST(PersonsTest, AnotherImportTakesOverWhatWasHalfWritten) {
  for (int nth = 1; nth < 60; nth += 3) {
    World w({4, 3});
    const auto imports = GrowingImports(41, 40, 4);
    for (int i = 0; i < 2; ++i) w.Import(imports[static_cast<size_t>(i)]);
    w.BeginImport(imports[2]);
    w.db()->FailCommit(nth, false);
    const bool died = !w.Go().ok();
    w.db()->FailCommit(0, false);
    if (nth % 2 == 0) {
      w.Import(imports[3]);
    } else {
      // The same import without its work folder decides anew.
      EXPECT_TRUE(ForgetPersons(w.scratch()).ok());
      auto again = w.Go();
      ASSERT_TRUE(again.ok()) << again.status().message();
      w.CheckAll();
    }
    EXPECT_TRUE(w.Rows("SELECT p.person_id FROM person p JOIN person_history h USING (person_id) "
                       "WHERE h.ended_import = p.import_id AND h.import_id = p.import_id")
                    .empty());
    if (HasFailure() || !died) break;
  }
}

}  // namespace
}  // namespace migrate::dedupe
