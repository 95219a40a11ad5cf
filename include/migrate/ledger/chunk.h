// A worker's transaction, committed when it has gathered enough rows: of a part of a large partition, or of several
// small ones, since each commit waits for a disk. Rolls back what is not committed when it goes.
//
//   Chunk chunk(db);
//   MIGRATE_TRY(chunk.Begin());             // nothing if it is open
//   ... write a row; chunk.Count(1) ...
//   if (chunk.rows() >= most) MIGRATE_TRY(chunk.Commit());
#pragma once

#include <cstdint>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

class Chunk {
 public:
  explicit Chunk(store::Connection* db) : db_(db) {}
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;
  ~Chunk() {
    if (open_) db_->Rollback();
  }
  Status Begin() {
    if (open_) return {};
    MIGRATE_TRY(db_->Begin());
    open_ = true;
    rows_ = 0;
    return {};
  }
  // Nothing if it is not open.
  Status Commit() {
    if (!open_) return {};
    MIGRATE_TRY(db_->Commit());
    open_ = false;
    return {};
  }
  void Count(uint64_t rows) { rows_ += rows; }
  uint64_t rows() const { return rows_; }  // since Begin

 private:
  store::Connection* db_;
  bool open_ = false;
  uint64_t rows_ = 0;
};

}  // namespace migrate::ledger
