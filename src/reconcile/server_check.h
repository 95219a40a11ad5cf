// One table of a server against its buckets: the rows come as texts, stretch of keys by stretch of keys, several at a
// time, and are hashed here; only a bucket that differs is read again, to name its rows. Every row of the table is in
// one of the stretches, also one whose key nobody expects.
//
// Sending the rows costs a server about half of what it takes to hash them itself: SHA2(CONCAT(...)) over thirty
// columns puts each through three functions (docs/performance.md, "What the profiles showed").
//
// Memory: the ledger's digests of the table (about 150 bytes a bucket), 48 bytes a fault (kMaxFaults at most, the
// others are counted), 64 rows a connection, and of a bucket that differs 16 bytes a row.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/ledger/buckets.h"
#include "rows_at_once.h"
#include "sessions.h"
#include "table_check.h"

namespace migrate::reconcile {

// Count, XOR and sum (modulo 2^64) of the first key column: tells whether two tables hold the same keys. Keys that are
// hashes make that as good as a digest; what somebody forged shows in the buckets.
struct KeySet {
  uint64_t count = 0, xor_keys = 0, sum = 0;
  void Add(uint64_t key);
  void Merge(const KeySet& other);
  bool operator==(const KeySet&) const = default;
};

// How many records each person has, of all persons together: the sum of records * f(person_id) modulo 2^64, for two
// functions f that scatter. Links and persons.record_count give the same sums if every count is right and every link
// has its person; other counts give other sums, but for one case in 2^128.
struct MemberCounts {
  uint64_t low = 0, high = 0;
  void Add(uint64_t person_id, uint64_t records);
  void Merge(const MemberCounts& other);
  bool operator==(const MemberCounts&) const = default;
};

// Unsigned decimal digits modulo 2^64, as a server prints them.
uint64_t Unsigned(std::string_view decimal);

struct ServerCheck {
  uint64_t rows = 0;
  uint64_t unequal_buckets = 0;
  std::vector<uint64_t> unequal;                      // their numbers
  std::vector<std::pair<uint64_t, RowFault>> faults;  // by stretch and key
  uint64_t more_faults = 0;                           // beyond kMaxFaults
  SourceDigests sources;
  KeySet keys;
  MemberCounts members;  // of person and person_record
};
inline constexpr size_t kMaxFaults = 1000;
// A stretch, 16 x 4,096 rows: small enough to be shared out evenly, large enough that the statement's own cost does not
// count.
inline constexpr size_t kBucketsATask = 16;

struct ServerCheckOptions {
  ledger::Bucketing buckets;
  std::map<uint32_t, std::string> source_names;
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t rows)> progress;     // rows of this table so far; not called by two threads at once
  std::function<bool(uint32_t partition)> wanted;  // is it to be read? Empty: all are
  // As soon as a partition has been read; not called by two threads at once. May be empty.
  std::function<Status(uint32_t partition, const ServerCheck& found)> done;
};

// By partition; of those that are not wanted nothing. What two partitions found, put together in order, is what one
// pass over both finds.
Result<std::vector<ServerCheck>> CheckPartitions(store::Connection* db, Sessions* sessions, const ledger::Table& table,
                                                 const ServerCheckOptions& options);
void Merge(const ServerCheck& part, ServerCheck* all);

// All of them.
Result<ServerCheck> CheckOnServer(store::Connection* db, Sessions* sessions, const ledger::Table& table,
                                  const ServerCheckOptions& options);

}  // namespace migrate::reconcile
