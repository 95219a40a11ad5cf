// A read transaction that ends with the scope.
#pragma once

#include "migrate/store/connection.h"

namespace migrate::report {

class Snapshot {
 public:
  static Result<Snapshot> Begin(store::Connection* db) {
    MIGRATE_TRY(db->BeginRead());
    return Snapshot(db);
  }
  Snapshot(Snapshot&& o) noexcept : db_(o.db_) { o.db_ = nullptr; }
  Snapshot& operator=(Snapshot&&) = delete;
  ~Snapshot() {
    if (db_ != nullptr) db_->Rollback();
  }

 private:
  explicit Snapshot(store::Connection* db) : db_(db) {}
  store::Connection* db_;
};

}  // namespace migrate::report
