#include "server_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <utility>

#include "migrate/ledger/tables.h"
#include "migrate/store/scan_here.h"
#include "rows_at_once.h"

namespace migrate::reconcile {
namespace {

// The buckets of one partition that the ledger knows, by key >> shift.
using Expected = std::map<uint64_t, std::string>;

// A stretch of keys of one partition, whole buckets: first <= key <= last.
struct KeyRange {
  uint32_t partition = 0;
  uint64_t first = 0;
  uint64_t last = UINT64_MAX;
};

struct Task {
  KeyRange range;
  std::vector<std::pair<uint64_t, std::string>> expected;  // ascending; all of them in the range
};

Result<std::vector<Expected>> ExpectedDigests(store::Connection* db, const ledger::Table& table, uint32_t partitions) {
  std::vector<Expected> out(partitions);
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT bucket, digest FROM bucket WHERE table_name = ?"));
  q->BindText(1, table.name);
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return out;
    const uint64_t bucket = Unsigned(q->Text(0));
    out[bucket % partitions].emplace(bucket / partitions, q->Text(1));
  }
}

// Cuts the keys of each partition, from 0 to the greatest there can be, into stretches between known buckets.
std::vector<Task> MakeTasks(const std::vector<Expected>& expected, unsigned shift) {
  std::vector<Task> tasks;
  for (uint32_t p = 0; p < expected.size(); ++p) {
    Task task;
    task.range.partition = p;
    for (const auto& [number, digest] : expected[p]) {
      if (task.expected.size() == kBucketsATask) {
        task.range.last = (number << shift) - 1;
        tasks.push_back(std::move(task));
        task = {};
        task.range.partition = p;
        task.range.first = number << shift;
      }
      task.expected.emplace_back(number, digest);
    }
    tasks.push_back(std::move(task));
  }
  return tasks;
}

class Checker {
 public:
  Checker(const ledger::Table& table, const ServerCheckOptions& o)
      : table_(table),
        o_(o),
        shift_(o.buckets.ShiftOf(table)),
        partitions_(o.buckets.PartitionsOf(table)),
        partitioner_{Partitioner::Kind::kModulo, partitions_} {
    if (&table == &ledger::PersonTable()) count_column_ = Column("record_count");
    if (&table == &ledger::PersonTable() || &table == &ledger::PersonRecordTable())
      person_column_ = Column("person_id");
  }

  Result<std::vector<ServerCheck>> Run(store::Connection* db, Sessions* sessions) {
    MIGRATE_ASSIGN(auto expected, ExpectedDigests(db, table_, partitions_));
    tasks_ = MakeTasks(expected, shift_);
    if (o_.wanted) std::erase_if(tasks_, [this](const Task& t) { return !o_.wanted(t.range.partition); });
    results_.resize(tasks_.size());
    open_.resize(partitions_);
    for (const Task& t : tasks_) ++open_[t.range.partition];
    partition_.resize(partitions_);
    MIGRATE_TRY(sessions->ForEach(tasks_.size(), o_.cancel, [&](store::Connection* c, size_t i) {
      Status s = RunTask(c, tasks_[i], &results_[i]);
      return s.ok() ? Done(tasks_[i].range.partition) : s;
    }));
    return std::move(partition_);
  }

 private:
  using Digests = std::map<uint64_t, MultisetDigest>;  // by key >> shift

  Status RunTask(store::Connection* db, const Task& task, ServerCheck* out) {
    MIGRATE_ASSIGN(Digests actual, ReadDigests(db, task.range, out));
    std::set<uint64_t> unequal;
    for (const auto& [number, text] : task.expected) {
      MIGRATE_ASSIGN(MultisetDigest expected, MultisetDigest::FromText(text));
      if (actual[number] != expected) unequal.insert(number);
      actual.erase(number);
    }
    for (const auto& [number, digest] : actual) unequal.insert(number);  // nobody filled these
    for (uint64_t number : unequal) MIGRATE_TRY(ReadBucket(db, task.range.partition, number, out));
    std::lock_guard lock(mutex_);
    rows_ += out->rows;
    if (o_.progress) o_.progress(rows_);
    return {};
  }

  // With the last of its stretches a partition is put together, in their order.
  Status Done(uint32_t partition) {
    std::lock_guard lock(mutex_);
    if (--open_[partition] != 0) return {};
    for (size_t i = 0; i < tasks_.size(); ++i)
      if (tasks_[i].range.partition == partition) Merge(std::exchange(results_[i], {}), &partition_[partition]);
    return o_.done ? o_.done(partition, partition_[partition]) : Status();
  }

  int Column(std::string_view name) const {
    const auto found = std::find(table_.columns.begin(), table_.columns.end(), name);
    return static_cast<int>(found - table_.columns.begin());
  }

  // The clustered index is read, whatever other index an operator may have added that holds all columns.
  Result<std::unique_ptr<store::Statement>> Rows(store::Connection* db, const KeyRange& range) {
    const std::string& key = table_.key.front();
    std::string sql = ledger::SelectColumns(table_) + " FROM ";
    sql += table_.partitioned ? ledger::TablePartition(*db, table_.name, range.partition) : table_.name;
    sql += " FORCE INDEX (PRIMARY)";
    if (range.first > 0) sql += fmt::format(" WHERE {} >= {}", key, range.first);
    if (range.last < UINT64_MAX) sql += fmt::format(" {} {} <= {}", range.first > 0 ? "AND" : "WHERE", key, range.last);
    return store::ScanHere(db, sql);
  }

  Result<Digests> ReadDigests(store::Connection* db, const KeyRange& range, ServerCheck* out) {
    Digests digests;
    MultisetDigest* current = nullptr;
    uint64_t number = 0;
    RowsAtOnce rows(table_, RowsAtOnce::Values::kTexts, partitioner_, o_.source_names, &out->sources,
                    [&](uint64_t key, const Sha256& hash) -> Status {
                      if (current == nullptr || key >> shift_ != number) current = &digests[number = key >> shift_];
                      current->Add(hash);
                      return {};
                    });
    MIGRATE_ASSIGN(auto q, Rows(db, range));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      const uint64_t key = Unsigned(q->Text(0));
      out->keys.Add(key);
      if (person_column_ >= 0)
        out->members.Add(Unsigned(q->Text(person_column_)), count_column_ < 0 ? 1 : Unsigned(q->Text(count_column_)));
      MIGRATE_TRY(rows.Add(key, *q));
    }
    MIGRATE_TRY(rows.Flush());
    out->rows = out->keys.count;
    return digests;
  }

  // The rows of a bucket that differs against those that the ledger names.
  Status ReadBucket(store::Connection* db, uint32_t partition, uint64_t number, ServerCheck* out) {
    ++out->unequal_buckets;
    out->unequal.push_back(number * partitions_ + partition);
    const KeyRange range{partition, number << shift_, (number << shift_) | ((uint64_t{1} << shift_) - 1)};
    std::vector<ledger::NamedRow> found, expected;
    SourceDigests ignored;
    RowsAtOnce rows(table_, RowsAtOnce::Values::kTexts, partitioner_, o_.source_names, &ignored,
                    [&](uint64_t key, const Sha256& hash) -> Status {
                      found.push_back({key, ledger::Hash4(hash)});
                      return {};
                    });
    MIGRATE_ASSIGN(auto q, Rows(db, range));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      MIGRATE_TRY(rows.Add(Unsigned(q->Text(0)), *q));
    }
    MIGRATE_TRY(rows.Flush());
    MIGRATE_ASSIGN(auto stored, db->Prepare("SELECT `rows` FROM bucket WHERE table_name = ? AND bucket = ?"));
    stored->BindText(1, table_.name);
    stored->Bind(2, static_cast<int64_t>(number * partitions_ + partition));
    MIGRATE_ASSIGN(bool known, stored->Step());
    if (known) expected = ledger::DecodeBucketRows(stored->Text(0));
    return CompareRows(std::move(expected), std::move(found), [&](uint64_t key, RowFault fault) -> Status {
      if (out->faults.size() < kMaxFaults)
        out->faults.emplace_back(key, fault);
      else
        ++out->more_faults;
      return {};
    });
  }

  const ledger::Table& table_;
  const ServerCheckOptions& o_;
  unsigned shift_;
  uint32_t partitions_;
  const Partitioner partitioner_;  // as the server's PARTITION BY HASH
  int person_column_ = -1, count_column_ = -1;
  std::vector<Task> tasks_;
  std::vector<ServerCheck> results_;    // by task
  std::vector<size_t> open_;            // tasks to come, by partition
  std::vector<ServerCheck> partition_;  // those that are done
  std::mutex mutex_;
  uint64_t rows_ = 0;
};

}  // namespace

uint64_t Unsigned(std::string_view decimal) {
  uint64_t v = 0;
  for (char c : decimal) {
    if (c < '0' || c > '9') break;
    v = v * 10 + static_cast<uint64_t>(c - '0');
  }
  return v;
}

void KeySet::Add(uint64_t key) {
  ++count;
  xor_keys ^= key;
  sum += key;
}

void KeySet::Merge(const KeySet& o) {
  count += o.count;
  xor_keys ^= o.xor_keys;
  sum += o.sum;
}

namespace {

// The finalizer of SplitMix64 (Steele, Lea, Flood 2014): each bit of the result depends on every bit of x.
uint64_t Mixed(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
  return x ^ (x >> 31);
}

}  // namespace

void MemberCounts::Add(uint64_t person_id, uint64_t records) {
  low += records * Mixed(person_id + 0x9E3779B97F4A7C15);
  high += records * Mixed(person_id ^ 0xD1B54A32D192ED03);
}

void MemberCounts::Merge(const MemberCounts& o) {
  low += o.low;
  high += o.high;
}

void Merge(const ServerCheck& part, ServerCheck* all) {
  all->rows += part.rows;
  all->unequal_buckets += part.unequal_buckets;
  all->unequal.insert(all->unequal.end(), part.unequal.begin(), part.unequal.end());
  for (const auto& fault : part.faults) {
    if (all->faults.size() < kMaxFaults)
      all->faults.push_back(fault);
    else
      ++all->more_faults;
  }
  all->more_faults += part.more_faults;
  for (const auto& [at, digest] : part.sources) all->sources[at].Merge(digest);
  all->keys.Merge(part.keys);
  all->members.Merge(part.members);
}

Result<std::vector<ServerCheck>> CheckPartitions(store::Connection* db, Sessions* sessions, const ledger::Table& table,
                                                 const ServerCheckOptions& options) {
  return Checker(table, options).Run(db, sessions);
}

Result<ServerCheck> CheckOnServer(store::Connection* db, Sessions* sessions, const ledger::Table& table,
                                  const ServerCheckOptions& options) {
  MIGRATE_ASSIGN(const auto partitions, CheckPartitions(db, sessions, table, options));
  ServerCheck all;
  for (const ServerCheck& p : partitions) Merge(p, &all);
  return all;
}

}  // namespace migrate::reconcile
