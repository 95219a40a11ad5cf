// What must hold between the tables of a SQLite target and within its file, as tasks for several connections.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "migrate/reconcile/reconcile.h"

namespace migrate::reconcile {

// Gives its checks; those of one name, from several tasks, are one check.
struct StructureTask {
  std::string label;  // as a part of a reconcile; "": it is little, and done anew by whoever reports
  std::function<Result<std::vector<Check>>(store::Connection*)> run;
};

// quick_check first, for it takes longest. PRAGMA integrity_check would look up every row in every index, at random:
// ten times as long as all digests together. What it finds beyond quick_check is found here by reading: an index must
// hold exactly the values of its table's rows (as multisets of hashes), in order. Partial indexes and indexes over
// expressions, which operators add, are left to quick_check.
Result<std::vector<StructureTask>> SqliteStructure(const Options& options);

}  // namespace migrate::reconcile
