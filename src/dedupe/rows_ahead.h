// Streams of a table's rows, merged with others by their keys.
//
//   RowsAhead q(db, "SELECT record_id, person_id FROM person_record", "record_id", "record_id", nullptr);
//   for (Status s = q.Step(); s.ok() && q.here(); s = q.Step()) use(q.key(), q.row());
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::dedupe {

// The rows of a table in the order of some columns, one in hand: of all, or of those whose key is in an ascending list.
class RowsAhead {
 public:
  RowsAhead(store::Connection* db, std::string select, std::string key, std::string order,
            const std::vector<uint64_t>* keys)
      : db_(db), select_(std::move(select)), key_(std::move(key)), order_(std::move(order)), keys_(keys) {}

  Status Step() {
    for (;;) {
      if (rows_ != nullptr) {
        MIGRATE_ASSIGN(here_, rows_->Step());
        if (here_) return {};
        rows_.reset();
        if (keys_ == nullptr) return {};
      }
      if (keys_ == nullptr) {
        MIGRATE_ASSIGN(rows_, db_->Scan(select_ + " ORDER BY " + order_));
      } else {
        here_ = false;
        if (next_ == keys_->size()) return {};
        MIGRATE_ASSIGN(rows_, db_->Scan(select_ + " WHERE " + key_ + " IN (" + NextKeys() + ") ORDER BY " + order_));
      }
    }
  }
  bool here() const { return here_; }
  const store::Statement& row() const { return *rows_; }
  uint64_t key() const { return static_cast<uint64_t>(rows_->Integer(0)); }

 private:
  static constexpr size_t kKeys = 1000;

  std::string NextKeys() {
    std::string list;
    for (const size_t end = std::min(keys_->size(), next_ + kKeys); next_ < end; ++next_)
      list += (list.empty() ? "" : ",") + std::to_string((*keys_)[next_]);
    return list;
  }

  store::Connection* db_;
  const std::string select_, key_, order_;
  const std::vector<uint64_t>* keys_;
  size_t next_ = 0;
  std::unique_ptr<store::Statement> rows_;
  bool here_ = false;
};

}  // namespace migrate::dedupe
