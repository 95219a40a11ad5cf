// The MySQL side of the Source seam: tables, views and queries of MySQL and MariaDB servers.
//
//   MIGRATE_ASSIGN(auto server, MysqlServer::Begin(options, threads, tables));   // one snapshot for all its sources
//   MIGRATE_ASSIGN(auto reader, OpenMysql(server, {.source = "crm", .table = "contacts", .key = {"id"}}));
//
// A table with a primary key is cut into stretches of it (about kChunkBytes each, by the server's mean row length),
// which any number of threads read, each through a session of its own. The server counts them as it finds where they
// end (the row at offset n - 1; of the last one COUNT(*)), in the same snapshot. Keys of integers, texts, bytes,
// decimals and dates, one column or several. A table without a primary key, a view and a query are read in one pass
// through one session; COUNT(*) over the same stands against them.
//
// What a cell becomes:
//   integers, YEAR, BIT        numbers, up to unsigned 64 bits; with ZEROFILL the text that the server shows: "00501",
//                              and so the zero year: "0000"
//   DECIMAL                    text, exact: "12.50"
//   FLOAT, DOUBLE              numbers: the shortest decimal that reads back as the same float or double
//   CHAR, VARCHAR, TEXT, ENUM, SET, JSON   text; the server turns its character set into UTF-8 (latin1 is cp1252 there)
//   DATE, TIME, DATETIME, TIMESTAMP        text as the server writes it, TIMESTAMP in UTC: "0000-00-00", "2022-11-00"
//   BINARY, VARBINARY, BLOB, geometry      bytes
// A text that is no UTF-8 although the server says so is damaged: its row is a reject (undecodable_bytes).
//
// A snapshot ends with its connections: an error that says Status::may_pass means that the rest, or all, has to be read
// in another one. A table that is read by ranges can go on there (`finished`); its rows are then of two moments.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "migrate/extract/mysql_throttle.h"
#include "migrate/extract/source.h"
#include "migrate/store/mysql.h"

namespace migrate::extract {

// The sessions of one server's snapshot, lent to the readers of its sources.
class MysqlServer {
 public:
  // `readers` sessions that read beside the one that cuts; where the server grants no snapshot to more than one, that
  // one does both.
  static Result<std::shared_ptr<MysqlServer>> Begin(const store::MysqlOptions& options, size_t readers,
                                                    const std::vector<std::string>& tables);

  class Lease {
   public:
    Lease(MysqlServer* from, size_t index) : from_(from), index_(index) {}
    Lease(Lease&& o) noexcept : from_(std::exchange(o.from_, nullptr)), index_(o.index_) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease() {
      if (from_ != nullptr) from_->GiveBack(index_);
    }
    store::MysqlSession* operator->() const { return from_->snapshot_->session(index_); }
    store::MysqlSession* get() const { return from_->snapshot_->session(index_); }

   private:
    MysqlServer* from_;
    size_t index_;
  };
  Lease Take();    // a session for one thread; waits until one is free
  Lease Cutter();  // the one that cuts: a session of its own where there are several
  bool cuts_beside() const { return taken_.size() > 1; }  // the one that cuts is nobody else's
  const std::string& finding() const { return snapshot_->finding(); }
  const std::string& snapshot_id() const { return snapshot_->id(); }
  const std::string& name() const { return name_; }

 private:
  void GiveBack(size_t index);
  std::unique_ptr<store::MysqlSnapshot> snapshot_;
  std::string name_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<bool> taken_;
};

// A chunk of a table that an earlier snapshot gave: Chunk's own values of it.
struct FinishedRange {
  uint32_t index = 0;
  std::string low = {}, high = {};
  uint64_t counted = 0;
};

struct MysqlSourceOptions {
  std::string source = {};
  std::string database = {};                // of the table
  std::string table = {}, query = {};       // one of them; a table may be a view
  std::vector<std::string> key = {};        // needed for rows; without it the columns can be looked at
  uint64_t limit = 0;                       // of rows that will be read, 0: none; chunks are then no longer than this
  uint64_t chunk_rows = 0;                  // 0: by the mean row length
  std::shared_ptr<Throttle> throttle = {};  // null: as fast as it goes
  // In the order of their index. Next() leaves them out; what lies between two of them comes as one chunk.
  std::vector<FinishedRange> finished = {};
};

// Errors: no such table or column (kPlan), a query that is no SELECT or whose columns
// share a name (kPlan), whatever the server says.
Result<std::unique_ptr<Reader>> OpenMysql(std::shared_ptr<MysqlServer> server, const MysqlSourceOptions& options);

}  // namespace migrate::extract
