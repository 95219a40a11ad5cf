// Buckets of which the ledger has lost its line, or whose line cannot be read or contradicts itself: what proves their
// rows all the same.
//
// The digest root of the import that ended last (ledger/versions.h) is over every row of every table. With the right
// rows in the lost buckets it comes out again (SHA-256), with any others it does not. Tried are, for each table: all
// rows as they are; without those that contradict other rows; without any in buckets of which there is no line. Only
// rows that such a proof leaves out are removed.
//
// Where no root can tell (an import is under way, an older version of this tool wrote the target, there is other
// damage of this kind besides), nothing is removed, and rows are taken as sound only if they follow wholly from others
// (PersonSearch::Follows) and, for records, the digests of their sources agree with them.
//
// Memory: 50,000 rows that contradict others, and a digest a table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/record/digest.h"
#include "repair_persons.h"
#include "repair_rows.h"
#include "repair_write.h"

namespace migrate::run {

// What becomes of the lost buckets of one table.
struct LostVerdict {
  std::vector<uint64_t> remake;  // their rows are sound, once those of `remove` are gone
  std::vector<RowImage> remove;
  std::vector<Unrepaired> left;
};

// By table. `damage` as LookAtBuckets found it, before anything is written.
Result<std::map<std::string, LostVerdict>> JudgeLost(const std::map<std::string, TableDamage>& damage,
                                                     store::Connection* db, const ledger::Bucketing& buckets,
                                                     const Partitioner& partitioner, const Cancel* cancel,
                                                     PersonSearch* persons);

}  // namespace migrate::run
