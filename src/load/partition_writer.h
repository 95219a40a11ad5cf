// The writing half of load: decides, for all images of one record_id, which is current, and writes them.
#pragma once

#include <memory>
#include <vector>

#include "batches.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/ledger.h"
#include "migrate/load/load.h"

namespace migrate::load {

class PartitionWriter {
 public:
  // `filled`: the table had rows before, so existing images are looked up.
  static Result<std::unique_ptr<PartitionWriter>> Open(const Options& options, unsigned bucket_shift, bool filled);

  void Begin(uint32_t partition);
  // All prepared images of one record_id, in file and row order.
  Status Write(std::vector<Prepared*>& group);
  // Marks what a full snapshot did not hold, flushes digests; within the same transaction.
  Result<CountsBySource> End();

 private:
  explicit PartitionWriter(const Options& options, unsigned bucket_shift);
  Status DropDuplicates(std::vector<Prepared*>* group);
  Status Quarantine(const Prepared& p, std::string_view reason, std::string detail);
  Result<bool> FindExisting(uint64_t record_id);
  Status Insert(const Prepared& p);
  Status Update(const Prepared& p);
  Status ToHistory(const ledger::StoredRecord& image, const std::string& more, const std::string& attributes_json);
  Result<bool> InHistory(const Prepared& p);
  Status Delete(uint64_t record_id);
  Status MarkGone();
  Status FlushDigests();

  const Options& options_;
  ledger::BucketKeeper record_buckets_, history_buckets_;
  std::unique_ptr<ledger::QuarantineWriter> quarantine_;
  std::unique_ptr<store::Statement> insert_, select_, delete_, history_, in_history_;
  ledger::RowHasher hasher_;
  bool filled_ = false;

  uint32_t partition_ = 0;
  CountsBySource counts_;
  std::map<uint32_t, std::pair<MultisetDigest, MultisetDigest>> digests_;  // by source: added, removed
  std::vector<uint64_t> seen_;                                             // record_ids of full snapshots
  ledger::StoredRecord existing_;                                          // of FindExisting
  std::string existing_more_, existing_attributes_;
  Sha256 existing_hash_{};
  uint64_t history_id_ = 0;  // record_id that the next number belongs to
  int64_t history_seq_ = 0;
};

}  // namespace migrate::load
