// The yardstick of load: a bare prepared INSERT of the same rows, in key order, in one transaction, into a new SQLite
// file with the target's own DDL and settings. The rows come from memory, so reading them is not part of the time.
//
//   bench_load LOADED.db NEW.db      prints the seconds, the processor's seconds and rows/s of the INSERTs and the
//   commit
#include <fmt/core.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>
#include <string>
#include <vector>

#include "migrate/ledger/schema.h"
#include "migrate/ledger/tables.h"
#include "migrate/store/connection.h"

namespace {

using namespace migrate;  // NOLINT: a program of one file
using store::Statement;

struct Value {
  Statement::Type type;
  int64_t integer;
  std::string text;
};

Status Main(const std::string& from, const std::string& to) {
  const ledger::Table& table = ledger::RecordTable();
  std::deque<std::vector<Value>> rows;
  {
    MIGRATE_ASSIGN(auto db, store::OpenSqlite(from, store::OpenMode::kReadOnly));
    MIGRATE_ASSIGN(auto q, db->Prepare(ledger::SelectSql(table) + " ORDER BY record_id"));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      auto& row = rows.emplace_back();
      for (int c = 0; c < q->Columns(); ++c) row.push_back({q->ColumnType(c), q->Integer(c), std::string(q->Text(c))});
    }
  }
  MIGRATE_ASSIGN(auto db, store::OpenSqlite(to, store::OpenMode::kCreate));
  MIGRATE_TRY(ledger::ApplySchema(db.get()));
  MIGRATE_ASSIGN(auto insert, db->Prepare(ledger::InsertSql(table)));
  auto begun = std::chrono::steady_clock::now();
  const std::clock_t cpu = std::clock();
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db.get()));
  for (const auto& row : rows) {
    int c = 0;
    for (const Value& v : row) {
      ++c;
      if (v.type == Statement::Type::kNull)
        insert->BindNull(c);
      else if (v.type == Statement::Type::kInteger)
        insert->Bind(c, v.integer);
      else if (v.type == Statement::Type::kBlob)
        insert->BindBlob(c, v.text);
      else
        insert->BindText(c, v.text);
    }
    MIGRATE_TRY(insert->Run());
  }
  MIGRATE_TRY(transaction.Commit());
  double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  const double cpu_seconds = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
  fmt::print("{{\"rows\": {}, \"seconds\": {:.3f}, \"cpu_seconds\": {:.3f}, \"rows_per_second\": {:.0f}}}\n",
             rows.size(), seconds, cpu_seconds, static_cast<double>(rows.size()) / seconds);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: bench_load LOADED.db NEW.db\n", stderr);
    return 2;
  }
  Status s = Main(argv[1], argv[2]);
  if (!s.ok()) fmt::print(stderr, "bench_load: {}\n", s.message());
  return s.ok() ? 0 : 1;
}
