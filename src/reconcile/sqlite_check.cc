#include "sqlite_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>

#include "migrate/base/plural.h"
#include "part_keeper.h"
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
  SqliteStretch stretch;
  std::vector<ledger::StoredRecord> records;  // of the sample, where this process has read the stretch
  bool known = false;                         // another process has read it
};

class Checker {
 public:
  Checker(const Options& o, const ledger::Bucketing& buckets) : o_(o), buckets_(buckets) {}

  Status Prepare() {
    MIGRATE_ASSIGN(int64_t records, o_.db->QueryInteger("SELECT count(*) FROM record"));
    // Every row whose id falls into the first `sample / records` of a cycle: ids are hashes, so that is a fair draw.
    if (o_.sample > 0 && o_.renormalize) every_ = std::max<uint64_t>(1, static_cast<uint64_t>(records) / o_.sample);
    for (size_t t = 0; t < ledger::DigestTables().size(); ++t) MIGRATE_TRY(Cut(t));
    MIGRATE_ASSIGN(structure_, SqliteStructure(o_));
    return {};
  }

  std::vector<std::string> Labels() const {
    std::vector<std::string> labels;
    for (const Stretch& s : stretches_) labels.push_back(LabelOf(s));
    for (const StructureTask& t : structure_)
      if (!t.label.empty()) labels.push_back(t.label);
    return labels;
  }

  Result<SqliteCheck> Run(Sessions* sessions, const std::map<uint32_t, std::string>& names, const PartKeeper& parts) {
    names_ = &names;
    parts_ = &parts;
    found_.resize(stretches_.size());
    checks_.resize(structure_.size());
    MIGRATE_TRY(sessions->ForEach(ToDo(), o_.cancel, [&](store::Connection* db, size_t i) { return todo_[i](db); }));
    SqliteCheck all;
    all.tables.resize(ledger::DigestTables().size());
    if (parts.only()) return all;
    for (size_t i = 0; i < found_.size(); ++i) {
      if (found_[i].known) MIGRATE_TRY(ReadSample(&found_[i]));
      Merge(&found_[i], stretches_[i].table, &all);
    }
    for (auto& of_task : checks_)
      for (Check& c : of_task) Add(std::move(c), &all.structure);
    return all;
  }

 private:
  // What is not there and is this process's; the structure's first task is the longest of all, so it comes first.
  size_t ToDo() {
    AddStructure(0);
    for (size_t i = 0; i < stretches_.size(); ++i) {
      const std::string label = LabelOf(stretches_[i]);
      found_[i].known = parts_->Has(label, &found_[i].stretch);
      if (found_[i].known || !parts_->Mine(label)) continue;
      todo_.emplace_back([this, i, label](store::Connection* db) -> Status {
        MIGRATE_TRY(Read(db, stretches_[i], &found_[i]));
        return parts_->Keep(label, found_[i].stretch);
      });
    }
    for (size_t i = 1; i < structure_.size(); ++i) AddStructure(i);
    return todo_.size();
  }

  void AddStructure(size_t i) {
    const std::string& label = structure_[i].label;
    if (label.empty() ? parts_->only() : parts_->Has(label, &checks_[i]) || !parts_->Mine(label)) return;
    todo_.emplace_back([this, i](store::Connection* db) -> Status {
      MIGRATE_ASSIGN(checks_[i], structure_[i].run(db));
      return structure_[i].label.empty() ? Status() : parts_->Keep(structure_[i].label, checks_[i]);
    });
  }

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

  static std::string LabelOf(const Stretch& s) {
    const std::string& table = ledger::DigestTables()[s.table]->name;
    return s.negative ? table + " below 0" : fmt::format("{} {}-{}", table, s.first, s.last ? "" : Number(s.end));
  }

  // The rows of the sample that another process has come across.
  Status ReadSample(Found* found) {
    MIGRATE_ASSIGN(auto q, o_.db->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
    for (const uint64_t id : found->stretch.sample) {
      q->Bind(1, static_cast<int64_t>(id));
      MIGRATE_ASSIGN(const bool there, q->Step());
      if (there) ledger::ReadRecord(*q, 0, 1, o_.attributes, &found->records.emplace_back());
      q->Reset();
    }
    return {};
  }

  Status Read(store::Connection* db, const Stretch& stretch, Found* found) {
    SqliteStretch* const out = &found->stretch;
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
    RowsAtOnce at_once(table, RowsAtOnce::Values::kTyped, o_.partitioner, *names_, &out->sources,
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
      out->sample.push_back(id);
      ledger::ReadRecord(*q, 0, 1, o_.attributes, &found->records.emplace_back());
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

  static void Merge(Found* found, size_t table, SqliteCheck* all) {
    const SqliteOfTable& part = found->stretch.of_table;
    SqliteOfTable& t = all->tables[table];
    t.rows += part.rows;
    t.unequal_buckets += part.unequal_buckets;
    t.more_faults += part.more_faults;
    t.faults.insert(t.faults.end(), part.faults.begin(), part.faults.end());
    t.damaged_lists.insert(t.damaged_lists.end(), part.damaged_lists.begin(), part.damaged_lists.end());
    for (const auto& [at, digest] : found->stretch.sources) all->sources[at].Merge(digest);
    for (auto& r : found->records) all->sample.push_back(std::move(r));
  }

  const Options& o_;
  const ledger::Bucketing& buckets_;
  const std::map<uint32_t, std::string>* names_ = nullptr;
  const PartKeeper* parts_ = nullptr;
  std::vector<Stretch> stretches_;
  std::vector<StructureTask> structure_;
  std::vector<Found> found_;                // by stretch
  std::vector<std::vector<Check>> checks_;  // by task of the structure
  std::vector<std::function<Status(store::Connection*)>> todo_;
  uint64_t every_ = 0;
  std::mutex mutex_;
  uint64_t rows_ = 0;
};

}  // namespace

Result<SqliteCheck> CheckSqlite(const Options& options, Sessions* sessions, const ledger::Bucketing& buckets,
                                const std::map<uint32_t, std::string>& source_names, const PartKeeper& parts) {
  Checker checker(options, buckets);
  MIGRATE_TRY(checker.Prepare());
  return checker.Run(sessions, source_names, parts);
}

Result<std::vector<std::string>> SqlitePartLabels(const Options& options, const ledger::Bucketing& buckets) {
  Checker checker(options, buckets);
  MIGRATE_TRY(checker.Prepare());
  return checker.Labels();
}

}  // namespace migrate::reconcile
