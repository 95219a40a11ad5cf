#include "repair_lost.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "migrate/ledger/versions.h"

namespace migrate::run {
namespace {

// How the rows of one table's lost buckets may be meant.
enum class Reading { kAsTheyAre, kWithoutBad, kWithoutUnlined };
constexpr Reading kReadings[] = {Reading::kAsTheyAre, Reading::kWithoutBad, Reading::kWithoutUnlined};

struct LostTable {
  const ledger::Table* table = nullptr;
  std::vector<uint64_t> buckets;
  std::set<uint64_t> unlined;  // of which the ledger has no line
  MultisetDigest all, bad, in_unlined;
  std::set<std::pair<uint64_t, Sha256>> bad_rows;  // key and hash
  std::set<uint64_t> empty;                        // buckets without rows
  bool too_many = false;                           // bad rows: none is called so
};

class LostJudge {
 public:
  LostJudge(store::Connection* db, const ledger::Bucketing& buckets, const Partitioner& partitioner,
            const Cancel* cancel, PersonSearch* persons)
      : db_(db), buckets_(buckets), partitioner_(partitioner), cancel_(cancel), persons_(persons) {}

  Result<std::map<std::string, LostVerdict>> Judge(const std::map<std::string, TableDamage>& damage) {
    for (const auto& [name, d] : damage)
      if (!d.lost.empty()) MIGRATE_TRY(Look(d));
    if (tables_.empty()) return verdicts_;
    MIGRATE_TRY(ReadLedger(damage));
    if (RootAgrees(Readings(tables_.size(), Reading::kAsTheyAre))) return Accept({});
    for (LostTable& t : tables_) MIGRATE_TRY(FindBad(&t));
    Readings proven;
    if (TryReadings(&proven)) return Accept(proven);
    for (LostTable& t : tables_) MIGRATE_TRY(WithoutRoot(&t));
    return verdicts_;
  }

 private:
  using Readings = std::vector<Reading>;

  template <typename F>
  Status EachRow(const LostTable& t, const F& f) {
    for (uint64_t bucket : t.buckets) {
      if (cancel_ != nullptr && cancel_->requested()) return Status::Cancelled("stopped as asked");
      MIGRATE_ASSIGN(auto rows, ReadBucket(db_, *t.table, buckets_, bucket));
      for (const RowImage& row : rows) MIGRATE_TRY(f(bucket, row));
    }
    return {};
  }

  Status Look(const TableDamage& damage) {
    LostTable t;
    t.table = damage.table;
    t.buckets = damage.lost;
    MIGRATE_ASSIGN(auto line, db_->Prepare("SELECT count(*) FROM bucket WHERE table_name = ? AND bucket = ?"));
    for (uint64_t bucket : t.buckets) {
      line->BindText(1, t.table->name);
      line->Bind(2, static_cast<int64_t>(bucket));
      MIGRATE_ASSIGN(bool any, line->Step());
      if (!any || line->Integer(0) == 0) t.unlined.insert(bucket);
      line->Reset();
    }
    t.empty.insert(t.buckets.begin(), t.buckets.end());
    MIGRATE_TRY(EachRow(t, [&](uint64_t bucket, const RowImage& row) {
      const Sha256 hash = row.Hash(&hasher_);
      t.all.Add(hash);
      if (t.unlined.count(bucket) > 0) t.in_unlined.Add(hash);
      t.empty.erase(bucket);
      return Status();
    }));
    tables_.push_back(std::move(t));
    return {};
  }

  // What the ledger still has, and the root that it must come to.
  Status ReadLedger(const std::map<std::string, TableDamage>& damage) {
    MIGRATE_ASSIGN(auto head, ledger::ChainHeadOf(db_));
    MIGRATE_ASSIGN(auto versions, ledger::Versions(db_));
    if (const auto v = versions.find(head.import_id); v != versions.end()) root_ = v->second.root;
    std::map<std::string, std::set<uint64_t>> skip;  // of lines that are damaged but proven, the rows count
    for (const auto& [name, d] : damage) {
      skip[name].insert(d.lost.begin(), d.lost.end());
      skip[name].insert(d.lists.begin(), d.lists.end());
      for (uint64_t bucket : d.lists) {
        MIGRATE_ASSIGN(auto rows, ReadBucket(db_, *d.table, buckets_, bucket));
        for (const RowImage& row : rows) known_.tables[name].Add(row.Hash(&hasher_));
      }
    }
    MIGRATE_ASSIGN(auto q, db_->Scan("SELECT table_name, bucket, digest FROM bucket"));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      const std::string name(q->Text(0));
      if (const auto s = skip.find(name); s != skip.end() && s->second.count(static_cast<uint64_t>(q->Integer(1))) > 0)
        continue;
      auto digest = MultisetDigest::FromText(q->Text(2));
      if (!digest.ok()) root_.clear();
      if (digest.ok()) known_.tables[name].Merge(*digest);
    }
    q.reset();
    auto sources = ledger::SourceParts(db_);
    if (!sources.ok()) root_.clear();
    if (sources.ok()) known_.sources = *std::move(sources);
    return {};
  }

  bool RootAgrees(const Readings& readings) const {
    if (root_.empty()) return false;
    ledger::RootParts parts = known_;
    for (size_t i = 0; i < tables_.size(); ++i) {
      const LostTable& t = tables_[i];
      MultisetDigest digest = t.all;
      const MultisetDigest* without = readings[i] == Reading::kWithoutBad       ? &t.bad
                                      : readings[i] == Reading::kWithoutUnlined ? &t.in_unlined
                                                                                : nullptr;
      if (without != nullptr) {
        digest.count -= without->count;
        digest.sum -= without->sum;
        for (size_t b = 0; b < digest.xor_hash.size(); ++b) digest.xor_hash[b] ^= without->xor_hash[b];
      }
      parts.tables[t.table->name].Merge(digest);
    }
    return ledger::RootOf(std::move(parts)) == root_;
  }

  Status FindBad(LostTable* t) {
    MIGRATE_TRY(EachRow(*t, [&](uint64_t, const RowImage& row) -> Status {
      if (t->too_many) return {};
      MIGRATE_ASSIGN(bool derives, persons_->Derives(*t->table, row));
      if (derives) return {};
      const Sha256 hash = row.Hash(&hasher_);
      t->bad.Add(hash);
      t->bad_rows.emplace(row.key(), hash);
      t->too_many = t->bad_rows.size() > kRowsARound;
      return {};
    }));
    if (t->too_many) t->bad = {};
    if (t->too_many) t->bad_rows.clear();
    return {};
  }

  // Every combination over the tables; nine tables have three readings each at most.
  bool TryReadings(Readings* proven) const {
    size_t combinations = 1;
    for (size_t i = 0; i < tables_.size(); ++i) combinations *= std::size(kReadings);
    for (size_t n = 1; n < combinations; ++n) {
      Readings readings;
      for (size_t i = 0, rest = n; i < tables_.size(); ++i, rest /= std::size(kReadings))
        readings.push_back(kReadings[rest % std::size(kReadings)]);
      if (!RootAgrees(readings)) continue;
      *proven = std::move(readings);
      return true;
    }
    return false;
  }

  // `readings`: none if all rows stay.
  Result<std::map<std::string, LostVerdict>> Accept(const Readings& readings) {
    for (size_t i = 0; i < tables_.size(); ++i) {
      const LostTable& t = tables_[i];
      LostVerdict& v = verdicts_[t.table->name];
      const Reading reading = readings.empty() ? Reading::kAsTheyAre : readings[i];
      std::set<uint64_t> kept;
      MIGRATE_TRY(EachRow(t, [&](uint64_t bucket, const RowImage& row) {
        const bool goes = (reading == Reading::kWithoutUnlined && t.unlined.count(bucket) > 0) ||
                          (reading == Reading::kWithoutBad && t.bad_rows.count({row.key(), row.Hash(&hasher_)}) > 0);
        if (goes)
          v.remove.push_back(row);
        else
          kept.insert(bucket);
        return Status();
      }));
      for (uint64_t bucket : t.buckets)
        if (kept.count(bucket) > 0 || t.unlined.count(bucket) == 0) v.remake.push_back(bucket);
    }
    return verdicts_;
  }

  Status WithoutRoot(LostTable* t) {
    LostVerdict& v = verdicts_[t->table->name];
    bool witnessed = true;
    if (t->table->name == "record") {
      MIGRATE_ASSIGN(witnessed, SourceDigestsAgree(db_, partitioner_));
    }
    std::map<uint64_t, uint64_t> doubtful;  // rows by bucket
    MIGRATE_TRY(EachRow(*t, [&](uint64_t bucket, const RowImage& row) -> Status {
      MIGRATE_ASSIGN(bool follows, persons_->Follows(*t->table, row));
      if (follows) return {};
      if (++doubtful[bucket] <= kMostNamedRows)
        v.left.push_back({t->table->name, fmt::format("{} {}", t->table->key.front(), row.key()),
                          "the ledger's record of it is lost, and it does not follow from other rows"});
      return {};
    }));
    for (uint64_t bucket : t->buckets) {
      const auto left = [&](const char* why) {
        v.left.push_back({t->table->name, fmt::format("bucket {}", bucket), why});
      };
      if (t->empty.count(bucket) > 0)
        left("the ledger's record of these keys is damaged, and there are no rows");
      else if (!witnessed)
        left("the ledger's record of these rows is lost, and the digests of their sources do not agree with them");
      else if (doubtful.count(bucket) == 0)
        v.remake.push_back(bucket);
    }
    return {};
  }

  static constexpr uint64_t kMostNamedRows = 1000;
  store::Connection* db_;
  const ledger::Bucketing& buckets_;
  const Partitioner& partitioner_;
  const Cancel* cancel_;
  PersonSearch* persons_;
  ledger::RowHasher hasher_;
  std::vector<LostTable> tables_;
  ledger::RootParts known_;
  std::string root_;
  std::map<std::string, LostVerdict> verdicts_;
};

}  // namespace

Result<std::map<std::string, LostVerdict>> JudgeLost(const std::map<std::string, TableDamage>& damage,
                                                     store::Connection* db, const ledger::Bucketing& buckets,
                                                     const Partitioner& partitioner, const Cancel* cancel,
                                                     PersonSearch* persons) {
  return LostJudge(db, buckets, partitioner, cancel, persons).Judge(damage);
}

}  // namespace migrate::run
