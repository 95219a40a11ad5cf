// The tables of a SQLite target against their buckets: every row is read and hashed here, stretch by stretch of whole
// buckets, shared out among the sessions; and PRAGMA quick_check beside them, which is the longest single piece.
//
// Memory: a session, one bucket's rows and its database cache; 48 bytes a fault (kMaxFaults a stretch at most, the
// others are counted); the sample.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "migrate/reconcile/reconcile.h"
#include "rows_at_once.h"
#include "server_check.h"
#include "sessions.h"

namespace migrate::reconcile {

class PartKeeper;

struct SqliteOfTable {
  uint64_t rows = 0;
  uint64_t unequal_buckets = 0;
  std::vector<std::pair<uint64_t, RowFault>> faults;  // by stretch and key
  uint64_t more_faults = 0;
  std::vector<uint64_t> damaged_lists;  // buckets whose list is not that of their rows, while the rows are sound
};

// What one stretch gives.
struct SqliteStretch {
  SqliteOfTable of_table;
  SourceDigests sources;
  std::vector<uint64_t> sample;  // record_ids
};

struct SqliteCheck {
  std::vector<SqliteOfTable> tables;  // in the order of ledger::DigestTables()
  SourceDigests sources;
  std::vector<ledger::StoredRecord> sample;  // about Options::sample rows, by record_id
  std::vector<Check> structure;
};

// Parts that `parts` has are not read; where it is told to do parts only, what it returns means nothing.
Result<SqliteCheck> CheckSqlite(const Options& options, Sessions* sessions, const ledger::Bucketing& buckets,
                                const std::map<uint32_t, std::string>& source_names, const PartKeeper& parts);

// Of Options::parts.
Result<std::vector<std::string>> SqlitePartLabels(const Options& options, const ledger::Bucketing& buckets);

}  // namespace migrate::reconcile
