#include "migrate/ledger/ledger.h"

#include <fmt/core.h>

#include <algorithm>

#include "migrate/base/bytes.h"
#include "migrate/base/clock.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/has_table.h"
#include "migrate/ledger/tables.h"
#include "migrate/ledger/versions.h"

namespace migrate::ledger {
namespace {

// Hash of an event: what VerifyAudit recomputes.
std::string EventHash(std::string_view before, std::string_view at, std::string_view kind, std::string_view detail) {
  std::string text(before);
  text.append(at).push_back('\0');
  text.append(kind).push_back('\0');
  text.append(detail);
  return Sha256Hex(text);
}

class Quarantine : public QuarantineWriter {
 public:
  Quarantine(store::Connection* db, int64_t import_id, int64_t next, std::unique_ptr<store::RowWriter> insert)
      : import_id_(import_id), next_(next), insert_(std::move(insert)), buckets_(db, QuarantineTable(), Bucketing{}) {}

  Status Add(int64_t source_id, const Reject& r) override {
    int64_t id = next_++;
    const int64_t numbers[] = {id,
                               import_id_,
                               source_id,
                               r.place.file,
                               static_cast<int64_t>(r.place.row),
                               static_cast<int64_t>(r.place.line),
                               static_cast<int64_t>(r.place.byte_offset)};
    int c = 1;
    for (int64_t n : numbers) {
      insert_->Bind(c++, n);
      hasher_.Integer(n);
    }
    insert_->BindTextOrNull(c++, r.source_key);
    hasher_.TextOrNull(r.source_key);
    for (const std::string* text : {&r.reason, &r.detail}) {
      insert_->BindText(c++, *text);
      hasher_.Text(*text);
    }
    insert_->BindBlob(c++, r.raw);
    hasher_.Text(r.raw);
    insert_->BindText(c++, "open");
    hasher_.Text("open");
    buckets_.Add(static_cast<uint64_t>(id), hasher_.Finish());
    return insert_->Add();
  }
  Status Flush() override {
    MIGRATE_TRY(insert_->Flush());
    return buckets_.Flush();
  }

 private:
  int64_t import_id_, next_;
  std::unique_ptr<store::RowWriter> insert_;
  BucketKeeper buckets_;
  RowHasher hasher_;
};

}  // namespace

Result<int64_t> SourceId(store::Connection* db, const std::string& name) {
  MIGRATE_ASSIGN(auto find, db->Prepare("SELECT source_id FROM source WHERE name = ?"));
  find->BindText(1, name);
  MIGRATE_ASSIGN(bool found, find->Step());
  if (found) return find->Integer(0);
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("SELECT max(source_id) + 1 FROM source", 1));
  MIGRATE_ASSIGN(auto insert, db->Prepare("INSERT INTO source (source_id, name) VALUES (?, ?)"));
  insert->Bind(1, id);
  insert->BindText(2, name);
  MIGRATE_TRY(insert->Run());
  return id;
}

Result<int64_t> SchemaId(store::Connection* db, int64_t source_id, const std::string& columns_json) {
  MIGRATE_ASSIGN(auto find, db->Prepare("SELECT schema_id FROM source_schema WHERE source_id = ? AND columns = ?"));
  find->Bind(1, source_id);
  find->BindText(2, columns_json);
  MIGRATE_ASSIGN(bool found, find->Step());
  if (found) return find->Integer(0);
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("SELECT max(schema_id) + 1 FROM source_schema", 1));
  MIGRATE_ASSIGN(auto insert,
                 db->Prepare("INSERT INTO source_schema (schema_id, source_id, columns) VALUES (?, ?, ?)"));
  insert->Bind(1, id);
  insert->Bind(2, source_id);
  insert->BindText(3, columns_json);
  MIGRATE_TRY(insert->Run());
  return id;
}

Result<int64_t> BeginImport(store::Connection* db, const Import& import) {
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("SELECT max(import_id) + 1 FROM import", 1));
  MIGRATE_ASSIGN(
      auto insert,
      db->Prepare("INSERT INTO import (import_id, state, plan_name, plan_hash, tool_version, operator, host, "
                  "started_at, row_limit) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  std::string who = OperatorName(), host = HostName();
  insert->Bind(1, id);
  insert->BindText(2, import.state);
  insert->BindText(3, import.plan_name);
  insert->BindText(4, import.plan_hash);
  insert->BindText(5, import.tool_version);
  insert->BindText(6, who);
  insert->BindText(7, host);
  insert->BindText(8, import.started_at);
  if (import.row_limit)
    insert->Bind(9, *import.row_limit);
  else
    insert->BindNull(9);
  MIGRATE_TRY(insert->Run());
  return id;
}

Status SetImportState(store::Connection* db, int64_t import_id, const std::string& state) {
  MIGRATE_ASSIGN(auto update, db->Prepare("UPDATE import SET state = ? WHERE import_id = ?"));
  update->BindText(1, state);
  update->Bind(2, import_id);
  return update->Run();
}

Status FinishImport(store::Connection* db, int64_t import_id, const std::string& counts_json) {
  MIGRATE_ASSIGN(auto update,
                 db->Prepare("UPDATE import SET state = 'done', finished_at = ?, counts = ? WHERE import_id = ?"));
  std::string now = NowUtc();
  update->BindText(1, now);
  update->BindText(2, counts_json);
  update->Bind(3, import_id);
  return update->Run();
}

Result<std::vector<Import>> Imports(store::Connection* db) {
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT import_id, state, plan_name, plan_hash, tool_version, started_at, finished_at, "
                             "row_limit, counts FROM import ORDER BY import_id"));
  std::vector<Import> out;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return out;
    Import i;
    i.import_id = q->Integer(0);
    i.state = q->Text(1);
    i.plan_name = q->Text(2);
    i.plan_hash = q->Text(3);
    i.tool_version = q->Text(4);
    i.started_at = q->Text(5);
    i.finished_at = q->Text(6);
    if (!q->IsNull(7)) i.row_limit = q->Integer(7);
    i.counts = q->Text(8);
    out.push_back(std::move(i));
  }
}

Status InsertImportFile(store::Connection* db, const ImportFile& f) {
  MIGRATE_ASSIGN(
      auto insert,
      db->Prepare(
          "REPLACE INTO import_file (import_id, file_no, source_id, path, what, bytes, sha256, schema_id, layout, "
          "state, same_as, counted, extracted, quarantined, digest, findings) "
          "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"));
  insert->Bind(1, f.import_id);
  insert->Bind(2, f.file_no);
  insert->Bind(3, f.source_id);
  insert->BindText(4, f.path);
  insert->BindText(5, f.what);
  insert->Bind(6, f.bytes);
  insert->BindText(7, f.sha256);
  if (f.schema_id == 0)
    insert->BindNull(8);
  else
    insert->Bind(8, f.schema_id);
  insert->Bind(9, f.layout);
  insert->BindText(10, f.state);
  insert->BindTextOrNull(11, f.same_as);
  insert->Bind(12, f.counted);
  insert->Bind(13, f.extracted);
  insert->Bind(14, f.quarantined);
  insert->BindText(15, f.digest);
  insert->BindText(16, f.findings);
  return insert->Run();
}

Result<std::vector<ImportFile>> ImportFiles(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(
      auto q, db->Prepare("SELECT import_id, file_no, source_id, path, what, bytes, sha256, schema_id, layout, state, "
                          "same_as, counted, extracted, quarantined, digest, findings FROM import_file "
                          "WHERE import_id = ? ORDER BY file_no"));
  q->Bind(1, import_id);
  std::vector<ImportFile> out;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return out;
    ImportFile f;
    f.import_id = q->Integer(0);
    f.file_no = q->Integer(1);
    f.source_id = q->Integer(2);
    f.path = q->Text(3);
    f.what = q->Text(4);
    f.bytes = q->Integer(5);
    f.sha256 = q->Text(6);
    f.schema_id = q->Integer(7);
    f.layout = q->Integer(8);
    f.state = q->Text(9);
    f.same_as = q->Text(10);
    f.counted = q->Integer(11);
    f.extracted = q->Integer(12);
    f.quarantined = q->Integer(13);
    f.digest = q->Text(14);
    f.findings = q->Text(15);
    out.push_back(std::move(f));
  }
}

static Result<std::optional<std::string>> ReadCheckpoint(store::Connection* db, int64_t import_id,
                                                         const std::string& stage, int64_t part,
                                                         const std::string& how) {
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT value FROM checkpoint WHERE import_id = ? AND stage = ? AND part = ?" + how));
  q->Bind(1, import_id);
  q->BindText(2, stage);
  q->Bind(3, part);
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found) return std::optional<std::string>();
  return std::optional<std::string>(std::string(q->Text(0)));
}

Result<std::optional<std::string>> Checkpoint(store::Connection* db, int64_t import_id, const std::string& stage,
                                              int64_t part) {
  return ReadCheckpoint(db, import_id, stage, part, "");
}

Result<std::optional<std::string>> SettledCheckpoint(store::Connection* db, int64_t import_id, const std::string& stage,
                                                     int64_t part) {
  return ReadCheckpoint(db, import_id, stage, part,
                        db->dialect() == store::Dialect::kSqlite ? "" : " LOCK IN SHARE MODE");
}

Status SetCheckpoint(store::Connection* db, int64_t import_id, const std::string& stage, int64_t part,
                     const std::string& value) {
  MIGRATE_ASSIGN(auto q, db->Prepare("REPLACE INTO checkpoint (import_id, stage, part, value) VALUES (?, ?, ?, ?)"));
  q->Bind(1, import_id);
  q->BindText(2, stage);
  q->Bind(3, part);
  q->BindText(4, value);
  return q->Run();
}

Result<std::string> Setting(store::Connection* db, const std::string& name, std::string fallback) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT value FROM setting WHERE name = ?"));
  q->BindText(1, name);
  MIGRATE_ASSIGN(bool found, q->Step());
  return found ? std::string(q->Text(0)) : std::move(fallback);
}

Status SetSetting(store::Connection* db, const std::string& name, const std::string& value) {
  MIGRATE_ASSIGN(auto q, db->Prepare("REPLACE INTO setting (name, value) VALUES (?, ?)"));
  q->BindText(1, name);
  q->BindText(2, value);
  return q->Run();
}

Result<std::optional<uint32_t>> PartitionsOf(store::Connection* db) {
  MIGRATE_ASSIGN(std::string made, Setting(db, "schema_partitions"));
  MIGRATE_ASSIGN(std::string loaded, Setting(db, "partitions", made));
  if (loaded.empty()) return std::optional<uint32_t>();
  return std::optional<uint32_t>(static_cast<uint32_t>(std::stoul(loaded)));
}

Status AppendAudit(store::Connection* db, const std::string& kind, const std::string& detail_json) {
  std::string before;
  int64_t id = 1;
  {
    // A reader's event may come in beside a run's transaction: whoever comes second waits for the first one's commit,
    // and then sees it, which a read without a lock would not.
    MIGRATE_ASSIGN(auto last,
                   db->Prepare(std::string("SELECT event_id, hash FROM audit_event ORDER BY event_id DESC LIMIT 1") +
                               (db->dialect() == store::Dialect::kSqlite ? "" : " FOR UPDATE")));
    MIGRATE_ASSIGN(const bool any, last->Step());
    if (any) {
      id = last->Integer(0) + 1;
      before = last->Text(1);
    }
  }
  MIGRATE_ASSIGN(auto insert,
                 db->Prepare("INSERT INTO audit_event (event_id, at, kind, detail, hash) VALUES (?, ?, ?, ?, ?)"));
  std::string at = NowUtc(), hash = EventHash(before, at, kind, detail_json);
  insert->Bind(1, id);
  insert->BindText(2, at);
  insert->BindText(3, kind);
  insert->BindText(4, detail_json);
  insert->BindText(5, hash);
  return insert->Run();
}

Result<AuditVerdict> VerifyAudit(store::Connection* db, const AuditHead& remembered) {
  MIGRATE_ASSIGN(const bool there, HasTable(db, "audit_event"));
  if (!there) return AuditVerdict{0, 1, "the table audit_event is not there", "", false};
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT event_id, at, kind, detail, hash FROM audit_event ORDER BY event_id"));
  AuditVerdict verdict;
  std::string before;
  MIGRATE_ASSIGN(const AuditHead marked, AuditMarkOf(db));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    ++verdict.events;
    const bool missing = q->Integer(0) != verdict.events;
    if (missing || EventHash(before, q->Text(1), q->Text(2), q->Text(3)) != q->Text(4)) {
      verdict.first_bad = verdict.events;
      verdict.what = missing ? "it is missing" : "it was changed, or it is not in its place";
      return verdict;
    }
    before = q->Text(4);
    if (verdict.events == remembered.events) verdict.remembered = before == remembered.hash;
    if (verdict.events == marked.events && before != marked.hash) {
      verdict.first_bad = verdict.events;
      verdict.what = "it is not the event that was the last one when an import ended";
      return verdict;
    }
  }
  q.reset();
  if (verdict.events < marked.events) {
    verdict.first_bad = verdict.events + 1;
    verdict.what =
        fmt::format("there were {} when the last import ended, and {} are there", marked.events, verdict.events);
  } else if (remembered.events > 0 && !verdict.remembered) {
    verdict.first_bad = std::min(verdict.events + 1, remembered.events);
    verdict.what =
        verdict.events < remembered.events
            ? fmt::format(
                  "the workspace remembers {} events, and {} are there; a target that was restored from an older "
                  "backup looks so, too",
                  remembered.events, verdict.events)
            : "it is not the event that the workspace remembers";
  }
  verdict.hash = before;
  return verdict;
}

Status SupersedeRejects(store::Connection* db, int64_t import_id, int64_t source_id, const std::string& sha256,
                        const std::string& path, int64_t rows) {
  std::string select = "SELECT ";
  for (const auto& column : QuarantineTable().columns) select += (select.size() > 7 ? ", q." : "q.") + column;
  MIGRATE_ASSIGN(
      auto q,
      db->Prepare(select +
                  " FROM quarantine q JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no "
                  "WHERE q.state = 'open' AND q.import_id < ? AND q.source_id = ? AND (f.sha256 = ? OR f.path = ?) AND "
                  "q.row_no <= ?"));
  q->Bind(1, import_id);
  q->Bind(2, source_id);
  q->BindText(3, sha256);
  q->BindText(4, path);
  q->Bind(5, rows);
  BucketKeeper buckets(db, QuarantineTable(), Bucketing{});
  RowHasher hasher;
  const auto columns = static_cast<int>(QuarantineTable().columns.size());
  std::vector<int64_t> ids;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    ids.push_back(q->Integer(0));
    buckets.Remove(static_cast<uint64_t>(q->Integer(0)), HashStoredRow(&hasher, *q, columns));
  }
  MIGRATE_ASSIGN(auto update, db->Prepare("UPDATE quarantine SET state = 'superseded' WHERE quarantine_id = ?"));
  MIGRATE_ASSIGN(auto one, db->Prepare(SelectSql(QuarantineTable()) + " WHERE quarantine_id = ?"));
  for (int64_t id : ids) {
    update->Bind(1, id);
    MIGRATE_TRY(update->Run());
    one->Bind(1, id);
    MIGRATE_ASSIGN(bool found, one->Step());
    if (found) buckets.Add(static_cast<uint64_t>(id), HashStoredRow(&hasher, *one, columns));
    one->Reset();
  }
  return buckets.Flush();
}

Result<std::unique_ptr<QuarantineWriter>> QuarantineWriter::Open(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(int64_t next, db->QueryInteger("SELECT max(quarantine_id) + 1 FROM quarantine", 1));
  MIGRATE_ASSIGN(auto insert, db->Rows(QuarantineTable().name, QuarantineTable().columns, store::OnExisting::kError));
  return std::unique_ptr<QuarantineWriter>(new Quarantine(db, import_id, next, std::move(insert)));
}

}  // namespace migrate::ledger
