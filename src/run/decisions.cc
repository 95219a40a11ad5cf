#include "decisions.h"

#include <map>
#include <nlohmann/json.hpp>

#include "migrate/base/clock.h"
#include "migrate/ledger/ledger.h"

namespace migrate::run {

using nlohmann::json;

Result<std::vector<Steward>> ReadStewards(store::Connection* db) {
  std::vector<Steward> all;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT d.decision_id, d.kind, d.record_a, d.record_b, d.who, d.reason, d.at, "
                                     "p.field, p.value FROM decision d LEFT JOIN decision_pin p "
                                     "ON p.decision_id = d.decision_id ORDER BY d.decision_id"));
  std::map<int64_t, size_t> place;
  // Decisions on the same thing that nobody took back; the last one is in force, and gives way to the one before it.
  std::map<std::pair<uint64_t, uint64_t>, std::vector<size_t>> pairs;
  std::map<std::pair<uint64_t, std::string>, std::vector<size_t>> pins;
  const auto of = [&](const Steward& d) -> std::vector<size_t>& {
    return d.kind == "pin" ? pins[{d.a, d.field}] : pairs[{std::min(d.a, d.b), std::max(d.a, d.b)}];
  };
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return all;
    Steward d;
    d.id = q->Integer(0);
    d.kind = q->Text(1);
    d.a = static_cast<uint64_t>(q->Integer(2));
    d.b = static_cast<uint64_t>(q->Integer(3));
    d.who = q->Text(4);
    d.reason = q->Text(5);
    d.at = q->Text(6);
    d.field = q->Text(7);
    d.value = q->Text(8);
    const size_t here = all.size();
    if (d.kind == "undo") {
      const auto it = place.find(static_cast<int64_t>(d.a));
      if (it != place.end() && all[it->second].undone_by == 0 && all[it->second].kind != "undo") {
        all[it->second].undone_by = d.id;
        std::vector<size_t>& same = of(all[it->second]);
        same.pop_back();
        if (!same.empty()) all[same.back()].undone_by = 0;
      }
    } else {
      std::vector<size_t>& same = of(d);
      if (!same.empty()) all[same.back()].undone_by = d.id;
      same.push_back(here);
    }
    place[d.id] = here;
    all.push_back(std::move(d));
  }
}

std::vector<dedupe::Decision> InForce(const std::vector<Steward>& all) {
  std::vector<dedupe::Decision> out;
  for (const Steward& d : all) {
    if (d.undone_by != 0 || (d.kind != "link" && d.kind != "unlink")) continue;
    out.push_back(
        {d.kind == "link" ? dedupe::Decision::Kind::kMustLink : dedupe::Decision::Kind::kCannotLink, d.a, d.b});
  }
  return out;
}

Result<std::vector<uint64_t>> AnchorsOf(store::Connection* db, uint64_t record) {
  const auto ask = [db](const char* sql,
                        std::initializer_list<int64_t> values) -> Result<std::unique_ptr<store::Statement>> {
    MIGRATE_ASSIGN(auto q, db->Prepare(sql));
    int i = 0;
    for (const int64_t v : values) q->Bind(++i, v);
    return q;
  };
  const auto id = static_cast<int64_t>(record);
  MIGRATE_ASSIGN(auto here, ask("SELECT record_id FROM record WHERE record_id = ?", {id}));
  MIGRATE_ASSIGN(bool there, here->Step());
  if (there) return std::vector<uint64_t>{record};
  here.reset();
  MIGRATE_ASSIGN(auto undone,
                 ask("SELECT person_id, rollback_import FROM record_undone WHERE record_id = ? AND person_id "
                     "IS NOT NULL ORDER BY rollback_import DESC LIMIT 1",
                     {id}));
  MIGRATE_ASSIGN(bool taken, undone->Step());
  if (!taken) return std::vector<uint64_t>();
  const int64_t person = undone->Integer(0), rollback = undone->Integer(1);
  undone.reset();
  std::vector<uint64_t> records;
  MIGRATE_ASSIGN(auto then, ask("SELECT members FROM person_history WHERE person_id = ? AND ended_import = ?",
                                {person, rollback}));
  MIGRATE_ASSIGN(bool kept, then->Step());
  if (kept) {
    const json members = json::parse(then->Text(0), nullptr, false);
    then.reset();
    for (const auto& m : members.is_array() ? members : json::array()) {
      if (!m.is_number_unsigned() || m.get<uint64_t>() == record) continue;
      // Those that went with it say nothing of the person that was left.
      MIGRATE_ASSIGN(auto went, ask("SELECT 1 FROM record_undone WHERE record_id = ? AND rollback_import = ? LIMIT 1",
                                    {m.get<int64_t>(), rollback}));
      MIGRATE_ASSIGN(bool too, went->Step());
      if (!too) records.push_back(m.get<uint64_t>());
    }
    return records;
  }
  then.reset();
  // The rollback that takes it out is deciding about the person now.
  MIGRATE_ASSIGN(auto now, ask("SELECT record_id FROM person_record WHERE person_id = ? ORDER BY record_id", {person}));
  for (;;) {
    MIGRATE_ASSIGN(bool more, now->Step());
    if (!more) return records;
    if (static_cast<uint64_t>(now->Integer(0)) != record) records.push_back(static_cast<uint64_t>(now->Integer(0)));
  }
}

Status LoadPins(store::Connection* db, dedupe::SurvivorshipRules* rules) {
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  for (const Steward& d : all) {
    if (d.kind != "pin" || d.undone_by != 0) continue;
    MIGRATE_ASSIGN(auto anchors, AnchorsOf(db, d.a));
    for (const uint64_t record : anchors) rules->pins[record].push_back({d.id, d.field, d.value});
  }
  return {};
}

Result<int64_t> WriteSteward(store::Connection* db, const Steward& decision) {
  MIGRATE_ASSIGN(int64_t id, db->QueryInteger("SELECT max(decision_id) + 1 FROM decision", 1));
  MIGRATE_ASSIGN(auto insert, db->Prepare("INSERT INTO decision (decision_id, kind, record_a, record_b, who, reason, "
                                          "at) VALUES (?, ?, ?, ?, ?, ?, ?)"));
  const std::string at = NowUtc();
  insert->Bind(1, id);
  insert->BindText(2, decision.kind);
  insert->Bind(3, static_cast<int64_t>(decision.a));
  insert->Bind(4, static_cast<int64_t>(decision.b));
  insert->BindText(5, decision.who);
  insert->BindText(6, decision.reason);
  insert->BindText(7, at);
  MIGRATE_TRY(insert->Run());
  json detail = {{"decision", id}, {"kind", decision.kind}, {"who", decision.who}, {"reason", decision.reason}};
  if (decision.kind == "undo") {
    detail["undone"] = decision.a;
  } else {
    detail["record_a"] = std::to_string(decision.a);
    if (decision.b != 0) detail["record_b"] = std::to_string(decision.b);
  }
  if (decision.kind == "pin") {
    MIGRATE_ASSIGN(auto pin, db->Prepare("INSERT INTO decision_pin (decision_id, field, value) VALUES (?, ?, ?)"));
    pin->Bind(1, id);
    pin->BindText(2, decision.field);
    pin->BindText(3, decision.value);
    MIGRATE_TRY(pin->Run());
    detail["field"] = decision.field;  // not its value: the audit trail holds no personal data
  }
  MIGRATE_TRY(ledger::AppendAudit(db, "decision", detail.dump(-1, ' ', false, json::error_handler_t::replace)));
  return id;
}

}  // namespace migrate::run
