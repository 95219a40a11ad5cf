#include "repair_write.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "migrate/ledger/ledger.h"
#include "migrate/record/digest.h"

namespace migrate::run {
namespace {

using nlohmann::json;

size_t ColumnOf(const ledger::Table& table, const std::string& name) {
  return static_cast<size_t>(std::find(table.columns.begin(), table.columns.end(), name) - table.columns.begin());
}

class RowRemover {
 public:
  static Result<RowRemover> Make(store::Connection* db, const ledger::Table& table) {
    RowRemover r;
    std::string where;
    for (const auto& k : table.key) {
      where += (where.empty() ? "" : " AND ") + k + " = ?";
      r.columns_.push_back(ColumnOf(table, k));
    }
    MIGRATE_ASSIGN(r.statement_, db->Prepare("DELETE FROM " + table.name + " WHERE " + where));
    return r;
  }
  Status Remove(const RowImage& row) {
    for (size_t i = 0; i < columns_.size(); ++i) row.PutColumn(columns_[i], static_cast<int>(i) + 1, statement_.get());
    return statement_->Run();
  }

 private:
  std::vector<size_t> columns_;
  std::unique_ptr<store::Statement> statement_;
};

struct Selection {
  std::vector<const WantedRow*> put;
  std::vector<const RowImage*> remove;
};

// A row that cannot be replaced stays as it is: it is better than none.
Selection Select(const TableDamage& damage, const std::vector<RowImage>& remove, const ledger::Bucketing& buckets,
                 const std::set<uint64_t>& leave) {
  Selection s;
  for (const WantedRow& row : damage.wanted.rows())
    if (row.found && leave.count(row.bucket) == 0) s.put.push_back(&row);
  for (const auto& [key, rows] : damage.strange) {
    if (damage.wanted.Has(key) || leave.count(buckets.Of(*damage.table, key)) > 0) continue;
    for (const RowImage& row : rows) s.remove.push_back(&row);
  }
  for (const RowImage& row : remove) s.remove.push_back(&row);
  return s;
}

TableRepair Count(const TableDamage& damage, const Selection& s, size_t remade) {
  TableRepair out;
  out.table = damage.table->name;
  std::map<uint64_t, size_t> strange;  // rows that are replaced, by key
  for (const RowImage* row : s.remove) ++strange[row->key()];
  out.removed = s.remove.size();
  for (const WantedRow* row : s.put) {
    auto found = strange.find(row->key);
    if (found == strange.end() || found->second == 0) {
      ++out.restored;
      continue;
    }
    --found->second;
    --out.removed;
    ++out.rewritten;
  }
  out.buckets = damage.lists.size() + remade;
  return out;
}

Status Write(store::Connection* db, const ledger::Bucketing& buckets, const TableDamage& damage,
             const std::vector<uint64_t>& remake, const Selection& s) {
  const ledger::Table& table = *damage.table;
  MIGRATE_ASSIGN(RowRemover remover, RowRemover::Make(db, table));
  for (const RowImage* row : s.remove) MIGRATE_TRY(remover.Remove(*row));
  MIGRATE_ASSIGN(auto rows, db->Rows(table.name, table.columns, store::OnExisting::kError));
  for (const WantedRow* row : s.put) {
    row->image.PutInto(rows.get());
    MIGRATE_TRY(rows->Add());
  }
  MIGRATE_TRY(rows->Flush());
  for (const auto* list : {&damage.lists, &remake})
    for (uint64_t bucket : *list) MIGRATE_TRY(RemakeBucket(db, table, buckets, bucket));
  return {};
}

// Buckets of which every row was found and that do not agree all the same.
Result<std::set<uint64_t>> Unproven(store::Connection* db, const ledger::Bucketing& buckets,
                                    const TableDamage& damage) {
  std::set<uint64_t> whole(damage.buckets.begin(), damage.buckets.end()), unproven;
  for (uint64_t bucket : damage.lost) whole.erase(bucket);
  for (const WantedRow& row : damage.wanted.rows())
    if (!row.found) whole.erase(row.bucket);
  for (uint64_t bucket : whole) {
    MIGRATE_ASSIGN(bool agrees, BucketAgrees(db, *damage.table, buckets, bucket));
    if (!agrees) unproven.insert(bucket);
  }
  return unproven;
}

json AuditDetail(const TableRepair& r) {
  return {{"table", r.table},
          {"rewritten", r.rewritten},
          {"restored", r.restored},
          {"removed", r.removed},
          {"buckets", r.buckets}};
}

}  // namespace

void TableRepair::Merge(const TableRepair& other) {
  rewritten += other.rewritten;
  restored += other.restored;
  removed += other.removed;
  buckets += other.buckets;
  unrepaired = other.unrepaired;  // the last round knows
}

Result<TableRepair> WriteRepair(store::Connection* db, const ledger::Bucketing& buckets, const TableDamage& damage,
                                const std::vector<uint64_t>& remake, const std::vector<RowImage>& remove,
                                std::set<uint64_t>* unproven) {
  for (int attempt = 0;; ++attempt) {
    const Selection s = Select(damage, remove, buckets, *unproven);
    TableRepair done = Count(damage, s, remake.size());
    if (!done.Any()) return done;
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
    MIGRATE_TRY(Write(db, buckets, damage, remake, s));
    MIGRATE_ASSIGN(auto bad, Unproven(db, buckets, damage));
    for (uint64_t bucket : *unproven) bad.erase(bucket);
    if (bad.empty() || attempt > 0) {
      MIGRATE_TRY(ledger::AppendAudit(db, "repair", AuditDetail(done).dump()));
      MIGRATE_TRY(transaction.Commit());
      return done;
    }
    unproven->insert(bad.begin(), bad.end());
  }
}

TableRepair CountRepair(const TableDamage& damage, const std::vector<uint64_t>& remake,
                        const std::vector<RowImage>& remove) {
  return Count(damage, Select(damage, remove, {}, {}), remake.size());
}

namespace {

using SourceDigests = std::map<std::pair<int64_t, uint32_t>, MultisetDigest>;

Result<SourceDigests> DigestRecords(store::Connection* db, const Partitioner& partitioner) {
  SourceDigests digests;
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT record_id, source_id, row_sha256 FROM record"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return digests;
    const uint32_t partition = partitioner.Of(static_cast<uint64_t>(q->Integer(0)));
    digests[{q->Integer(1), partition}].Add(Sha256FromBytes(q->Text(2)));
  }
}

}  // namespace

Result<bool> SourceDigestsAgree(store::Connection* db, const Partitioner& partitioner) {
  MIGRATE_ASSIGN(SourceDigests digests, DigestRecords(db, partitioner));
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT source_id, `partition`, digest FROM source_digest"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    const auto at = std::pair(q->Integer(0), static_cast<uint32_t>(q->Integer(1)));
    if (digests[at].Text() != q->Text(2)) return false;
    digests.erase(at);
  }
  return digests.empty();
}

Status RemakeSourceDigests(store::Connection* db, const Partitioner& partitioner) {
  MIGRATE_ASSIGN(SourceDigests digests, DigestRecords(db, partitioner));
  // What is empty now stays named: the source once had rows there.
  MIGRATE_ASSIGN(auto known, db->Prepare("SELECT source_id, `partition` FROM source_digest"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, known->Step());
    if (!more) break;
    digests.try_emplace({known->Integer(0), static_cast<uint32_t>(known->Integer(1))});
  }
  known.reset();
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_TRY(db->Execute("DELETE FROM source_digest"));
  MIGRATE_ASSIGN(auto insert, db->Prepare("INSERT INTO source_digest (source_id, `partition`, digest) VALUES (?, ?, "
                                          "?)"));
  for (const auto& [at, digest] : digests) {
    const std::string text = digest.Text();
    insert->Bind(1, at.first);
    insert->Bind(2, at.second);
    insert->BindText(3, text);
    MIGRATE_TRY(insert->Run());
  }
  MIGRATE_TRY(ledger::AppendAudit(db, "repair", json({{"table", "source_digest"}}).dump()));
  return transaction.Commit();
}

}  // namespace migrate::run
