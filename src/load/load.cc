#include "migrate/load/load.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "batches.h"
#include "migrate/ledger/ledger.h"
#include "partition_writer.h"

namespace migrate::load {
namespace {

using nlohmann::json;
constexpr char kStage[] = "load";

std::string ToJson(const CountsBySource& counts) {
  json j = json::object();
  for (const auto& [source, c] : counts)
    j[std::to_string(source)] = {{"inserted", c.inserted},     {"updated", c.updated},       {"unchanged", c.unchanged},
                                 {"superseded", c.superseded}, {"duplicates", c.duplicates}, {"gone", c.gone},
                                 {"seen", c.seen.Text()}};
  return j.dump();
}

Result<CountsBySource> FromJson(const std::string& text) {
  CountsBySource counts;
  json j = json::parse(text, nullptr, false);
  if (!j.is_object())
    return Status::Failed("checkpoint of the load cannot be read: " + text, "restore the target from a backup");
  for (const auto& [source, v] : j.items()) {
    Counts& c = counts[static_cast<uint32_t>(std::stoul(source))];
    c.inserted = v.value("inserted", 0ULL);
    c.updated = v.value("updated", 0ULL);
    c.unchanged = v.value("unchanged", 0ULL);
    c.superseded = v.value("superseded", 0ULL);
    c.duplicates = v.value("duplicates", 0ULL);
    c.gone = v.value("gone", 0ULL);
    MIGRATE_ASSIGN(c.seen, MultisetDigest::FromText(v.value("seen", "")));
  }
  return counts;
}

void MergeInto(CountsBySource* all, const CountsBySource& part) {
  for (const auto& [source, c] : part) (*all)[source].Merge(c);
}

uint64_t Seen(const CountsBySource& counts) {
  uint64_t n = 0;
  for (const auto& [source, c] : counts) n += c.seen.count;
  return n;
}

// The shift is fixed at the first load, when the number of rows is known.
Result<unsigned> BucketShift(const Options& options) {
  MIGRATE_ASSIGN(std::string text, ledger::Setting(options.db, "bucket_shift"));
  if (!text.empty()) return static_cast<unsigned>(std::stoul(text));
  uint64_t rows = 0;
  for (const auto& s : options.segments) {
    MIGRATE_ASSIGN(auto reader, spool::SegmentReader::Open(s.path));
    for (const auto& b : reader->blocks()) rows += b.rows;
  }
  unsigned shift = ledger::ChooseBucketShift(std::max(rows, options.expected_rows));
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(options.db));
  MIGRATE_TRY(ledger::SetSetting(options.db, "bucket_shift", std::to_string(shift)));
  MIGRATE_TRY(transaction.Commit());
  return shift;
}

// One partition, one transaction. *first is a batch that was taken already; *carry_over the first of the next one.
class PartitionRun {
 public:
  PartitionRun(const Options& options, BatchReader* reader, PartitionWriter* writer)
      : options_(options), reader_(reader), writer_(writer) {}

  Result<CountsBySource> Run(uint32_t partition, uint64_t rows_before) {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(options_.db));
    writer_->Begin(partition);
    uint64_t rows = 0;
    for (bool last = false; !last;) {
      std::unique_ptr<Batch> batch = reader_->Next();
      if (!batch) return Status::Failed("load: the reader ended before its last partition");
      if (!batch->error.ok()) return batch->error;
      last = batch->last;
      MIGRATE_TRY(WriteBatch(batch.get()));
      rows += batch->size;
      if (options_.progress) options_.progress(rows_before + rows);
      held_.push_back(std::move(batch));  // its last group may go on in the next one
    }
    MIGRATE_TRY(WriteGroup());
    while (!held_.empty()) Release();
    MIGRATE_ASSIGN(CountsBySource counts, writer_->End());
    MIGRATE_TRY(ledger::SetCheckpoint(options_.db, options_.import_id, kStage, partition, ToJson(counts)));
    MIGRATE_TRY(transaction.Commit());
    return counts;
  }

 private:
  Status WriteBatch(Batch* batch) {
    for (size_t i = 0; i < batch->size; ++i) {
      Prepared* p = &batch->rows[i];
      if (!group_.empty() && group_.front()->row.record.record_id != p->row.record.record_id) MIGRATE_TRY(WriteGroup());
      group_.push_back(p);
    }
    return {};
  }
  Status WriteGroup() {
    if (group_.empty()) return {};
    Status s = writer_->Write(group_);
    group_.clear();
    while (held_.size() > 1) Release();
    return s;
  }
  void Release() {
    reader_->Recycle(std::move(held_.front()));
    held_.pop_front();
  }

  const Options& options_;
  BatchReader* reader_;
  PartitionWriter* writer_;
  std::vector<Prepared*> group_;  // images of one record_id, in batches that are held
  std::deque<std::unique_ptr<Batch>> held_;
};

}  // namespace

void Counts::Merge(const Counts& o) {
  inserted += o.inserted;
  updated += o.updated;
  unchanged += o.unchanged;
  superseded += o.superseded;
  duplicates += o.duplicates;
  gone += o.gone;
  seen.Merge(o.seen);
}

Result<CountsBySource> LoadRecords(const Options& options) {
  CountsBySource all;
  std::vector<uint32_t> open;
  for (uint32_t p = 0; p < options.partitioner.count; ++p) {
    MIGRATE_ASSIGN(auto done, ledger::Checkpoint(options.db, options.import_id, kStage, p));
    if (!done) {
      open.push_back(p);
      continue;
    }
    MIGRATE_ASSIGN(CountsBySource counts, FromJson(*done));
    MergeInto(&all, counts);
  }
  if (open.empty()) return all;
  MIGRATE_ASSIGN(unsigned shift, BucketShift(options));
  MIGRATE_ASSIGN(int64_t filled, options.db->QueryInteger("SELECT EXISTS (SELECT 1 FROM record)"));
  MIGRATE_ASSIGN(auto writer, PartitionWriter::Open(options, shift, filled != 0));
  BatchReader reader(options, open);
  for (uint32_t partition : open) {
    if (options.cancel != nullptr && options.cancel->requested()) return Status::Cancelled("load: cancelled");
    PartitionRun run(options, &reader, writer.get());
    MIGRATE_ASSIGN(CountsBySource counts, run.Run(partition, Seen(all)));
    MergeInto(&all, counts);
  }
  return all;
}

}  // namespace migrate::load
