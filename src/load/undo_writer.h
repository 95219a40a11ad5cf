// The writing half of undo: makes rows of one partition what a record's life is to be.
#pragma once

#include <memory>
#include <vector>

#include "lives.h"
#include "migrate/ledger/buckets.h"
#include "source_digests.h"

namespace migrate::load {

class UndoWriter {
 public:
  UndoWriter(const UndoOptions& options, const ledger::Bucketing& buckets);
  Status Begin(uint32_t partition);
  // Everything of one record_id. Counts and writes what changes.
  Status Write(uint64_t record_id, const StoredLife& stored, Replayed replayed,
               const std::map<int64_t, std::vector<ledger::SeenRow>>& seen);
  // Sends rows, digests and buckets; within the same transaction.
  Status Flush();
  const UndoCounts& counts() const { return counts_; }
  void set_counts(const UndoCounts& counts) { counts_ = counts; }

 private:
  Status WriteRecord(uint64_t id, const StoredLife& stored, const std::optional<Image>& now);
  Status WriteHistory(uint64_t id, const StoredLife& stored, const std::vector<OldImage>& now);
  Status WriteUndone(uint64_t id, const StoredLife& stored, bool goes);
  Status WriteLink(uint64_t id, const StoredLife& stored, bool is);
  Status PutUndone(uint64_t id, const Image& image, int64_t seq, int64_t ended, uint64_t person);
  Status DropUndone(uint64_t id, const UndoneImage& u);
  Status Delete(std::unique_ptr<store::Statement>* statement, const ledger::Table& table,
                const std::vector<int64_t>& key);
  Status KeepSeen(const std::vector<Event>& unchanged, const std::map<int64_t, std::vector<ledger::SeenRow>>& seen);

  const UndoOptions& o_;
  store::Connection* db_;
  ledger::Bucketing bucketing_;
  ledger::BucketKeeper records_, histories_, undones_, links_;
  std::map<int64_t, ledger::SeenKeeper> seen_;
  std::unique_ptr<store::RowWriter> record_, history_, undone_, link_;
  std::unique_ptr<store::Statement> delete_record_, delete_history_, delete_undone_, delete_link_, person_;
  ledger::RowHasher hasher_;
  DigestChanges digests_;
  UndoCounts counts_;
  uint32_t partition_ = 0;
};

}  // namespace migrate::load
