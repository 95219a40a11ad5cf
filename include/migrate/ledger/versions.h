// Versions of the truth: what kind of import each one is, which were taken back, the chain that tells a target's age,
// and which rows an import found there already. Every function runs within the caller's transaction.
//
// An import is a run, a rollback or a matching. A matching changes persons behind the end of a run or rollback (a
// steward's decision, another model): it has no rows of its own, and only that a history can tell before from after
// makes it one. A rollback takes back one import, a run or another rollback; what it took back is rolled back
// (`rolled_back_by`) until the rollback is taken back itself. Inputs of a run that is rolled back are held: later runs
// leave them out until they are released.
//
// Digest root of an import: SHA-256 over a line "table count:xor:sum\n" for each table under digest (its buckets
// merged) and "source NAME count:xor:sum\n" for each source, when the import ended. It does not depend on partitions.
// Chain: SHA-256(chain of the import that ended before ‖ 0 ‖ import_id ‖ 0 ‖ kind ‖ 0 ‖ plan hash ‖ 0 ‖ root), in hex.
// A target whose import N has another chain than a workspace remembers, or no import N, is not the one it wrote last.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "migrate/base/hash.h"
#include "migrate/base/status.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/ledger.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

struct Version {
  int64_t import_id = 0;
  bool rollback = false;
  bool matching = false;        // neither: a run
  int64_t undoes = 0;           // of a rollback: the import that it takes back
  bool keep_later = false;      // of a rollback
  int64_t rolled_back_by = 0;   // 0: it stands
  bool released = false;        // its inputs may come in again although it was rolled back
  std::set<int64_t> snapshots;  // source_ids of which it held everything there was
  std::string root, chain;      // hex; "" until it ended, or if an older version of this tool ended it
  bool held() const { return !rollback && !matching && rolled_back_by != 0 && !released; }
};
using VersionsById = std::map<int64_t, Version>;

// Of every import; those that an older version of this tool made are runs of which no more is known.
Result<VersionsById> Versions(store::Connection* db);
// "run", "rollback" or "matching".
std::string KindOf(const Version& version);
// The plan's ("": any plan's) last import that is no matching and was not abandoned.
Result<std::optional<Import>> LastImportOf(store::Connection* db, const std::string& plan_name);
// The plan's matching that was begun and did not end; 0: none.
Result<int64_t> OpenMatching(store::Connection* db, const std::string& plan_name);
// Inserts or replaces the row.
Status PutVersion(store::Connection* db, const Version& version);

// What a root is made of: the digests of each table's buckets, and of each source's partitions, merged; by name.
struct RootParts {
  std::map<std::string, MultisetDigest> tables, sources;
};
std::string RootOf(RootParts parts);
Result<std::map<std::string, MultisetDigest>> SourceParts(store::Connection* db);
// Rows of `record`, as source_digest counts them, which is kept up with each commit: a server reads the whole table for
// COUNT(*), which is asked only where those counts cannot be read.
Result<uint64_t> CountedRecords(store::Connection* db);
// As the ledger has them now.
Result<std::string> DigestRoot(store::Connection* db);

// (import_id, file_no) -> the first import that brought the same content to the same source, where that is an earlier
// one. Reading a file anew says nothing new: its rows keep the place among others that it had. 40 bytes a file.
using FirstImports = std::map<std::pair<int64_t, int64_t>, int64_t>;
// Of the files of these sources and of imports that `stands` lets pass. For sources that are only added to: a list of
// all that is there may be as it was before, and is newer for all that.
Result<FirstImports> FirstImportsOfFiles(store::Connection* db, const std::set<int64_t>& sources,
                                         const std::function<bool(int64_t import_id)>& stands);

struct ChainHead {
  int64_t import_id = 0;  // that ended last; 0: none did
  std::string chain;
};
Result<ChainHead> ChainHeadOf(store::Connection* db);
// The import has ended: fills in root and chain, and makes it the head. Returns what it wrote.
Result<Version> CloseVersion(store::Connection* db, int64_t import_id);

// The audit events as they are.
Result<AuditHead> AuditHeadOf(store::Connection* db);
// Keeps them as the checkpoint "audit" of an import that ends.
Status MarkAudit(store::Connection* db, int64_t import_id);
// Of the marks the one with the most events; 0 events if there is none.
Result<AuditHead> AuditMarkOf(store::Connection* db);

// A row that an import found there as it came.
struct SeenRow {
  uint64_t record_id = 0;
  uint64_t file_no = 0, line = 0;
  uint32_t hash4 = 0;  // first four bytes of its row_sha256, big-endian
  bool operator==(const SeenRow&) const = default;
};
std::vector<SeenRow> DecodeSeenRows(std::string_view blob);

// Gathers such rows of one import, and adds them to import_seen when asked. Memory: 32 bytes a row until then.
class SeenKeeper {
 public:
  SeenKeeper(store::Connection* db, int64_t import_id, const Bucketing& buckets)
      : db_(db), import_id_(import_id), buckets_(buckets) {}
  void Add(const SeenRow& row) { rows_.push_back(row); }
  Status Flush();

 private:
  store::Connection* db_;
  int64_t import_id_;
  Bucketing buckets_;
  std::vector<SeenRow> rows_;
};

// Of one bucket of record_ids: the rows that each import found, by import.
Result<std::map<int64_t, std::vector<SeenRow>>> SeenOfBucket(store::Connection* db, uint64_t bucket);

// By source_id: how rejects of a source give way to those of a later import (ledger.h, SupersedeRejects).
struct RejectRules {
  std::set<int64_t> snapshots;  // to those of any later content of the same path
  std::set<int64_t> parts;      // a table that is read in parts: to a later reject of the same bytes and reason
};

// Gives every reject of the subject's sources the state that follows when the run `subject` is taken back (`remove`) or
// stands again; src/ledger/undo_rejects.h says which. May be done twice.
Status UndoRejects(store::Connection* db, int64_t subject, bool remove, const RejectRules& rules);

// A replay and another import that stands and has brought the same rows of the quarantine in: 0 if there is none. Both
// may not stand, the rows would be there twice.
struct ReplayedTwice {
  int64_t by = 0;
  uint64_t rows = 0;
};
Result<ReplayedTwice> FindReplayedTwice(store::Connection* db, int64_t replay);

}  // namespace migrate::ledger
