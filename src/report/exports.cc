#include "migrate/report/exports.h"
#include "migrate/record/keys.h"

#include <fmt/core.h>

#include <map>

#include "migrate/base/bytes.h"
#include "migrate/ledger/tables.h"
#include "migrate/report/csv.h"
#include "migrate/spool/sorter.h"
#include "snapshot.h"

namespace migrate::report {
namespace {

Status WriteHeader(std::initializer_list<std::string_view> names, CsvLine* line, Output& out) {
  for (std::string_view n : names) line->Add(n);
  return out.Write(line->Line());
}

struct SourceId {
  int64_t id;
  std::string name;
};
Result<std::vector<SourceId>> SourcesByName(store::Connection* db) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT source_id, name FROM source ORDER BY name"));
  std::vector<SourceId> all;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return all;
    all.push_back({q->Integer(0), std::string(q->Text(1))});
  }
}

// The built-in fields that `persons` shows, in the order of the contract.
bool IsExported(Field f) { return f != Field::kFullName && f != Field::kAddress; }

}  // namespace

std::string OptOutText(uint8_t bits) {
  if ((bits & kOptOutAll) == kOptOutAll) return "all";
  std::string text;
  for (size_t i = 0; i < kOptOutChannels.size(); ++i)
    if (bits >> i & 1) text.append(text.empty() ? "" : "|").append(kOptOutChannels[i]);
  return text;
}

namespace {

constexpr uint64_t kLinksInMemory = 256 << 20;

// Ordered as the text is, whatever follows the mark at its end: 00 in the text is 00 ff, and the end 00 00.
void PutOrdered(std::string_view text, std::string* out) {
  for (char c : text) {
    out->push_back(c);
    if (c == '\0') out->push_back('\xff');
  }
  out->append(2, '\0');
}

std::string TakeOrdered(std::string_view* in) {
  std::string text;
  for (size_t i = 0; i + 1 < in->size(); ++i) {
    const char c = (*in)[i];
    if (c == '\0') {
      if ((*in)[i + 1] == '\0') {
        in->remove_prefix(i + 2);
        return text;
      }
      ++i;
    }
    text.push_back(c);
  }
  *in = {};
  return text;
}

uint64_t FirstBytes(std::string_view ordered) {
  uint64_t n = 0;
  for (size_t i = 0; i < 8; ++i) n = n << 8 | (i < ordered.size() ? static_cast<unsigned char>(ordered[i]) : 0);
  return n;
}

Status SortedLinks(store::Connection* db, const std::vector<SourceId>& sources, const std::string& scratch,
                   CsvLine* line, Output& out) {
  std::map<int64_t, uint64_t> ranks;
  for (const SourceId& s : sources) ranks.emplace(s.id, ranks.size());
  spool::Sorter sorter(scratch, kLinksInMemory, spool::Sorter::Ties::kByValue);
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT r.source_id, r.source_key, r.record_id, p.person_id FROM record r "
                                  "LEFT JOIN person_record p ON p.record_id = r.record_id"));
  std::string value;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) break;
    const auto rank = ranks.find(q->Integer(0));
    if (rank == ranks.end())
      return Status::Failed(fmt::format("{}: record {} is of source {}, which the target does not have", db->name(),
                                        q->Integer(2), q->Integer(0)),
                            "if a run began while this export did, export again; else `migrate run --stage reconcile` "
                            "says what is damaged");
    value.clear();
    PutOrdered(q->Text(1), &value);
    const uint64_t first = FirstBytes(value);
    PutFixed64(&value, static_cast<uint64_t>(q->Integer(2)));
    if (!q->IsNull(3)) PutFixed64(&value, static_cast<uint64_t>(q->Integer(3)));
    MIGRATE_TRY(sorter.Add(rank->second, first, value));
  }
  MIGRATE_TRY(sorter.Sort());
  for (spool::Sorter::Item item;;) {
    MIGRATE_ASSIGN(bool more, sorter.Next(&item));
    if (!more) return {};
    std::string_view rest = item.value;
    line->Add(sources[item.high].name).Add(TakeOrdered(&rest));
    ByteReader ids(rest);
    line->Add(std::to_string(ids.Fixed64()));
    line->Add(ids.done() ? "" : std::to_string(ids.Fixed64()));
    MIGRATE_TRY(out.Write(line->Line()));
  }
}

}  // namespace

Status ExportLinks(store::Connection* db, const std::string& scratch, Output& out) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  CsvLine line;
  MIGRATE_TRY(WriteHeader({"source", "source_key", "record_id", "person_id"}, &line, out));
  MIGRATE_ASSIGN(auto sources, SourcesByName(db));
  if (db->dialect() != store::Dialect::kSqlite) return SortedLinks(db, sources, scratch, &line, out);
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT r.source_key, r.record_id, p.person_id FROM record r "
                                  "LEFT JOIN person_record p ON p.record_id = r.record_id "
                                  "WHERE r.source_id = ? ORDER BY r.source_key"));
  for (const SourceId& source : sources) {
    q->Bind(1, source.id);
    for (;;) {
      MIGRATE_ASSIGN(bool row, q->Step());
      if (!row) break;
      line.Add(source.name).Add(q->Text(0)).Add(std::to_string(q->Integer(1)));
      line.Add(q->IsNull(2) ? "" : std::to_string(q->Integer(2)));
      MIGRATE_TRY(out.Write(line.Line()));
    }
  }
  return {};
}

Status ExportPersons(store::Connection* db, const std::vector<Attribute>& attributes, Output& out) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  CsvLine line;
  line.Add("person_id").Add("record_count").Add("confidence");
  for (int i = 0; i < kFieldCount; ++i)
    if (auto f = static_cast<Field>(i); IsExported(f)) line.Add(FieldName(f));
  for (const Attribute& a : attributes) line.Add(a.name);
  MIGRATE_TRY(out.Write(line.Line()));

  MIGRATE_ASSIGN(auto q, db->Scan(ledger::SelectSql(ledger::PersonTable()) + " ORDER BY person_id"));
  ledger::Person person;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return {};
    ledger::ReadPerson(*q, 0, 1, attributes, &person);
    line.Add(std::to_string(person.person_id)).Add(std::to_string(person.record_count));
    line.Add(fmt::format("{:.4f}", person.confidence));
    for (int i = 0; i < kFieldCount; ++i) {
      auto f = static_cast<Field>(i);
      if (IsExported(f))
        line.Add(f == Field::kOptOut  ? OptOutText(person.opt_out)
                 : f == Field::kPhone ? std::string(PhoneNumber(person[f]))
                                      : person[f]);
    }
    for (const std::string& a : person.attributes) line.Add(a);
    MIGRATE_TRY(out.Write(line.Line()));
  }
}

Status ExportRejects(store::Connection* db, Output& out) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  CsvLine line;
  MIGRATE_TRY(WriteHeader({"source", "file", "line", "byte_offset", "source_key", "reason", "detail", "raw_base64"},
                          &line, out));
  // The sorter carries ids only; raw bytes (up to 16 MiB a row) are fetched one row at a time.
  MIGRATE_ASSIGN(auto order, db->Scan("SELECT q.quarantine_id, s.name, coalesce(f.path, '') FROM quarantine q "
                                      "JOIN source s ON s.source_id = q.source_id "
                                      "LEFT JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no "
                                      "WHERE q.state = 'open' ORDER BY s.name, coalesce(f.path, ''), q.byte_offset, "
                                      "coalesce(q.source_key, ''), q.row_no, q.quarantine_id"));
  MIGRATE_ASSIGN(auto one, db->Prepare("SELECT line, byte_offset, source_key, reason, detail, raw FROM quarantine "
                                       "WHERE quarantine_id = ?"));
  for (;;) {
    MIGRATE_ASSIGN(bool row, order->Step());
    if (!row) return {};
    one->Bind(1, order->Integer(0));
    MIGRATE_ASSIGN(bool found, one->Step());
    if (!found) continue;
    line.Add(order->Text(1)).Add(order->Text(2));
    line.Add(std::to_string(one->Integer(0))).Add(std::to_string(one->Integer(1)));
    line.Add(one->Text(2)).Add(one->Text(3)).Add(one->Text(4)).Add(Base64(one->Text(5)));
    MIGRATE_TRY(out.Write(line.Line()));
    one->Reset();
  }
}

}  // namespace migrate::report
