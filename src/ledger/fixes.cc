#include "migrate/ledger/fixes.h"

#include <nlohmann/json.hpp>

#include "migrate/base/clock.h"
#include "migrate/base/hash.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/has_table.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/tables.h"

namespace migrate::ledger {
namespace {

using nlohmann::json;

std::string Dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

Status AddFix(store::Connection* db, int64_t quarantine_id, const Fix& fix) {
  MIGRATE_ASSIGN(auto next,
                 db->Prepare("SELECT coalesce(max(fix_no), 0) + 1 FROM quarantine_fix WHERE quarantine_id = ?"));
  next->Bind(1, quarantine_id);
  MIGRATE_ASSIGN(bool found, next->Step());
  const int64_t number = found ? next->Integer(0) : 1;
  next->Reset();
  MIGRATE_ASSIGN(auto insert,
                 db->Prepare("INSERT INTO quarantine_fix (quarantine_id, fix_no, who, at, why, raw, cells) "
                             "VALUES (?, ?, ?, ?, ?, ?, ?)"));
  const std::string who = OperatorName(), at = NowUtc(), cells = Dump(json(fix.cells));
  // Whoever was killed behind it, and says it again, has said it once.
  MIGRATE_ASSIGN(auto last,
                 db->Prepare("SELECT why, raw, cells FROM quarantine_fix WHERE quarantine_id = ? AND fix_no = "
                             "?"));
  last->Bind(1, quarantine_id);
  last->Bind(2, number - 1);
  MIGRATE_ASSIGN(bool before, last->Step());
  if (before && last->Text(0) == fix.why && last->IsNull(1) == !fix.raw.has_value() &&
      (!fix.raw || last->Text(1) == *fix.raw) && last->Text(2) == cells)
    return {};
  last.reset();
  insert->Bind(1, quarantine_id);
  insert->Bind(2, number);
  insert->BindText(3, who);
  insert->BindText(4, at);
  insert->BindText(5, fix.why);
  if (fix.raw)
    insert->BindBlob(6, *fix.raw);
  else
    insert->BindNull(6);
  insert->BindText(7, cells);
  MIGRATE_TRY(insert->Run());
  json columns = json::array();
  for (const auto& [column, value] : fix.cells) columns.push_back(column);
  return AppendAudit(db, "reject_fixed",
                     Dump({{"reject", quarantine_id},
                           {"fix", number},
                           {"who", who},
                           {"why", fix.why},
                           {"columns", columns},
                           {"sha256", Sha256Hex((fix.raw ? *fix.raw : std::string()) + '\0' + cells)}}));
}

Result<std::map<int64_t, Fix>> FixesInForce(store::Connection* db) {
  std::map<int64_t, Fix> fixes;
  MIGRATE_ASSIGN(bool there, HasTable(db, "quarantine_fix"));
  if (!there) return fixes;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT quarantine_id, who, at, why, raw, cells FROM quarantine_fix "
                                     "ORDER BY quarantine_id, fix_no"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return fixes;
    Fix& fix = fixes[q->Integer(0)];
    fix.who = q->Text(1);
    fix.at = q->Text(2);
    fix.why = q->Text(3);
    if (!q->IsNull(4)) {
      fix.raw = q->Text(4);
      fix.cells.clear();
    }
    const json cells = json::parse(q->Text(5), nullptr, false);
    if (!cells.is_object()) continue;
    for (const auto& [column, value] : cells.items())
      if (value.is_string()) fix.cells[column] = value.get<std::string>();
  }
}

Status MarkReplayed(store::Connection* db, int64_t import_id, const std::vector<int64_t>& quarantine_ids) {
  BucketKeeper buckets(db, QuarantineTable(), Bucketing{});
  RowHasher hasher;
  const auto columns = static_cast<int>(QuarantineTable().columns.size());
  MIGRATE_ASSIGN(auto one, db->Prepare(SelectSql(QuarantineTable()) + " WHERE quarantine_id = ? AND state = ?"));
  MIGRATE_ASSIGN(auto update, db->Prepare("UPDATE quarantine SET state = 'replayed' WHERE quarantine_id = ?"));
  const auto hash = [&](int64_t id, std::string_view state) -> Result<std::optional<Sha256>> {
    one->Bind(1, id);
    one->BindText(2, state);
    MIGRATE_ASSIGN(bool found, one->Step());
    std::optional<Sha256> sha;
    if (found) sha = HashStoredRow(&hasher, *one, columns);
    one->Reset();
    return sha;
  };
  int64_t marked = 0;
  for (int64_t id : quarantine_ids) {
    MIGRATE_ASSIGN(auto before, hash(id, "open"));
    if (!before) continue;
    update->Bind(1, id);
    MIGRATE_TRY(update->Run());
    MIGRATE_ASSIGN(auto after, hash(id, "replayed"));
    buckets.Remove(static_cast<uint64_t>(id), *before);
    if (after) buckets.Add(static_cast<uint64_t>(id), *after);
    ++marked;
  }
  MIGRATE_TRY(buckets.Flush());
  if (marked == 0) return {};
  return AppendAudit(db, "rejects_replayed", Dump({{"import", import_id}, {"rows", marked}}));
}

}  // namespace migrate::ledger
