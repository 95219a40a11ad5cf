// Everything that the target holds of some records, read by their ids.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "migrate/load/replay.h"
#include "migrate/load/undo.h"

namespace migrate::load {

// A row of record_undone.
struct UndoneImage {
  int64_t undone_import = 0, seq = 0, rollback_import = 0;
  int64_t ended_import = 0;  // 0: it was current
  uint64_t person_id = 0;    // 0: none
  Image image;
  Sha256 hash{};  // of the row
};

// A row of person_record.
struct Link {
  uint64_t person_id = 0;
  Sha256 hash{};
};

struct StoredLife {
  Life life;
  Sha256 current_hash{};                                     // of the row of record
  std::map<std::pair<int64_t, int64_t>, Sha256> old_hashes;  // of rows of record_history, by (ended_import, seq)
  std::vector<UndoneImage> undone;
  std::optional<Link> link;
};

// Ascending by record_id; ids of which there is nothing are left out.
Result<std::map<uint64_t, StoredLife>> ReadLives(store::Connection* db, const std::vector<uint64_t>& ids);

// Did an import (or a rollback) stand when import `at` ran, by the rollbacks before that one?
bool StoodAt(const ledger::VersionsById& versions, int64_t import_id, int64_t at);

// The events of a life as all imports that stand make them, `subject` among them or not, wherever its images are kept:
// what its images tell, what imports found unchanged, and what imports that held everything saw or did not see.
// `seen` are the lists of the record's bucket, by import.
std::vector<Event> AllEvents(const StoredLife& stored, const UndoOptions& options,
                             const std::map<int64_t, std::vector<ledger::SeenRow>>& seen);

}  // namespace migrate::load
