// Read parts: what shards of reconcile have read of the target, as lines of the manifest.
//
// reconcile/parts.h says what a part is; part p belongs to shard p mod n. Its line "read" is its commit. A part speaks
// of one state of the target: the import, its digest root, the last audit event that changes rows, the tool, the plan,
// the size of the sample. The line names that state, and counts for no other: a part that was read before a repair, a
// rollback or another import changed the target is read again. What changes rows and leaves neither event nor digest
// (a bit that flips, somebody's UPDATE by hand) is found by whoever reads it: by a part if it came before the part was
// read, else by the next reconcile, as it is with a reconcile that one process makes.
//
// A verdict is given once for a state: a line "judged", written before the row of `reconciliation`, names the row that
// was the last one before, so that a shard that died between the two, or one that is called again, adds no second one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "context.h"
#include "migrate/reconcile/parts.h"

namespace migrate::run {

struct ReadWork {
  std::string state;                // 16 hex digits
  std::vector<std::string> labels;  // of all parts
  uint64_t stale = 0;               // parts that were read of another state
};
// Which parts there are. The target is open; within the section.
Result<ReadWork> PartsToRead(const Context& c);

// Parts that are not there; shards (from 1) of n whose they are, ascending.
std::set<uint32_t> MissingReadParts(const Context& c, const ReadWork& work);
std::vector<uint32_t> ShardsOfMissingReads(const Context& c, const ReadWork& work, uint32_t n);

// The greatest reconciliation_id before the verdict on this state. Within the section.
Result<int64_t> BeginVerdict(Context* c, const ReadWork& work);

// What a shard of reconcile finds missing: shards, ascending. The target is open; within the section.
Result<std::vector<uint32_t>> MissingReads(Context* c);
// A shard's part of reconcile; as above. `section` is given back when nobody is to be kept out any more.
Status ReconcileShards(Context* c, std::optional<FileLock>* section);

// The imports whose records were normalized as this run normalizes.
Result<std::set<int64_t>> ImportsOfSameRules(const Context& c);

// A run that reads all for itself has looked later than shards, whatever it finds: they begin anew. While nobody else
// is at work.
Status ForgetReads(Context* c);

// Is that verdict in `reconciliation`?
Result<bool> IsJudged(const Context& c, const ReadWork& work);

// reconcile::Parts over the manifest that c has open. Outlives the reconcile.
class ReadLines {
 public:
  // `share`: only this shard's parts are wanted; none: all are.
  ReadLines(Context* c, const ReadWork& work, std::optional<Shard> share);
  ReadLines(const ReadLines&) = delete;
  ReadLines& operator=(const ReadLines&) = delete;
  const reconcile::Parts& parts() const { return parts_; }
  // Lines are gathered for about a second, for each write is synced.
  Status Flush();

 private:
  Status Add(spool::ManifestLine line);

  Context* c_;
  reconcile::Parts parts_;
  std::map<uint32_t, std::string> known_;  // by part
  std::mutex mutex_;
  std::vector<spool::ManifestLine> waiting_;
  std::chrono::steady_clock::time_point since_;
};

}  // namespace migrate::run
