#include "migrate/reconcile/unequal.h"

#include <algorithm>

#include "migrate/ledger/buckets.h"
#include "server_check.h"
#include "table_check.h"

namespace migrate::reconcile {
namespace {

using ledger::Bucketing;
using ledger::Table;

Result<std::vector<uint64_t>> InSqlite(const UnequalOptions& o, const Table& table, const Bucketing& buckets,
                                       uint64_t* rows) {
  const OnFault ignore = [](uint64_t, RowFault) { return Status(); };
  MIGRATE_ASSIGN(auto check, TableCheck::Open(o.db, table, buckets, "1 = 1", ignore));
  std::string order;
  for (const auto& k : table.key) order += (order.empty() ? "" : ", ") + k;
  MIGRATE_ASSIGN(auto q, o.db->Scan(ledger::SelectSql(table) + " ORDER BY " + order));
  ledger::RowHasher hasher;
  const auto columns = static_cast<int>(table.columns.size());
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    MIGRATE_TRY(check->Row(static_cast<uint64_t>(q->Integer(0)), ledger::HashStoredRow(&hasher, *q, columns)));
    if (++*rows % 4096 != 0) continue;
    if (o.cancel != nullptr && o.cancel->requested()) return Status::Cancelled("stopped as asked");
    if (o.progress) o.progress(*rows);
  }
  MIGRATE_TRY(check->Finish());
  return check->unequal();
}

Result<std::vector<uint64_t>> OnServer(const UnequalOptions& o, Sessions* sessions, const Table& table,
                                       const Bucketing& buckets, uint64_t* rows) {
  ServerCheckOptions options;
  options.buckets = buckets;
  options.cancel = o.cancel;
  if (o.progress) options.progress = [&o, before = *rows](uint64_t n) { o.progress(before + n); };
  MIGRATE_ASSIGN(ServerCheck check, CheckOnServer(o.db, sessions, table, options));
  *rows += check.rows;
  return std::move(check.unequal);
}

}  // namespace

Result<Unequal> FindUnequal(const UnequalOptions& options) {
  const bool server = options.db->dialect() != store::Dialect::kSqlite;
  MIGRATE_ASSIGN(auto sessions, Sessions::Open(options.db, options.connect, server ? options.workers : 1));
  MIGRATE_ASSIGN(Bucketing buckets, ledger::BucketingOf(options.db));
  Unequal all;
  uint64_t rows = 0;
  for (const Table* table : ledger::DigestTables()) {
    auto found =
        server ? OnServer(options, sessions.get(), *table, buckets, &rows) : InSqlite(options, *table, buckets, &rows);
    if (!found.ok()) return found.status();
    std::sort(found->begin(), found->end());
    found->erase(std::unique(found->begin(), found->end()), found->end());
    if (!found->empty()) all[table->name] = *std::move(found);
  }
  return all;
}

}  // namespace migrate::reconcile
