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

// Writes what was found for a table, removes what is strange, and remakes `remake` besides damage.lists. Nothing of a
// bucket is written whose digest does not agree afterwards though all of its rows were found: these come back in
// *unproven. One transaction with an audit event, none if there is nothing to write.
Result<TableRepair> WriteRepair(store::Connection* db, const ledger::Bucketing& buckets, const TableDamage& damage,
                                const std::vector<uint64_t>& remake, const std::vector<RowImage>& remove,
                                std::set<uint64_t>* unproven);

// The same without writing: what would be done.
TableRepair CountRepair(const TableDamage& damage, const std::vector<uint64_t>& remake,
                        const std::vector<RowImage>& remove);

// Do the records add up to what source_digest says of their sources and partitions? By their stored row_sha256.
Result<bool> SourceDigestsAgree(store::Connection* db, const Partitioner& partitioner);

// Makes source_digest anew from the records, which must be sound. One transaction with an audit event.
Status RemakeSourceDigests(store::Connection* db, const Partitioner& partitioner);

}  // namespace migrate::run
