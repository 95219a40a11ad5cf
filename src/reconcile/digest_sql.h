// SQL by which a server recomputes what ledger/buckets.h keeps of a table: row hashes, and their count, XOR and sum.
//
// Row hash: SHA2 over the netstrings of all columns, as ledger::HashStoredRow makes it on the client:
//
//   SHA2(CONCAT(LENGTH(a), ':', a, ',', IF(b IS NULL, '-,', CONCAT(LENGTH(b), ':', b, ',')), ...), 256)
//
// LENGTH counts bytes. Texts are cast to binary, so that columns of different character sets are put together as they
// lie. Integers and DECIMAL(7,6) become the texts that the client prints. Putting the netstrings together costs the
// server several times what SHA-256 costs, which is why columns that cannot be NULL go without IF.
//
// Digests: the hashes of a range of keys go through a derived table (32 bytes a row, in memory), since they are needed
// twice, for XOR and sum. MySQL 8 has BIT_XOR over binary; MariaDB's takes 64-bit integers, hence four pieces. The sum
// of the first eight bytes is a DECIMAL, which does not overflow; the client takes it modulo 2^64.
#pragma once

#include <cstdint>
#include <map>
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

// The hash of a row over all its columns, hexadecimal; an expression. The server is asked which columns may be NULL and
// which are texts.
Result<std::string> RowHashSql(store::Connection* db, const ledger::Table& table);

// One row a group of (key >> shift, source_id; 0 for tables other than record):
//   0 key >> shift, 1 source_id, 2 COUNT(*), 3 XOR of the keys, 4 sum of the keys, 5... XOR of the row hashes and, of
//   `record`, XOR of row_sha256 computed anew from source name, source_key and payload (nonsense for an unknown
//   source).
// An XOR is 32 bytes, or, on MariaDB, four numbers. `row_hash` is what RowHashSql gave.
//
// The server does not sum the hashes, as the ledger's digests do: it would have to compute each hash twice, or put all
// of them into a temporary table, which takes more than twice the time. Sums are for multisets, where two equal rows
// cancel in the XOR. Rows of a table differ, for their primary key is hashed with them.
std::string DigestSql(const store::Connection& db, const ledger::Table& table, const std::string& row_hash,
                      const KeyRange& range, unsigned shift, const std::map<uint32_t, std::string>& sources);
// Reads an XOR of such a row that begins at *column, and moves *column behind it.
Sha256 ReadXor(const store::Connection& db, const store::Statement& row, int* column);

// (key, first four bytes of the row's hash as a number) of every row in the range.
std::string RowHashesSql(const store::Connection& db, const ledger::Table& table, const std::string& row_hash,
                         const KeyRange& range);

// Unsigned decimal text modulo 2^64: what the server's exact sums need.
uint64_t Modulo64(std::string_view decimal);

}  // namespace migrate::reconcile
