// Of rejects: which state a row of the quarantine has, and why. Within the caller's transaction.
//
//   rolled_back  the import that put it there is taken back
//   replayed     an import that stands has read it again (checkpoint "replayed": a list of quarantine_ids)
//   superseded   a later import that stands has read the same again, and has a reject of its own for it, or none
//   replayed     a reject of the same row of an earlier import was, under the same plan (checkpoint "again": pairs of
//                quarantine_id and that earlier one)
//   open         else
//
// in this order: so the state follows from what stands, whatever the order in which things were done or taken back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

// What the checkpoints "replayed" and "again" say. Memory: 100 bytes a row that was ever replayed or came again.
struct RejectLinks {
  std::map<int64_t, int64_t> before;                // a reject -> that of the same row in an earlier import
  std::map<int64_t, std::vector<int64_t>> replays;  // a reject -> the imports that have read it again
  bool empty() const { return before.empty() && replays.empty(); }
  int64_t First(int64_t quarantine_id) const;  // that all rejects of the same row have in common
  // By First(): the imports that have read any of them again.
  std::map<int64_t, std::vector<int64_t>> ReplaysByFirst() const;
};
Result<RejectLinks> ReadRejectLinks(store::Connection* db);

// Gives rejects another state, and keeps their buckets.
Status MoveRejects(store::Connection* db, const std::vector<int64_t>& quarantine_ids, const std::string& state);

// What tells the same row of a source again: SHA-256 over source, reason and original bytes.
std::string RejectPrint(int64_t source_id, std::string_view reason, std::string_view raw);

}  // namespace migrate::ledger
