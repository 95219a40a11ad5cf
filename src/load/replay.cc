#include "migrate/load/replay.h"

#include <algorithm>
#include <map>

namespace migrate::load {
namespace {

const std::string& UpdatedAt(const Image& i) { return i.row.record[Field::kUpdatedAt]; }

bool Older(const Image& a, const Image& b) {
  if (UpdatedAt(a) != UpdatedAt(b)) return UpdatedAt(a) < UpdatedAt(b);
  return a.row.record.row_sha256 < b.row.record.row_sha256;
}

bool SameRow(const Image& a, const Image& b) { return a.row.record.row_sha256 == b.row.record.row_sha256; }

// The import with which an image of the line began.
int64_t Begun(const Image& i) { return i.row.gone_import != 0 ? i.row.gone_import : i.row.import_id; }

bool OnLine(const OldImage& old) { return Begun(old.image) < old.ended_import; }

class Player {
 public:
  // All events of one import.
  void Play(std::vector<Event*> group) {
    std::vector<Event*> arrivals;
    for (Event* e : group)
      if (!e->gone) arrivals.push_back(e);
    if (arrivals.empty()) return Gone(group.front()->import_id);
    std::stable_sort(arrivals.begin(), arrivals.end(), [](const Event* a, const Event* b) {
      if (UpdatedAt(a->image) == UpdatedAt(b->image) && a->rank() != b->rank()) return a->rank() < b->rank();
      return Older(a->image, b->image);
    });
    const size_t before = out_.life.history.size();
    Event* newest = arrivals.back();
    for (Event* e : arrivals) {
      if (e == newest) break;
      if (Known(e->image, before) || SameRow(e->image, newest->image) ||
          (out_.life.history.size() > before && SameRow(out_.life.history.back().image, e->image)))
        Unchanged(e);
      else
        ToHistory(std::move(e->image), e->import_id);
    }
    Arrive(newest, before);
  }
  Replayed Take() { return std::move(out_); }

 private:
  void Arrive(Event* e, size_t before) {
    std::optional<Image>& current = out_.life.current;
    if (!current) {
      current = std::move(e->image);
    } else if (SameImage(*current, e->image)) {
      Unchanged(e);
    } else if (current->row.gone_import == 0 && IsOlder(*e, *current)) {
      if (Known(e->image, before))
        Unchanged(e);
      else
        ToHistory(std::move(e->image), e->import_id);
    } else {
      ToHistory(*std::move(current), e->import_id);
      current = std::move(e->image);
    }
  }

  // As PartitionWriter has it.
  static bool IsOlder(const Event& e, const Image& current) {
    if (UpdatedAt(e.image) != UpdatedAt(current)) return UpdatedAt(e.image) < UpdatedAt(current);
    return e.rank() < current.row.import_id && !SameRow(e.image, current);
  }

  void Gone(int64_t import_id) {
    std::optional<Image>& current = out_.life.current;
    if (!current || current->row.gone_import != 0) return;
    ToHistory(*current, import_id);
    current->row.gone_import = import_id;
  }

  bool Known(const Image& i, size_t among) const {
    return std::any_of(out_.life.history.begin(), out_.life.history.begin() + static_cast<ptrdiff_t>(among),
                       [&](const OldImage& old) { return SameRow(old.image, i); });
  }

  void ToHistory(Image image, int64_t ended) {
    seq_ = ended == ended_ ? seq_ + 1 : 0;
    ended_ = ended;
    out_.life.history.push_back({ended, seq_, std::move(image)});
  }

  void Unchanged(Event* e) { out_.unchanged.push_back(std::move(*e)); }

  Replayed out_;
  int64_t ended_ = 0, seq_ = 0;
};

}  // namespace

bool SameImage(const Image& a, const Image& b) {
  const Record &x = a.row.record, &y = b.row.record;
  if (x.row_sha256 != y.row_sha256 || x.opt_out != y.opt_out || x.flags != y.flags ||
      a.row.gone_import != b.row.gone_import)
    return false;
  for (Field f : ledger::kColumnFields)
    if (x[f] != y[f]) return false;
  return a.more == b.more && a.attributes == b.attributes && x.payload == y.payload;
}

std::vector<Event> EventsOf(const Life& life) {
  std::vector<Event> events;
  auto add = [&](const Image& i) {
    if (i.row.gone_import != 0)
      events.push_back({i.row.gone_import, true, false, {}});
    else
      events.push_back({i.row.import_id, false, false, i});
  };
  for (const OldImage& old : life.history) add(old.image);
  if (life.current) add(*life.current);
  return events;
}

const Image* AliveAfter(const Life& life, int64_t import_id) {
  const Image* alive = nullptr;
  for (const OldImage& old : life.history)
    if (OnLine(old) && Begun(old.image) <= import_id && import_id < old.ended_import) alive = &old.image;
  if (life.current && Begun(*life.current) <= import_id) alive = &*life.current;
  return alive != nullptr && alive->row.gone_import == 0 ? alive : nullptr;
}

Replayed Replay(std::vector<Event> events) {
  std::map<int64_t, std::vector<Event*>> by_import;
  for (Event& e : events) by_import[e.import_id].push_back(&e);
  Player player;
  for (auto& [import_id, group] : by_import) player.Play(std::move(group));
  return player.Take();
}

int64_t ChangedAgain(const Life& life, int64_t import_id) {
  std::vector<const Image*> line;
  for (const OldImage& old : life.history)
    if (OnLine(old)) line.push_back(&old.image);
  if (life.current) line.push_back(&*life.current);
  for (size_t i = 0; i + 1 < line.size(); ++i) {
    const bool marked = line[i]->row.gone_import == import_id;
    const bool brought = line[i]->row.import_id == import_id;
    if (marked || (brought && line[i + 1]->row.import_id != import_id)) return Begun(*line[i + 1]);
  }
  return 0;
}

int64_t ChangedAfter(const Life& life, int64_t import_id) {
  int64_t last = 0;
  auto look = [&](const Image& i) { last = std::max({last, i.row.import_id, i.row.gone_import}); };
  for (const OldImage& old : life.history) look(old.image);
  if (life.current) look(*life.current);
  return last > import_id ? last : 0;
}

}  // namespace migrate::load
