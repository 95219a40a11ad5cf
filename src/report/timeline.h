// Which image a record had at a moment that later rollbacks and their rollbacks have hidden.
//
// An image keeps the import that began it and the one that ended it, as they follow from the imports that stand today
// (load/replay.h). While a rollback stood that was taken back since, other images were current, and no row says so. But
// the ledger says which imports stood when; so the arrivals of those are played again by load's rule: the greatest
// (updated_at, import, row_sha256) is current, where a file that was read again counts for the first import that stood
// and brought its content. Arrivals are the images that are kept, rows that an import found there
// as they came (import_seen), and tables that were read whole.
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "migrate/ledger/versions.h"
#include "past.h"

namespace migrate::report {

// When imports stood. Memory: the versions.
class Standing {
 public:
  Standing() = default;
  explicit Standing(const ledger::VersionsById& versions);
  // Had it begun at the end of import `as_of`, and no rollback that stood then had taken it back?
  bool At(int64_t import_id, int64_t as_of) const;
  // Do the images, as they are kept, show a moment at which the import did not stand as one at which it did?
  bool Hidden(int64_t import_id, int64_t as_of) const;
  bool any_undone() const { return any_undone_; }  // a rollback was taken back
  // The rollbacks of the imports, and the rollbacks of those, and so on.
  std::set<int64_t> RollbacksOf(const std::set<int64_t>& imports) const;

 private:
  std::map<int64_t, std::vector<int64_t>> rollbacks_;  // by what they undo
  std::map<int64_t, int64_t> rolled_back_by_;          // today
  bool any_undone_ = false;
};

// One record's images at every moment. `past` must live as long.
class Timeline {
 public:
  // As AsOf of past.h.
  const PastImage* At(int64_t as_of) const;
  // The imports behind whose ends the image may be another one than before.
  const std::set<int64_t>& moments() const { return moments_; }

 private:
  friend class TimelineReader;
  struct Arrival {
    int64_t import_id = 0;
    const PastImage* image = nullptr;                // null: the import did not see the record any more
    const std::vector<int64_t>* readings = nullptr;  // the imports that read this content, ascending; null: no file
  };
  int64_t RankOf(const Arrival& a, int64_t as_of) const;
  const RecordPast* past_ = nullptr;
  const Standing* standing_ = nullptr;
  std::vector<Arrival> arrivals_;  // in the order in which they are played
  std::set<int64_t> moments_;
};

// Makes timelines; keeps what the last bucket of import_seen held.
class TimelineReader {
 public:
  // Within the caller's snapshot.
  static Result<TimelineReader> Make(store::Connection* db);
  Result<Timeline> Of(uint64_t record_id, const RecordPast& past);

 private:
  using Seen = std::map<int64_t, std::vector<ledger::SeenRow>>;
  Status ReadFiles();
  void Add(int64_t import_id, const PastImage* image, uint64_t file_no, Timeline* line) const;
  Status AddSeen(uint64_t record_id, Timeline* line);
  void AddSnapshots(Timeline* line) const;
  store::Connection* db_ = nullptr;
  ledger::VersionsById versions_;
  std::unique_ptr<Standing> standing_ = std::make_unique<Standing>();
  // Of files of sources that are only added to, by (import, file_no). Addresses stay when the reader is moved.
  std::map<std::pair<int64_t, int64_t>, std::shared_ptr<std::vector<int64_t>>> readings_;
  bool has_seen_ = false;
  std::optional<std::pair<uint64_t, Seen>> bucket_;
};

}  // namespace migrate::report
