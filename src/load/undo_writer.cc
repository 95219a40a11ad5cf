#include "undo_writer.h"

#include <fmt/core.h>

#include <algorithm>

namespace migrate::load {
namespace {

using ledger::Table;

// Does the life differ from what is stored? First of what is current, second of history.
std::pair<bool, bool> Differs(ledger::RowHasher* h, const StoredLife& stored, const Life& now) {
  bool current = stored.life.current.has_value() != now.current.has_value();
  if (!current && now.current)
    current =
        ledger::HashRecord(h, now.current->row, now.current->more, now.current->attributes) != stored.current_hash;
  bool history = stored.old_hashes.size() != now.history.size();
  for (const OldImage& old : now.history) {
    const auto there = stored.old_hashes.find({old.ended_import, old.seq});
    history |= there == stored.old_hashes.end() ||
               there->second != ledger::HashRecordHistory(h, old.image.row, old.image.more, old.image.attributes,
                                                          old.ended_import, old.seq);
  }
  return {current, history};
}

}  // namespace

UndoWriter::UndoWriter(const UndoOptions& options, const ledger::Bucketing& buckets)
    : o_(options),
      db_(options.db),
      bucketing_(buckets),
      records_(db_, ledger::RecordTable(), buckets),
      histories_(db_, ledger::RecordHistoryTable(), buckets),
      undones_(db_, ledger::RecordUndoneTable(), buckets),
      links_(db_, ledger::PersonRecordTable(), buckets) {}

Status UndoWriter::Begin(uint32_t partition) {
  partition_ = partition;
  const int p = static_cast<int>(partition);
  auto open = [&](const Table& t, std::unique_ptr<store::RowWriter>* writer) -> Status {
    MIGRATE_ASSIGN(*writer, db_->Rows(t.name, t.columns, store::OnExisting::kReplace, p));
    return {};
  };
  MIGRATE_TRY(open(ledger::RecordTable(), &record_));
  MIGRATE_TRY(open(ledger::RecordHistoryTable(), &history_));
  MIGRATE_TRY(open(ledger::RecordUndoneTable(), &undone_));
  return open(ledger::PersonRecordTable(), &link_);
}

Status UndoWriter::Write(uint64_t id, const StoredLife& stored, Replayed replayed,
                         const std::map<int64_t, std::vector<ledger::SeenRow>>& seen) {
  const Life& now = replayed.life;
  const auto [current, history] = Differs(&hasher_, stored, now);
  if (!now.current && stored.life.current)
    ++counts_.removed;
  else if (now.current && !stored.life.current)
    ++counts_.added;
  else if (current)
    ++counts_.restored;
  else if (history)
    ++counts_.history;
  if (current) MIGRATE_TRY(WriteRecord(id, stored, now.current));
  if (history) MIGRATE_TRY(WriteHistory(id, stored, now.history));
  MIGRATE_TRY(WriteUndone(id, stored, !now.current && stored.life.current.has_value()));
  MIGRATE_TRY(WriteLink(id, stored, now.current.has_value()));
  return KeepSeen(replayed.unchanged, seen);
}

Status UndoWriter::WriteRecord(uint64_t id, const StoredLife& stored, const std::optional<Image>& now) {
  if (const auto& before = stored.life.current) {
    records_.Remove(id, stored.current_hash);
    digests_[before->row.record.source].second.Add(before->row.record.row_sha256);
  }
  if (!now) return Delete(&delete_record_, ledger::RecordTable(), {static_cast<int64_t>(id)});
  records_.Add(id, ledger::HashRecord(&hasher_, now->row, now->more, now->attributes));
  digests_[now->row.record.source].first.Add(now->row.record.row_sha256);
  ledger::BindRecord(now->row, now->more, now->attributes, 1, 2, record_.get());
  return record_->Add();
}

Status UndoWriter::WriteHistory(uint64_t id, const StoredLife& stored, const std::vector<OldImage>& now) {
  std::map<std::pair<int64_t, int64_t>, Sha256> stale = stored.old_hashes;
  for (const OldImage& old : now) {
    const Image& i = old.image;
    const Sha256 hash = ledger::HashRecordHistory(&hasher_, i.row, i.more, i.attributes, old.ended_import, old.seq);
    const auto there = stale.find({old.ended_import, old.seq});
    const bool same = there != stale.end() && there->second == hash;
    if (there != stale.end() && !same) histories_.Remove(id, there->second);
    if (there != stale.end()) stale.erase(there);
    if (same) continue;
    histories_.Add(id, hash);
    history_->Bind(2, old.ended_import);
    history_->Bind(3, old.seq);
    ledger::BindRecord(i.row, i.more, i.attributes, 1, 4, history_.get());
    MIGRATE_TRY(history_->Add());
  }
  for (const auto& [key, hash] : stale) {
    histories_.Remove(id, hash);
    MIGRATE_TRY(
        Delete(&delete_history_, ledger::RecordHistoryTable(), {static_cast<int64_t>(id), key.first, key.second}));
  }
  return {};
}

// What the subject brought, and its mark that the record is gone, move to record_undone or leave it.
Status UndoWriter::WriteUndone(uint64_t id, const StoredLife& stored, bool goes) {
  if (!o_.remove) {
    for (const UndoneImage& u : stored.undone)
      if (u.undone_import == o_.subject) MIGRATE_TRY(DropUndone(id, u));
    return {};
  }
  const uint64_t person = goes && stored.link ? stored.link->person_id : 0;
  int64_t seq = 0;
  auto put = [&](const Image& i, int64_t ended) -> Status {
    const bool marked = i.row.gone_import == o_.subject;
    const bool brought = i.row.gone_import == 0 && i.row.import_id == o_.subject;
    return marked || brought ? PutUndone(id, i, seq++, ended, person) : Status();
  };
  for (const OldImage& old : stored.life.history) MIGRATE_TRY(put(old.image, old.ended_import));
  return stored.life.current ? put(*stored.life.current, 0) : Status();
}

Status UndoWriter::PutUndone(uint64_t id, const Image& image, int64_t seq, int64_t ended, uint64_t person) {
  const int64_t fixed[] = {static_cast<int64_t>(id), o_.subject, seq, o_.import_id};
  ledger::RowHasher h;
  int column = 1;
  for (const int64_t v : fixed) {
    h.Integer(v);
    undone_->Bind(column++, v);
  }
  for (const int64_t v : {ended, static_cast<int64_t>(person)}) {
    if (v == 0) {
      h.Null();
      undone_->BindNull(column++);
    } else {
      h.Integer(v);
      undone_->Bind(column++, v);
    }
  }
  ledger::HashImage(&h, image.row, image.more, image.attributes);
  undones_.Add(id, h.Finish());
  ledger::BindRecord(image.row, image.more, image.attributes, 1, column, undone_.get());
  return undone_->Add();
}

Status UndoWriter::DropUndone(uint64_t id, const UndoneImage& u) {
  undones_.Remove(id, u.hash);
  return Delete(&delete_undone_, ledger::RecordUndoneTable(), {static_cast<int64_t>(id), u.undone_import, u.seq});
}

// A record that goes has no person any more. One that comes back gets the person back that it made up alone or with
// others that went, too: its id is known outside. Whose person lives on finds its way there by matching.
Status UndoWriter::WriteLink(uint64_t id, const StoredLife& stored, bool is) {
  if (!is && stored.link) {
    links_.Remove(id, stored.link->hash);
    return Delete(&delete_link_, ledger::PersonRecordTable(), {static_cast<int64_t>(id)});
  }
  if (!is || stored.link || stored.life.current) return {};
  uint64_t person = 0;
  for (const UndoneImage& u : stored.undone)
    if (u.undone_import == o_.subject && u.person_id != 0) person = u.person_id;
  if (person == 0) return {};
  if (!person_) {
    MIGRATE_ASSIGN(person_, db_->Prepare("SELECT 1 FROM person WHERE person_id = ?"));
  }
  person_->Bind(1, static_cast<int64_t>(person));
  MIGRATE_ASSIGN(bool lives, person_->Step());
  person_->Reset();
  if (lives) return {};
  const int64_t numbers[] = {static_cast<int64_t>(id), static_cast<int64_t>(person), o_.import_id};
  for (int i = 0; i < 3; ++i) {
    hasher_.Integer(numbers[i]);
    link_->Bind(i + 1, numbers[i]);
  }
  hasher_.Real(1);
  link_->BindReal(4, 1);
  links_.Add(id, hasher_.Finish());
  return link_->Add();
}

Status UndoWriter::Delete(std::unique_ptr<store::Statement>* statement, const Table& table,
                          const std::vector<int64_t>& key) {
  if (!*statement) {
    std::string sql = "DELETE FROM " + table.name + " WHERE ";
    for (size_t i = 0; i < table.key.size(); ++i) sql += (i == 0 ? "" : " AND ") + table.key[i] + " = ?";
    MIGRATE_ASSIGN(*statement, db_->Prepare(sql));
  }
  for (size_t i = 0; i < key.size(); ++i) (*statement)->Bind(static_cast<int>(i) + 1, key[i]);
  MIGRATE_ASSIGN(int64_t rows, (*statement)->RunCount());
  if (rows == 1) return {};
  return Status::Failed(
      fmt::format("{}: table {}: the row of record {} that is to go is not there", db_->name(), table.name,
                  key.front()),
      "the target was changed by another program: `migrate repair PLAN` names the rows and puts back what it can");
}

// An arrival that had a row of its own and now finds its image there leaves a trace as any other that did.
Status UndoWriter::KeepSeen(const std::vector<Event>& unchanged,
                            const std::map<int64_t, std::vector<ledger::SeenRow>>& seen) {
  for (const Event& e : unchanged) {
    if (e.derived) continue;
    const Record& r = e.image.row.record;
    const ledger::SeenRow row{r.record_id, r.place.file, r.place.line, ledger::Hash4(r.row_sha256)};
    if (const auto list = seen.find(e.import_id);
        list != seen.end() && std::find(list->second.begin(), list->second.end(), row) != list->second.end())
      continue;
    seen_.try_emplace(e.import_id, db_, e.import_id, bucketing_).first->second.Add(row);
  }
  return {};
}

Status UndoWriter::Flush() {
  for (store::RowWriter* rows : {record_.get(), history_.get(), undone_.get(), link_.get()}) MIGRATE_TRY(rows->Flush());
  MIGRATE_TRY(ApplyDigestChanges(db_, partition_, digests_));
  digests_.clear();
  for (auto& [import_id, keeper] : seen_) MIGRATE_TRY(keeper.Flush());
  for (ledger::BucketKeeper* keeper : {&records_, &histories_, &undones_, &links_}) MIGRATE_TRY(keeper->Flush());
  return {};
}

}  // namespace migrate::load
