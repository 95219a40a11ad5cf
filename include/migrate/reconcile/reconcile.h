// Reconcile: is what the target stores what the sources said? Everything is recomputed from the stored rows; a stored
// hash is never believed.
//
//   books      per source: counted = extracted + quarantined by extract; extracted = seen by load, as multisets of
//              row_sha256; seen = inserted + updated + unchanged + superseded + duplicates
//   digests    row_sha256 of every record recomputed from source, key and payload; per source and partition they add up
//   to
//              what the ledger expects
//   buckets    every table, all columns: count, XOR and sum; an unequal bucket names its missing, extra and changed
//   rows structure  every record in exactly one person, every person with its members, the audit chain, the database's
//   own
//              quick check, and every secondary index against its table
//   sample     rows normalized again from their payload and compared column by column
//
// Several connections read every row, stretch of keys by stretch of keys, and hash it here (sqlite_check.h,
// server_check.h).
//
// Read-only: one snapshot of the target, the same for all connections. Memory: one bucket's rows a connection (of a
// server 64), on a server 150 bytes a bucket of the largest table, and 48 bytes a damage that is named (1000 at most).
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/hash.h"
#include "migrate/ledger/tables.h"
#include "migrate/record/digest.h"
#include "migrate/store/connection.h"

namespace migrate::reconcile {

// What one import says of one source; all digests are over row_sha256.
struct ImportBook {
  std::string source;
  uint64_t counted = 0;             // by the independent count
  uint64_t extracted = 0;           // rows read: good ones and rejects
  uint64_t rejected = 0;            // of them quarantined by extract
  MultisetDigest extracted_digest;  // of the good ones
  MultisetDigest seen;              // of the rows that reached load
  uint64_t inserted = 0, updated = 0, unchanged = 0, superseded = 0, duplicates = 0;
};

struct BookLine {
  std::string source;
  int64_t partition = -1;  // -1: the whole import
  uint64_t counted = 0, extracted = 0, loaded = 0, quarantined = 0;
  std::string digest_source, digest_target;
  bool ok = true;
};
struct Check {
  std::string name;
  bool ok = true;
  std::string detail;
};
// One damaged place, as exactly as it can be named. Values in `what` are masked.
struct Damage {
  std::string table, key, column, what;
};
struct Report {
  std::vector<BookLine> books;
  std::vector<Check> checks;
  std::vector<Damage> damage;  // the first kMaxDamage
  uint64_t damaged = 0;        // all of them
  uint64_t sampled = 0, sample_differences = 0;
  uint64_t rows = 0;  // read in all tables
  bool match() const;
};
inline constexpr size_t kMaxDamage = 1000;

struct Options {
  store::Connection* db = nullptr;
  // Gives further connections for up to `workers` of them in all.
  std::function<Result<std::unique_ptr<store::Connection>>()> connect;
  unsigned workers = 1;
  int64_t import_id = 0;
  std::map<uint32_t, ImportBook> books;  // of this import, by source_id
  Partitioner partitioner;
  std::vector<Attribute> attributes;
  bool persons = true;  // dedupe has run: check its tables
  // The last import behind which everything was matched: records of later ones may wait for their person.
  int64_t matched_through = std::numeric_limits<int64_t>::max();
  uint64_t sample = 1000;
  // The record as its payload normalizes today; nullopt where it was normalized under another plan.
  std::function<std::optional<Record>(const ledger::StoredRecord&)> renormalize;
  // The person as its members make it today; nullopt if it has none.
  std::function<Result<std::optional<ledger::Person>>(uint64_t person_id)> remake;
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t rows)> progress;
};

Result<Report> Reconcile(const Options& options);

}  // namespace migrate::reconcile
