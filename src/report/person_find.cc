#include <algorithm>
#include <iterator>
#include <set>

#include "fold.h"
#include "migrate/ledger/tables.h"
#include "migrate/record/keys.h"
#include "migrate/report/person_view.h"
#include "snapshot.h"

namespace migrate::report {
namespace {

using Ids = std::set<uint64_t>;

Status Collect(store::Statement* q, Ids* ids) {
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return {};
    ids->insert(static_cast<uint64_t>(q->Integer(0)));
  }
}

// By any member's value, and by the golden one (the tables are filled in passes of their own).
Result<Ids> ByIdentifier(store::Connection* db, std::string_view kind, const std::string& given) {
  Ids ids;
  const std::string value(kind == "phone" ? PhoneNumber(given) : std::string_view(given));
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT person_id FROM person_identifier "
                                     "WHERE value_hash = ? AND kind = ? AND value = ?"));
  q->Bind(1, static_cast<int64_t>(ledger::IdentifierHash(kind, value)));
  q->BindText(2, kind);
  q->BindText(3, value);
  MIGRATE_TRY(Collect(q.get(), &ids));
  std::string column = kind == "phone" ? "phone_e164" : "email";
  MIGRATE_ASSIGN(auto golden, db->Prepare("SELECT person_id FROM person WHERE " + column + " = ?"));
  golden->BindText(1, value);
  MIGRATE_TRY(Collect(golden.get(), &ids));
  return ids;
}

Result<Ids> ByName(store::Connection* db, const std::string& last_name, const std::string& zip) {
  Ids ids;
  std::string sql = "SELECT person_id FROM person WHERE last_name = ?";
  if (db->dialect() == store::Dialect::kSqlite) sql += " COLLATE NOCASE";  // on a server the column ignores case
  if (!zip.empty()) sql += " AND (zip = ? OR substr(zip, 1, ?) = ?)";
  MIGRATE_ASSIGN(auto q, db->Prepare(sql));
  std::string prefix = zip + "-";
  for (const std::string& name : CaseVariants(last_name)) {
    q->BindText(1, name);
    if (!zip.empty()) {
      q->BindText(2, zip);
      q->Bind(3, static_cast<int64_t>(prefix.size()));
      q->BindText(4, prefix);
    }
    MIGRATE_TRY(Collect(q.get(), &ids));
  }
  return ids;
}

void Intersect(Ids found, std::optional<Ids>* all) {
  if (!all->has_value()) {
    *all = std::move(found);
    return;
  }
  Ids both;
  std::set_intersection((*all)->begin(), (*all)->end(), found.begin(), found.end(), std::inserter(both, both.end()));
  *all = std::move(both);
}

void AppendWord(std::string* text, const std::string& word, std::string_view separator = " ") {
  if (word.empty()) return;
  if (!text->empty()) text->append(separator);
  text->append(word);
}

FoundPerson Summary(const ledger::Person& p) {
  FoundPerson f;
  f.person_id = p.person_id;
  f.record_count = p.record_count;
  f.confidence = p.confidence;
  for (Field part : {Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSuffix})
    AppendWord(&f.name, p[part]);
  if (f.name.empty()) f.name = p[Field::kFullName];
  f.birth_date = p[Field::kBirthDate];
  f.email = p[Field::kEmail];
  f.phone = p[Field::kPhone];
  f.address = p[Field::kStreet];
  AppendWord(&f.address, p[Field::kUnit]);
  AppendWord(&f.address, p[Field::kCity], ", ");
  AppendWord(&f.address, p[Field::kState], ", ");
  AppendWord(&f.address, p[Field::kZip]);
  return f;
}

FindQuery Cleaned(const FindQuery& query) {
  FindQuery q = query;
  q.email = LowerAscii(Trimmed(q.email));
  q.phone = Trimmed(q.phone);
  std::erase_if(q.phone, [](char c) { return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')'; });
  q.last_name = Trimmed(q.last_name);
  q.zip = Trimmed(q.zip);
  q.limit = std::max<size_t>(q.limit, 1);
  return q;
}

}  // namespace

Result<FindResult> Find(store::Connection* db, const std::vector<Attribute>& attributes, const FindQuery& query) {
  FindQuery q = Cleaned(query);
  if (q.email.empty() && q.phone.empty() && q.last_name.empty())
    return Status::Plan(q.zip.empty() ? "nothing to search for" : "a zip alone is not searched for",
                        "give --email, --phone, or --last-name with --zip");
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  std::optional<Ids> ids;
  std::vector<std::string> matched;
  if (!q.email.empty()) {
    MIGRATE_ASSIGN(Ids found, ByIdentifier(db, "email", q.email));
    Intersect(std::move(found), &ids);
    matched.emplace_back("email");
  }
  if (!q.phone.empty()) {
    MIGRATE_ASSIGN(Ids found, ByIdentifier(db, "phone", q.phone));
    Intersect(std::move(found), &ids);
    matched.emplace_back("phone");
  }
  if (!q.last_name.empty()) {
    MIGRATE_ASSIGN(Ids found, ByName(db, q.last_name, q.zip));
    Intersect(std::move(found), &ids);
    matched.emplace_back("last_name");
    if (!q.zip.empty()) matched.emplace_back("zip");
  }

  FindResult result;
  MIGRATE_ASSIGN(auto person, db->Prepare(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?"));
  ledger::Person p;
  for (uint64_t id : *ids) {
    if (result.persons.size() == q.limit) {
      result.more = true;
      break;
    }
    person->Bind(1, static_cast<int64_t>(id));
    MIGRATE_ASSIGN(bool row, person->Step());
    if (!row) continue;
    ledger::ReadPerson(*person, 0, 1, attributes, &p);
    person->Reset();
    result.persons.push_back(Summary(p));
    result.persons.back().matched = matched;
  }
  return result;
}

}  // namespace migrate::report
