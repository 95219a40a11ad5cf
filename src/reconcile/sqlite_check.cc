#include "sqlite_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>

#include "migrate/base/plural.h"
#include "sqlite_structure.h"

namespace migrate::reconcile {
namespace {

// Of the largest table: enough for a few threads to end together.
constexpr uint64_t kStretches = 16;

// Whole buckets of one table, [first, end); negative: the keys below zero, which nothing of ours has.
struct Stretch {
  size_t table;
  uint64_t first = 0, end = 0;
  bool negative = false, last = false;
};

struct Found {
  SqliteCheck::OfTable of_table;
  SourceDigests sources;
  std::vector<ledger::StoredRecord> sample;
};

class Checker {
 public:
  Checker(const Options& o, const ledger::Bucketing& buckets, const std::map<uint32_t, std::string>& names)
      : o_(o), buckets_(buckets), names_(names) {}

  Result<SqliteCheck> Run(Sessions* sessions) {
    MIGRATE_ASSIGN(int64_t records, o_.db->QueryInteger("SELECT count(*) FROM record"));
    // Every row whose id falls into the first `sample / records` of a cycle: ids are hashes, so that is a fair draw.
    if (o_.sample > 0 && o_.renormalize) every_ = std::max<uint64_t>(1, static_cast<uint64_t>(records) / o_.sample);
    for (size_t t = 0; t < ledger::DigestTables().size(); ++t) MIGRATE_TRY(Cut(t));
    MIGRATE_ASSIGN(auto structure, SqliteStructure(o_));
    // The structure's first task is the longest of all.
    std::vector<Found> found(stretches_.size());
    std::vector<std::vector<Check>> checks(structure.size());
    const auto check = [&](store::Connection* db, size_t i) -> Status {
      MIGRATE_ASSIGN(checks[i], structure[i](db));
      return {};
    };
    MIGRATE_TRY(sessions->ForEach(structure.size() + found.size(), o_.cancel, [&](store::Connection* db, size_t i) {
      if (i == 0) return check(db, 0);
      return i <= found.size() ? Read(db, stretches_[i - 1], &found[i - 1]) : check(db, i - found.size());
    }));
    SqliteCheck all;
    all.tables.resize(ledger::DigestTables().size());
    for (size_t i = 0; i < found.size(); ++i) Merge(&found[i], stretches_[i].table, &all);
    for (auto& of_task : checks)
      for (Check& c : of_task) Add(std::move(c), &all.structure);
    return all;
  }

 private:
  Status Cut(size_t t) {
    const ledger::Table& table = *ledger::DigestTables()[t];
    const unsigned shift = buckets_.ShiftOf(table);
    uint64_t buckets = uint64_t{1} << (63 - shift);
    if (!table.hashed_key) {
      MIGRATE_ASSIGN(int64_t most,
                     o_.db->QueryInteger(fmt::format("SELECT max({}) FROM {}", table.key[0], table.name)));
      buckets = (static_cast<uint64_t>(std::max<int64_t>(most, 0)) >> shift) + 1;
    }
    const uint64_t n = std::min(buckets, kStretches);
    for (uint64_t i = 0; i < n; ++i)
      stretches_.push_back({t, buckets * i / n, buckets * (i + 1) / n, false, i + 1 == n});
    stretches_.push_back({t, 0, 0, true, false});
    return {};
  }

  Status Read(store::Connection* db, const Stretch& stretch, Found* out) {
    const ledger::Table& table = *ledger::DigestTables()[stretch.table];
    const bool record = &table == &ledger::RecordTable();
    const unsigned shift = buckets_.ShiftOf(table);
    const std::string key = table.key.front();
    std::string order, where = key + " < 0",
                       stored = "(bucket < 0 OR bucket >= " + Number(uint64_t{1} << 63 >> shift) + ")";
    for (const auto& k : table.key) order += (order.empty() ? "" : ", ") + k;
    if (!stretch.negative) {
      where = key + " >= " + Number(stretch.first << shift);
      stored = "bucket >= " + Number(stretch.first) + " AND bucket < " + Number(uint64_t{1} << 63 >> shift);
      if (!stretch.last) {
        where += " AND " + key + " < " + Number(stretch.end << shift);
        stored = "bucket >= " + Number(stretch.first) + " AND bucket < " + Number(stretch.end);
      }
    }
    MIGRATE_ASSIGN(auto check,
                   TableCheck::Open(db, table, buckets_, stored, [out](uint64_t k, RowFault fault) -> Status {
                     if (out->of_table.faults.size() < kMaxFaults)
                       out->of_table.faults.emplace_back(k, fault);
                     else
                       ++out->of_table.more_faults;
                     return {};
                   }));
    RowsAtOnce at_once(table, RowsAtOnce::Values::kTyped, o_.partitioner, names_, &out->sources,
                       [&](uint64_t k, const Sha256& hash) { return check->Row(k, hash); });
    uint64_t rows = 0;
    MIGRATE_ASSIGN(auto q, db->Scan(ledger::SelectSql(table) + " WHERE " + where + " ORDER BY " + order));
    for (;; ++rows) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      if (rows % 4096 == 4095) MIGRATE_TRY(Tick(4096));
      const auto id = static_cast<uint64_t>(q->Integer(0));
      MIGRATE_TRY(at_once.Add(id, *q));
      if (!record) continue;
      if (every_ == 0 || id % every_ != 0) continue;
      out->sample.emplace_back();
      ledger::ReadRecord(*q, 0, 1, o_.attributes, &out->sample.back());
    }
    MIGRATE_TRY(at_once.Flush());
    MIGRATE_TRY(check->Finish());
    out->of_table.rows = rows;
    out->of_table.unequal_buckets = check->unequal_buckets();
    out->of_table.damaged_lists = check->damaged_lists();
    return Tick(rows % 4096);
  }

  static std::string Number(uint64_t n) { return std::to_string(n); }

  Status Tick(uint64_t rows) {
    if (o_.cancel != nullptr && o_.cancel->requested()) return Status::Cancelled("reconcile: cancelled");
    std::lock_guard lock(mutex_);
    rows_ += rows;
    if (o_.progress) o_.progress(rows_);
    return {};
  }

  // Of several checks under one name the first one that failed counts.
  static void Add(Check check, std::vector<Check>* all) {
    for (Check& c : *all) {
      if (c.name != check.name) continue;
      if (c.ok) c = std::move(check);
      return;
    }
    all->push_back(std::move(check));
  }

  static void Merge(Found* part, size_t table, SqliteCheck* all) {
    SqliteCheck::OfTable& t = all->tables[table];
    t.rows += part->of_table.rows;
    t.unequal_buckets += part->of_table.unequal_buckets;
    t.more_faults += part->of_table.more_faults;
    t.faults.insert(t.faults.end(), part->of_table.faults.begin(), part->of_table.faults.end());
    t.damaged_lists.insert(t.damaged_lists.end(), part->of_table.damaged_lists.begin(),
                           part->of_table.damaged_lists.end());
    for (const auto& [at, digest] : part->sources) all->sources[at].Merge(digest);
    for (auto& r : part->sample) all->sample.push_back(std::move(r));
  }

  const Options& o_;
  const ledger::Bucketing& buckets_;
  const std::map<uint32_t, std::string>& names_;
  std::vector<Stretch> stretches_;
  uint64_t every_ = 0;
  std::mutex mutex_;
  uint64_t rows_ = 0;
};

}  // namespace

Result<SqliteCheck> CheckSqlite(const Options& options, Sessions* sessions, const ledger::Bucketing& buckets,
                                const std::map<uint32_t, std::string>& source_names) {
  return Checker(options, buckets, source_names).Run(sessions);
}

}  // namespace migrate::reconcile
