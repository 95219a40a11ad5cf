#include "past.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migrate/ledger/has_table.h"
#include "migrate/record/keys.h"
#include "migrate/report/exports.h"

namespace migrate::report {

using nlohmann::json;

const PastImage* AsOf(const RecordPast& past, int64_t import_id) {
  const PastImage* found = nullptr;
  for (const PastImage& i : past) {
    if (i.side() || i.begun > import_id || (i.ended != 0 && i.ended <= import_id)) continue;
    if (i.rolled_back != 0 && i.rolled_back <= import_id) continue;
    if (found == nullptr || i.begun >= found->begun) found = &i;
  }
  return found != nullptr && found->row.gone_import == 0 ? found : nullptr;
}

const PastPerson* AsOf(const PersonPast& past, int64_t import_id) {
  for (const PastPerson& p : past)
    if (p.person.import_id <= import_id && (p.ended == 0 || import_id < p.ended)) return &p;
  return nullptr;
}

namespace {

template <class Values>
void AddFields(const Values& of, uint8_t opt_out, const std::vector<std::string>& values,
               const std::vector<Attribute>& attributes, std::vector<FieldValue>* out) {
  for (const Field f : ledger::kColumnFields)
    if (!of[f].empty()) out->push_back({std::string(FieldName(f)), of[f]});
  if (opt_out != 0) out->push_back({"opt_out", OptOutText(opt_out)});
  for (size_t i = 0; i < attributes.size() && i < values.size(); ++i)
    if (!values[i].empty()) out->push_back({attributes[i].name, values[i]});
}

}  // namespace

std::vector<FieldValue> FieldsOf(const ledger::StoredRecord& row, const std::vector<Attribute>& attributes) {
  std::vector<FieldValue> out;
  AddFields(row.record, row.record.opt_out, row.record.attributes, attributes, &out);
  for (const auto& v : row.record.more_emails) out.push_back({"email (further)", v});
  for (const auto& v : row.record.more_phones)
    out.push_back({PhoneNumber(v).empty() ? "phone (digits only)" : "phone (further)", v});
  return out;
}

std::vector<FieldValue> FieldsOf(const ledger::Person& person, const std::vector<Attribute>& attributes) {
  std::vector<FieldValue> out;
  AddFields(person, person.opt_out, person.attributes, attributes, &out);
  return out;
}

std::vector<FieldChange> ChangesOf(const std::vector<FieldValue>& before, const std::vector<FieldValue>& after) {
  std::vector<FieldChange> out;
  auto value = [](const std::vector<FieldValue>& all, const std::string& name) {
    std::string text;
    for (const FieldValue& f : all)
      if (f.name == name) text += (text.empty() ? "" : ", ") + f.value;
    return text;
  };
  std::set<std::string> done;
  for (const auto* all : {&after, &before})
    for (const FieldValue& f : *all) {
      if (!done.insert(f.name).second) continue;
      FieldChange c{f.name, value(before, f.name), value(after, f.name)};
      if (c.before != c.after) out.push_back(std::move(c));
    }
  return out;
}

Result<store::Statement*> PastReader::Prepared(const std::string& sql, uint64_t id) {
  auto& statement = statements_[sql];
  if (!statement) {
    MIGRATE_ASSIGN(statement, db_->Prepare(sql));
  }
  statement->Reset();
  statement->Bind(1, static_cast<int64_t>(id));
  return statement.get();
}

Result<bool> PastReader::Has(const std::string& table) {
  const auto found = tables_.find(table);
  if (found != tables_.end()) return found->second;
  MIGRATE_ASSIGN(bool there, ledger::HasTable(db_, table));
  return tables_[table] = there;
}

Status PastReader::RecordRows(const ledger::Table& table, uint64_t id, RecordPast* out) {
  MIGRATE_ASSIGN(auto* q, Prepared(ledger::SelectSql(table) + " WHERE record_id = ?", id));
  const bool undone = &table == &ledger::RecordUndoneTable(), history = &table == &ledger::RecordHistoryTable();
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    PastImage& i = out->emplace_back();
    ledger::ReadRecord(*q, 0, undone ? 6 : history ? 3 : 1, attributes_, &i.row);
    i.begun = i.row.gone_import != 0 ? i.row.gone_import : i.row.import_id;
    if (history) i.ended = q->Integer(1);
    if (undone) {
      i.ended = q->Integer(4);
      i.rolled_back = q->Integer(3);
    }
  }
}

Result<RecordPast> PastReader::Record(uint64_t record_id) {
  RecordPast past;
  for (const ledger::Table* table :
       {&ledger::RecordHistoryTable(), &ledger::RecordTable(), &ledger::RecordUndoneTable()}) {
    MIGRATE_ASSIGN(bool there, Has(table->name));
    if (there) MIGRATE_TRY(RecordRows(*table, record_id, &past));
  }
  std::stable_sort(past.begin(), past.end(), [](const PastImage& a, const PastImage& b) { return a.begun < b.begun; });
  return past;
}

Result<PersonPast> PastReader::Person(uint64_t person_id, bool with_members) {
  PersonPast past;
  MIGRATE_ASSIGN(
      auto* h, Prepared(ledger::SelectSql(ledger::PersonHistoryTable()) + " WHERE person_id = ? ORDER BY ended_import",
                        person_id));
  const auto members_at = static_cast<int>(ledger::PersonHistoryTable().columns.size()) - 1;
  for (;;) {
    MIGRATE_ASSIGN(bool more, h->Step());
    if (!more) break;
    PastPerson& p = past.emplace_back();
    ledger::ReadPerson(*h, 0, 2, attributes_, &p.person);
    p.ended = h->Integer(1);
    const json members = json::parse(h->Text(members_at), nullptr, false);
    if (members.is_array())
      for (const auto& id : members)
        if (id.is_number_unsigned()) p.members.push_back(id.get<uint64_t>());
  }
  MIGRATE_ASSIGN(auto* c, Prepared(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?", person_id));
  MIGRATE_ASSIGN(bool present, c->Step());
  if (present) ledger::ReadPerson(*c, 0, 1, attributes_, &past.emplace_back().person);
  if (!with_members) return past;
  // Records that a rollback took out were members until then.
  MIGRATE_ASSIGN(bool undone, Has("record_undone"));
  if (undone) {
    MIGRATE_ASSIGN(
        auto* u,
        Prepared("SELECT DISTINCT record_id, rollback_import FROM record_undone WHERE person_id = ?", person_id));
    for (;;) {
      MIGRATE_ASSIGN(bool more, u->Step());
      if (!more) break;
      for (PastPerson& p : past)
        if (p.ended == u->Integer(1)) p.members.push_back(static_cast<uint64_t>(u->Integer(0)));
    }
  }
  if (present) {
    MIGRATE_ASSIGN(auto* m, Prepared("SELECT record_id FROM person_record WHERE person_id = ?", person_id));
    for (;;) {
      MIGRATE_ASSIGN(bool more, m->Step());
      if (!more) break;
      past.back().members.push_back(static_cast<uint64_t>(m->Integer(0)));
    }
  }
  for (PastPerson& p : past) {
    std::sort(p.members.begin(), p.members.end());
    p.members.erase(std::unique(p.members.begin(), p.members.end()), p.members.end());
  }
  return past;
}

Result<std::string> PastReader::NameOf(uint64_t record_id) {
  for (const char* table : {"record", "record_undone", "record_history"}) {
    MIGRATE_ASSIGN(bool there, Has(table));
    if (!there) continue;
    MIGRATE_ASSIGN(auto* q, Prepared(std::string("SELECT s.name, r.source_key FROM ") + table +
                                         " r JOIN source s ON s.source_id = r.source_id WHERE r.record_id = ? LIMIT 1",
                                     record_id));
    MIGRATE_ASSIGN(bool found, q->Step());
    if (found) return std::string(q->Text(0)) + ":" + std::string(q->Text(1));
  }
  return std::to_string(record_id);
}

}  // namespace migrate::report
