// The target's tables as code sees them: column lists in the order of sql/, and the row of `record` and `person`.
// One list serves INSERT, SELECT, history images and digests, so that they cannot drift apart.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/record.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

// Fields that have a column of their own in `record` and `person`, in column order: all but address and opt_out.
// The column of kPhone is phone_e164.
inline constexpr std::array<Field, 17> kColumnFields = {
    Field::kFullName,  Field::kFirstName, Field::kMiddleName, Field::kLastName,   Field::kSuffix,   Field::kSex,
    Field::kBirthDate, Field::kEmail,     Field::kPhone,      Field::kStreet,     Field::kUnit,     Field::kCity,
    Field::kState,     Field::kZip,       Field::kCountry,    Field::kNationalId, Field::kUpdatedAt};

struct Table {
  std::string name;
  std::vector<std::string> columns;  // all of them, in order
  std::vector<std::string> key;      // primary key; the first one decides the bucket
  bool hashed_key = true;            // the first key column is a hash (else a running number)
  bool partitioned = true;           // on a server: PARTITION BY HASH of the first key column
};
// Tables under digest, in the order in which they are filled.
const Table& RecordTable();
const Table& RecordHistoryTable();
const Table& RecordUndoneTable();
const Table& PersonTable();
const Table& PersonHistoryTable();
const Table& PersonRecordTable();
const Table& PersonIdentifierTable();
const Table& PersonAliasTable();
const Table& QuarantineTable();
const std::vector<const Table*>& DigestTables();

// "INSERT INTO t (a, b) VALUES (?, ?)", "SELECT a, b FROM t" and "SELECT a, b" of a table.
std::string InsertSql(const Table& table);
std::string SelectSql(const Table& table);
std::string SelectColumns(const Table& table);
// The columns of `record` for ReadRecord, but NULL for payload and row_sha256: what matching reads, without the bulk.
std::string SelectNormalized();
// The name of one partition of a partitioned table, for FROM: "record PARTITION (p3)"; in SQLite the table's name.
std::string TablePartition(const store::Connection& db, const std::string& table, uint32_t partition);

// A row of `record` beside its Record.
struct StoredRecord {
  Record record;
  int64_t import_id = 0;
  int64_t schema_id = 0;
  int64_t gone_import = 0;  // 0: not gone
};

// Canonical text of the two JSON columns of a record: further e-mails and phones; attributes by name. "" for NULL.
std::string MoreJson(const Record& record);
void ParseMoreJson(std::string_view json, Record* record);
std::string AttributesJson(const std::vector<std::string>& values, const std::vector<Attribute>& attributes);
void ParseAttributesJson(std::string_view json, const std::vector<Attribute>& attributes,
                         std::vector<std::string>* values);

// Reads a row of a SELECT into *out: record_id in column `id`, the image (source_id ... row_sha256) from column
// `image`. `record` itself is (0, 1), a row of record_history (0, 3), of record_undone (0, 6).
void ReadRecord(const store::Statement& row, int id, int image, const std::vector<Attribute>& attributes,
                StoredRecord* out);

// Binds a record's columns the same way: `record` is (1, 2), record_history (1, 4), record_undone (1, 7). `more` and
// `attributes_json` are the texts above and, like the record, must live until the statement ran.
void BindRecord(const StoredRecord& r, std::string_view more, std::string_view attributes_json, int id, int image,
                store::Binder* insert);

// A row of `person`. Values as in Record; attributes in plan order.
struct Person {
  uint64_t person_id = 0;
  int64_t import_id = 0;
  uint64_t record_count = 0;
  double confidence = 1;
  std::array<std::string, kFieldCount> values;
  uint8_t opt_out = 0;
  std::vector<std::string> attributes;
  std::string provenance;  // JSON, "" for NULL
  std::string& operator[](Field f) { return values[static_cast<size_t>(f)]; }
  const std::string& operator[](Field f) const { return values[static_cast<size_t>(f)]; }
};
// As above: `person` is read at (0, 1) and bound at (1, 2); person_history at (0, 2) and (1, 3).
void ReadPerson(const store::Statement& row, int id, int image, const std::vector<Attribute>& attributes, Person* out);
void BindPerson(const Person& p, std::string_view attributes_json, int id, int image, store::Binder* insert);

// First 8 bytes of SHA-256(kind ‖ 0x00 ‖ value), top bit cleared.
uint64_t IdentifierHash(std::string_view kind, std::string_view value);

}  // namespace migrate::ledger
