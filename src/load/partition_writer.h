// The writing half of load: decides, for all images of one record_id, which is current, and writes them.
//
//   writer->Begin(partition, counts_so_far);
//   writer->LookUp(rows);              // what the table holds of a batch, in a query or two
//   writer->Write(group) ...           // all images of one id, ascending by id
//   writer->Flush();                   // before each commit
//   writer->MarkGone();                // at the end of the partition
#pragma once

#include <memory>
#include <set>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "batches.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/versions.h"
#include "migrate/load/load.h"
#include "rejects.h"
#include "source_digests.h"

namespace migrate::load {

class PartitionWriter {
 public:
  // `filled`: the table had rows before this import, so existing images are looked up.
  static Result<std::unique_ptr<PartitionWriter>> Open(const Options& options, store::Connection* db,
                                                       const ledger::Bucketing& buckets, bool filled);

  Status Begin(uint32_t partition, CountsBySource counts);
  // Reads what the table holds of these rows, which ascend by id; Write needs it for each of its groups. Of rows that
  // are there as they come only their hash travels. The groups of `open` ids are not complete.
  Status LookUp(const std::vector<const Prepared*>& rows, const std::set<uint64_t>& open);
  // All prepared images of one record_id, in file and row order.
  Status Write(std::vector<Prepared*>& group);
  // A group that an earlier attempt has committed.
  int64_t FirstImport(const Prepared& p) const;
  bool IsOlder(const Prepared& p, const ledger::StoredRecord& current) const;
  void Skip(const Prepared& image);
  // Marks what a full snapshot did not hold.
  Status MarkGone();
  // Sends rows, digests and buckets; within the same transaction. The duplicates since the last Flush are the caller's.
  Status Flush();
  const CountsBySource& counts() const { return counts_; }
  Rejects TakeRejects() { return std::exchange(rejects_, {}); }

 private:
  // A row of `record` as it is stored.
  struct Existing {
    ledger::StoredRecord image;
    std::string more, attributes;
    Sha256 hash{};
  };
  // What tells whether a row is there as it comes.
  struct Print {
    Sha256 row_sha256{};
    int64_t import_id = 0;
    bool gone = false;
  };
  PartitionWriter(const Options& options, store::Connection* db, const ledger::Bucketing& buckets);
  Status ReadPrints(const std::vector<uint64_t>& ids);
  Status ReadPrintsWhere(const std::string& condition);
  Status ReadExisting(const std::vector<uint64_t>& ids);
  Status DropDuplicates(std::vector<Prepared*>* group);
  Status Quarantine(const Prepared& p, std::string_view reason, std::string detail);
  Status Insert(const Prepared& p, store::RowWriter* rows);
  Status Replace(const Existing& old, const Prepared& p);
  Status ToHistory(const ledger::StoredRecord& image, const std::string& more, const std::string& attributes_json);
  Result<bool> InHistory(const Prepared& p);
  Result<std::vector<uint64_t>> Unseen();
  void Unchanged(const Prepared& p, Counts* counts);
  std::string RecordPartition() const;

  const Options& options_;
  store::Connection* db_;
  ledger::BucketKeeper record_buckets_, history_buckets_;
  ledger::SeenKeeper seen_before_;
  std::unique_ptr<store::RowWriter> insert_, replace_, history_;
  std::unique_ptr<store::Statement> in_history_;
  Rejects rejects_;
  ledger::RowHasher hasher_;
  bool filled_ = false;

  uint32_t partition_ = 0;
  CountsBySource counts_;
  DigestChanges digests_;
  std::vector<uint64_t> seen_;                       // record_ids of full snapshots
  std::unordered_map<uint64_t, Print> prints_;       // of LookUp
  std::unordered_map<uint64_t, Existing> existing_;  // of LookUp: those that differ
  std::unordered_set<uint64_t> unchanged_;           // of LookUp
  bool dense_ = true;                                // the rows that come are many of those that are there
  uint64_t history_id_ = 0;                          // record_id that the next number belongs to
  int64_t history_seq_ = 0;
};

}  // namespace migrate::load
