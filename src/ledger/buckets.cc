#include "migrate/ledger/buckets.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "migrate/base/bytes.h"
#include "migrate/base/sha256_many.h"
#include "migrate/ledger/ledger.h"

namespace migrate::ledger {
namespace {

void HashImage(RowHasher* h, const Person& p, std::string_view attributes_json) {
  h->Integer(p.import_id);
  h->Integer(static_cast<int64_t>(p.record_count));
  h->Real(p.confidence);
  for (Field f : kColumnFields) h->TextOrNull(p[f]);
  h->Integer(p.opt_out);
  h->TextOrNull(attributes_json);
  h->TextOrNull(p.provenance);
}

}  // namespace

char* RowHasher::Room(size_t bytes) {
  if (capacity_ - size_ < bytes) [[unlikely]] {
    capacity_ = std::max(2 * capacity_, size_ + bytes + 1024);
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (size_ > 0) std::memcpy(larger.get(), buffer_.get(), size_);
    buffer_ = std::move(larger);
  }
  return buffer_.get() + size_;
}

void RowHasher::Put(const char* bytes, size_t n) {
  std::memcpy(Room(n), bytes, n);
  size_ += n;
}

namespace {

// A length below 100, as most are, and the colon.
char* ShortLength(size_t n, char* out) {
  if (n >= 10) *out++ = static_cast<char>('0' + n / 10);
  *out++ = static_cast<char>('0' + n % 10);
  *out++ = ':';
  return out;
}

// memcpy as a function costs more than the few bytes that a name or a number has.
void CopyShort(const char* from, size_t n, char* to) {
  if (n >= 8) {
    uint64_t first, last;
    std::memcpy(&first, from, 8);
    std::memcpy(&last, from + n - 8, 8);
    std::memcpy(to, &first, 8);
    std::memcpy(to + n - 8, &last, 8);
  } else if (n >= 4) {
    uint32_t first, last;
    std::memcpy(&first, from, 4);
    std::memcpy(&last, from + n - 4, 4);
    std::memcpy(to, &first, 4);
    std::memcpy(to + n - 4, &last, 4);
  } else {
    for (size_t i = 0; i < n; ++i) to[i] = from[i];
  }
}

}  // namespace

void RowHasher::Text(std::string_view bytes) {
  const size_t n = bytes.size();
  char* const begin = Room(n + 24);
  char* out = n < 100 ? ShortLength(n, begin) : std::to_chars(begin, begin + 20, n).ptr;
  if (n <= 16) {
    CopyShort(bytes.data(), n, out);
  } else {
    if (n >= 100) *out++ = ':';
    std::memcpy(out, bytes.data(), n);
  }
  out += n;
  *out++ = ',';
  size_ += static_cast<size_t>(out - begin);
}

void RowHasher::Integer(int64_t v) {
  if (v >= 0 && v < 10) {  // most of a record's: source, import, file, schema, flags
    char* const out = Room(4);
    std::memcpy(out, "1:0,", 4);
    out[2] = static_cast<char>('0' + v);
    size_ += 4;
    return;
  }
  char digits[24];
  const auto n = static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, v).ptr - digits);
  char* const begin = Room(sizeof digits + 4);
  char* out = ShortLength(n, begin);
  if (n <= 16)
    CopyShort(digits, n, out);
  else
    std::memcpy(out, digits, n);
  out[n] = ',';
  size_ += static_cast<size_t>(out + n + 1 - begin);
}

void RowHasher::Real(double v) { Text(fmt::format("{:.6f}", v)); }

Sha256 RowHasher::Finish() {
  hasher_.Update({buffer_.get(), size_});
  size_ = 0;
  return hasher_.Finish();
}

const std::vector<Sha256>& RowHasher::FinishRows() {
  Sha256Stretches({buffer_.get(), size_}, ends_, &messages_, &hashes_);
  ends_.clear();
  size_ = 0;
  return hashes_;
}

void HashImage(RowHasher* h, const StoredRecord& s, std::string_view more, std::string_view attributes_json) {
  const Record& r = s.record;
  h->Integer(r.source);
  h->Text(r.source_key);
  h->Integer(s.import_id);
  h->Integer(r.place.file);
  h->Integer(static_cast<int64_t>(r.place.line));
  h->Integer(s.schema_id);
  if (s.gone_import == 0)
    h->Null();
  else
    h->Integer(s.gone_import);
  for (Field f : kColumnFields) h->TextOrNull(r[f]);
  h->Integer(r.opt_out);
  h->Integer(r.flags);
  h->TextOrNull(more);
  h->TextOrNull(attributes_json);
  h->Text(r.payload);
  h->Text(AsView(r.row_sha256));
}

void PutRecord(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json) {
  h->Integer(static_cast<int64_t>(r.record.record_id));
  HashImage(h, r, more, attributes_json);
}

Sha256 HashRecord(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json) {
  PutRecord(h, r, more, attributes_json);
  return h->Finish();
}

Sha256 HashRecordHistory(RowHasher* h, const StoredRecord& r, std::string_view more, std::string_view attributes_json,
                         int64_t ended_import, int64_t seq) {
  h->Integer(static_cast<int64_t>(r.record.record_id));
  h->Integer(ended_import);
  h->Integer(seq);
  HashImage(h, r, more, attributes_json);
  return h->Finish();
}

Sha256 HashPerson(RowHasher* h, const Person& p, std::string_view attributes_json) {
  h->Integer(static_cast<int64_t>(p.person_id));
  HashImage(h, p, attributes_json);
  return h->Finish();
}

Sha256 HashPersonHistory(RowHasher* h, const Person& p, std::string_view attributes_json, int64_t ended_import,
                         std::string_view members) {
  h->Integer(static_cast<int64_t>(p.person_id));
  h->Integer(ended_import);
  HashImage(h, p, attributes_json);
  h->Text(members);
  return h->Finish();
}

void PutStoredRow(RowHasher* h, const store::Statement& row, int columns) {
  for (int c = 0; c < columns; ++c) {
    switch (row.ColumnType(c)) {
      case store::Statement::Type::kNull:
        h->Null();
        break;
      case store::Statement::Type::kInteger:
        h->Integer(row.Integer(c));
        break;
      case store::Statement::Type::kReal:
        h->Real(row.Real(c));
        break;
      default:
        h->Text(row.Text(c));
    }
  }
}

Sha256 HashStoredRow(RowHasher* h, const store::Statement& row, int columns) {
  PutStoredRow(h, row, columns);
  return h->Finish();
}

unsigned ChooseBucketShift(uint64_t rows, uint32_t partitions) {
  const auto log2 = static_cast<unsigned>(std::bit_width(partitions)) - 1;
  unsigned bits = log2 < 6 ? 6 - log2 : 0;
  while (bits < 20 && (rows >> (bits + log2)) > 4096) ++bits;
  return 63 - bits;
}

unsigned Bucketing::ShiftOf(const Table& table) const {
  return table.hashed_key ? shift : 11 + static_cast<unsigned>(std::bit_width(PartitionsOf(table)));
}

Result<Bucketing> BucketingOf(store::Connection* db) {
  Bucketing b;
  MIGRATE_ASSIGN(std::string shift, Setting(db, "bucket_shift", std::to_string(b.shift)));
  b.shift = static_cast<unsigned>(std::stoul(shift));
  if (db->dialect() == store::Dialect::kSqlite) return b;
  MIGRATE_ASSIGN(std::string partitions, Setting(db, "partitions", "1"));
  b.partitions = std::max(1u, static_cast<uint32_t>(std::stoul(partitions)));
  return b;
}

uint32_t Hash4(const Sha256& row) {
  return static_cast<uint32_t>(row[0]) << 24 | static_cast<uint32_t>(row[1]) << 16 |
         static_cast<uint32_t>(row[2]) << 8 | row[3];
}

std::vector<NamedRow> DecodeBucketRows(std::string_view blob) {
  std::vector<NamedRow> rows;
  ByteReader in(blob);
  uint64_t key = 0;
  while (!in.done()) {
    key += in.Varint();
    std::string_view h = in.Raw(4);
    if (!in.ok()) break;
    auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(h[i])); };
    rows.push_back({key, byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3)});
  }
  return rows;
}

Status BucketKeeper::Flush() {
  // Removals before additions of the same key, so that an update finds what it replaces. A first load comes in order.
  const auto before = [](const Change& a, const Change& b) { return a.key != b.key ? a.key < b.key : a.add < b.add; };
  if (!std::is_sorted(changes_.begin(), changes_.end(), before))
    std::stable_sort(changes_.begin(), changes_.end(), before);
  for (size_t begin = 0; begin < changes_.size();) {
    uint64_t bucket = buckets_.Of(table_, changes_[begin].key);
    size_t end = begin;
    while (end < changes_.size() && buckets_.Of(table_, changes_[end].key) == bucket) ++end;
    MIGRATE_TRY(Apply(bucket, begin, end));
    begin = end;
  }
  changes_.clear();
  return {};
}

Status BucketKeeper::Apply(uint64_t bucket, size_t begin, size_t end) {
  if (!select_) {
    MIGRATE_ASSIGN(select_, db_->Prepare("SELECT digest, `rows` FROM bucket WHERE table_name = ? AND bucket = ?"));
    MIGRATE_ASSIGN(replace_,
                   db_->Prepare("REPLACE INTO bucket (table_name, bucket, digest, `rows`) VALUES (?, ?, ?, ?)"));
  }
  select_->BindText(1, table_.name);
  select_->Bind(2, static_cast<int64_t>(bucket));
  MultisetDigest digest;
  std::vector<NamedRow> rows;
  MIGRATE_ASSIGN(bool found, select_->Step());
  if (found) {
    MIGRATE_ASSIGN(digest, MultisetDigest::FromText(select_->Text(0)));
    rows = DecodeBucketRows(select_->Text(1));
    select_->Reset();
  }
  std::vector<NamedRow> removed, added;
  for (size_t i = begin; i < end; ++i) {
    const Change& c = changes_[i];
    (c.add ? added : removed).push_back({c.key, Hash4(c.row)});
    if (c.add)
      digest.Add(c.row);
    else
      digest.Remove(c.row);
  }
  for (auto* list : {&removed, &added})
    if (!std::is_sorted(list->begin(), list->end())) std::sort(list->begin(), list->end());
  // Added before removed: what came and went between two flushes cancels out.
  std::vector<NamedRow> both, merged;
  std::merge(rows.begin(), rows.end(), added.begin(), added.end(), std::back_inserter(both));
  std::set_difference(both.begin(), both.end(), removed.begin(), removed.end(), std::back_inserter(merged));
  if (merged.size() + removed.size() != both.size())
    return Status::Failed(
        fmt::format("{}: table {}: a row that is to be replaced is not the one that was written", db_->name(),
                    table_.name),
        "the target was changed by another program: `migrate repair PLAN` names the rows and puts back what it can; "
        "then give the same command again");
  std::string blob, text = digest.Text();
  uint64_t last = 0;
  for (const NamedRow& r : merged) {
    PutVarint(&blob, r.key - last);
    last = r.key;
    for (int shift : {24, 16, 8, 0}) blob.push_back(static_cast<char>(r.hash4 >> shift));
  }
  replace_->BindText(1, table_.name);
  replace_->Bind(2, static_cast<int64_t>(bucket));
  replace_->BindText(3, text);
  replace_->BindBlob(4, blob);
  return replace_->Run();
}

}  // namespace migrate::ledger
