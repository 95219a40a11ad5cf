#include "table_check.h"

#include <algorithm>

namespace migrate::reconcile {

Status CompareRows(std::vector<ledger::NamedRow> expected, std::vector<ledger::NamedRow> rows,
                   const OnFault& on_fault) {
  std::sort(expected.begin(), expected.end());
  std::sort(rows.begin(), rows.end());
  std::vector<ledger::NamedRow> missing, extra;
  std::set_difference(expected.begin(), expected.end(), rows.begin(), rows.end(), std::back_inserter(missing));
  std::set_difference(rows.begin(), rows.end(), expected.begin(), expected.end(), std::back_inserter(extra));
  for (size_t i = 0, j = 0; i < missing.size() || j < extra.size();) {
    if (i < missing.size() && j < extra.size() && missing[i].key == extra[j].key) {
      MIGRATE_TRY(on_fault(missing[i].key, RowFault::kChanged));
      ++i, ++j;
    } else if (j == extra.size() || (i < missing.size() && missing[i].key < extra[j].key)) {
      MIGRATE_TRY(on_fault(missing[i++].key, RowFault::kMissing));
    } else {
      MIGRATE_TRY(on_fault(extra[j++].key, RowFault::kExtra));
    }
  }
  return {};
}

Result<std::unique_ptr<TableCheck>> TableCheck::Open(store::Connection* db, const ledger::Table& table,
                                                     const ledger::Bucketing& buckets, const std::string& stored,
                                                     OnFault on_fault) {
  std::unique_ptr<TableCheck> check(new TableCheck(table, buckets, std::move(on_fault)));
  MIGRATE_ASSIGN(check->stored_, db->Scan("SELECT bucket, digest, `rows` FROM bucket WHERE table_name = ? AND " +
                                          stored + " ORDER BY bucket"));
  check->stored_->BindText(1, table.name);
  MIGRATE_TRY(check->NextStored());
  return check;
}

Status TableCheck::NextStored() {
  MIGRATE_ASSIGN(have_stored_, stored_->Step());
  if (have_stored_) stored_bucket_ = static_cast<uint64_t>(stored_->Integer(0));
  return {};
}

Status TableCheck::Row(uint64_t key, const Sha256& hash) {
  uint64_t bucket = buckets_.Of(table_, key);
  if (open_ && bucket != bucket_) MIGRATE_TRY(CloseBucket());
  open_ = true;
  bucket_ = bucket;
  digest_.Add(hash);
  rows_.push_back({key, ledger::Hash4(hash)});
  return {};
}

// Compares the bucket that was read with what the ledger says of it, and of those before it that no row came for.
Status TableCheck::CloseBucket() {
  std::vector<ledger::NamedRow> expected;
  while (have_stored_ && stored_bucket_ < bucket_) {
    for (const auto& r : ledger::DecodeBucketRows(stored_->Text(2))) MIGRATE_TRY(on_fault_(r.key, RowFault::kMissing));
    if (!ledger::DecodeBucketRows(stored_->Text(2)).empty()) unequal_.push_back(stored_bucket_);
    MIGRATE_TRY(NextStored());
  }
  bool equal = false;
  if (have_stored_ && stored_bucket_ == bucket_) {
    equal = stored_->Text(1) == digest_.Text();
    expected = ledger::DecodeBucketRows(stored_->Text(2));
    if (equal) {
      // Rows of one key come in the order of their other columns.
      std::sort(rows_.begin(), rows_.end());
      if (expected != rows_) {
        unequal_.push_back(bucket_);
        damaged_lists_.push_back(bucket_);
      }
    }
    MIGRATE_TRY(NextStored());
  }
  if (!equal && !(rows_.empty() && expected.empty())) {
    unequal_.push_back(bucket_);
    MIGRATE_TRY(CompareRows(std::move(expected), rows_, on_fault_));
  }
  digest_ = {};
  rows_.clear();
  return {};
}

Status TableCheck::Finish() {
  if (open_) MIGRATE_TRY(CloseBucket());
  bucket_ = UINT64_MAX;
  rows_.clear();
  return CloseBucket();
}

}  // namespace migrate::reconcile
