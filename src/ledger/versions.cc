#include "migrate/ledger/versions.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migrate/base/bytes.h"
#include "migrate/ledger/control.h"
#include "migrate/ledger/has_table.h"
#include "migrate/ledger/tables.h"

namespace migrate::ledger {
namespace {

using nlohmann::json;

void BindOrNull(store::Binder* q, int index, int64_t value) {
  if (value == 0)
    q->BindNull(index);
  else
    q->Bind(index, value);
}

void EncodeSeenRows(const std::vector<SeenRow>& rows, std::string* out) {
  uint64_t last = 0;
  for (const SeenRow& r : rows) {
    PutVarint(out, r.record_id - last);
    PutVarint(out, r.file_no);
    PutVarint(out, r.line);
    for (int shift : {24, 16, 8, 0}) out->push_back(static_cast<char>(r.hash4 >> shift));
    last = r.record_id;
  }
}

}  // namespace

Result<bool> HasTable(store::Connection* db, const std::string& name) {
  const bool sqlite = db->dialect() == store::Dialect::kSqlite;
  MIGRATE_ASSIGN(auto q, db->Prepare(sqlite ? "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?"
                                            : "SELECT count(*) FROM information_schema.tables WHERE table_schema = "
                                              "DATABASE() AND table_name = ?"));
  q->BindText(1, name);
  MIGRATE_ASSIGN(bool row, q->Step());
  return row && q->Integer(0) != 0;
}

Result<VersionsById> Versions(store::Connection* db) {
  VersionsById all;
  MIGRATE_ASSIGN(auto ids, db->Prepare("SELECT import_id FROM import"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, ids->Step());
    if (!more) break;
    all[ids->Integer(0)].import_id = ids->Integer(0);
  }
  MIGRATE_ASSIGN(bool there, HasTable(db, "import_version"));
  if (!there) return all;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, kind, undoes, keep_later, rolled_back_by, released, snapshots, "
                                     "root, chain FROM import_version"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return all;
    Version& v = all[q->Integer(0)];
    v.import_id = q->Integer(0);
    v.rollback = q->Text(1) == "rollback";
    v.matching = q->Text(1) == "matching";
    v.undoes = q->Integer(2);
    v.keep_later = q->Integer(3) != 0;
    v.rolled_back_by = q->Integer(4);
    v.released = q->Integer(5) != 0;
    const json snapshots = json::parse(q->Text(6), nullptr, false);
    if (snapshots.is_array())
      for (const auto& id : snapshots)
        if (id.is_number_integer()) v.snapshots.insert(id.get<int64_t>());
    v.root = q->Text(7);
    v.chain = q->Text(8);
  }
}

std::string KindOf(const Version& v) { return v.rollback ? "rollback" : v.matching ? "matching" : "run"; }

Result<std::optional<Import>> LastImportOf(store::Connection* db, const std::string& plan_name) {
  MIGRATE_ASSIGN(auto versions, Versions(db));
  MIGRATE_ASSIGN(auto imports, Imports(db));
  std::optional<Import> last;
  for (auto& i : imports)
    if ((plan_name.empty() || i.plan_name == plan_name) && i.state != "abandoned" && !versions[i.import_id].matching)
      last = std::move(i);
  return last;
}

Result<int64_t> OpenMatching(store::Connection* db, const std::string& plan_name) {
  MIGRATE_ASSIGN(auto versions, Versions(db));
  MIGRATE_ASSIGN(auto imports, Imports(db));
  for (const auto& i : imports)
    if (i.state == "loading" && i.plan_name == plan_name && versions[i.import_id].matching) return i.import_id;
  return int64_t{0};
}

Status PutVersion(store::Connection* db, const Version& v) {
  MIGRATE_ASSIGN(auto q, db->Prepare("REPLACE INTO import_version (import_id, kind, undoes, keep_later, "
                                     "rolled_back_by, released, snapshots, root, chain) VALUES (?, ?, ?, ?, ?, ?, ?, "
                                     "?, ?)"));
  const std::string snapshots = json(v.snapshots).dump();
  q->Bind(1, v.import_id);
  const std::string kind = KindOf(v);
  q->BindText(2, kind);
  BindOrNull(q.get(), 3, v.undoes);
  q->Bind(4, v.keep_later ? 1 : 0);
  BindOrNull(q.get(), 5, v.rolled_back_by);
  q->Bind(6, v.released ? 1 : 0);
  q->BindText(7, snapshots);
  q->BindText(8, v.root);
  q->BindText(9, v.chain);
  return q->Run();
}

std::string RootOf(RootParts parts) {
  std::string text;
  for (const Table* table : DigestTables()) text += table->name + " " + parts.tables[table->name].Text() + "\n";
  for (const auto& [name, digest] : parts.sources) text += "source " + name + " " + digest.Text() + "\n";
  return Sha256Hex(text);
}

Result<std::map<std::string, MultisetDigest>> SourceParts(store::Connection* db) {
  std::map<std::string, MultisetDigest> sources;
  MIGRATE_ASSIGN(auto s, db->Prepare("SELECT s.name, d.digest FROM source_digest d JOIN source s ON s.source_id = "
                                     "d.source_id ORDER BY s.name, d.`partition`"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, s->Step());
    if (!more) return sources;
    MIGRATE_ASSIGN(MultisetDigest digest, MultisetDigest::FromText(s->Text(1)));
    sources[std::string(s->Text(0))].Merge(digest);
  }
}

Result<uint64_t> CountedRecords(store::Connection* db) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT digest FROM source_digest"));
  uint64_t records = 0;
  bool sound = true;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    const auto digest = MultisetDigest::FromText(q->Text(0));
    sound = sound && digest.ok();
    if (digest.ok()) records += digest->count;
  }
  if (sound && records > 0) return records;
  MIGRATE_ASSIGN(const int64_t counted, db->QueryInteger("SELECT count(*) FROM record"));
  return static_cast<uint64_t>(counted);
}

Result<std::string> DigestRoot(store::Connection* db) {
  RootParts parts;
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT table_name, digest FROM bucket ORDER BY table_name, bucket"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    MIGRATE_ASSIGN(MultisetDigest digest, MultisetDigest::FromText(q->Text(1)));
    parts.tables[std::string(q->Text(0))].Merge(digest);
  }
  q.reset();
  MIGRATE_ASSIGN(parts.sources, SourceParts(db));
  return RootOf(std::move(parts));
}

Result<FirstImports> FirstImportsOfFiles(store::Connection* db, const std::set<int64_t>& sources,
                                         const std::function<bool(int64_t import_id)>& stands) {
  FirstImports all;
  if (sources.empty()) return all;
  std::map<std::pair<int64_t, std::string>, int64_t> first;  // by source and content
  MIGRATE_ASSIGN(auto imports, Imports(db));
  for (const Import& import : imports) {
    if (!stands(import.import_id)) continue;
    MIGRATE_ASSIGN(auto files, ImportFiles(db, import.import_id));
    for (const ImportFile& f : files) {
      if (f.state != "imported" || f.sha256.empty() || !sources.contains(f.source_id)) continue;
      const auto [there, fresh] = first.try_emplace({f.source_id, f.sha256}, import.import_id);
      if (!fresh && there->second != import.import_id) all[{import.import_id, f.file_no}] = there->second;
    }
  }
  return all;
}

Result<ChainHead> ChainHeadOf(store::Connection* db) {
  ChainHead head;
  MIGRATE_ASSIGN(std::string text, Setting(db, "import_chain"));
  const size_t blank = text.find(' ');
  if (blank == std::string::npos) return head;
  head.import_id = std::stoll(text.substr(0, blank));
  head.chain = text.substr(blank + 1);
  return head;
}

Result<Version> CloseVersion(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(VersionsById all, Versions(db));
  MIGRATE_ASSIGN(ChainHead head, ChainHeadOf(db));
  MIGRATE_ASSIGN(std::string plan,
                 db->QueryText(fmt::format("SELECT plan_hash FROM import WHERE import_id = {}", import_id)));
  Version v = all[import_id];
  v.import_id = import_id;
  MIGRATE_ASSIGN(v.root, DigestRoot(db));
  std::string text = head.chain;
  for (const std::string& part : {std::to_string(import_id), KindOf(v), plan, v.root})
    text.append(1, '\0').append(part);
  v.chain = Sha256Hex(text);
  MIGRATE_TRY(PutVersion(db, v));
  MIGRATE_TRY(SetSetting(db, "import_chain", fmt::format("{} {}", import_id, v.chain)));
  MIGRATE_TRY(KeepControlDigests(db, import_id));
  return v;
}

Result<AuditHead> AuditHeadOf(store::Connection* db) {
  AuditHead head;
  MIGRATE_ASSIGN(head.events, db->QueryInteger("SELECT max(event_id) FROM audit_event"));
  MIGRATE_ASSIGN(head.hash, db->QueryText("SELECT hash FROM audit_event ORDER BY event_id DESC LIMIT 1"));
  return head;
}

Status MarkAudit(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(AuditHead head, AuditHeadOf(db));
  return SetCheckpoint(db, import_id, "audit", 0, json({{"events", head.events}, {"hash", head.hash}}).dump());
}

Result<AuditHead> AuditMarkOf(store::Connection* db) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT value FROM checkpoint WHERE stage = 'audit'"));
  AuditHead most;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return most;
    const json j = json::parse(q->Text(0), nullptr, false);
    if (j.is_object() && j.value("events", int64_t{0}) > most.events)
      most = {j.value("events", int64_t{0}), j.value("hash", "")};
  }
}

std::vector<SeenRow> DecodeSeenRows(std::string_view blob) {
  std::vector<SeenRow> rows;
  ByteReader in(blob);
  uint64_t id = 0;
  while (!in.done()) {
    SeenRow r;
    r.record_id = id += in.Varint();
    r.file_no = in.Varint();
    r.line = in.Varint();
    const std::string_view h = in.Raw(4);
    if (!in.ok()) break;
    for (const char c : h) r.hash4 = r.hash4 << 8 | static_cast<uint8_t>(c);
    rows.push_back(r);
  }
  return rows;
}

Status SeenKeeper::Flush() {
  if (rows_.empty()) return {};
  std::stable_sort(rows_.begin(), rows_.end(),
                   [](const SeenRow& a, const SeenRow& b) { return a.record_id < b.record_id; });
  std::map<uint64_t, std::vector<SeenRow>> by_bucket;
  for (const SeenRow& r : rows_) by_bucket[buckets_.Of(RecordTable(), r.record_id)].push_back(r);
  MIGRATE_ASSIGN(auto select, db_->Prepare("SELECT `rows` FROM import_seen WHERE bucket = ? AND import_id = ?"));
  MIGRATE_ASSIGN(auto replace, db_->Prepare("REPLACE INTO import_seen (bucket, import_id, `rows`) VALUES (?, ?, ?)"));
  std::string blob;
  for (auto& [bucket, rows] : by_bucket) {
    select->Bind(1, static_cast<int64_t>(bucket));
    select->Bind(2, import_id_);
    MIGRATE_ASSIGN(bool found, select->Step());
    if (found) {
      std::vector<SeenRow> before = DecodeSeenRows(select->Text(0));
      select->Reset();
      before.insert(before.end(), rows.begin(), rows.end());
      std::stable_sort(before.begin(), before.end(),
                       [](const SeenRow& a, const SeenRow& b) { return a.record_id < b.record_id; });
      rows = std::move(before);
    }
    blob.clear();
    EncodeSeenRows(rows, &blob);
    replace->Bind(1, static_cast<int64_t>(bucket));
    replace->Bind(2, import_id_);
    replace->BindBlob(3, blob);
    MIGRATE_TRY(replace->Run());
  }
  rows_.clear();
  return {};
}

Result<std::map<int64_t, std::vector<SeenRow>>> SeenOfBucket(store::Connection* db, uint64_t bucket) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, `rows` FROM import_seen WHERE bucket = ?"));
  q->Bind(1, static_cast<int64_t>(bucket));
  std::map<int64_t, std::vector<SeenRow>> out;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return out;
    out[q->Integer(0)] = DecodeSeenRows(q->Text(1));
  }
}

}  // namespace migrate::ledger
