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

PartitionWriter::PartitionWriter(const Options& options, store::Connection* db, const ledger::Bucketing& buckets)
    : options_(options),
      db_(db),
      record_buckets_(db, ledger::RecordTable(), buckets),
      history_buckets_(db, ledger::RecordHistoryTable(), buckets),
      seen_before_(db, options.import_id, buckets) {}

Result<std::unique_ptr<PartitionWriter>> PartitionWriter::Open(const Options& options, store::Connection* db,
                                                               const ledger::Bucketing& buckets, bool filled) {
  std::unique_ptr<PartitionWriter> w(new PartitionWriter(options, db, buckets));
  w->filled_ = filled;
  MIGRATE_ASSIGN(w->in_history_,
                 db->Prepare("SELECT 1 FROM record_history WHERE record_id = ? AND row_sha256 = ? LIMIT 1"));
  return w;
}

Status PartitionWriter::Begin(uint32_t partition, CountsBySource counts) {
  partition_ = partition;
  counts_ = std::move(counts);
  seen_.clear();
  existing_.clear();
  unchanged_.clear();
  dense_ = true;
  const ledger::Table &record = ledger::RecordTable(), &history = ledger::RecordHistoryTable();
  const int p = static_cast<int>(partition);
  MIGRATE_ASSIGN(insert_, db_->Rows(record.name, record.columns, store::OnExisting::kError, p));
  MIGRATE_ASSIGN(replace_, db_->Rows(record.name, record.columns, store::OnExisting::kReplace, p));
  MIGRATE_ASSIGN(history_, db_->Rows(history.name, history.columns, store::OnExisting::kError, p));
  return {};
}

std::string PartitionWriter::RecordPartition() const { return ledger::TablePartition(*db_, "record", partition_); }

namespace {

std::string InList(const std::vector<uint64_t>& ids) {
  std::string list = "record_id IN (";
  for (size_t i = 0; i < ids.size(); ++i) list += (i == 0 ? "" : ",") + std::to_string(ids[i]);
  return list + ")";
}

}  // namespace

Status PartitionWriter::ReadPrintsWhere(const std::string& condition) {
  prints_.clear();
  MIGRATE_ASSIGN(auto q, db_->Prepare("SELECT record_id, row_sha256, import_id, gone_import FROM " + RecordPartition() +
                                      " WHERE " + condition));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    prints_[static_cast<uint64_t>(q->Integer(0))] = {Sha256FromBytes(q->Text(1)), q->Integer(2), !q->IsNull(3)};
  }
}

// By a stretch of the primary key, which is read far faster than as many single keys, as long as not too much of it is
// of no use.
Status PartitionWriter::ReadPrints(const std::vector<uint64_t>& ids) {
  if (dense_) {
    const size_t most = 4 * ids.size() + 64;
    MIGRATE_TRY(ReadPrintsWhere(fmt::format("record_id BETWEEN {} AND {} LIMIT {}", ids.front(), ids.back(), most)));
    if (prints_.size() < most) return {};
    dense_ = false;
  }
  return ReadPrintsWhere(InList(ids));
}

Status PartitionWriter::LookUp(const std::vector<const Prepared*>& rows, const std::set<uint64_t>& open) {
  existing_.clear();
  unchanged_.clear();
  if (!filled_ || rows.empty()) return {};
  std::vector<uint64_t> ids, differ;
  for (const Prepared* p : rows)
    if (const uint64_t id = p->row.record.record_id; ids.empty() || ids.back() != id) ids.push_back(id);
  MIGRATE_TRY(ReadPrints(ids));
  for (size_t i = 0; i < rows.size();) {
    const Record& r = rows[i]->row.record;
    size_t end = i + 1;
    while (end < rows.size() && rows[end]->row.record.record_id == r.record_id) ++end;
    const auto found = prints_.find(r.record_id);
    const bool alone = end == i + 1 && open.count(r.record_id) == 0;
    i = end;
    if (found == prints_.end()) continue;
    const Print& old = found->second;
    // Equal hashes are of the same source and key, too.
    if (alone && !old.gone && old.row_sha256 == r.row_sha256 && options_.same_rules.count(old.import_id) > 0)
      unchanged_.insert(r.record_id);
    else
      differ.push_back(r.record_id);
  }
  return ReadExisting(differ);
}

Status PartitionWriter::ReadExisting(const std::vector<uint64_t>& ids) {
  existing_.clear();
  if (ids.empty()) return {};
  const ledger::Table& table = ledger::RecordTable();
  MIGRATE_ASSIGN(auto q,
                 db_->Prepare(ledger::SelectColumns(table) + " FROM " + RecordPartition() + " WHERE " + InList(ids)));
  const auto columns = static_cast<int>(table.columns.size());
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    Existing& e = existing_[static_cast<uint64_t>(q->Integer(0))];
    ledger::ReadRecord(*q, 0, 1, options_.attributes, &e.image);
    e.more = q->Text(columns - 4);
    e.attributes = q->Text(columns - 3);
    e.hash = ledger::HashStoredRow(&hasher_, *q, columns);
  }
}

void PartitionWriter::Skip(const Prepared& image) {
  if (options_.full_snapshots.count(image.row.record.source) > 0) seen_.push_back(image.row.record.record_id);
}

Status PartitionWriter::Write(std::vector<Prepared*>& group) {
  const uint64_t id = group.front()->row.record.record_id;
  for (const Prepared* p : group) counts_[p->row.record.source].seen.Add(p->row.record.row_sha256);
  if (group.size() == 1 && unchanged_.count(id) > 0) {
    Unchanged(*group.front(), &counts_[group.front()->row.record.source]);
    Skip(*group.front());
    return {};
  }
  const auto found = existing_.find(id);
  const Existing* old = found == existing_.end() ? nullptr : &found->second;
  if (group.size() > 1 || old != nullptr) MIGRATE_TRY(DropDuplicates(&group));
  if (old != nullptr) {
    // Another key with this record_id: nothing is overwritten.
    auto collides = [&](Prepared* p) { return !SameKey(p->row.record, old->image.record); };
    for (Prepared* p : group)
      if (collides(p))
        MIGRATE_TRY(
            Quarantine(*p, reasons::kIdCollision, "the record_id belongs to key " + old->image.record.source_key));
    group.erase(std::remove_if(group.begin(), group.end(), collides), group.end());
  }
  if (group.empty()) return {};
  Skip(*group.front());

  std::stable_sort(group.begin(), group.end(), [this](const Prepared* a, const Prepared* b) {
    const std::string &x = a->row.record[Field::kUpdatedAt], &y = b->row.record[Field::kUpdatedAt];
    return x != y ? x < y : FirstImport(*a) != FirstImport(*b) ? FirstImport(*a) < FirstImport(*b) : Older(a, b);
  });
  Prepared* newest = group.back();
  Counts& counts = counts_[newest->row.record.source];
  const Prepared* put = nullptr;  // the last one that went to history; equal ones stand side by side
  for (Prepared* p : group) {
    if (p == newest) break;
    MIGRATE_ASSIGN(bool known, InHistory(*p));
    known = known || (put != nullptr && put->row.record.row_sha256 == p->row.record.row_sha256);
    if (known || p->row.record.row_sha256 == newest->row.record.row_sha256) {
      Unchanged(*p, &counts);
    } else {
      put = p;
      MIGRATE_TRY(ToHistory(p->row, p->more, p->attributes_json));
      ++counts.superseded;
    }
  }
  if (old == nullptr) {
    ++counts.inserted;
    return Insert(*newest, insert_.get());
  }
  if (SameImage(old->image, old->more, old->attributes, *newest)) {
    Unchanged(*newest, &counts);
    return {};
  }
  // What is back at its source is current, whatever its date.
  if (old->image.gone_import == 0 && IsOlder(*newest, old->image)) {
    MIGRATE_ASSIGN(bool known, InHistory(*newest));
    if (known) {
      Unchanged(*newest, &counts);
      return {};
    }
    ++counts.superseded;
    return ToHistory(newest->row, newest->more, newest->attributes_json);
  }
  ++counts.updated;
  return Replace(*old, *newest);
}

int64_t PartitionWriter::FirstImport(const Prepared& p) const {
  const int64_t first = options_.files.at(p.row.record.place.file).first_import;
  return first == 0 ? options_.import_id : first;
}

// A row of a file that is read anew is older than what came behind that file, unless it is that row.
bool PartitionWriter::IsOlder(const Prepared& p, const StoredRecord& current) const {
  const Record &x = p.row.record, &y = current.record;
  if (x[Field::kUpdatedAt] != y[Field::kUpdatedAt]) return x[Field::kUpdatedAt] < y[Field::kUpdatedAt];
  return FirstImport(p) < current.import_id && x.row_sha256 != y.row_sha256;
}

// What a full snapshot of a table saw follows from what it did not: there no list is kept.
void PartitionWriter::Unchanged(const Prepared& p, Counts* counts) {
  ++counts->unchanged;
  const Record& r = p.row.record;
  if (r.place.line == 0 && options_.full_snapshots.count(r.source) > 0 && options_.mended.count(r.record_id) == 0)
    return;
  seen_before_.Add({r.record_id, r.place.file, r.place.line, ledger::Hash4(r.row_sha256)});
}

// Leaves, of each file, the greatest image, and of all keys with this record_id one.
Status PartitionWriter::DropDuplicates(std::vector<Prepared*>* group) {
  std::stable_sort(group->begin(), group->end(), [](const Prepared* a, const Prepared* b) {
    return std::tie(a->row.record.source, a->row.record.source_key) <
           std::tie(b->row.record.source, b->row.record.source_key);
  });
  std::vector<Prepared*> kept;
  std::vector<std::pair<size_t, Prepared*>> lost;  // to which of them; what is said names the one that stays in the end
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
    lost.emplace_back(same_file - kept.begin(), loser);
  }
  for (const auto& [to, loser] : lost)
    MIGRATE_TRY(Quarantine(*loser, reasons::kDuplicateKey,
                           "the row at " + Where(kept[to]->row.record) + " has the same key and is kept"));
  *group = std::move(kept);
  return {};
}

Status PartitionWriter::Quarantine(const Prepared& p, std::string_view reason, std::string detail) {
  const Record& r = p.row.record;
  ++counts_[r.source].duplicates;
  rejects_.push_back(Reject{r.place, r.source_key, std::string(reason), std::move(detail),
                            OriginalBytes(r.raw, r.payload, options_.files.at(r.place.file).raw_delimiter)});
  return {};
}

Status PartitionWriter::Insert(const Prepared& p, store::RowWriter* rows) {
  const Record& r = p.row.record;
  ledger::BindRecord(p.row, p.more, p.attributes_json, 1, 2, rows);
  MIGRATE_TRY(rows->Add());
  record_buckets_.Add(r.record_id, p.hash);
  digests_[r.source].first.Add(r.row_sha256);
  return {};
}

Status PartitionWriter::Replace(const Existing& old, const Prepared& p) {
  MIGRATE_TRY(ToHistory(old.image, old.more, old.attributes));
  record_buckets_.Remove(old.image.record.record_id, old.hash);
  digests_[old.image.record.source].second.Add(old.image.record.row_sha256);
  return Insert(p, replace_.get());
}

Status PartitionWriter::ToHistory(const StoredRecord& image, const std::string& more,
                                  const std::string& attributes_json) {
  const uint64_t id = image.record.record_id;
  history_seq_ = id == history_id_ ? history_seq_ + 1 : 0;
  history_id_ = id;
  history_->Bind(2, options_.import_id);
  history_->Bind(3, history_seq_);
  ledger::BindRecord(image, more, attributes_json, 1, 4, history_.get());
  MIGRATE_TRY(history_->Add());
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

// Records of full snapshots in this partition that did not come.
Result<std::vector<uint64_t>> PartitionWriter::Unseen() {
  std::sort(seen_.begin(), seen_.end());
  std::vector<uint64_t> gone;
  std::string sql = "SELECT record_id, source_id FROM " + RecordPartition() + " WHERE gone_import IS NULL";
  if (options_.partitioner.kind == Partitioner::Kind::kRange)
    sql += fmt::format(" AND record_id BETWEEN {} AND {}", options_.partitioner.RangeBegin(partition_),
                       options_.partitioner.RangeBegin(partition_ + 1) - 1);
  MIGRATE_ASSIGN(auto q, db_->Scan(sql));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    auto id = static_cast<uint64_t>(q->Integer(0));
    const auto mended = options_.mended.find(id);
    if (options_.full_snapshots.count(static_cast<uint32_t>(q->Integer(1))) > 0 &&
        !std::binary_search(seen_.begin(), seen_.end(), id) && (mended == options_.mended.end() || !mended->second))
      gone.push_back(id);
  }
  std::sort(gone.begin(), gone.end());
  return gone;
}

Status PartitionWriter::MarkGone() {
  if (!filled_ || options_.full_snapshots.empty()) return {};
  MIGRATE_ASSIGN(std::vector<uint64_t> gone, Unseen());
  for (size_t begin = 0; begin < gone.size(); begin += BatchReader::kRows) {
    std::vector<uint64_t> ids(gone.begin() + static_cast<ptrdiff_t>(begin),
                              gone.begin() + static_cast<ptrdiff_t>(std::min(gone.size(), begin + BatchReader::kRows)));
    MIGRATE_TRY(ReadExisting(ids));
    for (uint64_t id : ids) {
      const auto found = existing_.find(id);
      if (found == existing_.end()) continue;
      const Existing& old = found->second;
      Prepared marked{old.image, old.more, old.attributes, {}};
      marked.row.gone_import = options_.import_id;
      marked.hash = ledger::HashRecord(&hasher_, marked.row, marked.more, marked.attributes_json);
      MIGRATE_TRY(Replace(old, marked));
      ++counts_[old.image.record.source].gone;
    }
  }
  return {};
}

Status PartitionWriter::Flush() {
  for (store::RowWriter* rows : {insert_.get(), replace_.get(), history_.get()}) MIGRATE_TRY(rows->Flush());
  MIGRATE_TRY(ApplyDigestChanges(db_, partition_, digests_));
  digests_.clear();
  MIGRATE_TRY(seen_before_.Flush());
  MIGRATE_TRY(record_buckets_.Flush());
  return history_buckets_.Flush();
}

}  // namespace migrate::load
