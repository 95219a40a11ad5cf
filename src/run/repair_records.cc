#include "repair_records.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "migrate/ledger/versions.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::run {
namespace {

using ledger::StoredRecord;
using nlohmann::json;

// Columns of an image of a record, counted from its first one (ledger/tables.h).
enum Column : size_t {
  kSourceId,
  kSourceKey,
  kImportId,
  kFileNo,
  kLine,
  kSchemaId,
  kGoneImport,
  kFirstField,
  kOptOut = kFirstField + ledger::kColumnFields.size(),
  kFlags,
  kMore,
  kAttributes,
  kPayload,
  kRowSha256
};
// Where the image begins in a row of record, of record_history and of record_undone.
constexpr size_t kInRecord = 1, kInHistory = 3, kInUndone = 6;
// So many persons are tried for rows of record_undone in a round (some ten seconds).
constexpr uint64_t kMostPersons = 20000000;
// Images of one record that one import may have put into history.
constexpr int64_t kMostSeq = 8;

// The plan's mapping for a header, as the first layout whose columns it has.
std::optional<std::vector<BoundField>> BindColumns(const plan::Source& source, const std::vector<std::string>& have) {
  const auto find = [&](const std::string& name) { return std::find(have.begin(), have.end(), name) - have.begin(); };
  for (const plan::Layout& layout : source.layouts) {
    std::vector<BoundField> fields;
    bool fits = true;
    for (const FieldMapping& m : layout.fields) {
      BoundField bound{m.kind, m.slot, {}, m.with, m.constant, m.formats, {-1, -1, -1, -1}};
      for (const std::string& column : m.columns) bound.columns.push_back(static_cast<uint32_t>(find(column)));
      for (uint32_t column : bound.columns) fits &= column < have.size();
      for (size_t c = 0; m.kind == FieldMapping::Kind::kOptOut && c < m.channel_columns.size(); ++c) {
        if (m.channel_columns[c].empty()) continue;
        bound.channel_columns[c] = static_cast<int32_t>(find(m.channel_columns[c]));
        fits &= static_cast<size_t>(bound.channel_columns[c]) < have.size();
      }
      fields.push_back(std::move(bound));
    }
    if (fits) return fields;
  }
  return std::nullopt;
}

// The same image as a row of another table; the columns before it are NULL but for the key.
RowImage Moved(const RowImage& row, size_t from, size_t to) {
  if (from == to) return row;
  RowImage moved(row.columns() - from + to);
  row.PutColumn(0, 1, &moved);
  for (size_t c = from; c < row.columns(); ++c) row.PutColumn(c, static_cast<int>(c - from + to) + 1, &moved);
  return moved;
}

std::vector<std::string> ColumnNames(const std::string& columns_json) {
  std::vector<std::string> names;
  const json columns = json::parse(columns_json, nullptr, false);
  if (columns.is_array())
    for (const json& c : columns) names.push_back(c.is_object() ? c.value("name", "") : "");
  return names;
}

}  // namespace

Result<TargetFacts> TargetFacts::Read(const plan::Plan& plan, store::Connection* db) {
  TargetFacts facts;
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  for (const auto& i : imports) {
    facts.imports.push_back(i.import_id);
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db, i.import_id));
    for (const auto& f : files)
      if (f.state == "imported" || f.state == kReplayed)
        facts.files[static_cast<uint32_t>(f.source_id)].push_back(
            {f.import_id, f.file_no, f.schema_id, f.path, f.sha256});
  }
  MIGRATE_ASSIGN(auto sources, db->Prepare("SELECT source_id, name FROM source"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, sources->Step());
    if (!more) break;
    const auto id = static_cast<uint32_t>(sources->Integer(0));
    facts.source_names[id] = sources->Text(1);
    facts.source_ids[facts.source_names[id]] = id;
  }
  MIGRATE_ASSIGN(auto schemas, db->Prepare("SELECT schema_id, source_id, columns FROM source_schema"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, schemas->Step());
    if (!more) break;
    const auto source_id = static_cast<uint32_t>(schemas->Integer(1));
    facts.schema_sources[schemas->Integer(0)] = source_id;
    const auto& columns = facts.schema_columns[schemas->Integer(0)] = ColumnNames(std::string(schemas->Text(2)));
    for (const plan::Source& source : plan.sources) {
      if (source.name != facts.source_names[source_id]) continue;
      auto fields = BindColumns(source, columns);
      if (fields) facts.rules.try_emplace(schemas->Integer(0), plan.normalize, plan.attributes, *std::move(fields));
    }
  }
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  for (const auto& [id, version] : versions)
    if (version.rollback) facts.rollbacks.emplace_back(id, version.undoes);
  MIGRATE_ASSIGN(std::string next, ledger::Setting(db, "next_person_id", "1"));
  facts.next_person_id = std::strtoull(next.c_str(), nullptr, 10);
  return facts;
}

bool NormalizeAgain(const TargetFacts& facts, const plan::Plan& plan, int64_t schema_id, Record* record) {
  const auto rules = facts.rules.find(schema_id);
  DecodedRow row;
  if (rules == facts.rules.end() || !DecodePayload(record->payload, &row).ok()) return false;
  record->ClearValues();
  record->attributes.resize(plan.attributes.size());
  rules->second.Normalize(row.cells, record);
  return true;
}

Status RecordSearch::FromStored(store::Connection* db) {
  for (const auto& [damage, offset] :
       {std::pair(record_, kInRecord), std::pair(history_, kInHistory), std::pair(undone_, kInUndone)}) {
    for (const auto& [key, images] : damage->strange)
      for (const RowImage& image : images)
        if (Open(key)) TryStored(image, offset);
    if (damage == undone_) break;
    // An image of the same record in the other table may be of the same row.
    const ledger::Table& other = damage == record_ ? ledger::RecordHistoryTable() : ledger::RecordTable();
    MIGRATE_ASSIGN(auto q, db->Prepare(ledger::SelectSql(other) + " WHERE record_id = ?"));
    for (uint64_t key : damage->wanted.Open()) {
      q->Bind(1, static_cast<int64_t>(key));
      for (;;) {
        MIGRATE_ASSIGN(bool more, q->Step());
        if (!more) break;
        if (Open(key)) TryStored(RowImage::Of(*q, other.columns.size()), damage == record_ ? kInHistory : kInRecord);
      }
    }
  }
  for (const auto& [key, images] : quarantine_->strange) {
    for (const RowImage& image : images) {
      for (const char* state : {"open", "superseded", "replayed", "rolled_back"}) {
        RowImage other = image;
        other.BindText(static_cast<int>(other.columns()), state);
        if (quarantine_->wanted.Has(key)) quarantine_->wanted.Offer(other);
      }
      for (int64_t import : facts_.imports) {
        RowImage other = image;
        other.Bind(2, import);
        if (quarantine_->wanted.Has(key)) quarantine_->wanted.Offer(other);
      }
    }
  }
  return {};
}

// One column of what is stored may be all that is wrong; most often it is one that the payload gives.
void RecordSearch::TryStored(const RowImage& stored, size_t offset) {
  StoredRecord r;
  const uint64_t id = stored.key();
  std::string key(stored.Text(offset + kSourceKey));
  r.record.payload = stored.Text(offset + kPayload);
  DecodedRow cells;
  const bool readable = DecodePayload(r.record.payload, &cells).ok();
  for (const auto& [source_id, name] : facts_.source_names) {
    bool fits = RecordId(name, key) == id;
    for (size_t c = 0; readable && !fits && c < cells.cells.size(); ++c) {
      fits = RecordId(name, cells.cells[c].bytes) == id;
      if (fits) key = cells.cells[c].bytes;
    }
    if (!fits) continue;
    const Sha256 sha = RowDigester(name).Row(key, r.record.payload);
    RowImage image = stored;
    const int first = static_cast<int>(offset) + 1;
    image.Bind(first + kSourceId, source_id);
    image.BindText(first + kSourceKey, key);
    image.BindBlob(first + kRowSha256, AsView(sha));
    TryAlternatives(image, offset);
    if (!Open(id)) return;
    for (const auto& [schema, rules] : facts_.rules) {
      const auto of = facts_.schema_sources.find(schema);
      if (of == facts_.schema_sources.end() || of->second != source_id) continue;
      if (!NormalizeAgain(facts_, plan_, schema, &r.record)) continue;
      const std::string more = ledger::MoreJson(r.record),
                        attributes = ledger::AttributesJson(r.record.attributes, plan_.attributes);
      RowImage derived(image.columns());
      ledger::BindRecord(r, more, attributes, 1, first, &derived);
      RowImage mended = image;
      for (size_t c = kFirstField; c <= kAttributes; ++c)
        derived.PutColumn(offset + c, first + static_cast<int>(c), &mended);
      TryAlternatives(mended, offset);
      if (!Open(id)) return;
    }
  }
}

// The image as a row of history, by every import that may have ended it.
void RecordSearch::OfferHistory(const RowImage& image, size_t offset) {
  Wanted& wanted = history_->wanted;
  RowImage row = Moved(image, offset, kInHistory);
  if (!wanted.Has(row.key())) return;
  if (offset != kInHistory) {
    for (int64_t ended : facts_.imports) {
      for (int64_t seq = 0; seq < kMostSeq; ++seq) {
        row.Bind(2, ended);
        row.Bind(3, seq);
        wanted.Offer(row);
      }
    }
    return;
  }
  wanted.Offer(row);
  for (int64_t ended : facts_.imports) {
    RowImage other = row;
    other.Bind(2, ended);
    wanted.Offer(other);
  }
  for (int64_t seq = 0; seq < kMostSeq; ++seq) {
    RowImage other = row;
    other.Bind(3, seq);
    wanted.Offer(other);
  }
}

// The image as a row of record_undone, by every rollback that may have taken it out, and of every person.
void RecordSearch::OfferUndone(const RowImage& image, size_t offset) {
  Wanted& wanted = undone_->wanted;
  if (!wanted.Has(image.key())) return;
  const auto persons = [&](RowImage row) {
    row.BindNull(6);
    wanted.Offer(row);
    for (uint64_t id = 1; id < facts_.next_person_id && wanted.Has(row.key()); ++id) {
      if (++persons_ > kMostPersons) return;
      row.Bind(6, static_cast<int64_t>(id));
      wanted.Offer(row);
    }
  };
  if (offset == kInUndone) {
    wanted.Offer(image);
    for (int column : {2, 4, 5}) {
      RowImage other = image;
      other.BindNull(column);
      if (column == 5) wanted.Offer(other);
      for (int64_t import : facts_.imports) {
        other.Bind(column, import);
        wanted.Offer(other);
      }
    }
  }
  RowImage row = Moved(image, offset, kInUndone);
  const int64_t brought = row.Integer(kInUndone + kImportId), gone = row.Integer(kInUndone + kGoneImport);
  for (const auto& [rollback, undone] : facts_.rollbacks) {
    if (undone != brought && undone != gone) continue;
    row.Bind(2, undone);
    row.Bind(4, rollback);
    for (int64_t seq = 0; seq < kMostSeq; ++seq) {
      row.Bind(3, seq);
      if (offset != kInUndone) row.BindNull(6);
      for (int64_t ended : facts_.imports) {
        row.Bind(5, ended);
        wanted.Offer(row);
      }
      row.BindNull(5);
      wanted.Offer(row);
      if (seq == 0) persons(row);
    }
  }
}

void RecordSearch::TryAlternatives(const RowImage& image, size_t offset) {
  const auto offer = [&](const RowImage& row) {
    record_->wanted.Offer(Moved(row, offset, kInRecord));
    OfferHistory(row, offset);
    OfferUndone(row, offset);
  };
  const uint64_t id = image.key();
  const int first = static_cast<int>(offset) + 1;
  offer(image);
  const auto source = static_cast<uint32_t>(image.Integer(offset + kSourceId));
  for (int64_t import : facts_.imports) {
    if (!Open(id)) return;
    RowImage other = image;
    other.Bind(first + kImportId, import);
    offer(other);
    other = image;
    other.Bind(first + kGoneImport, import);
    offer(other);
  }
  RowImage here = image;
  here.BindNull(first + kGoneImport);
  offer(here);
  const auto files = facts_.files.find(source);
  if (files == facts_.files.end()) return;
  for (const auto& file : files->second) {
    if (!Open(id)) return;
    RowImage other = image;
    other.Bind(first + kFileNo, file.file_no);
    offer(other);
    other = image;
    other.Bind(first + kSchemaId, file.schema_id);
    offer(other);
  }
}

void RecordSearch::Try(const StoredRecord& r) {
  const std::string more = ledger::MoreJson(r.record),
                    attributes = ledger::AttributesJson(r.record.attributes, plan_.attributes);
  RowImage row(ledger::RecordTable().columns.size());
  ledger::BindRecord(r, more, attributes, 1, 2, &row);
  record_->wanted.Offer(row);
  OfferHistory(row, kInRecord);
  OfferUndone(row, kInRecord);
}

// Every import that may have brought the row, those first that read this very file.
void RecordSearch::TryPlaces(uint32_t source_id, const RowOrigin& origin, StoredRecord* r) {
  const auto files = facts_.files.find(source_id);
  if (files == facts_.files.end()) return;
  const auto fits = [&](const TargetFacts::File& f) { return f.path == origin.path || f.sha256 == origin.sha256; };
  int64_t normalized = 0;
  for (const bool same : {true, false}) {
    for (const auto& file : files->second) {
      if (fits(file) != same) continue;
      if (file.schema_id != normalized && !NormalizeAgain(facts_, plan_, file.schema_id, &r->record)) continue;
      normalized = file.schema_id;
      r->import_id = file.import_id;
      r->schema_id = file.schema_id;
      r->record.place.file = static_cast<uint32_t>(file.file_no);
      r->gone_import = 0;
      Try(*r);
      for (int64_t gone : facts_.imports) {
        if (gone <= file.import_id || !Open(r->record.record_id)) continue;
        r->gone_import = gone;
        Try(*r);
      }
      if (!Open(r->record.record_id)) return;
    }
  }
}

Status RecordSearch::OnRow(const RowOrigin& origin, const RawRow& row) {
  const auto source = facts_.source_ids.find(origin.source);
  if (source == facts_.source_ids.end()) return {};
  const uint64_t id = RecordId(origin.source, row.source_key);
  if (!quarantine_->wanted.empty()) ids_[origin.path].push_back(id);
  if (!Open(id)) return {};
  StoredRecord r;
  r.record.record_id = id;
  r.record.source = source->second;
  r.record.place = row.place;
  r.record.source_key = row.source_key;
  r.record.payload = row.payload;
  r.record.row_sha256 = row.row_sha256;
  TryPlaces(source->second, origin, &r);
  return {};
}

Status RecordSearch::OnReject(const RowOrigin& origin, const Reject& reject) {
  const auto source = facts_.source_ids.find(origin.source);
  if (source != facts_.source_ids.end() && !quarantine_->wanted.empty()) OfferReject(source->second, origin, reject);
  return {};
}

void RecordSearch::OfferReject(uint32_t source_id, const RowOrigin& origin, const Reject& reject) {
  const auto files = facts_.files.find(source_id);
  if (files == facts_.files.end()) return;
  RowImage row(ledger::QuarantineTable().columns.size());
  row.Bind(3, source_id);
  row.Bind(5, static_cast<int64_t>(reject.place.row));
  row.Bind(6, static_cast<int64_t>(reject.place.line));
  row.Bind(7, static_cast<int64_t>(reject.place.byte_offset));
  row.BindTextOrNull(8, reject.source_key);
  row.BindText(9, reject.reason);
  row.BindText(10, reject.detail);
  row.BindBlob(11, reject.raw);
  const std::vector<uint64_t> open = quarantine_->wanted.Open();
  for (const auto& file : files->second) {
    if (file.path != origin.path && file.sha256 != origin.sha256) continue;
    row.Bind(2, file.import_id);
    row.Bind(4, file.file_no);
    for (const char* state : {"open", "superseded", "replayed", "rolled_back"}) {
      row.BindText(12, state);
      for (uint64_t id : open) {
        row.Bind(1, static_cast<int64_t>(id));
        quarantine_->wanted.Offer(row);
      }
    }
  }
}

bool RecordSearch::FindTwins() {
  bool any = false;
  for (auto& [file, ids] : ids_) {
    std::sort(ids.begin(), ids.end());
    std::vector<uint64_t> twice;
    for (size_t i = 1; i < ids.size(); ++i)
      if (ids[i] == ids[i - 1] && (twice.empty() || twice.back() != ids[i])) twice.push_back(ids[i]);
    ids = std::move(twice);
    any |= !ids.empty();
  }
  return any && !quarantine_->wanted.empty();
}

Status RecordSearch::OnTwin(const RowOrigin& origin, const RawRow& row) {
  const auto ids = ids_.find(origin.path);
  const auto source = facts_.source_ids.find(origin.source);
  if (ids == ids_.end() || source == facts_.source_ids.end()) return {};
  const uint64_t id = RecordId(origin.source, row.source_key);
  if (!std::binary_search(ids->second.begin(), ids->second.end(), id)) return {};
  Twin twin{source->second, origin, {}};
  twin.reject.place = row.place;
  twin.reject.source_key = row.source_key;
  twin.reject.reason = reasons::kDuplicateKey;
  twin.reject.raw = OriginalBytes(row.raw, row.payload, origin.raw_delimiter);
  twins_[{origin.path, id}].push_back(std::move(twin));
  return {};
}

void RecordSearch::TryTwins() {
  for (auto& [at, twins] : twins_) {
    for (Twin& loser : twins) {
      for (const Twin& winner : twins) {
        if (&winner == &loser || quarantine_->wanted.empty()) continue;
        const Place& place = winner.reject.place;
        loser.reject.detail =
            fmt::format("the row at {} has the same key and is kept",
                        place.line > 0 ? fmt::format("line {}", place.line) : fmt::format("row {}", place.row));
        OfferReject(loser.source_id, loser.origin, loser.reject);
      }
    }
  }
  ids_.clear();
  twins_.clear();
}

}  // namespace migrate::run
