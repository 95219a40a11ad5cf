#include "timeline.h"

#include <algorithm>

#include "migrate/ledger/has_table.h"

namespace migrate::report {
namespace {

const std::string& UpdatedAt(const PastImage& i) { return i.row.record[Field::kUpdatedAt]; }

}  // namespace

Standing::Standing(const ledger::VersionsById& versions) {
  for (const auto& [id, v] : versions) {
    if (v.rollback) rollbacks_[v.undoes].push_back(id);
    if (v.rolled_back_by != 0) rolled_back_by_[id] = v.rolled_back_by;
    any_undone_ |= v.rollback && v.rolled_back_by != 0;
  }
}

bool Standing::At(int64_t import_id, int64_t as_of) const {
  if (import_id > as_of) return false;
  const auto of = rollbacks_.find(import_id);
  return of == rollbacks_.end() ||
         std::none_of(of->second.begin(), of->second.end(), [&](int64_t r) { return At(r, as_of); });
}

bool Standing::Hidden(int64_t import_id, int64_t as_of) const {
  if (import_id > as_of || At(import_id, as_of)) return false;
  const auto by = rolled_back_by_.find(import_id);
  return by == rolled_back_by_.end() || by->second > as_of;
}

std::set<int64_t> Standing::RollbacksOf(const std::set<int64_t>& imports) const {
  std::set<int64_t> out;
  std::vector<int64_t> open(imports.begin(), imports.end());
  while (!open.empty()) {
    const auto of = rollbacks_.find(open.back());
    open.pop_back();
    if (of == rollbacks_.end()) continue;
    for (const int64_t r : of->second)
      if (out.insert(r).second) open.push_back(r);
  }
  return out;
}

const PastImage* Timeline::At(int64_t as_of) const {
  const bool hidden = std::any_of(arrivals_.begin(), arrivals_.end(),
                                  [&](const Arrival& a) { return standing_->Hidden(a.import_id, as_of); });
  if (!hidden) return AsOf(*past_, as_of);
  const Arrival* current = nullptr;
  bool gone = false;
  // As load/replay.h plays them.
  const auto newer = [&](const Arrival& a) {
    const PastImage &x = *a.image, &y = *current->image;
    if (UpdatedAt(x) != UpdatedAt(y)) return UpdatedAt(x) > UpdatedAt(y);
    if (a.import_id != current->import_id)
      return RankOf(a, as_of) >= current->import_id || x.row.record.row_sha256 == y.row.record.row_sha256;
    const int64_t rank = RankOf(a, as_of), other = RankOf(*current, as_of);
    return rank != other ? rank > other : x.row.record.row_sha256 >= y.row.record.row_sha256;
  };
  for (const Arrival& a : arrivals_) {
    if (!standing_->At(a.import_id, as_of)) continue;
    if (a.image == nullptr) {
      gone = current != nullptr;
    } else if (current == nullptr || gone || newer(a)) {
      current = &a;
      gone = false;
    }
  }
  return gone || current == nullptr ? nullptr : current->image;
}

int64_t Timeline::RankOf(const Arrival& a, int64_t as_of) const {
  if (a.readings != nullptr)
    for (const int64_t import_id : *a.readings)
      if (import_id >= a.import_id || standing_->At(import_id, as_of)) return std::min(import_id, a.import_id);
  return a.import_id;
}

Result<TimelineReader> TimelineReader::Make(store::Connection* db) {
  TimelineReader r;
  r.db_ = db;
  MIGRATE_ASSIGN(r.versions_, ledger::Versions(db));
  *r.standing_ = Standing(r.versions_);
  MIGRATE_ASSIGN(r.has_seen_, ledger::HasTable(db, "import_seen"));
  if (r.standing_->any_undone()) MIGRATE_TRY(r.ReadFiles());
  return r;
}

Status TimelineReader::ReadFiles() {
  std::set<int64_t> whole;
  for (const auto& [id, v] : versions_) whole.insert(v.snapshots.begin(), v.snapshots.end());
  std::map<std::pair<int64_t, std::string>, std::shared_ptr<std::vector<int64_t>>> contents;
  for (const auto& [id, v] : versions_) {
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db_, id));
    for (const auto& f : files) {
      if (f.state != "imported" || f.sha256.empty() || whole.contains(f.source_id)) continue;
      auto& imports = contents[{f.source_id, f.sha256}];
      if (!imports) imports = std::make_shared<std::vector<int64_t>>();
      if (imports->empty() || imports->back() != id) imports->push_back(id);
      readings_[{id, f.file_no}] = imports;
    }
  }
  return {};
}

void TimelineReader::Add(int64_t import_id, const PastImage* image, uint64_t file_no, Timeline* line) const {
  const auto readings = readings_.find({import_id, static_cast<int64_t>(file_no)});
  line->arrivals_.push_back({import_id, image, readings == readings_.end() ? nullptr : readings->second.get()});
}

Result<Timeline> TimelineReader::Of(uint64_t record_id, const RecordPast& past) {
  Timeline line;
  line.past_ = &past;
  line.standing_ = standing_.get();
  for (const PastImage& i : past)
    for (const int64_t at : {i.begun, i.ended, i.rolled_back})
      if (at != 0) line.moments_.insert(at);
  if (!standing_->any_undone()) return line;
  for (const PastImage& i : past) Add(i.begun, i.row.gone_import != 0 ? nullptr : &i, i.row.record.place.file, &line);
  MIGRATE_TRY(AddSeen(record_id, &line));
  AddSnapshots(&line);
  std::stable_sort(line.arrivals_.begin(), line.arrivals_.end(),
                   [](const auto& a, const auto& b) { return a.import_id < b.import_id; });
  std::set<int64_t> imports;
  for (const auto& a : line.arrivals_) imports.insert(a.import_id);
  line.moments_.merge(standing_->RollbacksOf(imports));
  return line;
}

Status TimelineReader::AddSeen(uint64_t record_id, Timeline* line) {
  if (!has_seen_) return {};
  MIGRATE_ASSIGN(const ledger::Bucketing buckets, ledger::BucketingOf(db_));
  const uint64_t bucket = buckets.Of(ledger::RecordTable(), record_id);
  if (!bucket_ || bucket_->first != bucket) {
    MIGRATE_ASSIGN(auto seen, ledger::SeenOfBucket(db_, bucket));
    bucket_.emplace(bucket, std::move(seen));
  }
  for (const auto& [import_id, rows] : bucket_->second)
    for (const ledger::SeenRow& row : rows) {
      if (row.record_id != record_id) continue;
      const PastImage* found = nullptr;  // the latest of that hash which was there
      for (const PastImage& i : *line->past_)
        if (i.row.gone_import == 0 && i.begun <= import_id && ledger::Hash4(i.row.record.row_sha256) == row.hash4)
          found = &i;
      if (found != nullptr) Add(import_id, found, row.file_no, line);
    }
  return {};
}

// An import that held everything of the source saw the record, or it was not there any more.
void TimelineReader::AddSnapshots(Timeline* line) const {
  if (line->past_->empty()) return;
  const int64_t source = line->past_->front().row.record.source;
  std::set<int64_t> arrived;
  for (const auto& a : line->arrivals_) arrived.insert(a.import_id);
  for (const auto& [import_id, v] : versions_) {
    if (!v.snapshots.contains(source) || arrived.contains(import_id)) continue;
    if (const PastImage* alive = AsOf(*line->past_, import_id); alive != nullptr)
      line->arrivals_.push_back({import_id, alive, nullptr});
    else if (line->past_->front().begun < import_id)
      line->arrivals_.push_back({import_id, nullptr, nullptr});
  }
}

}  // namespace migrate::report
