// SQL by which a server recomputes what ledger/buckets.h keeps of a table: row hashes, and their count, XOR and sum.
//
// Row hash: SHA2 over the netstrings of all columns, as ledger::HashStoredRow makes it on the client:
//
//   SHA2(CONCAT(IFNULL(CONCAT(LENGTH(c), ':', c, ','), '-,'), ...), 256)
//
// LENGTH counts bytes. Columns of different character sets are put together as bytes: a cast to binary in each keeps
// the server from converting one into the other. Integers and DECIMAL(7,6) become the texts that the client prints.
//
// Digests: the hashes of a range of keys go through a derived table (32 bytes a row, in memory), since they are needed
// twice, for XOR and sum. MySQL 8 has BIT_XOR over binary; MariaDB's takes 64-bit integers, hence four pieces. The sum
// of the first eight bytes is a DECIMAL, which does not overflow; the client takes it modulo 2^64.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "migrate/base/hash.h"
#include "migrate/ledger/tables.h"
#include "migrate/store/connection.h"

namespace migrate::reconcile {

// A stretch of keys of one partition, whole buckets: first <= key <= last.
struct KeyRange {
  uint32_t partition = 0;
  uint64_t first = 0;
  uint64_t last = UINT64_MAX;
};

// The hash of a row over all its columns, hexadecimal.
std::string RowHashSql(const ledger::Table& table);

// One row a group of (key >> shift, source_id; 0 for tables other than record):
//   0 key >> shift, 1 source_id, 2 COUNT(*), 3 XOR of the keys, 4 sum of the keys, 5... digest of the row hashes and,
//   of `record`, digest of row_sha256 computed anew from source name, source_key and payload.
// A digest is count, sum, then XOR: as 32 bytes, or, on MariaDB, as four numbers.
std::string DigestSql(const store::Connection& db, const ledger::Table& table, const KeyRange& range, unsigned shift,
                      const std::map<uint32_t, std::string>& sources);
// Reads a digest of such a row that begins at *column, and moves *column behind it.
MultisetDigest ReadDigest(const store::Connection& db, const store::Statement& row, int* column);

// (key, first four bytes of the row's hash as a number) of every row in the range.
std::string RowHashesSql(const store::Connection& db, const ledger::Table& table, const KeyRange& range);

// Unsigned decimal text modulo 2^64: what the server's exact sums need.
uint64_t Modulo64(std::string_view decimal);

}  // namespace migrate::reconcile
