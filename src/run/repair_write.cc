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

// The primary key, for comparing.
std::vector<std::string> PrimaryKey(const ledger::Table& table, const RowImage& row) {
  std::vector<std::string> key;
  for (const std::string& column : table.key) {
    const size_t c = ColumnOf(table, column);
    key.push_back(row.Text(c).empty() ? std::to_string(row.Integer(c)) : std::string(row.Text(c)));
  }
  return key;
}

// A row that cannot be replaced stays as it is: it is better than none.
Selection Select(const TableDamage& damage, const std::vector<RowImage>& remove, const ledger::Bucketing& buckets,
                 const std::set<uint64_t>& leave) {
  Selection s;
  const std::set<uint64_t> whole = damage.Whole();
  std::set<std::vector<std::string>> replaced;
  for (const WantedRow& row : damage.wanted.rows()) {
    if (!row.found || leave.count(row.bucket) > 0) continue;
    s.put.push_back(&row);
    replaced.insert(PrimaryKey(*damage.table, row.image));
  }
  for (const auto& [key, rows] : damage.strange) {
    const uint64_t bucket = buckets.Of(*damage.table, key);
    if (leave.count(bucket) > 0) continue;
    for (const RowImage& row : rows)
      if (whole.count(bucket) > 0 || replaced.count(PrimaryKey(*damage.table, row)) > 0) s.remove.push_back(&row);
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

// Those of the buckets that do not agree with their digests.
Result<std::set<uint64_t>> Disagreeing(store::Connection* db, const ledger::Bucketing& buckets,
                                       const ledger::Table& table, const std::set<uint64_t>& whole) {
  std::set<uint64_t> bad;
  for (uint64_t bucket : whole) {
    MIGRATE_ASSIGN(bool agrees, BucketAgrees(db, table, buckets, bucket));
    if (!agrees) bad.insert(bucket);
  }
  return bad;
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

Result<TableRepair> WriteRepair(store::Connection* db, const ledger::Bucketing& buckets, const Decided& decided,
                                TableDamage* damage, std::set<uint64_t>* unproven) {
  for (;;) {
    const Selection s = Select(*damage, decided.remove, buckets, *unproven);
    TableRepair done = Count(*damage, s, decided.remake.size());
    if (!done.Any()) return done;
    std::set<uint64_t> whole = damage->Whole();
    for (uint64_t bucket : *unproven) whole.erase(bucket);
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
    MIGRATE_TRY(Write(db, buckets, *damage, decided.remake, s));
    MIGRATE_ASSIGN(auto bad, Disagreeing(db, buckets, *damage->table, whole));
    if (bad.empty()) {
      MIGRATE_TRY(ledger::AppendAudit(db, "repair", AuditDetail(done).dump()));
      MIGRATE_TRY(transaction.Commit());
      return done;
    }
    // Each turn takes buckets out of `whole`, so that this ends.
    damage->wanted.DropWeak(bad);
    const std::set<uint64_t> still = damage->Whole();
    for (uint64_t bucket : bad)
      if (still.count(bucket) > 0) unproven->insert(bucket);
  }
}

TableRepair CountRepair(const ledger::Bucketing& buckets, const Decided& decided, const TableDamage& damage) {
  return Count(damage, Select(damage, decided.remove, buckets, {}), decided.remake.size());
}

std::vector<const RowImage*> StrangeRowsLeft(const ledger::Bucketing& buckets, const TableDamage& damage,
                                             const std::set<uint64_t>& unproven) {
  std::set<const RowImage*> gone;
  for (const RowImage* row : Select(damage, {}, buckets, unproven).remove) gone.insert(row);
  std::map<uint64_t, std::vector<const RowImage*>> left;  // by key, so that the order is the same each time
  for (const auto& [key, rows] : damage.strange)
    for (const RowImage& row : rows)
      if (gone.count(&row) == 0) left[key].push_back(&row);
  std::vector<const RowImage*> all;
  for (const auto& [key, rows] : left) all.insert(all.end(), rows.begin(), rows.end());
  return all;
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
