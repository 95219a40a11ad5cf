// What every table must hold, kept beside it: per bucket of keys count, XOR and sum of the row hashes, and a list that
// names each row. Writers keep it up in the transaction of their rows; reconcile recomputes it from what is stored.
//
// Row hash: SHA-256 over the row's columns in table order, each as a netstring: decimal length, ':', bytes, ','; NULL
// is
// "-,". Integers as decimal, reals with six decimals, texts and blobs as they are. SQL can compute the same.
//
// bucket.rows: per row, ascending by key: varint (key - key before), then the first four bytes of its hash. About 11
// bytes a row for hashed keys, 5 for running numbers.
//
// Bucket of a key: key >> shift. Running numbers: shift 12 (4096 keys). Hashed keys: the setting `bucket_shift`, chosen
// at the first load so that a bucket holds about 4k rows (at least 64 buckets); it never changes afterwards. Where a
// table has n partitions by key mod n, a bucket belongs to one of them: (key >> shift) * n + key mod n, and the shift
// of running numbers grows by log2(n). So partitions are written, and checked, without touching each other's buckets.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/ledger/tables.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

class RowHasher {
 public:
  void Null() { Put("-,", 2); }
  void Text(std::string_view bytes);
  void TextOrNull(std::string_view bytes) { bytes.empty() ? Null() : Text(bytes); }
  void Integer(int64_t v);
  void Real(double v);
  Sha256 Finish();  // and begins anew
  // Many rows at once, which is faster (base/sha256_many.h): EndRow() behind each, then FinishRows() for the hashes of
  // all of them, in order; it begins anew. Memory: the rows' columns until then.
  void EndRow() { ends_.push_back(size_); }
  size_t rows() const { return ends_.size(); }
  const std::vector<Sha256>& FinishRows();

 private:
  char* Room(size_t bytes);  // for so many more behind size_
  void Put(const char* bytes, size_t n);

  std::unique_ptr<char[]> buffer_;
  size_t size_ = 0, capacity_ = 0;
  std::vector<size_t> ends_;
  std::vector<std::string_view> messages_;
  std::vector<Sha256> hashes_;
  Sha256Hasher hasher_;
};

// The columns of a record's image, source_id to row_sha256, that record and its sister tables share.
void HashImage(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json);

// The columns of a row of `record`, for EndRow() or Finish().
void PutRecord(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json);

// Hashes of rows about to be written; the same as HashStoredRow gives for them afterwards.
Sha256 HashRecord(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json);
Sha256 HashRecordHistory(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json,
                         int64_t ended_import, int64_t seq);
Sha256 HashPerson(RowHasher* h, const Person& p, std::string_view attributes_json);
Sha256 HashPersonHistory(RowHasher* h, const Person& p, std::string_view attributes_json, int64_t ended_import,
                         std::string_view members);
// Of a row of a SELECT whose first `columns` columns are the table's; Put does not finish it.
void PutStoredRow(RowHasher* h, const store::Statement& row, int columns);
Sha256 HashStoredRow(RowHasher* h, const store::Statement& row, int columns);

// The shift for hashed keys when about `rows` rows are expected in so many partitions.
unsigned ChooseBucketShift(uint64_t rows, uint32_t partitions);

struct Bucketing {
  unsigned shift = 57;      // of hashed keys
  uint32_t partitions = 1;  // of partitioned tables; 1 in SQLite
  unsigned ShiftOf(const Table& table) const;
  uint32_t PartitionsOf(const Table& table) const { return table.partitioned ? partitions : 1; }
  uint64_t Of(const Table& table, uint64_t key) const {
    const uint32_t n = PartitionsOf(table);
    return (key >> ShiftOf(table)) * n + key % n;
  }
};
// As the target's settings and its dialect have it.
Result<Bucketing> BucketingOf(store::Connection* db);

// Collects what a writer adds and removes, and applies it to `bucket` when asked. Memory: 48 bytes a change until then.
class BucketKeeper {
 public:
  BucketKeeper(store::Connection* db, const Table& table, const Bucketing& buckets)
      : db_(db), table_(table), buckets_(buckets) {}
  void Add(uint64_t key, const Sha256& row) { changes_.push_back({key, row, true}); }
  void Remove(uint64_t key, const Sha256& row) { changes_.push_back({key, row, false}); }
  // Flush() when 12 MiB of changes have come together; for writers that go through a table in key order.
  Status FlushIfLarge() { return changes_.size() >= (1u << 18) ? Flush() : Status(); }
  // Within the caller's transaction. An error (a row to be removed that the bucket does not name) means that the table
  // was changed behind the tool's back.
  Status Flush();

 private:
  struct Change {
    uint64_t key;
    Sha256 row;
    bool add;
  };
  Status Apply(uint64_t bucket, size_t begin, size_t end);
  store::Connection* db_;
  const Table& table_;
  Bucketing buckets_;
  std::vector<Change> changes_;
  std::unique_ptr<store::Statement> select_, replace_;
};

// One row that a bucket names.
struct NamedRow {
  uint64_t key;
  uint32_t hash4;  // first four bytes of its hash, big-endian
  auto operator<=>(const NamedRow&) const = default;
};
std::vector<NamedRow> DecodeBucketRows(std::string_view blob);
uint32_t Hash4(const Sha256& row);

}  // namespace migrate::ledger
