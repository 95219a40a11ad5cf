#include "server_check.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "digest_sql.h"

namespace migrate::reconcile {
namespace {

// The buckets of one partition that the ledger knows, by key >> shift.
using Expected = std::map<uint64_t, std::string>;

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
    const uint64_t bucket = Modulo64(q->Text(0));
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
      : table_(table), o_(o), shift_(o.buckets.ShiftOf(table)), partitions_(o.buckets.PartitionsOf(table)) {}

  Result<ServerCheck> Run(store::Connection* db, Sessions* sessions) {
    MIGRATE_ASSIGN(row_hash_, RowHashSql(db, table_));
    MIGRATE_ASSIGN(auto expected, ExpectedDigests(db, table_, partitions_));
    const std::vector<Task> tasks = MakeTasks(expected, shift_);
    results_.resize(tasks.size());
    MIGRATE_TRY(sessions->ForEach(tasks.size(), o_.cancel,
                                  [&](store::Connection* c, size_t i) { return RunTask(c, tasks[i], &results_[i]); }));
    ServerCheck all;
    for (ServerCheck& r : results_) Merge(r, &all);
    return all;
  }

 private:
  Status RunTask(store::Connection* db, const Task& task, ServerCheck* out) {
    std::map<uint64_t, MultisetDigest> actual;  // without sums: DigestSql
    MIGRATE_TRY(ReadDigests(db, task.range, &actual, out));
    std::set<uint64_t> unequal;
    for (const auto& [number, text] : task.expected) {
      MIGRATE_ASSIGN(MultisetDigest expected, MultisetDigest::FromText(text));
      const MultisetDigest& found = actual[number];
      if (found.count != expected.count || found.xor_hash != expected.xor_hash) unequal.insert(number);
      actual.erase(number);
    }
    for (const auto& [number, digest] : actual) unequal.insert(number);  // nobody filled these
    for (uint64_t number : unequal) MIGRATE_TRY(ReadBucket(db, task.range.partition, number, out));
    std::lock_guard lock(mutex_);
    rows_ += out->rows;
    if (o_.progress) o_.progress(rows_);
    return {};
  }

  Status ReadDigests(store::Connection* db, const KeyRange& range, std::map<uint64_t, MultisetDigest>* actual,
                     ServerCheck* out) {
    MIGRATE_ASSIGN(auto q, db->Prepare(DigestSql(*db, table_, row_hash_, range, shift_, o_.source_names)));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) return {};
      out->rows += Modulo64(q->Text(2));
      out->keys.count += Modulo64(q->Text(2));
      out->keys.xor_keys ^= Modulo64(q->Text(3));
      out->keys.sum += Modulo64(q->Text(4));
      int column = 5;
      MultisetDigest digest;
      digest.count = Modulo64(q->Text(2));
      digest.xor_hash = ReadXor(*db, *q, &column);
      (*actual)[Modulo64(q->Text(0))].Merge(digest);
      const auto source = static_cast<uint32_t>(q->Integer(1));
      if (&table_ != &ledger::RecordTable() || o_.source_names.count(source) == 0) continue;
      digest.xor_hash = ReadXor(*db, *q, &column);
      out->sources[{source, range.partition}].Merge(digest);
    }
  }

  // The rows of a bucket that differs against those that the ledger names.
  Status ReadBucket(store::Connection* db, uint32_t partition, uint64_t number, ServerCheck* out) {
    ++out->unequal_buckets;
    out->unequal.push_back(number * partitions_ + partition);
    const KeyRange range{partition, number << shift_, (number << shift_) | ((uint64_t{1} << shift_) - 1)};
    std::vector<ledger::NamedRow> rows, expected;
    MIGRATE_ASSIGN(auto q, db->Prepare(RowHashesSql(*db, table_, row_hash_, range)));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) break;
      rows.push_back({Modulo64(q->Text(0)), static_cast<uint32_t>(Modulo64(q->Text(1)))});
    }
    MIGRATE_ASSIGN(auto stored, db->Prepare("SELECT `rows` FROM bucket WHERE table_name = ? AND bucket = ?"));
    stored->BindText(1, table_.name);
    stored->Bind(2, static_cast<int64_t>(number * partitions_ + partition));
    MIGRATE_ASSIGN(bool known, stored->Step());
    if (known) expected = ledger::DecodeBucketRows(stored->Text(0));
    return CompareRows(std::move(expected), std::move(rows), [&](uint64_t key, RowFault fault) -> Status {
      if (out->faults.size() < kMaxFaults)
        out->faults.emplace_back(key, fault);
      else
        ++out->more_faults;
      return {};
    });
  }

  static void Merge(ServerCheck& part, ServerCheck* all) {
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
    all->keys.count += part.keys.count;
    all->keys.xor_keys ^= part.keys.xor_keys;
    all->keys.sum += part.keys.sum;
  }

  const ledger::Table& table_;
  const ServerCheckOptions& o_;
  unsigned shift_;
  uint32_t partitions_;
  std::string row_hash_;
  std::vector<ServerCheck> results_;
  std::mutex mutex_;
  uint64_t rows_ = 0;
};

}  // namespace

Result<ServerCheck> CheckOnServer(store::Connection* db, Sessions* sessions, const ledger::Table& table,
                                  const ServerCheckOptions& options) {
  return Checker(table, options).Run(db, sessions);
}

}  // namespace migrate::reconcile
