// Rows of one table, hashed here by the dozen, which the processor does faster than one by one (base/sha256_many.h).
//
//   RowsAtOnce rows(table, RowsAtOnce::Values::kTexts, partitioner, names, &sources, [&](uint64_t key, const Sha256& h)
//   {...}); while (step) MIGRATE_TRY(rows.Add(key, *q)); MIGRATE_TRY(rows.Flush());
//
// Memory: the columns of 64 rows.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/base/hash.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/tables.h"
#include "migrate/record/digest.h"
#include "migrate/store/connection.h"

namespace migrate::reconcile {

// Of `record`: row_sha256 computed anew, by source_id and partition.
using SourceDigests = std::map<std::pair<uint32_t, uint32_t>, MultisetDigest>;

class RowsAtOnce {
 public:
  // How the columns come: as what SQLite says they are, or from a server, as the texts that it makes of them, which are
  // those that ledger/buckets.h hashes (decimal integers, DECIMAL with its six decimals, texts and bytes as they lie).
  enum class Values { kTyped, kTexts };
  using OnRow = std::function<Status(uint64_t key, const Sha256& hash)>;

  // Rows of the table's columns in their order. Of `record`, what the source gave goes to *sources, for the sources
  // whose names are known. All that it is given must outlive it.
  RowsAtOnce(const ledger::Table& table, Values values, const Partitioner& partitioner,
             const std::map<uint32_t, std::string>& names, SourceDigests* sources, OnRow on_row);

  // Columns are copied; on_row is called for this one or for earlier ones, in their order.
  Status Add(uint64_t key, const store::Statement& row);
  // What was kept back; before anything is concluded.
  Status Flush();

 private:
  struct Given {
    uint32_t source, partition;
    size_t begin, end;
  };
  const int columns_;
  const bool record_;
  const Values values_;
  const Partitioner& partitioner_;
  const std::map<uint32_t, std::string>& names_;
  SourceDigests* sources_;
  OnRow on_row_;
  ledger::RowHasher hasher_;
  std::vector<uint64_t> keys_;
  std::vector<Given> given_;
  std::string bytes_;
  std::vector<std::string_view> messages_;
  std::vector<Sha256> digests_;
};

}  // namespace migrate::reconcile
