#include "repair_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <iterator>

namespace migrate::run {
namespace {

using ledger::NamedRow;
using Type = store::Statement::Type;

// What the ledger keeps of a bucket.
struct Kept {
  bool known = false;  // there is such a bucket, and its digest can be read
  MultisetDigest digest;
  std::vector<NamedRow> rows;
};

Result<Kept> ReadKept(store::Connection* db, const ledger::Table& table, uint64_t bucket) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT digest, `rows` FROM bucket WHERE table_name = ? AND bucket = ?"));
  q->BindText(1, table.name);
  q->Bind(2, static_cast<int64_t>(bucket));
  Kept kept;
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found) return kept;
  auto digest = MultisetDigest::FromText(q->Text(0));
  kept.known = digest.ok();
  if (digest.ok()) kept.digest = *digest;
  kept.rows = ledger::DecodeBucketRows(q->Text(1));
  return kept;
}

}  // namespace

RowImage RowImage::Of(const store::Statement& row, size_t columns) {
  RowImage image(columns);
  for (size_t c = 0; c < columns; ++c) {
    const int i = static_cast<int>(c);
    Value& v = image.values_[c];
    v.type = row.ColumnType(i);
    if (v.type == Type::kNull) continue;
    if (v.type == Type::kInteger) v.integer = row.Integer(i);
    if (v.type == Type::kReal) v.real = row.Real(i);
    v.text = row.Text(i);
  }
  return image;
}

void RowImage::Bind(int index, int64_t value) { At(index) = {Type::kInteger, value, 0, ""}; }
void RowImage::BindReal(int index, double value) { At(index) = {Type::kReal, 0, value, ""}; }
void RowImage::BindText(int index, std::string_view utf8) { At(index) = {Type::kText, 0, 0, std::string(utf8)}; }
void RowImage::BindBlob(int index, std::string_view bytes) { At(index) = {Type::kBlob, 0, 0, std::string(bytes)}; }
void RowImage::BindNull(int index) { At(index) = {}; }

int64_t RowImage::Integer(size_t column) const {
  const Value& v = values_[column];
  if (v.type == Type::kInteger) return v.integer;
  int64_t n = 0;
  std::from_chars(v.text.data(), v.text.data() + v.text.size(), n);
  return n;
}

double RowImage::Real(size_t column) const {
  const Value& v = values_[column];
  if (v.type == Type::kReal) return v.real;
  if (v.type == Type::kInteger) return static_cast<double>(v.integer);
  double d = 0;
  std::from_chars(v.text.data(), v.text.data() + v.text.size(), d);
  return d;
}

Sha256 RowImage::Hash(ledger::RowHasher* hasher) const {
  for (const Value& v : values_) {
    if (v.type == Type::kNull)
      hasher->Null();
    else if (v.type == Type::kInteger)
      hasher->Integer(v.integer);
    else if (v.type == Type::kReal)
      hasher->Real(v.real);
    else
      hasher->Text(v.text);
  }
  return hasher->Finish();
}

void RowImage::PutColumn(size_t column, int index, store::Binder* into) const {
  const Value& v = values_[column];
  if (v.type == Type::kNull)
    into->BindNull(index);
  else if (v.type == Type::kInteger)
    into->Bind(index, v.integer);
  else if (v.type == Type::kReal)
    into->BindReal(index, v.real);
  else if (v.type == Type::kBlob)
    into->BindBlob(index, v.text);
  else
    into->BindText(index, v.text);
}

void RowImage::PutInto(store::Binder* row) const {
  for (size_t c = 0; c < values_.size(); ++c) PutColumn(c, static_cast<int>(c) + 1, row);
}

void Wanted::Add(uint64_t key, uint32_t hash4, uint64_t bucket, const std::optional<Sha256>& exact) {
  open_[key].push_back(rows_.size());
  WantedRow row;
  row.key = key;
  row.hash4 = hash4;
  row.bucket = bucket;
  row.exact = exact;
  rows_.push_back(std::move(row));
}

std::vector<uint64_t> Wanted::Open() const {
  std::vector<uint64_t> keys;
  keys.reserve(open_.size());
  for (const auto& [key, rows] : open_) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

bool Wanted::Offer(const RowImage& image) {
  const auto at = open_.find(image.key());
  if (at == open_.end()) return false;
  const Sha256 hash = image.Hash(&hasher_);
  const uint32_t hash4 = ledger::Hash4(hash);
  for (auto i = at->second.begin(); i != at->second.end(); ++i) {
    WantedRow& row = rows_[*i];
    ++row.tries;
    if (row.hash4 != hash4 || (row.exact && *row.exact != hash)) continue;
    row.found = true;
    row.weak = !row.exact && row.tries > kFewTries;
    row.image = image;
    at->second.erase(i);
    if (at->second.empty()) open_.erase(at);
    return true;
  }
  return false;
}

void Wanted::DropWeak(const std::set<uint64_t>& buckets) {
  for (size_t i = 0; i < rows_.size(); ++i) {
    WantedRow& row = rows_[i];
    if (!row.found || !row.weak || buckets.count(row.bucket) == 0) continue;
    row.found = false;
    row.image = {};
    open_[row.key].push_back(i);
  }
}

std::set<uint64_t> TableDamage::Whole() const {
  std::set<uint64_t> whole(buckets.begin(), buckets.end());
  for (uint64_t bucket : lost) whole.erase(bucket);
  for (const WantedRow& row : wanted.rows())
    if (!row.found) whole.erase(row.bucket);
  return whole;
}

Result<std::vector<RowImage>> ReadBucket(store::Connection* db, const ledger::Table& table,
                                         const ledger::Bucketing& buckets, uint64_t bucket) {
  const uint32_t n = buckets.PartitionsOf(table);
  const unsigned shift = buckets.ShiftOf(table);
  const uint64_t first = (bucket / n) << shift, last = first | ((uint64_t{1} << shift) - 1);
  const std::string from =
      table.partitioned ? ledger::TablePartition(*db, table.name, static_cast<uint32_t>(bucket % n)) : table.name;
  // SQLite's integers have a sign.
  const bool server = db->dialect() != store::Dialect::kSqlite;
  const std::string low = server ? std::to_string(first) : std::to_string(static_cast<int64_t>(first)),
                    high = server ? std::to_string(last) : std::to_string(static_cast<int64_t>(last));
  MIGRATE_ASSIGN(auto q, db->Prepare(fmt::format("{} FROM {} WHERE {} >= {} AND {} <= {}", ledger::SelectColumns(table),
                                                 from, table.key.front(), low, table.key.front(), high)));
  std::vector<RowImage> rows;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return rows;
    rows.push_back(RowImage::Of(*q, table.columns.size()));
  }
}

Status LookAtBuckets(store::Connection* db, const ledger::Bucketing& bucketing, const std::vector<uint64_t>& buckets,
                     TableDamage* damage) {
  ledger::RowHasher hasher;
  for (uint64_t bucket : buckets) {
    if (damage->wanted.rows().size() >= kRowsARound || damage->strange_rows >= kRowsARound) {
      damage->more = true;
      return {};
    }
    MIGRATE_ASSIGN(auto rows, ReadBucket(db, *damage->table, bucketing, bucket));
    MIGRATE_ASSIGN(Kept kept, ReadKept(db, *damage->table, bucket));
    MultisetDigest digest;
    std::vector<std::pair<NamedRow, size_t>> stored;
    std::vector<Sha256> hashes;
    for (size_t i = 0; i < rows.size(); ++i) {
      hashes.push_back(rows[i].Hash(&hasher));
      digest.Add(hashes.back());
      stored.push_back({{rows[i].key(), ledger::Hash4(hashes.back())}, i});
    }
    std::sort(stored.begin(), stored.end());
    std::vector<NamedRow> have;
    for (const auto& [name, i] : stored) have.push_back(name);
    const bool same_digest = kept.known && kept.digest == digest, same_list = kept.rows == have;
    if (same_digest && same_list) continue;
    damage->buckets.push_back(bucket);
    // Each of the two proves the rows by itself.
    if (same_digest || (same_list && !have.empty())) {
      damage->lists.push_back(bucket);
      continue;
    }
    if (!kept.known || kept.digest.count != kept.rows.size()) {
      damage->lost.push_back(bucket);
      continue;
    }
    std::vector<NamedRow> missing;
    std::set_difference(kept.rows.begin(), kept.rows.end(), have.begin(), have.end(), std::back_inserter(missing));
    MultisetDigest lacks = kept.digest;
    for (const auto& [name, i] : stored) {
      if (std::binary_search(kept.rows.begin(), kept.rows.end(), name)) {
        lacks.Remove(hashes[i]);
        continue;
      }
      damage->strange[name.key].push_back(std::move(rows[i]));
      ++damage->strange_rows;
    }
    // Of a digest that lacks one row the XOR is that row's hash.
    std::optional<Sha256> exact;
    if (missing.size() == 1 && lacks.count == 1 && ledger::Hash4(lacks.xor_hash) == missing.front().hash4)
      exact = lacks.xor_hash;
    for (const NamedRow& row : missing) damage->wanted.Add(row.key, row.hash4, bucket, exact);
  }
  return {};
}

Result<bool> BucketAgrees(store::Connection* db, const ledger::Table& table, const ledger::Bucketing& buckets,
                          uint64_t bucket) {
  MIGRATE_ASSIGN(auto rows, ReadBucket(db, table, buckets, bucket));
  MIGRATE_ASSIGN(Kept kept, ReadKept(db, table, bucket));
  ledger::RowHasher hasher;
  MultisetDigest digest;
  for (const RowImage& row : rows) digest.Add(row.Hash(&hasher));
  return kept.known ? kept.digest == digest : rows.empty();
}

Status RemakeBucket(store::Connection* db, const ledger::Table& table, const ledger::Bucketing& buckets,
                    uint64_t bucket) {
  MIGRATE_ASSIGN(auto rows, ReadBucket(db, table, buckets, bucket));
  MIGRATE_ASSIGN(auto forget, db->Prepare("DELETE FROM bucket WHERE table_name = ? AND bucket = ?"));
  forget->BindText(1, table.name);
  forget->Bind(2, static_cast<int64_t>(bucket));
  MIGRATE_TRY(forget->Run());
  ledger::BucketKeeper keeper(db, table, buckets);
  ledger::RowHasher hasher;
  for (const RowImage& row : rows) keeper.Add(row.key(), row.Hash(&hasher));
  return keeper.Flush();
}

}  // namespace migrate::run
