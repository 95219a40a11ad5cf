// One table against its buckets: rows are fed in key order, unequal buckets come out as damaged keys.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "migrate/ledger/buckets.h"

namespace migrate::reconcile {

enum class RowFault { kChanged, kMissing, kExtra };

using OnFault = std::function<Status(uint64_t key, RowFault fault)>;
// Names, by key, what the ledger lists and the table has not, what the table has and the ledger does not list, and what
// both have with another hash. Neither list need be sorted.
Status CompareRows(std::vector<ledger::NamedRow> expected, std::vector<ledger::NamedRow> rows, const OnFault& on_fault);

class TableCheck {
 public:
  // `stored`: SQL condition on `bucket.bucket`, of the buckets whose rows will come.
  static Result<std::unique_ptr<TableCheck>> Open(store::Connection* db, const ledger::Table& table,
                                                  const ledger::Bucketing& buckets, const std::string& stored,
                                                  OnFault on_fault);
  Status Row(uint64_t key, const Sha256& hash);
  Status Finish();
  uint64_t unequal_buckets() const { return unequal_.size(); }
  // Numbers of the buckets that differ, in the order in which they were met.
  const std::vector<uint64_t>& unequal() const { return unequal_; }
  // Of them: buckets whose digest is that of their rows, while the list of the rows is not. They have no faults.
  const std::vector<uint64_t>& damaged_lists() const { return damaged_lists_; }

 private:
  TableCheck(const ledger::Table& table, const ledger::Bucketing& buckets, OnFault on_fault)
      : table_(table), buckets_(buckets), on_fault_(std::move(on_fault)) {}
  Status CloseBucket();
  Status NextStored();
  const ledger::Table& table_;
  ledger::Bucketing buckets_;
  OnFault on_fault_;
  std::unique_ptr<store::Statement> stored_;
  bool have_stored_ = false;
  uint64_t stored_bucket_ = 0;
  bool open_ = false;
  uint64_t bucket_ = 0;
  MultisetDigest digest_;
  std::vector<ledger::NamedRow> rows_;
  std::vector<uint64_t> unequal_, damaged_lists_;
};

}  // namespace migrate::reconcile
