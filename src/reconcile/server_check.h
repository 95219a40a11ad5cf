// One table of a server against its buckets: the server computes the digests (digest_sql.h), stretch of keys by stretch
// of keys, several at a time; only of a bucket that differs are the rows' hashes read. Every row of the table is in one
// of the stretches, also one whose key nobody expects.
//
// Memory: the ledger's digests of the table (about 150 bytes a bucket), 48 bytes a fault (kMaxFaults at most, the
// others are counted), and the row hashes of one bucket a connection. On the server: a derived table of about 80 bytes
// a row for kBucketsATask buckets a connection.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "migrate/base/cancel.h"
#include "migrate/base/hash.h"
#include "migrate/ledger/buckets.h"
#include "sessions.h"
#include "table_check.h"

namespace migrate::reconcile {

// Count, XOR and sum of the first key column: tells whether two tables hold the same keys. Keys that are hashes make
// that as good as a digest; what somebody forged shows in the buckets.
struct KeySet {
  uint64_t count = 0, xor_keys = 0, sum = 0;
  bool operator==(const KeySet&) const = default;
};

struct ServerCheck {
  uint64_t rows = 0;
  uint64_t unequal_buckets = 0;
  std::vector<uint64_t> unequal;                      // their numbers
  std::vector<std::pair<uint64_t, RowFault>> faults;  // by stretch and key
  uint64_t more_faults = 0;                           // beyond kMaxFaults
  // Of `record`: row_sha256 computed anew, by source_id and partition.
  std::map<std::pair<uint32_t, uint32_t>, MultisetDigest> sources;
  KeySet keys;
};
inline constexpr size_t kMaxFaults = 1000;
// A stretch: small enough that the derived table stays in the server's memory (16 x 4,096 rows), large enough that the
// statement's own cost does not count.
inline constexpr size_t kBucketsATask = 16;

struct ServerCheckOptions {
  ledger::Bucketing buckets;
  std::map<uint32_t, std::string> source_names;
  const Cancel* cancel = nullptr;
  std::function<void(uint64_t rows)> progress;  // rows of this table so far; not called by two threads at once
};

Result<ServerCheck> CheckOnServer(store::Connection* db, Sessions* sessions, const ledger::Table& table,
                                  const ServerCheckOptions& options);

}  // namespace migrate::reconcile
