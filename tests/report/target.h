// A small target database for the tests of this room: real tables (ledger::ApplySchema), rows put in by hand.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <memory>
#include <string>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/ledger/schema.h"
#include "migrate/ledger/tables.h"
#include "migrate/record/digest.h"
#include "migrate/record/payload.h"
#include "migrate/store/connection.h"

namespace migrate::report {

class TargetTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "report_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    auto db = store::OpenSqlite(folder_ + "/target.db", store::OpenMode::kCreate);
    ASSERT_TRUE(db.ok()) << db.status().message();
    db_ = *std::move(db);
    Check(ledger::ApplySchema(db_.get()));
    Check(ledger::BuildIndexes(db_.get()));
  }
  void TearDown() override {
    db_.reset();
    Check(RemoveTree(folder_));
  }

  static void Check(const Status& s) { ASSERT_TRUE(s.ok()) << s.message(); }
  void Sql(const std::string& sql) { Check(db_->Execute(sql)); }

  void AddSource(int id, const std::string& name) {
    Sql("INSERT INTO source VALUES (" + std::to_string(id) + ", '" + name + "')");
  }
  void AddSchema(int id, int source, const std::string& columns_json) {
    Sql("INSERT INTO source_schema VALUES (" + std::to_string(id) + ", " + std::to_string(source) + ", '" +
        columns_json + "')");
  }
  void AddFile(int import, int file_no, int source, const std::string& path, const std::string& what = "csv",
               const std::string& state = "imported", const std::string& same_as = "") {
    Sql("INSERT INTO import_file (import_id, file_no, source_id, path, what, bytes, sha256, state, same_as) VALUES (" +
        std::to_string(import) + ", " + std::to_string(file_no) + ", " + std::to_string(source) + ", '" + path +
        "', '" + what + "', 10, '', '" + state + "', nullif('" + same_as + "', ''))");
  }

  // The record's id is the specified hash of source name and key; `r.source` must name a source that was added.
  uint64_t AddRecord(ledger::StoredRecord r, const std::string& source_name) {
    if (r.record.payload.empty()) r.record.payload = "[]";
    r.record.record_id = RecordId(source_name, r.record.source_key);
    std::string more = ledger::MoreJson(r.record),
                attributes = ledger::AttributesJson(r.record.attributes, attributes_);
    auto insert = db_->Prepare(ledger::InsertSql(ledger::RecordTable()));
    EXPECT_TRUE(insert.ok()) << insert.status().message();
    ledger::BindRecord(r, more, attributes, 1, 2, insert->get());
    Check((*insert)->Run());
    return r.record.record_id;
  }
  void AddPerson(const ledger::Person& p) {
    std::string attributes = ledger::AttributesJson(p.attributes, attributes_);
    auto insert = db_->Prepare(ledger::InsertSql(ledger::PersonTable()));
    ASSERT_TRUE(insert.ok()) << insert.status().message();
    ledger::BindPerson(p, attributes, 1, 2, insert->get());
    Check((*insert)->Run());
  }
  void Link(uint64_t record_id, uint64_t person_id, double confidence = 1) {
    Sql("INSERT INTO person_record VALUES (" + std::to_string(record_id) + ", " + std::to_string(person_id) + ", 1, " +
        std::to_string(confidence) + ")");
  }
  void AddIdentifier(const std::string& kind, const std::string& value, uint64_t person_id) {
    Sql("INSERT INTO person_identifier VALUES (" + std::to_string(ledger::IdentifierHash(kind, value)) + ", '" + kind +
        "', " + std::to_string(person_id) + ", '" + value + "')");
  }
  void AddAlias(int alias, int person, const std::string& kind, int import) {
    Sql("INSERT INTO person_alias VALUES (" + std::to_string(alias) + ", " + std::to_string(person) + ", '" + kind +
        "', " + std::to_string(import) + ")");
  }
  void AddReject(int id, int import, int source, int file_no, int line, int byte, const std::string& key_sql,
                 const std::string& reason, const std::string& raw_hex, const std::string& state = "open") {
    Sql("INSERT INTO quarantine VALUES (" + std::to_string(id) + ", " + std::to_string(import) + ", " +
        std::to_string(source) + ", " + std::to_string(file_no) + ", " + std::to_string(line) + ", " +
        std::to_string(line) + ", " + std::to_string(byte) + ", " + key_sql + ", '" + reason +
        "', 'what, \"exactly\"', x'" + raw_hex + "', '" + state + "')");
  }

  std::string folder_;
  std::unique_ptr<store::Connection> db_;
  std::vector<Attribute> attributes_;
};

inline ledger::StoredRecord NewRecord(uint32_t source, const std::string& key, int64_t import = 1, uint32_t file = 0,
                                      int64_t schema = 1, const std::string& payload = "[]") {
  ledger::StoredRecord r;
  r.record.source = source;
  r.record.source_key = key;
  r.record.place.file = file;
  r.record.payload = payload;
  r.import_id = import;
  r.schema_id = schema;
  return r;
}

}  // namespace migrate::report
