// Load: records of an import's segments into `record`, by partition, in key order, atomically and idempotently.
//
// Partitions are loaded in chunks of about chunk_rows rows (a part of a partition, or several small ones), and each
// chunk is one transaction: its rows, their old images in record_history, the digests of all of them, and the
// checkpoints that say how far its partitions are. A load that died resumes behind the last checkpoint of each
// partition, and what it then leaves is what an undisturbed load leaves. Duplicates go to quarantine at the end, in one
// transaction.
//
// Which row of a key is current (DESIGN.md): within one file or snapshot all but the greatest (updated_at, row_sha256)
// are quarantined as duplicates; across files and imports the greatest (updated_at, import, row_sha256) is current and
// the others are history. An image that is already there, current or in history, changes nothing.
//
// Workers: each has a connection of its own and every workers-th partition, so that no two touch the same one; a
// worker reads, merges and hashes in one thread and writes in another. Memory a worker: one block (128 KiB) a segment,
// a few batches, 48 bytes a row of one chunk for its digests, 8 bytes a row of one partition for full snapshots.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/hash.h"
#include "migrate/record/digest.h"
#include "migrate/spool/rows.h"
#include "migrate/store/connection.h"

namespace migrate::load {

// What became of the records of one source. seen.count = inserted + updated + unchanged + superseded + duplicates.
struct Counts {
  uint64_t inserted = 0;
  uint64_t updated = 0;     // replaced an older image
  uint64_t unchanged = 0;   // the same image was there
  uint64_t superseded = 0;  // older than the current image: straight into history
  uint64_t duplicates = 0;  // quarantined: duplicate key within a file, or a record_id collision
  uint64_t gone = 0;        // records of a snapshot that this import no longer saw (not part of seen)
  MultisetDigest seen;      // row_sha256 of every record that came in
  void Merge(const Counts& other);
};
using CountsBySource = std::map<uint32_t, Counts>;  // by source_id

struct FileInfo {
  int64_t schema_id = 0;
  std::string raw_delimiter;  // extract::Reader::RawDelimiter of its rows
  int64_t first_import = 0;   // that brought the same file (ledger::FirstImportsOfFiles); 0: this one
};

struct Options {
  store::Connection* db = nullptr;
  // Connections for workers beside the caller's; needed if workers > 1 (SQLite has one writer).
  std::function<Result<std::unique_ptr<store::Connection>>()> connect;
  unsigned workers = 1;
  std::string scratch;             // folder of the import's work, for duplicates until the end
  uint64_t chunk_rows = 1u << 18;  // of a transaction; a server's undo log and a resumed run both want it small
  int64_t import_id = 0;
  std::vector<spool::RecordSegment> segments;  // in the order of files and chunks; `source` is the source_id
  std::map<uint32_t, FileInfo> files;          // by file number
  Partitioner partitioner;
  std::vector<Attribute> attributes;
  std::set<uint32_t> full_snapshots;  // source_ids of which this import holds everything there is
  // Records that no source knows under their key, and whether they stand (ledger::MendedRecords): a full snapshot does
  // not call those gone that do, and notes down what it sees of any of them.
  std::map<uint64_t, bool> mended;
  // Imports whose records were normalized by the very rules of this one: an equal row_sha256 of theirs is an equal
  // image.
  std::set<int64_t> same_rules;
  uint64_t expected_rows = 0;  // that the target will hold, if more than the segments do
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t rows)> progress;  // rows done so far; called by one thread at a time
  // A shard: only these partitions are loaded, and what comes behind the last partition is left to a call without it.
  // PrepareLoad must have been called.
  std::function<bool(uint32_t partition)> share;
};

// What is settled once, before the first record. LoadRecords without a share does it itself.
Status PrepareLoad(const Options& options);

// Partitions that are not done.
Result<std::vector<uint32_t>> OpenPartitions(store::Connection* db, int64_t import_id, uint32_t partitions);

// The schema must be there and the import begun. kCancelled between chunks if cancel was requested; an error that
// may_pass if the server was: call again, on new connections, and it resumes.
Result<CountsBySource> LoadRecords(const Options& options);

}  // namespace migrate::load
