// The proof that a repair goes by: a row is what was written if the ledger names its hash.
//
// The ledger lists of every row its key and four bytes of its hash over all columns (ledger/buckets.h). So a repair
// need not know how a row was lost: whoever has an idea of what it was offers an image, and only the one that was
// written is taken. After writing, the whole digest of the bucket (256 bits) must agree as well.
//
// Where some rows of a bucket stay lost, its digest proves nothing, and four bytes are all there is: one image in 2^32
// passes by chance. So a row that was found by trying more than kFewTries images is `weak`, and is written only if
// its bucket is whole again; and a row that the ledger does not name is removed only then, or if a row with its primary
// key takes its place. Where one row alone is lost, what the digest lacks is its whole hash, and nothing else passes.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/tables.h"
#include "migrate/store/connection.h"

namespace migrate::run {

// A row of any table, column by column; filled by whatever binds rows (ledger::BindRecord, ...). Memory: about 80 bytes
// a column and its texts.
class RowImage : public store::Binder {
 public:
  RowImage() = default;
  explicit RowImage(size_t columns) : values_(columns) {}
  static RowImage Of(const store::Statement& row, size_t columns);
  void Bind(int index, int64_t value) override;
  void BindReal(int index, double value) override;
  void BindText(int index, std::string_view utf8) override;
  void BindBlob(int index, std::string_view bytes) override;
  void BindNull(int index) override;

  size_t columns() const { return values_.size(); }
  // Columns count from 0 here, as in a statement's row.
  int64_t Integer(size_t column) const;
  double Real(size_t column) const;
  std::string_view Text(size_t column) const { return values_[column].text; }
  uint64_t key() const { return static_cast<uint64_t>(Integer(0)); }
  Sha256 Hash(ledger::RowHasher* hasher) const;
  void PutInto(store::Binder* row) const;
  void PutColumn(size_t column, int index, store::Binder* into) const;

 private:
  struct Value {
    store::Statement::Type type = store::Statement::Type::kNull;
    int64_t integer = 0;
    double real = 0;
    std::string text;  // of any type as the database gave it, for integers that came as texts
  };
  Value& At(int index) { return values_[static_cast<size_t>(index - 1)]; }
  std::vector<Value> values_;
};

// A row that the ledger names and the table lacks.
struct WantedRow {
  uint64_t key = 0;
  uint32_t hash4 = 0;
  uint64_t bucket = 0;
  bool found = false;
  bool weak = false;  // too many images were tried for four bytes to be a proof
  RowImage image;     // once found
  uint64_t tries = 0;
  std::optional<Sha256> exact;  // its whole hash, where the digest of the bucket gives it
};

// At most so many images: one in four million passes by chance.
inline constexpr uint64_t kFewTries = 1024;

// What is wanted of one table, by key.
class Wanted {
 public:
  void Add(uint64_t key, uint32_t hash4, uint64_t bucket, const std::optional<Sha256>& exact);
  bool Has(uint64_t key) const { return open_.count(key) > 0; }  // and not found yet
  bool empty() const { return open_.empty(); }
  // Keys of which rows are still wanted, ascending.
  std::vector<uint64_t> Open() const;
  // Takes the image if it is a row that is wanted.
  bool Offer(const RowImage& image);
  // Rows that are weak and of one of these buckets are not found after all.
  void DropWeak(const std::set<uint64_t>& buckets);
  std::vector<WantedRow>& rows() { return rows_; }
  const std::vector<WantedRow>& rows() const { return rows_; }

 private:
  std::vector<WantedRow> rows_;
  std::unordered_map<uint64_t, std::vector<size_t>> open_;  // indexes into rows_ that are not found
  ledger::RowHasher hasher_;
};

// What is wrong in one table.
struct TableDamage {
  const ledger::Table* table = nullptr;
  Wanted wanted;
  std::unordered_map<uint64_t, std::vector<RowImage>> strange;  // rows that the ledger does not name, by key
  std::vector<uint64_t> buckets;                                // that were looked at and differ
  std::vector<uint64_t> lists;  // of them: rows sound, what the ledger keeps of them not
  std::vector<uint64_t> lost;   // of them: the ledger has lost them, or both of what it keeps are damaged
  uint64_t strange_rows = 0;
  bool more = false;  // the round was full: further buckets differ
  // Buckets that the ledger has not lost and of which every row is there or was found.
  std::set<uint64_t> Whole() const;
};

// Rows that one round of a repair holds at most, wanted and strange ones each.
inline constexpr size_t kRowsARound = 50000;

// All rows of a bucket as they are stored now.
Result<std::vector<RowImage>> ReadBucket(store::Connection* db, const ledger::Table& table,
                                         const ledger::Bucketing& buckets, uint64_t bucket);

// Reads the given buckets beside what the ledger keeps of them.
Status LookAtBuckets(store::Connection* db, const ledger::Bucketing& bucketing, const std::vector<uint64_t>& buckets,
                     TableDamage* damage);

// Does the bucket hold what its digest says?
Result<bool> BucketAgrees(store::Connection* db, const ledger::Table& table, const ledger::Bucketing& buckets,
                          uint64_t bucket);

// Makes digest and list of a bucket anew from its rows. Within the caller's transaction.
Status RemakeBucket(store::Connection* db, const ledger::Table& table, const ledger::Bucketing& buckets,
                    uint64_t bucket);

}  // namespace migrate::run
