#include "migrate/run/estimate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "migrate/spool/rows.h"

namespace migrate::run {
namespace {

using plan::Stage;

// SQLite's file format: a row of a table costs its cell pointer (2), its length (2) and its key (up to 9) beside the
// record; pages that are filled in key order stay about 1.5 % empty.
constexpr double kCell = 13, kFill = 1.015;
// Header of a row of `record` (a byte a column and its own length, two for long texts), its small integers (source,
// import, file, line, schema, flags), and its SHA-256.
constexpr double kRecordHeader = 31 + 6 + 32;
// The same of `person`, with a provenance where there are several members.
constexpr double kPersonHeader = 27 + 8;
// A row of person_record (record_id, person, import, confidence) and of its index.
constexpr double kLink = 40;
// An entry of an index beside its texts: header, rowid, cell.
constexpr double kIndexEntry = 9;
// An identifier beside its text: hash, kind, person, header, cell; its table is filled by hash, so pages are emptier.
constexpr double kIdentifier = 26, kIdentifierFill = 1.14;
// Buckets: about 11 bytes a row for hashed keys, 5 for running ones (docs/formats.md), in pages that blobs fill badly.
constexpr double kBucketHashed = 11, kBucketRunning = 5, kBucketFill = 1.22;
// Rows of `quarantine` beside their bytes: place, reason, detail, index.
constexpr double kReject = 160;
// Control tables of an empty target, and what they grow by an import.
constexpr double kTargetBase = 400 << 10;
// A page and its JSON; they do not grow with the rows.
constexpr double kReport = 160 << 10;

uint64_t Bytes(double n) { return n <= 0 ? 0 : static_cast<uint64_t>(std::llround(n)); }

double TextCost(const std::string& text) { return static_cast<double>(text.size()); }

}  // namespace

void Shape::Add(const Shape& o) {
  rows += o.rows;
  rejects += o.rejects;
  reject_bytes += o.reject_bytes;
  raw += o.raw;
  records += o.records;
  row_bytes += o.row_bytes;
  person_bytes += o.person_bytes;
  sort_bytes += o.sort_bytes;
  emails += o.emails;
  phones += o.phones;
  zips += o.zips;
  email_bytes += o.email_bytes;
  phone_bytes += o.phone_bytes;
  name_zip_bytes += o.name_zip_bytes;
  identifiers += o.identifiers;
  identifier_bytes += o.identifier_bytes;
}

Shape Shape::Scaled(double factor) const {
  Shape s = *this;
  for (double* v : {&s.rows, &s.rejects, &s.reject_bytes, &s.raw, &s.records, &s.row_bytes, &s.person_bytes,
                    &s.sort_bytes, &s.emails, &s.phones, &s.zips, &s.email_bytes, &s.phone_bytes, &s.name_zip_bytes,
                    &s.identifiers, &s.identifier_bytes})
    *v *= factor;
  return s;
}

void AddRecordCost(const Record& record, const std::vector<Attribute>& attributes, Shape* shape) {
  double values = 0;
  for (const auto& v : record.values) values += TextCost(v);
  for (size_t i = 0; i < record.attributes.size() && i < attributes.size(); ++i)
    if (!record.attributes[i].empty())
      values += TextCost(record.attributes[i]) + static_cast<double>(attributes[i].name.size()) + 6;  // "name":"value",
  double more = 0;
  for (const auto* list : {&record.more_emails, &record.more_phones})
    for (const auto& v : *list) {
      more += TextCost(v) + 3;
      shape->identifiers += 1;
      shape->identifier_bytes += TextCost(v);
    }
  if (more > 0) more += 12;  // {"phone":[ ]}
  shape->row_bytes += values + more + TextCost(record.source_key) + TextCost(record.payload);
  shape->person_bytes += values;
  auto one = [&](Field f, double* count, double* bytes) {
    const std::string& v = record.values[static_cast<size_t>(f)];
    if (v.empty()) return;
    *count += 1;
    *bytes += TextCost(v);
    if (f == Field::kZip) return;
    shape->identifiers += 1;
    shape->identifier_bytes += TextCost(v);
  };
  one(Field::kEmail, &shape->emails, &shape->email_bytes);
  one(Field::kPhone, &shape->phones, &shape->phone_bytes);
  one(Field::kZip, &shape->zips, &shape->name_zip_bytes);
  shape->name_zip_bytes += TextCost(record.values[static_cast<size_t>(Field::kLastName)]);
  std::string block;
  Record bare = record;
  bare.payload.clear();
  bare.raw.clear();
  spool::AppendRecord(bare, &block);
  shape->sort_bytes += static_cast<double>(block.size()) + 7;  // import, source, confidence
}

uint64_t SortBudget(uint64_t memory_bytes) {
  return memory_bytes == 0 ? 96ULL << 20 : std::clamp<uint64_t>(memory_bytes / 10, 8ULL << 20, 512ULL << 20);
}

Disk EstimateDisk(const Volume& v, uint64_t sort_budget) {
  Disk d;
  const Shape& all = v.read;
  const double good = std::max(all.good(), 1.0);
  const Shape in = all.Scaled(v.inserted / good);  // its means, as many as are new
  const double persons = v.inserted * v.persons_a_record;
  d.raw_segments = Bytes(all.raw);
  d.record_segments = Bytes(all.records);
  d.report = Bytes(all.rows > 0 ? kReport : 0);
  const double share = v.persons_a_record;
  const double record = kFill * (in.row_bytes + v.inserted * (kRecordHeader + kCell));
  const double person = kFill * (in.person_bytes * share + persons * (kPersonHeader + kCell));
  const double links = kLink * v.inserted;
  // Records of one person mostly repeat its e-mail and phones, but not all of them.
  const double distinct = share + (1 - share) * 0.5;
  const double identifiers = kIdentifierFill * distinct * (in.identifier_bytes + kIdentifier * in.identifiers);
  const double indexes =
      kFill * share *
      (in.email_bytes + in.phone_bytes + in.name_zip_bytes + kIndexEntry * (in.emails + in.phones + v.inserted));
  const double buckets =
      kBucketFill * (kBucketHashed * (2 * v.inserted + distinct * in.identifiers) + kBucketRunning * persons);
  const double quarantine = all.reject_bytes + kReject * all.rejects;
  d.target =
      Bytes(record + person + links + identifiers + indexes + buckets + quarantine + (all.rows > 0 ? kTargetBase : 0));
  // A transaction saves each page that it changes: of a partition's records while it is loaded, of all tables of
  // persons while they are written. Those are about half of the file.
  d.journal = v.records_before == 0 || all.rows <= 0 ? 0 : v.target_bytes / 2;
  d.temporary = v.indexes_there || all.rows <= 0 ? 0 : Bytes(indexes + 20 * v.inserted);
  // Each of dedupe's sorts stays in memory as long as it fits.
  const double total = static_cast<double>(v.records_before) + v.inserted;
  const double members = (all.sort_bytes / good + 24) * total;
  const double idents = (all.identifier_bytes + 30 * all.identifiers) / good * total;
  for (double sort : {members, idents})
    if (all.rows > 0 && sort + 24 * total > static_cast<double>(sort_budget)) d.sort_runs += Bytes(sort * 0.8);
  return d;
}

std::vector<std::string> WhatDoesNotFit(const std::vector<PlaceNeed>& places) {
  std::map<uint64_t, PlaceNeed> devices;
  for (const PlaceNeed& p : places) {
    PlaceNeed& all = devices.try_emplace(p.device, PlaceNeed{"", p.device, 0, p.free}).first->second;
    all.path += (all.path.empty() ? "" : " and ") + p.path;
    all.bytes += p.bytes;
  }
  std::vector<std::string> out;
  for (const auto& [device, p] : devices)
    if (p.bytes > p.free)
      out.push_back(
          fmt::format("disk: {} MiB are free for {}, about {} MiB are needed", p.free >> 20, p.path, p.bytes >> 20));
  return out;
}

std::array<uint64_t, 5> EstimateMemory(double records, unsigned threads, uint64_t sort_budget) {
  constexpr double kMiB = 1 << 20;
  std::array<uint64_t, 5> m{};
  // A worker holds a chunk of 4 MiB, its rows and its segment; load a block of each segment of a partition.
  m[0] = Bytes((20 + 24 * threads) * kMiB);
  m[1] = Bytes((20 + 24 * threads) * kMiB);
  m[2] = Bytes(60 * kMiB + 20 * records);
  // Features, dictionaries, blocks and edges (392 MB at a million records, docs/matching.md), which the heap keeps
  // while persons are written, and two sorts; within a tenth of the peaks measured at 60,000, 250,000 and 1,000,000
  // records.
  m[3] = Bytes(60 * kMiB + 380 * records + std::min(2 * static_cast<double>(sort_budget), 570 * records));
  m[4] = Bytes(60 * kMiB + 8 * records);
  return m;
}

Rate DocumentedRate(Stage stage) {
  // extract of 8,064,000 rows, normalize of 2,000,000; load of 2,000,000 in 6.7 s; dedupe 25.6 s and reconcile 4.2 s
  // of 1,000,000.
  static constexpr double kRows[] = {5'787'565, 735'000, 298'507, 39'062, 238'095};
  return {kRows[static_cast<size_t>(stage)], 2, "docs/performance.md"};
}

double ParallelShare(Stage stage) {
  switch (stage) {
    case Stage::kExtract:
    case Stage::kNormalize:
      return 0.95;
    case Stage::kDedupe:
      return 0.6;  // comparing and training; reading records, clustering and writing persons are one thread's
    case Stage::kReconcile:
      return 0.8;  // the database's own check is one thread's
    case Stage::kLoad:
      return 0;  // load has two threads, whatever it is given
  }
  return 0;
}

double EstimateSeconds(Stage stage, double rows, const Rate& rate, unsigned threads) {
  if (rate.rows_per_second <= 0) return 0;
  const double p = ParallelShare(stage);
  auto cost = [&](unsigned n) { return 1 - p + p / std::max(1u, n); };
  return rows / rate.rows_per_second * cost(threads) / cost(rate.threads);
}

}  // namespace migrate::run
