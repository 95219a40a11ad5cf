// Parts of a reconcile: its passes over tables and indexes, cut so that several processes can share the reading.
//
// Of a server a part is one partition of one table, or one secondary index; of a SQLite file a stretch of keys of a
// table, an index, a walk along two tables, or the file's own check. A part follows from the target alone, and what it
// finds (sums, digests, keys of damaged rows) is the same whoever reads it, and whatever n is. All else (the books, the
// sample, the audit chain, the names of damaged rows) is little and is done by whoever puts the parts together: with
// all parts there Reconcile gives the report that it gives without them.
//
//   PartLabels(options)                           // "record 0", ..., "index person.person_email"
//   Reconcile(options, mine);   mine.only = true  // a shard: reads what is its own and not there, and writes it down
//   Reconcile(options, all);                      // the last one: takes what is there, reads what is not, and reports
//
// What a part found is one line of JSON with its label:
//   {"part": LABEL, "rows": n, "unequal": n, "faults": [[key, 0 changed | 1 missing | 2 extra], ...], "more": n,
//    "lists": [bucket, ...], "sample": [record_id, ...], "sources": [[source_id, partition, DIGEST], ...],
//    "keys": [count, xor, sum], "members": [low, high]}
//   {"part": LABEL, "checks": [[name, true | false, detail], ...]}
// What cannot be read as the part of that label counts as not there.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/reconcile/reconcile.h"

namespace migrate::reconcile {

struct Parts {
  bool only = false;                        // Reconcile ends behind this process's parts, with an empty report
  std::function<bool(uint32_t part)> mine;  // with `only`: is it to be there when Reconcile ends?
  // What `write` was given; false: it is not there. From the calling thread.
  std::function<bool(uint32_t part, std::string* found)> read;
  // By several threads at once. May keep it back until Reconcile ends.
  std::function<Status(uint32_t part, const std::string& label, const std::string& found)> write;
};

// Reconcile of which several processes share the reading.
Result<Report> Reconcile(const Options& options, const Parts& parts);

// All parts in their order, by label. Follows from what the target's ledger and its schema say.
Result<std::vector<std::string>> PartLabels(const Options& options);

}  // namespace migrate::reconcile
