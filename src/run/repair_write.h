// The writing half of a repair: one table's rows in one transaction, proven by the whole digests of their buckets.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "migrate/ledger/buckets.h"
#include "migrate/record/digest.h"
#include "repair_rows.h"

namespace migrate::run {

// A place that stays damaged.
struct Unrepaired {
  std::string table, key, why;
};

// What became of one table.
struct TableRepair {
  std::string table;
  uint64_t rewritten = 0;   // rows whose columns were wrong
  uint64_t restored = 0;    // rows that were missing
  uint64_t removed = 0;     // rows that nobody wrote
  uint64_t buckets = 0;     // of which digest or list was made anew
  uint64_t unrepaired = 0;  // rows, and buckets that the ledger has lost
  bool Any() const { return rewritten + restored + removed + buckets > 0; }
  void Merge(const TableRepair& other);
};

// What is written of a table besides what was found.
struct Decided {
  std::vector<uint64_t> remake;  // lost buckets whose rows are proven
  std::vector<RowImage> remove;  // rows of them that are proven to be nobody's
};

// Writes what was found for a table, removes what is strange, and remakes decided.remake besides damage.lists:
//   in buckets of which every row is there or was found: all of that, and their digests must agree afterwards. Of one
//   that does not agree weak rows are dropped; without such, nothing is written of it, and it comes back in *unproven;
//   in other buckets: rows that are not weak, each in the place of what has its primary key. No row is removed else.
// One transaction with an audit event, none if there is nothing to write.
Result<TableRepair> WriteRepair(store::Connection* db, const ledger::Bucketing& buckets, const Decided& decided,
                                TableDamage* damage, std::set<uint64_t>* unproven);

// The same without writing: what would be done.
TableRepair CountRepair(const ledger::Bucketing& buckets, const Decided& decided, const TableDamage& damage);

// Rows that the ledger does not name and that stay: their buckets are not whole, or in `unproven`.
std::vector<const RowImage*> StrangeRowsLeft(const ledger::Bucketing& buckets, const TableDamage& damage,
                                             const std::set<uint64_t>& unproven);

// Do the records add up to what source_digest says of their sources and partitions? By their stored row_sha256.
Result<bool> SourceDigestsAgree(store::Connection* db, const Partitioner& partitioner);

// Makes source_digest anew from the records, which must be sound. One transaction with an audit event.
Status RemakeSourceDigests(store::Connection* db, const Partitioner& partitioner);

}  // namespace migrate::run
