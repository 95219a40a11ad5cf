#include "batches.h"

#include <fmt/core.h>

#include <exception>

namespace migrate::load {
namespace {

// Rows that are hashed in one call: enough for what it gains, little enough to stay in the processor's cache.
constexpr size_t kHashedAtOnce = 64;

// To the last rows of the batch.
void GiveHashes(ledger::RowHasher* hasher, Batch* batch) {
  const std::vector<Sha256>& hashes = hasher->FinishRows();
  for (size_t i = 0; i < hashes.size(); ++i) batch->rows[batch->size - hashes.size() + i].hash = hashes[i];
}

}  // namespace

BatchReader::BatchReader(const Options& options, std::vector<uint32_t> partitions)
    : options_(options), partitions_(std::move(partitions)), thread_([this] { Run(); }) {}

BatchReader::~BatchReader() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void BatchReader::Run() {
  for (uint32_t partition : partitions_) {
    Status s;
    try {
      s = ReadPartition(partition);
    } catch (const std::exception& e) {
      s = Status::Failed(std::string("load: reading records failed: ") + e.what(),
                         "give the run more memory; the same command resumes");
    }
    if (s.ok()) continue;
    auto batch = std::make_unique<Batch>();
    batch->error = s;
    Push(std::move(batch));
    break;
  }
  std::lock_guard lock(mutex_);
  done_ = true;
  changed_.notify_all();
}

Status BatchReader::ReadPartition(uint32_t partition) {
  MIGRATE_ASSIGN(auto merger, spool::RecordMerger::Open(options_.segments, partition));
  ledger::RowHasher hasher;
  std::unique_ptr<Batch> batch = Fresh(partition);
  for (;;) {
    if (batch->size == kRows || batch->bytes >= kBytes) {
      GiveHashes(&hasher, batch.get());
      if (!Push(std::move(batch))) return {};
      batch = Fresh(partition);
    }
    if (batch->rows.size() == batch->size) batch->rows.emplace_back();
    Prepared& p = batch->rows[batch->size];
    MIGRATE_ASSIGN(bool more, merger->Next(&p.row.record));
    if (!more) break;
    p.row.import_id = options_.import_id;
    const auto file = options_.files.find(p.row.record.place.file);
    if (file == options_.files.end())
      return Status::Failed(
          fmt::format("partition {}: the segments have rows of input {}, which this import does not have", partition,
                      p.row.record.place.file),
          "nothing of the partition is written; read the inputs anew: run --from extract");
    p.row.schema_id = file->second.schema_id;
    p.row.gone_import = 0;
    p.more = ledger::MoreJson(p.row.record);
    p.attributes_json = ledger::AttributesJson(p.row.record.attributes, options_.attributes);
    ledger::PutRecord(&hasher, p.row, p.more, p.attributes_json);
    hasher.EndRow();
    batch->bytes += p.row.record.payload.size() + p.row.record.raw.size();
    ++batch->size;
    if (hasher.rows() == kHashedAtOnce) GiveHashes(&hasher, batch.get());
  }
  GiveHashes(&hasher, batch.get());
  batch->last = true;
  Push(std::move(batch));
  return {};
}

std::unique_ptr<Batch> BatchReader::Fresh(uint32_t partition) {
  std::unique_ptr<Batch> batch;
  {
    std::lock_guard lock(mutex_);
    if (!empty_.empty()) {
      batch = std::move(empty_.front());
      empty_.pop_front();
    }
  }
  if (!batch) batch = std::make_unique<Batch>();
  batch->partition = partition;
  batch->last = false;
  batch->size = 0;
  batch->bytes = 0;
  return batch;
}

bool BatchReader::Push(std::unique_ptr<Batch> batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stop_ || full_.size() < kQueue; });
  if (stop_) return false;
  full_.push_back(std::move(batch));
  changed_.notify_all();
  return true;
}

std::unique_ptr<Batch> BatchReader::Next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return done_ || !full_.empty(); });
  if (full_.empty()) return nullptr;
  auto batch = std::move(full_.front());
  full_.pop_front();
  changed_.notify_all();
  return batch;
}

void BatchReader::Recycle(std::unique_ptr<Batch> batch) {
  if (batch->bytes >= kBytes) return;  // its rows keep room for what was large in them
  std::lock_guard lock(mutex_);
  empty_.push_back(std::move(batch));
}

}  // namespace migrate::load
