#include "migrate/ledger/copy.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "migrate/ledger/buckets.h"
#include "migrate/ledger/has_table.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"
#include "migrate/ledger/tables.h"

namespace migrate::ledger {
namespace {

using store::Statement;

void BindValue(const Statement& from, int column, store::Binder* to) {
  switch (from.ColumnType(column)) {
    case Statement::Type::kNull:
      return to->BindNull(column + 1);
    case Statement::Type::kInteger:
      return to->Bind(column + 1, from.Integer(column));
    case Statement::Type::kReal:
      return to->BindReal(column + 1, from.Real(column));
    case Statement::Type::kText:
      return to->BindText(column + 1, from.Text(column));
    case Statement::Type::kBlob:
      return to->BindBlob(column + 1, from.Text(column));
  }
}

Result<std::map<std::string, std::vector<std::string>>> TablesOf(store::Connection* db) {
  std::map<std::string, std::vector<std::string>> tables;
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c WHERE "
                             "t.type = 'table' AND t.name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY t.name, c.cid"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return tables;
    tables[std::string(q->Text(0))].emplace_back(q->Text(1));
  }
}

Status CopyTable(store::Connection* from, store::Connection* to, const std::string& name,
                 const std::vector<std::string>& columns) {
  std::string list;
  for (const auto& c : columns) list += (list.empty() ? "`" : ", `") + c + "`";
  std::string sql = "SELECT " + list + " FROM `" + name + "`";
  if (name == "setting")
    sql += " WHERE name NOT IN ('application', 'schema_version', 'schema_partitions', 'lease', 'lease_until')";
  MIGRATE_ASSIGN(auto rows, from->Scan(sql));
  MIGRATE_ASSIGN(auto writer, to->Rows(name, columns, store::OnExisting::kError));
  for (;;) {
    MIGRATE_ASSIGN(bool more, rows->Step());
    if (!more) return writer->Flush();
    for (int c = 0; c < static_cast<int>(columns.size()); ++c) BindValue(*rows, c, writer.get());
    MIGRATE_TRY(writer->Add());
  }
}

Status MakeDigests(store::Connection* db, const Table& table, const Bucketing& buckets,
                   const std::function<void(const Statement&)>& each) {
  BucketKeeper keeper(db, table, buckets);
  RowHasher hasher;
  std::string order;
  for (const auto& k : table.key) order += (order.empty() ? "" : ", ") + k;
  MIGRATE_ASSIGN(auto rows, db->Scan(SelectSql(table) + " ORDER BY " + order));
  for (;;) {
    MIGRATE_ASSIGN(bool more, rows->Step());
    if (!more) return keeper.Flush();
    if (each) each(*rows);
    keeper.Add(static_cast<uint64_t>(rows->Integer(0)),
               HashStoredRow(&hasher, *rows, static_cast<int>(table.columns.size())));
    MIGRATE_TRY(keeper.FlushIfLarge());
  }
}

}  // namespace

Status CopyIntoSqlite(store::Connection* from, store::Connection* to, const Partitioner& partitioner) {
  MIGRATE_TRY(ApplySchema(to));
  MIGRATE_ASSIGN(auto tables, TablesOf(to));
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(to));
  for (const auto& [name, columns] : tables)
    if (name != "bucket" && name != "source_digest") {
      MIGRATE_ASSIGN(bool there, HasTable(from, name));
      if (there) MIGRATE_TRY(CopyTable(from, to, name, columns));
    }
  MIGRATE_ASSIGN(int64_t records, to->QueryInteger("SELECT count(*) FROM record"));
  if (records > 0)
    MIGRATE_TRY(SetSetting(to, "bucket_shift", std::to_string(ChooseBucketShift(static_cast<uint64_t>(records), 1))));
  MIGRATE_ASSIGN(Bucketing buckets, BucketingOf(to));
  std::map<std::pair<int64_t, uint32_t>, MultisetDigest> digests;
  for (const Table* table : DigestTables()) {
    const bool record = table == &RecordTable();
    const auto last = static_cast<int>(table->columns.size()) - 1;
    MIGRATE_TRY(MakeDigests(to, *table, buckets, [&](const Statement& row) {
      if (record)
        digests[{row.Integer(1), partitioner.Of(static_cast<uint64_t>(row.Integer(0)))}].Add(
            Sha256FromBytes(row.Text(last)));
    }));
  }
  MIGRATE_ASSIGN(auto insert,
                 to->Prepare("INSERT INTO source_digest (source_id, `partition`, digest) VALUES (?, ?, ?)"));
  for (const auto& [at, digest] : digests) {
    const std::string text = digest.Text();
    insert->Bind(1, at.first);
    insert->Bind(2, at.second);
    insert->BindText(3, text);
    MIGRATE_TRY(insert->Run());
  }
  return transaction.Commit();
}

}  // namespace migrate::ledger
