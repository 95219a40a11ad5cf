// Undo: takes what one import did to the records back, or does it again, as if the import had never run, or had never
// been taken back. Later imports stay.
//
// Of each record that the import touched, everything that the target holds is read, the arrivals of its images are
// played again without (or with) that import's (replay.h), and what differs is written: record, record_history,
// record_undone, source digests and buckets, and the links of records that go or come back, in chunks of one
// transaction with a checkpoint "undo" of the partition. A record that was done is not touched any more, so an undo
// that died goes on where it stood. Persons are the caller's: they are decided anew afterwards.
//
// One connection, one thread. Memory: 8 bytes a touched record of one partition, what 512 records hold, 48 bytes a row
// of a chunk for its digests. Time: two passes over the tables' keys and import numbers, and three lookups a record.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/status.h"
#include "migrate/ledger/versions.h"
#include "migrate/record/digest.h"
#include "migrate/store/connection.h"

namespace migrate::load {

struct UndoOptions {
  store::Connection* db = nullptr;
  int64_t import_id = 0;  // the rollback, which is an import, too
  int64_t subject = 0;    // the run whose arrivals go or come back
  bool remove = true;     // they go; else they come back
  int64_t since = 0;      // coming back: the import that is undone with it; what came behind it is later
  ledger::VersionsById versions;
  std::map<std::pair<int64_t, int64_t>, int64_t> file_of;  // (import, source) -> its only file, where there is one
  // Record -> the first replay that brought it although no source knows its key (ledger::MendedRecords): what full
  // snapshots behind that one saw of it is listed, and does not follow from what they did not see.
  std::map<uint64_t, int64_t> mended;
  // (import, file) of which only a part of a table was read: what its overlap saw again is no arrival of its own.
  std::set<std::pair<int64_t, int64_t>> parts;
  std::set<int64_t> abandoned;         // imports that never ended
  ledger::FirstImports first_imports;  // by those that stand when this is done
  Partitioner partitioner;
  uint64_t chunk_rows = 1u << 18;
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t records)> progress;
};

struct UndoCounts {
  uint64_t removed = 0;   // records that are there no more
  uint64_t restored = 0;  // that have another image now
  uint64_t added = 0;     // that are there again
  uint64_t history = 0;   // further ones of which only old images changed
  uint64_t records() const { return removed + restored + added + history; }
};

// A record that the import had changed and a later one changed again.
struct Conflict {
  uint64_t record_id = 0;
  std::string source, source_key;
  int64_t later_import = 0;
};
// Counts all and names the first `most`, by record_id. Changes nothing.
struct Conflicts {
  uint64_t count = 0;
  std::vector<Conflict> first;
};
Result<Conflicts> FindConflicts(const UndoOptions& options, size_t most);

// kCancelled between chunks if cancel was requested; an error that may_pass if the server was: call again.
Result<UndoCounts> UndoRecords(const UndoOptions& options);

}  // namespace migrate::load
