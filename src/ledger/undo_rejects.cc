#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "migrate/ledger/buckets.h"
#include "migrate/ledger/tables.h"
#include "migrate/ledger/versions.h"

namespace migrate::ledger {
namespace {

// Gives the rejects of a condition on `q` another state, and keeps their buckets.
Status MoveRejects(store::Connection* db, const std::string& condition, const std::string& state) {
  const Table& table = QuarantineTable();
  std::string select = "SELECT ";
  for (const auto& column : table.columns) select += (select.size() > 7 ? ", q." : "q.") + column;
  MIGRATE_ASSIGN(auto q, db->Prepare(select + " FROM quarantine q WHERE " + condition));
  BucketKeeper buckets(db, table, Bucketing{});
  RowHasher hasher;
  const auto columns = static_cast<int>(table.columns.size());
  std::vector<int64_t> ids;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    ids.push_back(q->Integer(0));
    buckets.Remove(static_cast<uint64_t>(q->Integer(0)), HashStoredRow(&hasher, *q, columns));
  }
  MIGRATE_ASSIGN(auto update, db->Prepare("UPDATE quarantine SET state = ? WHERE quarantine_id = ?"));
  MIGRATE_ASSIGN(auto one, db->Prepare(SelectSql(table) + " WHERE quarantine_id = ?"));
  for (int64_t id : ids) {
    update->BindText(1, state);
    update->Bind(2, id);
    MIGRATE_TRY(update->Run());
    one->Bind(1, id);
    MIGRATE_ASSIGN(bool found, one->Step());
    if (found) buckets.Add(static_cast<uint64_t>(id), HashStoredRow(&hasher, *one, columns));
    one->Reset();
  }
  return buckets.Flush();
}

// The rejects that the run has read again from quarantine (its checkpoints "replayed") are open again, or not.
Status MoveReplayed(store::Connection* db, int64_t subject, bool remove) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT value FROM checkpoint WHERE import_id = ? AND stage = 'replayed'"));
  q->Bind(1, subject);
  std::vector<int64_t> ids;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    const auto j = nlohmann::json::parse(q->Text(0), nullptr, false);
    if (!j.is_array()) continue;
    for (const auto& id : j)
      if (id.is_number_integer()) ids.push_back(id.get<int64_t>());
  }
  constexpr size_t kIds = 500;
  for (size_t begin = 0; begin < ids.size(); begin += kIds) {
    std::string list;
    for (size_t i = begin; i < std::min(ids.size(), begin + kIds); ++i)
      list += (list.empty() ? "" : ",") + std::to_string(ids[i]);
    MIGRATE_TRY(
        MoveRejects(db, fmt::format("q.state = '{}' AND q.quarantine_id IN ({})", remove ? "replayed" : "open", list),
                    remove ? "open" : "replayed"));
  }
  return {};
}

}  // namespace

Status UndoRejects(store::Connection* db, int64_t subject, bool remove, const std::set<int64_t>& snapshots) {
  MIGRATE_TRY(MoveRejects(db,
                          fmt::format("q.import_id = {} AND q.state = '{}'", subject, remove ? "open" : "rolled_back"),
                          remove ? "rolled_back" : "open"));
  MIGRATE_TRY(MoveReplayed(db, subject, remove));
  std::string replaced = "f.sha256 = o.sha256";
  for (const int64_t source : snapshots) replaced += fmt::format(" OR (f.source_id = {} AND f.path = o.path)", source);
  if (remove)
    MIGRATE_TRY(MoveRejects(
        db,
        fmt::format("q.state = 'superseded' AND q.import_id < {0} AND EXISTS (SELECT 1 FROM import_file o JOIN "
                    "import_file f ON f.source_id = o.source_id WHERE o.import_id = q.import_id AND o.file_no = "
                    "q.file_no AND f.import_id = {0} AND f.state = 'imported' AND ({1}))",
                    subject, replaced),
        "open"));
  // Whatever is open now and a run that stands has read again gives way to it, in the order of the runs.
  MIGRATE_ASSIGN(auto versions, Versions(db));
  for (const auto& [import_id, v] : versions) {
    const bool stands = import_id == subject ? !remove : v.rolled_back_by == 0;
    if (v.rollback || !stands) continue;
    MIGRATE_ASSIGN(auto files, ImportFiles(db, import_id));
    for (const ImportFile& f : files)
      if (f.state == "imported")
        MIGRATE_TRY(SupersedeRejects(db, import_id, f.source_id, f.sha256,
                                     snapshots.count(f.source_id) > 0 ? f.path : "", INT64_MAX));
  }
  return {};
}

}  // namespace migrate::ledger
