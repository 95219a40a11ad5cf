#include "migrate/report/history_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "migrate/ledger/has_table.h"
#include "migrate/ledger/versions.h"
#include "migrate/record/digest.h"
#include "past.h"
#include "snapshot.h"
#include "text.h"
#include "timeline.h"

namespace migrate::report {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& j) { return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t n = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || n > INT64_MAX) return std::nullopt;
  return n;
}

struct ImportInfo {
  std::string at, who, kind;
};

Result<std::map<int64_t, ImportInfo>> ImportInfos(store::Connection* db) {
  std::map<int64_t, ImportInfo> out;
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, coalesce(finished_at, started_at), operator FROM import"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return out;
    out[q->Integer(0)] = {std::string(q->Text(1)), std::string(q->Text(2)), ledger::KindOf(versions[q->Integer(0)])};
  }
}

Json ChangesJson(const std::vector<FieldChange>& changes) {
  Json out = Json::array();
  for (const auto& c : changes)
    out.push_back({{"field", c.name},
                   {"before", c.before.empty() ? Json(nullptr) : Json(c.before)},
                   {"after", c.after.empty() ? Json(nullptr) : Json(c.after)},
                   {"from", nullptr}});
  return out;
}

class Historian {
 public:
  Historian(store::Connection* db, const std::vector<Attribute>& attributes)
      : db_(db), attributes_(attributes), past_(db, attributes) {}

  Result<std::string> Run(std::string_view asked) {
    MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db_));
    MIGRATE_ASSIGN(infos_, ImportInfos(db_));
    const size_t colon = asked.find(':');
    const auto number = Number(asked);
    if (!number && colon == std::string_view::npos)
      return Status::Plan(fmt::format("`{}` is no id", asked), "give a person_id, a record_id, or SOURCE:KEY");
    const uint64_t id = number ? *number : RecordId(asked.substr(0, colon), asked.substr(colon + 1));
    Json j = {{"schema", 1}, {"asked", std::string(asked)}};
    PersonPast person;
    if (number) {
      MIGRATE_ASSIGN(person, past_.Person(id, true));
    }
    if (!person.empty()) {
      j["kind"] = "person";
      j["id"] = std::to_string(id);
      MIGRATE_ASSIGN(j["events"], PersonEvents(person));
      std::set<uint64_t> records;
      for (const auto& p : person) records.insert(p.members.begin(), p.members.end());
      MIGRATE_ASSIGN(j["aliases"], Aliases(id));
      MIGRATE_ASSIGN(j["decisions"], Decisions({records.begin(), records.end()}));
      MIGRATE_ASSIGN(j["records"], Names(records));
      return Dump(j);
    }
    MIGRATE_ASSIGN(RecordPast record, past_.Record(id));
    if (record.empty())
      return Status::Plan(fmt::format("no person and no record ever had the id {}", asked),
                          "`migrate find` searches by e-mail, phone or name");
    j["kind"] = "record";
    j["id"] = std::to_string(id);
    MIGRATE_ASSIGN(j["events"], RecordEvents(id, record));
    j["aliases"] = Json::array();
    MIGRATE_ASSIGN(j["decisions"], Decisions({id}));
    MIGRATE_ASSIGN(j["records"], Names({id}));
    return Dump(j);
  }

 private:
  Json Event(int64_t import_id, const char* what) {
    const ImportInfo& i = infos_[import_id];
    return {{"import", import_id},
            {"at", i.at},
            {"who", i.who},
            {"import_kind", i.kind},
            {"what", what},
            {"changes", Json::array()},
            {"source_row", nullptr},
            {"added", Json::array()},
            {"removed", Json::array()}};
  }

  Result<Json> SourceRow(const ledger::StoredRecord& row) {
    MIGRATE_ASSIGN(std::string name, past_.NameOf(row.record.record_id));
    MIGRATE_ASSIGN(std::string file,
                   db_->QueryText(fmt::format("SELECT path FROM import_file WHERE import_id = {} AND file_no = {}",
                                              row.import_id, row.record.place.file)));
    return Json{{"record", name}, {"file", file}, {"line", row.record.place.line}, {"import", row.import_id}};
  }

  Result<Json> RecordEvents(uint64_t id, const RecordPast& past) {
    MIGRATE_ASSIGN(TimelineReader timelines, TimelineReader::Make(db_));
    MIGRATE_ASSIGN(const Timeline line, timelines.Of(id, past));
    Json out = Json::array();
    for (const int64_t k : line.moments()) {
      const PastImage *before = line.At(k - 1), *after = line.At(k);
      for (const auto& i : past) {
        if (!i.side() || i.begun != k) continue;
        Json e = Event(k, "older");  // than what was there
        e["changes"] = ChangesJson(ChangesOf({}, FieldsOf(i.row, attributes_)));
        MIGRATE_ASSIGN(e["source_row"], SourceRow(i.row));
        out.push_back(std::move(e));
      }
      if (before == after) continue;
      const bool back = infos_[k].kind == "rollback";
      Json e = Event(k, after == nullptr    ? (back ? "rolled back" : "gone")
                        : before == nullptr ? "appeared"
                                            : "changed");
      if (after != nullptr) {
        e["changes"] =
            ChangesJson(ChangesOf(before == nullptr ? std::vector<FieldValue>() : Fields(*before), Fields(*after)));
        MIGRATE_ASSIGN(e["source_row"], SourceRow(after->row));
      }
      out.push_back(std::move(e));
    }
    return out;
  }
  std::vector<FieldValue> Fields(const PastImage& i) const { return FieldsOf(i.row, attributes_); }

  Result<Json> PersonEvents(const PersonPast& past) {
    std::set<int64_t> imports;
    for (const auto& p : past) {
      imports.insert(p.person.import_id);
      if (p.ended != 0) imports.insert(p.ended);
    }
    Json out = Json::array();
    for (const int64_t k : imports) {
      const PastPerson *before = AsOf(past, k - 1), *after = AsOf(past, k);
      if (before == after) continue;
      Json e = Event(k, after == nullptr ? "ended" : before == nullptr ? "appeared" : "changed");
      if (after != nullptr) {
        MIGRATE_ASSIGN(e["changes"], PersonChanges(before, *after));
      }
      MIGRATE_TRY(Members(before, after, &e));
      out.push_back(std::move(e));
    }
    return out;
  }

  Result<Json> PersonChanges(const PastPerson* before, const PastPerson& after) {
    Json out =
        ChangesJson(ChangesOf(before == nullptr ? std::vector<FieldValue>() : FieldsOf(before->person, attributes_),
                              FieldsOf(after.person, attributes_)));
    const Json provenance = Json::parse(after.person.provenance, nullptr, false);
    for (auto& c : out) {
      size_t ordinal = after.members.size() == 1 ? 0 : after.members.size();
      if (const std::string field = c["field"]; provenance.is_object() && provenance.contains(field))
        ordinal = provenance[field].get<size_t>();
      if (c["after"].is_null() || ordinal >= after.members.size()) continue;
      MIGRATE_ASSIGN(c["from"], past_.NameOf(after.members[ordinal]));
    }
    return out;
  }

  Status Members(const PastPerson* before, const PastPerson* after, Json* event) {
    static const std::vector<uint64_t> none;
    const auto &a = before == nullptr ? none : before->members, &b = after == nullptr ? none : after->members;
    auto note = [&](const char* list, const std::vector<uint64_t>& in, const std::vector<uint64_t>& not_in) -> Status {
      for (const uint64_t id : in) {
        if (std::binary_search(not_in.begin(), not_in.end(), id)) continue;
        MIGRATE_ASSIGN(std::string name, past_.NameOf(id));
        (*event)[list].push_back(name);
      }
      return {};
    };
    MIGRATE_TRY(note("added", b, a));
    return note("removed", a, b);
  }

  Result<Json> Names(const std::set<uint64_t>& records) {
    Json out = Json::array();
    for (const uint64_t id : records) {
      MIGRATE_ASSIGN(std::string name, past_.NameOf(id));
      out.push_back({{"record_id", std::to_string(id)}, {"name", name}});
    }
    return out;
  }

  Result<Json> Aliases(uint64_t id) {
    MIGRATE_ASSIGN(auto q,
                   db_->Prepare("SELECT alias_id, person_id, kind, import_id FROM person_alias WHERE alias_id = "
                                "? OR person_id = ? ORDER BY import_id, alias_id, person_id, kind"));
    q->Bind(1, static_cast<int64_t>(id));
    q->Bind(2, static_cast<int64_t>(id));
    Json out = Json::array();
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) return out;
      out.push_back({{"alias_id", q->Integer(0)},
                     {"person_id", q->Integer(1)},
                     {"kind", std::string(q->Text(2))},
                     {"import", q->Integer(3)}});
    }
  }

  Result<Json> Decisions(const std::vector<uint64_t>& records) {
    Json out = Json::array();
    if (records.empty()) return out;
    std::string list;
    for (const uint64_t id : records) list += (list.empty() ? "" : ",") + std::to_string(id);
    const std::string of = "SELECT decision_id FROM decision WHERE kind <> 'undo' AND (record_a IN (" + list +
                           ") OR record_b IN (" + list + "))";
    MIGRATE_ASSIGN(auto q,
                   db_->Prepare("SELECT d.decision_id, d.kind, d.record_a, d.record_b, d.who, d.reason, d.at, "
                                "p.field, p.value FROM decision d LEFT JOIN decision_pin p ON p.decision_id = "
                                "d.decision_id WHERE d.decision_id IN (" +
                                of + ") OR (d.kind = 'undo' AND d.record_a IN (" + of + ")) ORDER BY d.decision_id"));
    for (;;) {
      MIGRATE_ASSIGN(bool more, q->Step());
      if (!more) return out;
      Json d = {{"decision", q->Integer(0)},          {"kind", std::string(q->Text(1))},
                {"a", std::to_string(q->Integer(2))}, {"b", std::to_string(q->Integer(3))},
                {"who", std::string(q->Text(4))},     {"reason", std::string(q->Text(5))},
                {"at", std::string(q->Text(6))}};
      d["field"] = q->IsNull(7) ? Json(nullptr) : Json(std::string(q->Text(7)));
      d["value"] = q->IsNull(8) ? Json(nullptr) : Json(std::string(q->Text(8)));
      if (d["kind"] != "undo")
        for (const char* side : {"a", "b"}) {
          const uint64_t id = std::stoull(d[side].get<std::string>());
          if (id == 0) continue;
          MIGRATE_ASSIGN(std::string name, past_.NameOf(id));
          d[side] = name;
        }
      out.push_back(std::move(d));
    }
  }

  store::Connection* db_;
  const std::vector<Attribute>& attributes_;
  PastReader past_;
  std::map<int64_t, ImportInfo> infos_;
};

// The person that had a record then.
Result<uint64_t> OwnerThen(store::Connection* db, uint64_t record, int64_t as_of) {
  MIGRATE_ASSIGN(int64_t now,
                 db->QueryInteger(fmt::format(
                     "SELECT person_id FROM person_record WHERE record_id = {} AND import_id <= {}", record, as_of)));
  if (now != 0) return static_cast<uint64_t>(now);
  MIGRATE_ASSIGN(int64_t old,
                 db->QueryInteger(fmt::format(
                     "SELECT person_id FROM person_history WHERE import_id <= {1} AND ended_import > {1} AND "
                     "(members LIKE '%[{0},%' OR members LIKE '%,{0},%' OR members LIKE '%,{0}]' OR members "
                     "= '[{0}]')",
                     record, as_of)));
  if (old != 0) return static_cast<uint64_t>(old);
  MIGRATE_ASSIGN(bool there, ledger::HasTable(db, "record_undone"));
  if (!there) return uint64_t{0};
  MIGRATE_ASSIGN(
      int64_t undone,
      db->QueryInteger(fmt::format("SELECT max(person_id) FROM record_undone WHERE record_id = {} AND undone_import <= "
                                   "{} AND rollback_import > {}",
                                   record, as_of, as_of)));
  return static_cast<uint64_t>(undone);
}

}  // namespace

Result<int64_t> ImportAsOf(store::Connection* db, std::string_view text) {
  if (const auto n = Number(text)) {
    MIGRATE_ASSIGN(int64_t there,
                   db->QueryInteger(fmt::format("SELECT count(*) FROM import WHERE import_id = {}", *n)));
    if (there != 0) return static_cast<int64_t>(*n);
    return Status::Plan(fmt::format("there is no import {}", *n), "`migrate imports list` shows the imports");
  }
  const bool date = text.size() == 10, time = text.size() >= 19 && text[10] == 'T';
  int y = 0, m = 0, d = 0;
  const bool three = std::sscanf(std::string(text.substr(0, 10)).c_str(), "%4d-%2d-%2d", &y, &m, &d) == 3;
  const std::chrono::year_month_day day{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(m)),
                                        std::chrono::day(static_cast<unsigned>(d))};
  if ((date || time) && three && !day.ok())
    return Status::Plan(fmt::format("--as-of {}: there is no such day", text),
                        "write it like 3, 2026-11-22 or 2026-11-22T12:00:00Z");
  if (!(date || time) || !three || text[4] != '-' || text[7] != '-')
    return Status::Plan(fmt::format("--as-of {}: neither the number of an import nor a date", text),
                        "write it like 3, 2026-11-22 or 2026-11-22T12:00:00Z");
  const std::string until = date ? std::string(text) + "T99" : std::string(text);
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT max(import_id) FROM import WHERE state = 'done' AND finished_at <= ?"));
  q->BindText(1, until);
  MIGRATE_ASSIGN(bool row, q->Step());
  if (row && q->Integer(0) != 0) return q->Integer(0);
  return Status::Plan(fmt::format("--as-of {}: no import had ended then", text),
                      "`migrate imports list` shows when they did");
}

Result<PersonView> ShowAsOf(store::Connection* db, const std::vector<Attribute>& attributes, std::string_view text,
                            int64_t as_of) {
  const auto id = Number(text);
  if (!id)
    return Status::Plan(fmt::format("`{}` is no id", text),
                        "give a person_id or record_id, as `migrate export links` and `migrate find` show them");
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  PastReader past(db, attributes);
  PersonView view;
  view.asked_id = view.person_id = *id;
  MIGRATE_ASSIGN(PersonPast persons, past.Person(*id, true));
  const PastPerson* then = AsOf(persons, as_of);
  if (then == nullptr) {
    MIGRATE_ASSIGN(view.person_id, OwnerThen(db, *id, as_of));
    view.asked = PersonView::Asked::kRecord;
    if (view.person_id != 0) {
      MIGRATE_ASSIGN(persons, past.Person(view.person_id, true));
    }
    then = view.person_id == 0 ? nullptr : AsOf(persons, as_of);
  }
  if (then == nullptr)
    return Status::Plan(fmt::format("no person and no record had the id {} as of import {}", *id, as_of),
                        fmt::format("`migrate history PLAN {}` shows when it was there", *id));
  view.import_id = then->person.import_id;
  view.record_count = then->person.record_count;
  view.confidence = then->person.confidence;
  MIGRATE_ASSIGN(TimelineReader timelines, TimelineReader::Make(db));
  for (const uint64_t member : then->members) {
    MIGRATE_ASSIGN(RecordPast images, past.Record(member));
    MIGRATE_ASSIGN(const Timeline line, timelines.Of(member, images));
    const PastImage* image = line.At(as_of);
    for (const auto& i : images)  // marked gone, it is a member still
      if (image == nullptr && !i.side() && i.begun <= as_of && (i.ended == 0 || i.ended > as_of)) image = &i;
    MemberView& m = view.members.emplace_back();
    m.record_id = member;
    if (image == nullptr) continue;
    MIGRATE_ASSIGN(
        m.source, db->QueryText(fmt::format("SELECT name FROM source WHERE source_id = {}", image->row.record.source)));
    MIGRATE_ASSIGN(m.file,
                   db->QueryText(fmt::format("SELECT path FROM import_file WHERE import_id = {} AND file_no = {}",
                                             image->row.import_id, image->row.record.place.file)));
    m.source_key = image->row.record.source_key;
    m.line = image->row.record.place.line;
    m.import_id = image->row.import_id;
    m.gone_import = image->row.gone_import;
    for (auto& f : FieldsOf(image->row, attributes)) m.values.push_back({std::move(f.name), std::move(f.value)});
  }
  const Json provenance = Json::parse(then->person.provenance, nullptr, false);
  for (auto& f : FieldsOf(then->person, attributes)) {
    std::optional<uint64_t> from;
    size_t ordinal = then->members.size() == 1 ? 0 : then->members.size();
    if (provenance.is_object() && provenance.contains(f.name)) ordinal = provenance[f.name].get<size_t>();
    if (ordinal < then->members.size() && f.name != "opt_out") from = then->members[ordinal];
    view.values.push_back({std::move(f.name), std::move(f.value), from});
  }
  return view;
}

Result<std::string> HistoryJson(store::Connection* db, const std::vector<Attribute>& attributes, std::string_view id) {
  return Historian(db, attributes).Run(id);
}

std::string RenderHistory(const std::string& text) {
  const Json j = Json::parse(text);
  std::string out = fmt::format("{} {}\n", j["kind"].get<std::string>(), j["id"].get<std::string>());
  auto s = [](const Json& v) { return v.is_null() ? std::string("-") : Plain(v.get<std::string>()); };
  for (const auto& e : j["events"]) {
    out += fmt::format("\nimport {} ({}), {}, by {}: {}\n", e["import"].get<int64_t>(),
                       e["import_kind"].get<std::string>(), e["at"].get<std::string>(), s(e["who"]),
                       e["what"].get<std::string>());
    if (const auto& row = e["source_row"]; !row.is_null()) {
      out += "  from " + s(row["record"]);
      if (!row["file"].get<std::string>().empty()) out += "   " + s(row["file"]);
      if (row["line"].get<int64_t>() != 0) out += fmt::format(":{}", row["line"].get<int64_t>());
      out += "\n";
    }
    for (const auto& c : e["changes"]) {
      out += fmt::format("  {:<12} {} -> {}", c["field"].get<std::string>(), s(c["before"]), s(c["after"]));
      out += c["from"].is_null() ? "\n" : "   from " + s(c["from"]) + "\n";
    }
    for (const auto& m : e["added"]) out += "  + record " + s(m) + "\n";
    for (const auto& m : e["removed"]) out += "  - record " + s(m) + "\n";
  }
  if (!j["aliases"].empty()) out += "\nids:\n";
  for (const auto& a : j["aliases"])
    out += fmt::format("  {} {} {} by import {}\n", a["alias_id"].get<int64_t>(),
                       a["kind"] == "merged_into"    ? "was merged into"
                       : a["kind"] == "came_back_as" ? "was rolled back; its records came back as"
                                                     : "was split into",
                       a["person_id"].get<int64_t>(), a["import"].get<int64_t>());
  if (!j["decisions"].empty()) out += "\ndecisions:\n";
  for (const auto& d : j["decisions"])
    out += fmt::format("  {} {} {} {}, {}, by {}: {}\n", d["decision"].get<int64_t>(), d["kind"].get<std::string>(),
                       s(d["a"]),
                       !d["field"].is_null() ? s(d["field"]) + " = " + s(d["value"])
                       : d["b"] == "0"       ? std::string()
                                             : s(d["b"]),
                       d["at"].get<std::string>(), s(d["who"]), s(d["reason"]));
  return out;
}

}  // namespace migrate::report
