#include "lives.h"

#include <algorithm>

#include "migrate/ledger/buckets.h"

namespace migrate::load {
namespace {

using store::Statement;

std::string InList(const std::vector<uint64_t>& ids) {
  std::string list = " WHERE record_id IN (";
  for (size_t i = 0; i < ids.size(); ++i) list += (i == 0 ? "" : ",") + std::to_string(ids[i]);
  return list + ")";
}

// `columns` of the row in all; the image's are the last ones.
void ReadImage(const Statement& row, int columns, Image* out) {
  const auto image = columns - static_cast<int>(ledger::RecordTable().columns.size()) + 1;
  ledger::ReadRecord(row, 0, image, {}, &out->row);
  out->more = row.Text(columns - 4);
  out->attributes = row.Text(columns - 3);
}

template <class Take>
Status EachRow(store::Connection* db, const ledger::Table& table, const std::vector<uint64_t>& ids,
               const std::string& order, Take take) {
  MIGRATE_ASSIGN(auto q, db->Prepare(ledger::SelectSql(table) + InList(ids) + order));
  ledger::RowHasher hasher;
  const auto columns = static_cast<int>(table.columns.size());
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    take(*q, columns, ledger::HashStoredRow(&hasher, *q, columns));
  }
}

bool Stands(const UndoOptions& o, int64_t import_id) {
  if (import_id == o.subject) return !o.remove;
  const auto v = o.versions.find(import_id);
  return v == o.versions.end() || v->second.rolled_back_by == 0;
}

}  // namespace

bool StoodAt(const ledger::VersionsById& versions, int64_t import_id, int64_t at) {
  for (auto v = versions.upper_bound(import_id); v != versions.end() && v->first < at; ++v)
    if (v->second.rollback && v->second.undoes == import_id && StoodAt(versions, v->first, at)) return false;
  return true;
}

namespace {

class Collector {
 public:
  Collector(const StoredLife& stored, const UndoOptions& o) : stored_(stored), o_(o) {}

  std::vector<Event> Run(const std::map<int64_t, std::vector<ledger::SeenRow>>& seen) {
    for (Event& e : EventsOf(stored_.life))
      if (Stands(o_, e.import_id)) Add(std::move(e));
    if (!o_.remove) Undone();
    const uint64_t id = RecordOf();
    for (const auto& [import_id, rows] : seen)
      if (Stands(o_, import_id)) Seen(import_id, rows, id);
    Snapshots();
    return std::move(events_);
  }

 private:
  void Rank(Event* e) const {
    const auto first = o_.first_imports.find({e->import_id, static_cast<int64_t>(e->image.row.record.place.file)});
    if (!e->gone && first != o_.first_imports.end()) e->first_import = first->second;
  }

  void Add(Event e) {
    Rank(&e);
    if (!e.gone) arrived_.insert(e.import_id);
    events_.push_back(std::move(e));
  }

  // What comes back from record_undone.
  void Undone() {
    for (const UndoneImage& u : stored_.undone) {
      if (u.undone_import != o_.subject) continue;
      marked_ |= u.image.row.gone_import != 0;
      Add(EventOf(u));
    }
  }

  static Event EventOf(const UndoneImage& u) {
    if (u.image.row.gone_import != 0) return {u.undone_import, true, false, {}};
    return {u.undone_import, false, false, u.image};
  }

  // What an import found: the events of those that stood when it ran.
  std::vector<Event> EventsBefore(int64_t import_id) const {
    std::vector<Event> all = EventsOf(stored_.life), events;
    for (const UndoneImage& u : stored_.undone) all.push_back(EventOf(u));
    for (Event& e : all)
      if (e.import_id < import_id && StoodAt(o_.versions, e.import_id, import_id)) events.push_back(std::move(e));
    return events;
  }

  const Image* Any() const {
    if (stored_.life.current) return &*stored_.life.current;
    if (!stored_.life.history.empty()) return &stored_.life.history.front().image;
    return stored_.undone.empty() ? nullptr : &stored_.undone.front().image;
  }
  uint64_t RecordOf() const { return Any() == nullptr ? 0 : Any()->row.record.record_id; }

  // The image that an import found: the latest one of that hash which was there.
  const Image* Found(uint32_t hash4, int64_t import_id) const {
    const Image* found = nullptr;
    auto look = [&](const Image& i) {
      if (i.row.gone_import == 0 && i.row.import_id <= import_id && ledger::Hash4(i.row.record.row_sha256) == hash4 &&
          (found == nullptr || found->row.import_id <= i.row.import_id))
        found = &i;
    };
    for (const UndoneImage& u : stored_.undone) look(u.image);
    for (const OldImage& old : stored_.life.history) look(old.image);
    if (stored_.life.current) look(*stored_.life.current);
    return found;
  }

  void Seen(int64_t import_id, const std::vector<ledger::SeenRow>& rows, uint64_t id) {
    auto row = std::lower_bound(rows.begin(), rows.end(), id,
                                [](const ledger::SeenRow& r, uint64_t key) { return r.record_id < key; });
    for (; row != rows.end() && row->record_id == id; ++row) {
      if (o_.parts.count({import_id, static_cast<int64_t>(row->file_no)}) > 0) continue;
      const Image* found = Found(row->hash4, import_id);
      if (found == nullptr) continue;
      Event e{import_id, false, true, *found};
      e.image.row.import_id = import_id;
      e.image.row.record.place.file = static_cast<uint32_t>(row->file_no);
      e.image.row.record.place.line = row->line;
      Add(std::move(e));
    }
  }

  // An import that held everything of the source saw the record, or it was not there any more.
  void Snapshots() {
    const Image* any = Any();
    if (any == nullptr) return;
    const int64_t source = any->row.record.source;
    const auto mended = o_.mended.find(any->row.record.record_id);
    for (const auto& [import_id, v] : o_.versions) {
      if (mended != o_.mended.end() && import_id > mended->second) break;
      if (v.snapshots.count(source) == 0 || !Stands(o_, import_id) || arrived_.count(import_id) > 0 ||
          o_.abandoned.count(import_id) > 0)
        continue;
      Replayed then;
      const Image* alive = AliveAfter(stored_.life, import_id);
      if (import_id == o_.subject) {
        then = Replay(EventsBefore(import_id));
        alive =
            !marked_ && then.life.current && then.life.current->row.gone_import == 0 ? &*then.life.current : nullptr;
      }
      if (alive == nullptr) {
        events_.push_back({import_id, true, true, {}});
        continue;
      }
      Event e{import_id, false, true, *alive};
      e.image.row.import_id = import_id;
      const auto file = o_.file_of.find({import_id, source});
      e.image.row.record.place.file = file == o_.file_of.end() ? 0 : static_cast<uint32_t>(file->second);
      e.image.row.record.place.line = 0;
      events_.push_back(std::move(e));
    }
  }
  const StoredLife& stored_;
  const UndoOptions& o_;
  std::vector<Event> events_;
  std::set<int64_t> arrived_;
  bool marked_ = false;  // gone, by the subject
};

}  // namespace

Result<std::map<uint64_t, StoredLife>> ReadLives(store::Connection* db, const std::vector<uint64_t>& ids) {
  std::map<uint64_t, StoredLife> lives;
  if (ids.empty()) return lives;
  auto id_of = [](const Statement& row) { return static_cast<uint64_t>(row.Integer(0)); };
  MIGRATE_TRY(EachRow(db, ledger::RecordTable(), ids, "", [&](const Statement& row, int columns, const Sha256& hash) {
    StoredLife& s = lives[id_of(row)];
    ReadImage(row, columns, &s.life.current.emplace());
    s.current_hash = hash;
  }));
  MIGRATE_TRY(EachRow(db, ledger::RecordHistoryTable(), ids, " ORDER BY record_id, ended_import, seq",
                      [&](const Statement& row, int columns, const Sha256& hash) {
                        StoredLife& s = lives[id_of(row)];
                        OldImage& old = s.life.history.emplace_back();
                        old.ended_import = row.Integer(1);
                        old.seq = row.Integer(2);
                        ReadImage(row, columns, &old.image);
                        s.old_hashes[{old.ended_import, old.seq}] = hash;
                      }));
  MIGRATE_TRY(EachRow(db, ledger::RecordUndoneTable(), ids, " ORDER BY record_id, undone_import, seq",
                      [&](const Statement& row, int columns, const Sha256& hash) {
                        UndoneImage& u = lives[id_of(row)].undone.emplace_back();
                        u.undone_import = row.Integer(1);
                        u.seq = row.Integer(2);
                        u.rollback_import = row.Integer(3);
                        u.ended_import = row.Integer(4);
                        u.person_id = static_cast<uint64_t>(row.Integer(5));
                        ReadImage(row, columns, &u.image);
                        u.hash = hash;
                      }));
  MIGRATE_TRY(EachRow(db, ledger::PersonRecordTable(), ids, "", [&](const Statement& row, int, const Sha256& hash) {
    lives[id_of(row)].link = Link{static_cast<uint64_t>(row.Integer(1)), hash};
  }));
  return lives;
}

std::vector<Event> AllEvents(const StoredLife& stored, const UndoOptions& options,
                             const std::map<int64_t, std::vector<ledger::SeenRow>>& seen) {
  return Collector(stored, options).Run(seen);
}

}  // namespace migrate::load
