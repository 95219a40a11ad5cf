#include "partition_writer.h"

#include <fmt/core.h>

#include <algorithm>

#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::load {
namespace {

using ledger::StoredRecord;

// The order in which images of one key supersede each other.
bool Older(const Prepared* a, const Prepared* b) {
  const Record &x = a->row.record, &y = b->row.record;
  if (x[Field::kUpdatedAt] != y[Field::kUpdatedAt]) return x[Field::kUpdatedAt] < y[Field::kUpdatedAt];
  return x.row_sha256 < y.row_sha256;
}

bool SameKey(const Record& a, const Record& b) { return a.source == b.source && a.source_key == b.source_key; }

std::string Where(const Record& r) {
  return r.place.line > 0 ? fmt::format("line {}", r.place.line) : fmt::format("row {}", r.place.row);
}

// Does the row say the same, whatever import or file it came with?
bool SameImage(const StoredRecord& a, const std::string& more, const std::string& attributes_json, const Prepared& b) {
  const Record &x = a.record, &y = b.row.record;
  if (x.row_sha256 != y.row_sha256 || x.opt_out != y.opt_out || x.flags != y.flags ||
      a.gone_import != b.row.gone_import)
    return false;
  for (Field f : ledger::kColumnFields)
    if (x[f] != y[f]) return false;
  return more == b.more && attributes_json == b.attributes_json && x.payload == y.payload;
}

}  // namespace

PartitionWriter::PartitionWriter(const Options& options, unsigned bucket_shift)
    : options_(options),
      record_buckets_(options.db, ledger::RecordTable(), bucket_shift),
      history_buckets_(options.db, ledger::RecordHistoryTable(), bucket_shift) {}

Result<std::unique_ptr<PartitionWriter>> PartitionWriter::Open(const Options& options, unsigned bucket_shift,
                                                               bool filled) {
  std::unique_ptr<PartitionWriter> w(new PartitionWriter(options, bucket_shift));
  store::Connection* db = options.db;
  w->filled_ = filled;
  MIGRATE_ASSIGN(w->quarantine_, ledger::QuarantineWriter::Open(db, options.import_id));
  MIGRATE_ASSIGN(w->insert_, db->Prepare(ledger::InsertSql(ledger::RecordTable())));
  MIGRATE_ASSIGN(w->select_, db->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
  MIGRATE_ASSIGN(w->delete_, db->Prepare("DELETE FROM record WHERE record_id = ?"));
  MIGRATE_ASSIGN(w->history_, db->Prepare(ledger::InsertSql(ledger::RecordHistoryTable())));
  MIGRATE_ASSIGN(w->in_history_,
                 db->Prepare("SELECT 1 FROM record_history WHERE record_id = ? AND row_sha256 = ? LIMIT 1"));
  return w;
}

void PartitionWriter::Begin(uint32_t partition) {
  partition_ = partition;
  counts_.clear();
  digests_.clear();
  seen_.clear();
}

Status PartitionWriter::Write(std::vector<Prepared*>& group) {
  const uint64_t id = group.front()->row.record.record_id;
  for (const Prepared* p : group) counts_[p->row.record.source].seen.Add(p->row.record.row_sha256);
  bool exists = false;
  if (filled_) {
    MIGRATE_ASSIGN(exists, FindExisting(id));
  }
  if (group.size() > 1 || exists) MIGRATE_TRY(DropDuplicates(&group));
  if (exists) {
    // Another key with this record_id: nothing is overwritten.
    auto collides = [&](Prepared* p) { return !SameKey(p->row.record, existing_.record); };
    for (Prepared* p : group)
      if (collides(p))
        MIGRATE_TRY(
            Quarantine(*p, reasons::kIdCollision, "the record_id belongs to key " + existing_.record.source_key));
    group.erase(std::remove_if(group.begin(), group.end(), collides), group.end());
  }
  if (group.empty()) return {};
  if (options_.full_snapshots.count(group.front()->row.record.source) > 0) seen_.push_back(id);

  std::stable_sort(group.begin(), group.end(), Older);
  Prepared* newest = group.back();
  Counts& counts = counts_[newest->row.record.source];
  for (Prepared* p : group) {
    if (p == newest) break;
    MIGRATE_ASSIGN(bool known, InHistory(*p));
    if (known || p->row.record.row_sha256 == newest->row.record.row_sha256) {
      ++counts.unchanged;
    } else {
      MIGRATE_TRY(ToHistory(p->row, p->more, p->attributes_json));
      ++counts.superseded;
    }
  }
  if (!exists) {
    ++counts.inserted;
    return Insert(*newest);
  }
  if (SameImage(existing_, existing_more_, existing_attributes_, *newest)) {
    ++counts.unchanged;
    return {};
  }
  // What is back at its source is current, whatever its date.
  if (existing_.gone_import == 0 && newest->row.record[Field::kUpdatedAt] < existing_.record[Field::kUpdatedAt]) {
    MIGRATE_ASSIGN(bool known, InHistory(*newest));
    known ? ++counts.unchanged : ++counts.superseded;
    return known ? Status() : ToHistory(newest->row, newest->more, newest->attributes_json);
  }
  ++counts.updated;
  return Update(*newest);
}

// Leaves, of each file, the greatest image, and of all keys with this record_id one.
Status PartitionWriter::DropDuplicates(std::vector<Prepared*>* group) {
  std::stable_sort(group->begin(), group->end(), [](const Prepared* a, const Prepared* b) {
    return std::tie(a->row.record.source, a->row.record.source_key) <
           std::tie(b->row.record.source, b->row.record.source_key);
  });
  std::vector<Prepared*> kept;
  for (Prepared* p : *group) {
    const Record& r = p->row.record;
    if (!kept.empty() && !SameKey(kept.front()->row.record, r)) {
      MIGRATE_TRY(
          Quarantine(*p, reasons::kIdCollision, "the record_id belongs to key " + kept.front()->row.record.source_key));
      continue;
    }
    auto same_file =
        std::find_if(kept.begin(), kept.end(), [&](Prepared* k) { return k->row.record.place.file == r.place.file; });
    if (same_file == kept.end()) {
      kept.push_back(p);
      continue;
    }
    Prepared* loser = p;
    if (Older(*same_file, p)) std::swap(*same_file, loser);
    MIGRATE_TRY(Quarantine(*loser, reasons::kDuplicateKey,
                           "the row at " + Where((*same_file)->row.record) + " has the same key and is kept"));
  }
  *group = std::move(kept);
  return {};
}

Status PartitionWriter::Quarantine(const Prepared& p, std::string_view reason, std::string detail) {
  const Record& r = p.row.record;
  ++counts_[r.source].duplicates;
  return quarantine_->Add(r.source,
                          Reject{r.place, r.source_key, std::string(reason), std::move(detail),
                                 OriginalBytes(r.raw, r.payload, options_.files.at(r.place.file).raw_delimiter)});
}

Result<bool> PartitionWriter::FindExisting(uint64_t record_id) {
  select_->Bind(1, static_cast<int64_t>(record_id));
  MIGRATE_ASSIGN(bool found, select_->Step());
  if (!found) return false;
  const auto columns = static_cast<int>(ledger::RecordTable().columns.size());
  ledger::ReadRecord(*select_, 0, 1, options_.attributes, &existing_);
  existing_more_ = select_->Text(columns - 4);
  existing_attributes_ = select_->Text(columns - 3);
  existing_hash_ = ledger::HashStoredRow(&hasher_, *select_, columns);
  select_->Reset();
  return true;
}

Status PartitionWriter::Insert(const Prepared& p) {
  const Record& r = p.row.record;
  ledger::BindRecord(p.row, p.more, p.attributes_json, 1, 2, insert_.get());
  MIGRATE_TRY(insert_->Run());
  record_buckets_.Add(r.record_id, p.hash);
  digests_[r.source].first.Add(r.row_sha256);
  return {};
}

Status PartitionWriter::Update(const Prepared& p) {
  MIGRATE_TRY(ToHistory(existing_, existing_more_, existing_attributes_));
  MIGRATE_TRY(Delete(existing_.record.record_id));
  return Insert(p);
}

// Removes the row that FindExisting found.
Status PartitionWriter::Delete(uint64_t record_id) {
  delete_->Bind(1, static_cast<int64_t>(record_id));
  MIGRATE_TRY(delete_->Run());
  record_buckets_.Remove(record_id, existing_hash_);
  digests_[existing_.record.source].second.Add(existing_.record.row_sha256);
  return {};
}

Status PartitionWriter::ToHistory(const StoredRecord& image, const std::string& more,
                                  const std::string& attributes_json) {
  const uint64_t id = image.record.record_id;
  history_seq_ = id == history_id_ ? history_seq_ + 1 : 0;
  history_id_ = id;
  history_->Bind(2, options_.import_id);
  history_->Bind(3, history_seq_);
  ledger::BindRecord(image, more, attributes_json, 1, 4, history_.get());
  MIGRATE_TRY(history_->Run());
  history_buckets_.Add(
      id, ledger::HashRecordHistory(&hasher_, image, more, attributes_json, options_.import_id, history_seq_));
  return {};
}

Result<bool> PartitionWriter::InHistory(const Prepared& p) {
  if (!filled_) return false;
  in_history_->Bind(1, static_cast<int64_t>(p.row.record.record_id));
  in_history_->BindBlob(2, AsView(p.row.record.row_sha256));
  MIGRATE_ASSIGN(bool found, in_history_->Step());
  if (found) in_history_->Reset();
  return found;
}

Status PartitionWriter::MarkGone() {
  if (!filled_ || options_.full_snapshots.empty()) return {};
  std::sort(seen_.begin(), seen_.end());
  std::vector<uint64_t> gone;
  const bool range = options_.partitioner.kind == Partitioner::Kind::kRange;
  MIGRATE_ASSIGN(auto q,
                 options_.db->Prepare(range ? "SELECT record_id, source_id FROM record WHERE record_id BETWEEN ? AND ? "
                                              "AND gone_import IS NULL"
                                            : "SELECT record_id, source_id FROM record WHERE record_id % ? = ? "
                                              "AND gone_import IS NULL"));
  if (range) {
    q->Bind(1, static_cast<int64_t>(options_.partitioner.RangeBegin(partition_)));
    q->Bind(2, static_cast<int64_t>(options_.partitioner.RangeBegin(partition_ + 1) - 1));
  } else {
    q->Bind(1, options_.partitioner.count);
    q->Bind(2, partition_);
  }
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    auto id = static_cast<uint64_t>(q->Integer(0));
    if (options_.full_snapshots.count(static_cast<uint32_t>(q->Integer(1))) > 0 &&
        !std::binary_search(seen_.begin(), seen_.end(), id))
      gone.push_back(id);
  }
  for (uint64_t id : gone) {
    MIGRATE_ASSIGN(bool found, FindExisting(id));
    if (!found) continue;
    Prepared marked{existing_, existing_more_, existing_attributes_, {}};
    marked.row.gone_import = options_.import_id;
    marked.hash = ledger::HashRecord(&hasher_, marked.row, marked.more, marked.attributes_json);
    MIGRATE_TRY(Update(marked));
    ++counts_[existing_.record.source].gone;
  }
  return {};
}

Status PartitionWriter::FlushDigests() {
  MIGRATE_ASSIGN(auto select,
                 options_.db->Prepare("SELECT digest FROM source_digest WHERE source_id = ? AND partition = ?"));
  MIGRATE_ASSIGN(auto replace,
                 options_.db->Prepare("REPLACE INTO source_digest (source_id, partition, digest) VALUES (?, ?, ?)"));
  for (const auto& [source, change] : digests_) {
    MultisetDigest digest;
    select->Bind(1, source);
    select->Bind(2, partition_);
    MIGRATE_ASSIGN(bool found, select->Step());
    if (found) {
      MIGRATE_ASSIGN(digest, MultisetDigest::FromText(select->Text(0)));
      select->Reset();
    }
    digest.Merge(change.first);
    digest.count -= change.second.count;
    digest.sum -= change.second.sum;
    for (size_t i = 0; i < digest.xor_hash.size(); ++i) digest.xor_hash[i] ^= change.second.xor_hash[i];
    std::string text = digest.Text();
    replace->Bind(1, source);
    replace->Bind(2, partition_);
    replace->BindText(3, text);
    MIGRATE_TRY(replace->Run());
  }
  return {};
}

Result<CountsBySource> PartitionWriter::End() {
  MIGRATE_TRY(MarkGone());
  MIGRATE_TRY(FlushDigests());
  MIGRATE_TRY(quarantine_->Flush());
  MIGRATE_TRY(record_buckets_.Flush());
  MIGRATE_TRY(history_buckets_.Flush());
  return counts_;
}

}  // namespace migrate::load
