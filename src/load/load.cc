#include "migrate/load/load.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "batches.h"
#include "migrate/ledger/chunk.h"
#include "migrate/ledger/crew.h"
#include "migrate/ledger/ledger.h"
#include "migrate/spool/sorter.h"
#include "partition_writer.h"

namespace migrate::load {
namespace {

using nlohmann::json;
constexpr char kStage[] = "load";

// How far a partition is: the value of its checkpoint.
struct Progress {
  CountsBySource counts;
  uint64_t through = 0;              // record_ids up to this one are done
  uint64_t chunks = 0;               // so far
  std::vector<uint64_t> duplicates;  // chunks that left a file of rejects
  bool begun = false, done = false;
};

std::string ToJson(const Progress& p) {
  json sources = json::object();
  for (const auto& [source, c] : p.counts)
    sources[std::to_string(source)] = {
        {"inserted", c.inserted},     {"updated", c.updated}, {"unchanged", c.unchanged}, {"superseded", c.superseded},
        {"duplicates", c.duplicates}, {"gone", c.gone},       {"seen", c.seen.Text()}};
  return json({{"done", p.done},
               {"through", p.through},
               {"chunks", p.chunks},
               {"duplicates", p.duplicates},
               {"sources", sources}})
      .dump();
}

Result<Progress> FromJson(const std::string& text) {
  Progress p;
  json j = json::parse(text, nullptr, false);
  if (!j.is_object() || !j.contains("sources"))
    return Status::Failed("checkpoint of the load cannot be read: " + text, "restore the target from a backup");
  p.begun = true;
  p.done = j.value("done", false);
  p.through = j.value("through", 0ULL);
  p.chunks = j.value("chunks", 0ULL);
  p.duplicates = j.value("duplicates", std::vector<uint64_t>());
  for (const auto& [source, v] : j["sources"].items()) {
    Counts& c = p.counts[static_cast<uint32_t>(std::stoul(source))];
    c.inserted = v.value("inserted", 0ULL);
    c.updated = v.value("updated", 0ULL);
    c.unchanged = v.value("unchanged", 0ULL);
    c.superseded = v.value("superseded", 0ULL);
    c.duplicates = v.value("duplicates", 0ULL);
    c.gone = v.value("gone", 0ULL);
    MIGRATE_ASSIGN(c.seen, MultisetDigest::FromText(v.value("seen", "")));
  }
  return p;
}

void MergeInto(CountsBySource* all, const CountsBySource& part) {
  for (const auto& [source, c] : part) (*all)[source].Merge(c);
}

uint64_t Seen(const CountsBySource& counts) {
  uint64_t n = 0;
  for (const auto& [source, c] : counts) n += c.seen.count;
  return n;
}

std::string RejectsPath(const Options& o, uint32_t partition, uint64_t chunk) {
  return fmt::format("{}/duplicates-{}-{}.seg", o.scratch, partition, chunk);
}

// Another import may have come between an attempt that found an empty table and the one that goes on with it.
Result<bool> OthersLoad(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(const int64_t others,
                 db->QueryInteger(fmt::format("SELECT EXISTS (SELECT 1 FROM checkpoint WHERE stage = 'load_begun' AND "
                                              "import_id <> {})",
                                              import_id)));
  return others != 0;
}

// The shift is fixed at the first load, when the number of rows is known; and whether there were rows before this
// import, when it begins.
Result<bool> Prepare(const Options& options) {
  store::Connection* db = options.db;
  MIGRATE_ASSIGN(auto before, ledger::Checkpoint(db, options.import_id, "load_begun", 0));
  if (before && *before == "empty") return OthersLoad(db, options.import_id);
  if (before) return true;
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_ASSIGN(std::string shift, ledger::Setting(db, "bucket_shift"));
  if (shift.empty()) {
    uint64_t rows = 0;
    for (const auto& s : options.segments) {
      MIGRATE_ASSIGN(auto reader, spool::SegmentReader::Open(s.path));
      for (const auto& b : reader->blocks()) rows += b.rows;
    }
    const uint32_t partitions = db->dialect() == store::Dialect::kSqlite ? 1 : options.partitioner.count;
    MIGRATE_TRY(ledger::SetSetting(
        db, "bucket_shift",
        std::to_string(ledger::ChooseBucketShift(std::max(rows, options.expected_rows), partitions))));
  }
  MIGRATE_ASSIGN(int64_t filled, db->QueryInteger("SELECT EXISTS (SELECT 1 FROM record)"));
  MIGRATE_TRY(ledger::SetCheckpoint(db, options.import_id, "load_begun", 0, filled != 0 ? "filled" : "empty"));
  MIGRATE_TRY(transaction.Commit());
  return filled != 0;
}

// Rows done so far, over all workers.
class Meter {
 public:
  Meter(const Options& options, uint64_t rows) : options_(options), rows_(rows) {}
  void Add(uint64_t rows) {
    std::lock_guard lock(mutex_);
    rows_ += rows;
    if (options_.progress) options_.progress(rows_);
  }

 private:
  const Options& options_;
  std::mutex mutex_;
  uint64_t rows_;
};

// One partition, in chunks.
class PartitionRun {
 public:
  PartitionRun(const Options& options, store::Connection* db, BatchReader* reader, PartitionWriter* writer,
               ledger::Chunk* chunk, Meter* meter)
      : options_(options), db_(db), reader_(reader), writer_(writer), chunk_(chunk), meter_(meter) {}

  // When it returns, the partition's last rows may wait for the chunk's commit.
  Result<Progress> Run(uint32_t partition, Progress progress) {
    progress_ = std::move(progress);
    partition_ = partition;
    resumed_through_ = progress_.begun ? std::optional(progress_.through) : std::nullopt;
    saved_ = progress_.begun ? std::optional(ToJson(progress_)) : std::nullopt;
    MIGRATE_TRY(writer_->Begin(partition, progress_.counts));
    MIGRATE_TRY(chunk_->Begin());
    for (bool last = false; !last;) {
      std::unique_ptr<Batch> batch = reader_->Next();
      if (!batch) return Status::Failed("load: the reader ended before its last partition");
      if (!batch->error.ok()) return batch->error;
      last = batch->last;
      MIGRATE_TRY(WriteBatch(batch.get()));
      meter_->Add(batch->size);
      held_.push_back(std::move(batch));  // its last group may go on in the next one
    }
    MIGRATE_TRY(WriteGroup());
    while (!held_.empty()) Release();
    MIGRATE_TRY(writer_->MarkGone());
    progress_.done = true;
    MIGRATE_TRY(Save());
    if (chunk_->rows() >= options_.chunk_rows) MIGRATE_TRY(chunk_->Commit());
    return std::move(progress_);
  }

 private:
  Status WriteBatch(Batch* batch) {
    MIGRATE_TRY(LookUp(*batch));
    for (size_t i = 0; i < batch->size; ++i) {
      Prepared* p = &batch->rows[i];
      const uint64_t id = p->row.record.record_id;
      if (resumed_through_ && id <= *resumed_through_) {
        writer_->Skip(*p);
        continue;
      }
      if (!group_.empty() && group_.front()->row.record.record_id != id) MIGRATE_TRY(WriteGroup());
      group_.push_back(p);
    }
    return {};
  }

  Status LookUp(const Batch& batch) {
    std::vector<const Prepared*> rows(group_.begin(), group_.end());
    std::set<uint64_t> open;
    if (!group_.empty()) open.insert(group_.front()->row.record.record_id);
    for (size_t i = 0; i < batch.size; ++i) rows.push_back(&batch.rows[i]);
    if (!batch.last && !rows.empty()) open.insert(rows.back()->row.record.record_id);
    return writer_->LookUp(rows, open);
  }

  Status WriteGroup() {
    if (group_.empty()) return {};
    progress_.through = group_.front()->row.record.record_id;
    progress_.begun = true;
    chunk_->Count(group_.size());
    Status s = writer_->Write(group_);
    group_.clear();
    while (held_.size() > 1) Release();
    if (!s.ok() || chunk_->rows() < options_.chunk_rows) return s;
    MIGRATE_TRY(Save());
    MIGRATE_TRY(chunk_->Commit());
    if (options_.cancel != nullptr && options_.cancel->requested()) return Status::Cancelled("load: cancelled");
    return chunk_->Begin();
  }

  // Everything that the chunk has of this partition, and how far it is.
  Status Save() {
    MIGRATE_TRY(CheckAlone());
    MIGRATE_TRY(writer_->Flush());
    if (Rejects rejects = writer_->TakeRejects(); !rejects.empty()) {
      MIGRATE_TRY(WriteRejects(RejectsPath(options_, partition_, progress_.chunks), rejects));
      progress_.duplicates.push_back(progress_.chunks);
    }
    ++progress_.chunks;
    progress_.counts = writer_->counts();
    saved_ = ToJson(progress_);
    return ledger::SetCheckpoint(db_, options_.import_id, kStage, partition_, *saved_);
  }

  // A shard that was paused while another one took its part up finds the checkpoint moved on, and commits nothing.
  Status CheckAlone() {
    if (!options_.share) return {};
    MIGRATE_ASSIGN(auto now, ledger::SettledCheckpoint(db_, options_.import_id, kStage, partition_));
    if (now == saved_) return {};
    return Status::Failed(fmt::format("load: another process is loading partition {}", partition_),
                          "call the shard again when that one has ended");
  }

  void Release() {
    reader_->Recycle(std::move(held_.front()));
    held_.pop_front();
  }

  const Options& options_;
  store::Connection* db_;
  BatchReader* reader_;
  PartitionWriter* writer_;
  ledger::Chunk* chunk_;
  Meter* meter_;
  Progress progress_;
  uint32_t partition_ = 0;
  std::optional<uint64_t> resumed_through_;
  std::optional<std::string> saved_;  // the checkpoint as this process left or found it
  std::vector<Prepared*> group_;      // images of one record_id, in batches that are held
  std::deque<std::unique_ptr<Batch>> held_;
};

using Partitions = std::map<uint32_t, Progress>;

// The partitions of one worker.
Status Work(const Options& options, store::Connection* db, const ledger::Bucketing& buckets, bool filled, Meter* meter,
            Partitions* mine, const std::atomic<bool>& stop) {
  std::vector<uint32_t> order;
  for (const auto& [partition, progress] : *mine) order.push_back(partition);
  MIGRATE_ASSIGN(auto writer, PartitionWriter::Open(options, db, buckets, filled));
  BatchReader reader(options, order);
  ledger::Chunk chunk(db);
  for (auto& [partition, progress] : *mine) {
    const bool cancelled = options.cancel != nullptr && options.cancel->requested();
    if (stop || cancelled) {
      MIGRATE_TRY(chunk.Commit());
      return cancelled ? Status::Cancelled("load: cancelled") : Status();
    }
    PartitionRun run(options, db, &reader, writer.get(), &chunk, meter);
    MIGRATE_ASSIGN(progress, run.Run(partition, std::move(progress)));
  }
  return chunk.Commit();
}

// All open partitions, shared among the workers; the first error stops the others after their partition.
Status RunWorkers(const Options& options, bool filled, Partitions* open, Meter* meter) {
  MIGRATE_ASSIGN(ledger::Bucketing buckets, ledger::BucketingOf(options.db));
  const size_t workers = std::min<size_t>(std::max(1u, options.workers), open->size());
  std::vector<Partitions> shares(workers);
  size_t next = 0;
  for (auto& [partition, progress] : *open) shares[next++ % workers][partition] = std::move(progress);
  std::vector<std::unique_ptr<store::Connection>> connections(workers);
  for (size_t i = 1; i < workers; ++i) {
    MIGRATE_ASSIGN(connections[i], options.connect());
  }
  MIGRATE_TRY(ledger::RunCrew(workers, "load", [&](size_t i, const std::atomic<bool>& stop) {
    return Work(options, i == 0 ? options.db : connections[i].get(), buckets, filled, meter, &shares[i], stop);
  }));
  for (auto& share : shares)
    for (auto& [partition, progress] : share) (*open)[partition] = std::move(progress);
  return {};
}

// What the chunks put aside goes to quarantine, in the order of files and rows, whatever the partitions are.
Status QuarantineDuplicates(const Options& options, const Partitions& partitions) {
  MIGRATE_ASSIGN(auto done, ledger::Checkpoint(options.db, options.import_id, "duplicates", 0));
  if (done) return {};
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(options.db));
  MIGRATE_ASSIGN(auto quarantine, ledger::QuarantineWriter::Open(options.db, options.import_id));
  std::map<uint32_t, int64_t> source_of;
  for (const auto& s : options.segments) source_of[s.file] = s.source;
  spool::Sorter sorter(options.scratch, 64 << 20);
  for (const auto& [partition, progress] : partitions)
    for (uint64_t chunk : progress.duplicates)
      MIGRATE_TRY(ReadRejects(RejectsPath(options, partition, chunk), [&](const Reject& r) {
        spool::RawBlockWriter one;
        one.Add(r);
        return sorter.Add(r.place.file, r.place.row, one.bytes());
      }));
  MIGRATE_TRY(sorter.Sort());
  spool::Sorter::Item item;
  for (;;) {
    MIGRATE_ASSIGN(bool more, sorter.Next(&item));
    if (!more) break;
    spool::RawBlockReader one(item.value);
    MIGRATE_TRY(one.Next().status());
    Reject r = one.reject();
    r.place.file = static_cast<uint32_t>(item.high);
    MIGRATE_TRY(quarantine->Add(source_of[r.place.file], r));
  }
  MIGRATE_TRY(quarantine->Flush());
  MIGRATE_TRY(ledger::SetCheckpoint(options.db, options.import_id, "duplicates", 0, "{}"));
  return transaction.Commit();
}

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

Status PrepareLoad(const Options& options) { return Prepare(options).status(); }

Result<std::vector<uint32_t>> OpenPartitions(store::Connection* db, int64_t import_id, uint32_t partitions) {
  std::vector<uint32_t> open;
  for (uint32_t p = 0; p < partitions; ++p) {
    MIGRATE_ASSIGN(auto text, ledger::Checkpoint(db, import_id, kStage, p));
    Progress progress;
    if (text) {
      MIGRATE_ASSIGN(progress, FromJson(*text));
    }
    if (!progress.done) open.push_back(p);
  }
  return open;
}

Result<CountsBySource> LoadRecords(const Options& options) {
  Partitions done, open;
  uint64_t rows = 0;
  for (uint32_t p = 0; p < options.partitioner.count; ++p) {
    if (options.share && !options.share(p)) continue;
    MIGRATE_ASSIGN(auto text, ledger::SettledCheckpoint(options.db, options.import_id, kStage, p));
    Progress progress;
    if (text) {
      MIGRATE_ASSIGN(progress, FromJson(*text));
    }
    if (progress.done) rows += Seen(progress.counts);
    (progress.done ? done : open)[p] = std::move(progress);
  }
  if (!open.empty()) {
    MIGRATE_ASSIGN(bool filled, Prepare(options));
    Meter meter(options, rows);
    MIGRATE_TRY(RunWorkers(options, filled, &open, &meter));
    done.merge(open);
  }
  if (!options.share) MIGRATE_TRY(QuarantineDuplicates(options, done));
  CountsBySource all;
  for (const auto& [partition, progress] : done) MergeInto(&all, progress.counts);
  return all;
}

}  // namespace migrate::load
