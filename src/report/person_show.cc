#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "columns.h"
#include "migrate/base/bytes.h"
#include "migrate/ledger/tables.h"
#include "migrate/record/digest.h"
#include "migrate/record/keys.h"
#include "migrate/record/payload.h"
#include "migrate/report/exports.h"
#include "migrate/report/person_view.h"
#include "past.h"
#include "snapshot.h"

namespace migrate::report {
namespace {

Result<uint64_t> ParseId(std::string_view text) {
  uint64_t id = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || id > INT64_MAX)
    return Status::Plan(fmt::format("`{}` is no id", text),
                        "give a person_id or record_id, as `migrate export links` and `migrate find` show them");
  return id;
}

// The single integer of a query with one parameter.
Result<std::optional<int64_t>> Lookup(store::Connection* db, const std::string& sql, uint64_t id) {
  MIGRATE_ASSIGN(auto q, db->Prepare(sql));
  q->Bind(1, static_cast<int64_t>(id));
  MIGRATE_ASSIGN(bool row, q->Step());
  return row ? std::optional<int64_t>(q->Integer(0)) : std::nullopt;
}

Result<bool> IsPerson(store::Connection* db, uint64_t id) {
  MIGRATE_ASSIGN(auto found, Lookup(db, "SELECT person_id FROM person WHERE person_id = ?", id));
  return found.has_value();
}

Result<std::vector<AliasStep>> ReadAliases(store::Connection* db, const std::string& where, uint64_t id) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT alias_id, person_id, kind, import_id FROM person_alias WHERE " + where));
  for (int i = 1; i <= static_cast<int>(std::count(where.begin(), where.end(), '?')); ++i)
    q->Bind(i, static_cast<int64_t>(id));
  std::vector<AliasStep> steps;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return steps;
    steps.push_back({static_cast<uint64_t>(q->Integer(0)), static_cast<uint64_t>(q->Integer(1)),
                     std::string(q->Text(2)), q->Integer(3)});
  }
}

// Breadth first from an old id to all persons of today, newest alias first: the first one found is shown.
// A merge that was undone and done again makes cycles, so every id is visited once.
Status FollowAliases(store::Connection* db, uint64_t id, PersonView* view) {
  std::vector<std::vector<AliasStep>> paths{{}};
  std::set<uint64_t> visited{id};
  for (size_t i = 0; i < paths.size(); ++i) {
    uint64_t at = paths[i].empty() ? id : paths[i].back().person_id;
    MIGRATE_ASSIGN(bool person, i == 0 ? Result<bool>(false) : IsPerson(db, at));
    if (person && view->person_id == 0) {
      view->person_id = at;
      view->followed = paths[i];
    } else if (person) {
      view->other_persons.push_back(at);
    }
    if (person) continue;
    MIGRATE_ASSIGN(auto steps, ReadAliases(db, "alias_id = ? ORDER BY import_id DESC, kind, person_id", at));
    for (const AliasStep& step : steps) {
      if (!visited.insert(step.person_id).second) continue;
      paths.push_back(paths[i]);
      paths.back().push_back(step);
    }
  }
  std::sort(view->other_persons.begin(), view->other_persons.end());
  return {};
}

// A person that ended without an alias: a rollback took its records out. Leads to the persons that hold them now, if
// they came back; the one with most of them first.
Status FollowRecords(store::Connection* db, uint64_t id, const std::vector<Attribute>& attributes, PersonView* view) {
  PastReader past(db, attributes);
  MIGRATE_ASSIGN(PersonPast images, past.Person(id, true));
  if (images.empty()) return {};
  std::map<uint64_t, std::pair<size_t, int64_t>> owners;  // records, and the last import that brought one
  for (const uint64_t record : images.back().members) {
    MIGRATE_ASSIGN(auto q, db->Prepare("SELECT person_id, import_id FROM person_record WHERE record_id = ?"));
    q->Bind(1, static_cast<int64_t>(record));
    MIGRATE_ASSIGN(bool held, q->Step());
    if (!held) continue;
    auto& [count, import_id] = owners[static_cast<uint64_t>(q->Integer(0))];
    ++count;
    import_id = std::max(import_id, q->Integer(1));
  }
  if (owners.empty())
    return Status::Plan(
        fmt::format("person {} ended with import {}, and its records are not there any more", id, images.back().ended),
        fmt::format("`migrate history PLAN {}` shows what it was and how it ended", id));
  auto most = std::max_element(owners.begin(), owners.end(), [](const auto& a, const auto& b) {
    return a.second.first != b.second.first ? a.second.first < b.second.first : a.first > b.first;
  });
  view->person_id = most->first;
  view->followed = {{id, most->first, "came_back_as", most->second.second}};
  for (const auto& [owner, records] : owners)
    if (owner != most->first) view->other_persons.push_back(owner);
  return {};
}

Status Resolve(store::Connection* db, uint64_t id, const std::vector<Attribute>& attributes, PersonView* view) {
  view->asked_id = id;
  MIGRATE_ASSIGN(bool person, IsPerson(db, id));
  if (person) {
    view->person_id = id;
    return {};
  }
  view->asked = PersonView::Asked::kAlias;
  MIGRATE_TRY(FollowAliases(db, id, view));
  if (view->person_id != 0) return {};
  MIGRATE_TRY(FollowRecords(db, id, attributes, view));
  if (view->person_id != 0) return {};
  view->asked = PersonView::Asked::kRecord;
  MIGRATE_ASSIGN(auto owner, Lookup(db, "SELECT person_id FROM person_record WHERE record_id = ?", id));
  if (owner) {
    view->person_id = static_cast<uint64_t>(*owner);
    return {};
  }
  MIGRATE_ASSIGN(auto record, Lookup(db, "SELECT record_id FROM record WHERE record_id = ?", id));
  if (record)
    return Status::Failed(fmt::format("record {} is loaded, but belongs to no person yet", id),
                          "`migrate run` with stage dedupe makes the persons");
  return Status::Plan(fmt::format("no person and no record has the id {}", id),
                      "`migrate find` searches by e-mail, phone or name");
}

std::vector<NamedValue> ValuesOf(const Record& r, const std::vector<Attribute>& attributes) {
  std::vector<NamedValue> out;
  auto add = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out.push_back({std::string(name), value});
  };
  for (int i = 0; i < kFieldCount; ++i) {
    auto f = static_cast<Field>(i);
    add(FieldName(f), f == Field::kOptOut ? OptOutText(r.opt_out) : r[f]);
    if (f == Field::kEmail)
      for (const auto& v : r.more_emails) add("email", v);
    if (f == Field::kPhone)
      for (const auto& v : r.more_phones)
        if (!PhoneNumber(v).empty()) add("phone", v);
  }
  for (size_t i = 0; i < attributes.size(); ++i) add(attributes[i].name, r.attributes[i]);
  return out;
}

// Damage of a payload is for reconcile to report; here the row is left out.
std::vector<NamedValue> SourceRow(const std::string& payload, const std::vector<std::string>& columns) {
  DecodedRow decoded;
  std::vector<NamedValue> out;
  if (!DecodePayload(payload, &decoded).ok()) return out;
  for (size_t i = 0; i < decoded.cells.size() && i < columns.size(); ++i) {
    const Cell& c = decoded.cells[i];
    if (c.type == CellType::kNull) continue;
    out.push_back({columns[i], c.type == CellType::kBytes ? "base64:" + Base64(c.bytes) : std::string(c.bytes)});
  }
  return out;
}

std::string MemberSql() {
  std::string columns;
  for (const std::string& c : ledger::RecordTable().columns) columns += "r." + c + ", ";
  return "SELECT " + columns +
         "p.confidence, s.name, f.path FROM person_record p JOIN record r ON r.record_id = p.record_id "
         "JOIN source s ON s.source_id = r.source_id "
         "LEFT JOIN import_file f ON f.import_id = r.import_id AND f.file_no = r.file_no "
         "WHERE p.person_id = ? ORDER BY r.record_id";
}

Status ReadMembers(store::Connection* db, const std::vector<Attribute>& attributes, PersonView* view) {
  MIGRATE_ASSIGN(auto q, db->Prepare(MemberSql()));
  q->Bind(1, static_cast<int64_t>(view->person_id));
  int extra = static_cast<int>(ledger::RecordTable().columns.size());
  std::map<uint32_t, SchemaColumns> schemas;
  ledger::StoredRecord stored;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return {};
    ledger::ReadRecord(*q, 0, 1, attributes, &stored);
    const Record& r = stored.record;
    MemberView m;
    m.record_id = r.record_id;
    m.source_key = r.source_key;
    m.line = r.place.line;
    m.import_id = stored.import_id;
    m.gone_import = stored.gone_import;
    m.confidence = q->Real(extra);
    m.source = q->Text(extra + 1);
    m.file = q->Text(extra + 2);
    m.values = ValuesOf(r, attributes);
    for (size_t i = 0; i < kQualityFlagNames.size(); ++i)
      if (r.flags >> i & 1) m.flags.emplace_back(kQualityFlagNames[i]);
    if (!schemas.contains(r.source)) {
      MIGRATE_ASSIGN(schemas[r.source], ReadSchemas(db, r.source));
    }
    m.row = SourceRow(r.payload, schemas[r.source][stored.schema_id]);
    view->members.push_back(std::move(m));
  }
}

// The member that a golden value came from: {"field": ordinal of the member by record_id}; without provenance the only
// member has given everything.
std::optional<uint64_t> Origin(const nlohmann::json& provenance, const std::string& name,
                               const std::vector<MemberView>& members) {
  if (members.size() == 1) return members[0].record_id;
  auto it = provenance.is_object() ? provenance.find(name) : provenance.end();
  if (!provenance.is_object() || it == provenance.end() || !it->is_number_integer()) return std::nullopt;
  auto ordinal = it->get<int64_t>();
  if (ordinal < 0 || static_cast<size_t>(ordinal) >= members.size()) return std::nullopt;
  return members[static_cast<size_t>(ordinal)].record_id;
}

// How many of the members say what the person shows.
void CountAgreement(const std::vector<MemberView>& members, GoldenValue* golden) {
  double agreeing = 0, all = 0;
  for (const MemberView& m : members) {
    bool has = false, agrees = false;
    for (const NamedValue& v : m.values) {
      has |= v.name == golden->name;
      agrees |= v.name == golden->name && v.value == golden->value;
    }
    golden->of += has ? 1 : 0;
    golden->agree += agrees ? 1 : 0;
    all += has ? m.confidence : 0;
    agreeing += agrees ? m.confidence : 0;
  }
  golden->confidence = all > 0 ? agreeing / all : 0;
}

void SetGolden(const ledger::Person& p, const std::vector<Attribute>& attributes, PersonView* view) {
  auto provenance = nlohmann::json::parse(p.provenance, nullptr, false);
  auto add = [&](const std::string& name, const std::string& value) {
    if (value.empty()) return;
    GoldenValue golden;
    golden.name = name;
    golden.value = value;
    golden.record_id = Origin(provenance, name, view->members);
    CountAgreement(view->members, &golden);
    view->values.push_back(std::move(golden));
  };
  for (int i = 0; i < kFieldCount; ++i) {
    auto f = static_cast<Field>(i);
    if (f != Field::kOptOut) add(std::string(FieldName(f)), p[f]);
  }
  if (p.opt_out != 0) {
    GoldenValue opt_out;
    opt_out.name = "opt_out";
    opt_out.value = OptOutText(p.opt_out);
    view->values.push_back(std::move(opt_out));
  }
  for (size_t i = 0; i < attributes.size(); ++i) add(attributes[i].name, p.attributes[i]);
}

}  // namespace

Result<std::optional<uint64_t>> RecordByKey(store::Connection* db, std::string_view text) {
  if (text.find(':') == std::string_view::npos) return std::optional<uint64_t>();
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT name FROM source"));
  std::string source;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    const std::string name(q->Text(0));
    if (text.starts_with(name + ":") && name.size() >= source.size()) source = name;
  }
  if (source.empty()) return std::optional<uint64_t>();
  return std::optional<uint64_t>(RecordId(source, text.substr(source.size() + 1)));
}

Result<PersonView> Show(store::Connection* db, const std::vector<Attribute>& attributes, std::string_view text) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  MIGRATE_ASSIGN(const auto key, RecordByKey(db, text));
  Result<uint64_t> parsed = key ? Result<uint64_t>(*key) : ParseId(text);
  MIGRATE_ASSIGN(const uint64_t id, std::move(parsed));
  PersonView view;
  MIGRATE_TRY(Resolve(db, id, attributes, &view));
  MIGRATE_ASSIGN(
      view.aliases,
      ReadAliases(db, "alias_id = ? OR person_id = ? ORDER BY import_id, alias_id, person_id, kind", view.person_id));
  MIGRATE_ASSIGN(auto q, db->Prepare(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?"));
  q->Bind(1, static_cast<int64_t>(view.person_id));
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found)
    return Status::Failed(
        fmt::format("{}: record {} belongs to person {}, which is not there", db->name(), id, view.person_id),
        "the target is damaged: `migrate run` with stage reconcile shows the extent");
  ledger::Person person;
  ledger::ReadPerson(*q, 0, 1, attributes, &person);
  q->Reset();
  view.import_id = person.import_id;
  view.record_count = person.record_count;
  view.confidence = person.confidence;
  MIGRATE_TRY(ReadMembers(db, attributes, &view));
  SetGolden(person, attributes, &view);
  return view;
}

}  // namespace migrate::report
