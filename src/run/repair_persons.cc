#include "repair_persons.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "decisions.h"
#include "migrate/record/keys.h"

namespace migrate::run {
namespace {

using ledger::Person;
using ledger::StoredRecord;
using nlohmann::json;

// Confidences have six decimals: all of them are tried for so many candidates of a round (about a second each).
constexpr uint64_t kConfidences = 1000000, kMostTries = 60;
// Ids of persons are numbers without gaps: so many are tried in a round (some ten seconds).
constexpr uint64_t kMostIds = 20000000;

std::string RecordColumns(const std::string& alias) {
  std::string out;
  for (const auto& column : ledger::RecordTable().columns) out += (out.empty() ? "" : ", ") + alias + "." + column;
  return out;
}

// What a record and its person are likely to have in common.
std::vector<std::string> Telling(const std::array<std::string, kFieldCount>& values) {
  std::vector<std::string> out;
  for (Field f : {Field::kEmail, Field::kPhone, Field::kNationalId, Field::kFullName})
    if (const std::string& v = values[static_cast<size_t>(f)]; !v.empty()) out.push_back(v);
  const std::string &first = values[static_cast<size_t>(Field::kFirstName)],
                    &last = values[static_cast<size_t>(Field::kLastName)];
  if (!last.empty()) out.push_back(last);
  if (!first.empty() && !last.empty()) out.push_back(first + ' ' + last);
  return out;
}

bool HasIdentifier(const Record& r, std::string_view kind, std::string_view value) {
  const auto is = [&](const std::string& v) {
    return (kind == "phone" ? PhoneNumber(v) : std::string_view(v)) == value;
  };
  const auto& more = kind == "phone" ? r.more_phones : r.more_emails;
  return is(r[kind == "phone" ? Field::kPhone : Field::kEmail]) || std::any_of(more.begin(), more.end(), is);
}

}  // namespace

Status PersonSearch::Prepare() {
  // The two enums list the same strategies in the same order.
  rules_.fallback = static_cast<dedupe::Strategy>(plan_.dedupe.default_strategy);
  for (const auto& [name, s] : plan_.dedupe.strategies) rules_.by_field[name] = static_cast<dedupe::Strategy>(s);
  for (size_t i = 0; i < plan_.sources.size(); ++i)
    if (const auto id = facts_.source_ids.find(plan_.sources[i].name); id != facts_.source_ids.end())
      rules_.source_priority[id->second] = static_cast<int>(i);
  return LoadPins(db_, &rules_);
}

// Persons with fewer links than records; ids that links name and nobody is.
Status PersonSearch::FindShort() {
  short_.clear();
  std::map<uint64_t, int64_t> lack;  // only persons of which the two differ stay
  MIGRATE_ASSIGN(auto persons, db_->Scan("SELECT p.person_id, p.record_count, count(r.record_id) FROM person p LEFT "
                                         "JOIN person_record r ON r.person_id = p.person_id GROUP BY p.person_id, "
                                         "p.record_count HAVING p.record_count <> count(r.record_id)"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, persons->Step());
    if (!more) break;
    const int64_t missing = persons->Integer(1) - persons->Integer(2);
    if (missing > 0) lack[static_cast<uint64_t>(persons->Integer(0))] = missing;
  }
  persons.reset();
  MIGRATE_ASSIGN(auto orphans, db_->Scan("SELECT DISTINCT r.person_id FROM person_record r LEFT JOIN person p ON "
                                         "p.person_id = r.person_id WHERE p.person_id IS NULL"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, orphans->Step());
    if (!more) break;
    lack[static_cast<uint64_t>(orphans->Integer(0))] = 0;
  }
  orphans.reset();
  MIGRATE_ASSIGN(auto one, db_->Prepare(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?"));
  for (const auto& [id, n] : lack) {
    Short s;
    s.person_id = id;
    s.members = static_cast<uint64_t>(n);
    one->Bind(1, static_cast<int64_t>(id));
    MIGRATE_ASSIGN(bool found, one->Step());
    if (found) {
      Person p;
      ledger::ReadPerson(*one, 0, 1, plan_.attributes, &p);
      s.confidence = p.confidence;
      s.values = Telling(p.values);
    }
    one->Reset();
    short_.push_back(std::move(s));
  }
  return {};
}

bool PersonSearch::MayTry(uint64_t person_id) { return person_id < facts_.next_person_id && ids_++ < kMostIds; }

void PersonSearch::TryLink(uint64_t record_id, uint64_t person_id, double confidence, TableDamage* links) {
  RowImage row(4);
  row.Bind(1, static_cast<int64_t>(record_id));
  row.Bind(2, static_cast<int64_t>(person_id));
  row.BindReal(4, confidence);
  for (int64_t import : facts_.imports) {
    row.Bind(3, import);
    links->wanted.Offer(row);
  }
}

// The link as it is stored, with every confidence there is: only that may be wrong.
void PersonSearch::TryConfidences(const RowImage& stored, TableDamage* links) {
  if (tries_ >= kMostTries) return;
  ++tries_;
  RowImage other = stored;
  for (uint64_t c = kConfidences + 1; c > 0 && links->wanted.Has(stored.key()); --c) {
    other.BindReal(4, static_cast<double>(c - 1) / kConfidences);
    links->wanted.Offer(other);
  }
}

Status PersonSearch::LinkOf(uint64_t record_id, TableDamage* links) {
  Wanted& wanted = links->wanted;
  if (const auto strange = links->strange.find(record_id); strange != links->strange.end()) {
    for (const RowImage& row : strange->second) {
      TryLink(record_id, static_cast<uint64_t>(row.Integer(1)), 1, links);
      for (int64_t import : facts_.imports) {
        RowImage other = row;
        other.Bind(3, import);
        wanted.Offer(other);
      }
      for (const Short& s : short_) {
        RowImage other = row;
        other.Bind(2, static_cast<int64_t>(s.person_id));
        wanted.Offer(other);
      }
      TryConfidences(row, links);
      for (uint64_t id = 1; MayTry(id) && wanted.Has(record_id); ++id) {
        RowImage other = row;
        other.Bind(2, static_cast<int64_t>(id));
        wanted.Offer(other);
      }
    }
  }
  if (!wanted.Has(record_id)) return {};
  MIGRATE_ASSIGN(auto q, db_->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
  q->Bind(1, static_cast<int64_t>(record_id));
  MIGRATE_ASSIGN(bool found, q->Step());
  StoredRecord record;
  if (found) ledger::ReadRecord(*q, 0, 1, plan_.attributes, &record);
  q->Reset();
  const std::vector<std::string> telling = Telling(record.record.values);
  std::vector<std::pair<size_t, const Short*>> near;
  for (const Short& s : short_) {
    size_t common = 0;
    for (const auto& v : s.values) common += std::count(telling.begin(), telling.end(), v) > 0 ? 1 : 0;
    near.emplace_back(common, &s);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [common, s] : near) {
    if (!wanted.Has(record_id)) return {};
    std::set<double> confidences = {1, s->confidence};
    MIGRATE_ASSIGN(auto of, db_->Prepare("SELECT DISTINCT confidence FROM person_record WHERE person_id = ?"));
    of->Bind(1, static_cast<int64_t>(s->person_id));
    for (;;) {
      MIGRATE_ASSIGN(bool more, of->Step());
      if (!more) break;
      confidences.insert(of->Real(0));
    }
    for (double c : confidences) TryLink(record_id, s->person_id, c, links);
  }
  for (uint64_t id = 1; MayTry(id) && wanted.Has(record_id); ++id) TryLink(record_id, id, 1, links);
  // Those that have something in common, with every confidence there is.
  for (const auto& [common, s] : near) {
    if (common == 0 || tries_ >= kMostTries || !wanted.Has(record_id)) break;
    ++tries_;
    for (uint64_t c = kConfidences; c > 0 && wanted.Has(record_id); --c)
      TryLink(record_id, s->person_id, static_cast<double>(c) / kConfidences, links);
  }
  return {};
}

Status PersonSearch::Links(TableDamage* links) {
  if (links->wanted.empty()) return {};
  MIGRATE_TRY(FindShort());
  for (uint64_t record_id : links->wanted.Open()) MIGRATE_TRY(LinkOf(record_id, links));
  return {};
}

// The records that the person has by the links as they are stored, but for those that were found to be otherwise.
Result<std::vector<StoredRecord>> PersonSearch::Members(uint64_t person_id, const TableDamage* links,
                                                        double* lowest_confidence) {
  std::vector<StoredRecord> members;
  *lowest_confidence = 1;
  MIGRATE_ASSIGN(auto q, db_->Prepare("SELECT " + RecordColumns("r") +
                                      ", p.confidence FROM person_record p JOIN record r ON r.record_id = p.record_id "
                                      "WHERE p.person_id = ? ORDER BY r.record_id"));
  q->Bind(1, static_cast<int64_t>(person_id));
  const auto columns = static_cast<int>(ledger::RecordTable().columns.size());
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    if (links != nullptr && links->strange.count(static_cast<uint64_t>(q->Integer(0))) > 0) continue;
    ledger::ReadRecord(*q, 0, 1, plan_.attributes, &members.emplace_back());
    *lowest_confidence = std::min(*lowest_confidence, q->Real(columns));
  }
  if (links == nullptr) return members;
  MIGRATE_ASSIGN(auto one, db_->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
  for (const WantedRow& link : links->wanted.rows()) {
    if (!link.found || static_cast<uint64_t>(link.image.Integer(1)) != person_id) continue;
    one->Bind(1, static_cast<int64_t>(link.key));
    MIGRATE_ASSIGN(bool found, one->Step());
    if (found) ledger::ReadRecord(*one, 0, 1, plan_.attributes, &members.emplace_back());
    one->Reset();
    *lowest_confidence = std::min(*lowest_confidence, link.image.Real(3));
  }
  std::sort(members.begin(), members.end(),
            [](const StoredRecord& a, const StoredRecord& b) { return a.record.record_id < b.record.record_id; });
  return members;
}

Status PersonSearch::Persons(TableDamage* persons, const TableDamage* links) {
  for (uint64_t id : persons->wanted.Open()) {
    double lowest = 1;
    MIGRATE_ASSIGN(auto members, Members(id, links, &lowest));
    const auto strange = persons->strange.find(id);
    if (strange != persons->strange.end()) {
      for (const RowImage& row : strange->second) {
        for (int64_t import : facts_.imports) {
          RowImage other = row;
          other.Bind(2, import);
          persons->wanted.Offer(other);
        }
        RowImage other = row;
        other.BindReal(4, lowest);
        persons->wanted.Offer(other);
      }
    }
    if (members.empty() || !persons->wanted.Has(id)) continue;
    Person person;
    person.person_id = id;
    dedupe::MakeGolden(members, rules_, plan_.attributes, &person);
    const std::string attributes = ledger::AttributesJson(person.attributes, plan_.attributes);
    std::vector<double> confidences = {lowest};
    if (strange != persons->strange.end())
      for (const RowImage& row : strange->second) confidences.push_back(row.Real(3));
    RowImage image(ledger::PersonTable().columns.size());
    for (int64_t import : facts_.imports) {
      for (double confidence : confidences) {
        person.import_id = import;
        person.confidence = confidence;
        ledger::BindPerson(person, attributes, 1, 2, &image);
        persons->wanted.Offer(image);
      }
    }
  }
  return {};
}

Status PersonSearch::Identifiers(TableDamage* identifiers, const TableDamage* links) {
  if (identifiers->wanted.empty()) return {};
  std::map<uint64_t, uint64_t> mended;  // person by record, of links that were found
  if (links != nullptr)
    for (const WantedRow& link : links->wanted.rows())
      if (link.found) mended[link.key] = static_cast<uint64_t>(link.image.Integer(1));
  RowImage row(4);
  const auto offer = [&](std::string_view kind, std::string_view value, uint64_t person) {
    if (kind == "phone") value = PhoneNumber(value);
    if (value.empty()) return;
    const uint64_t hash = ledger::IdentifierHash(kind, value);
    if (!identifiers->wanted.Has(hash)) return;
    row.Bind(1, static_cast<int64_t>(hash));
    row.BindText(2, kind);
    row.Bind(3, static_cast<int64_t>(person));
    row.BindText(4, value);
    identifiers->wanted.Offer(row);
  };
  MIGRATE_ASSIGN(auto q, db_->Scan("SELECT r.record_id, r.email, r.phone_e164, r.more, p.person_id FROM record r LEFT "
                                   "JOIN person_record p ON p.record_id = r.record_id"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    Record record;
    ledger::ParseMoreJson(q->Text(3), &record);
    const auto link = mended.find(static_cast<uint64_t>(q->Integer(0)));
    const uint64_t person = link != mended.end() ? link->second : static_cast<uint64_t>(q->Integer(4));
    offer("email", q->Text(1), person);
    offer("phone", q->Text(2), person);
    for (const auto& v : record.more_emails) offer("email", v, person);
    for (const auto& v : record.more_phones) offer("phone", v, person);
  }
}

Status PersonSearch::Aliases(TableDamage* aliases) {
  RowImage row(4);
  for (uint64_t alias : aliases->wanted.Open()) {
    row.Bind(1, static_cast<int64_t>(alias));
    for (uint64_t person = 1; MayTry(person) && aliases->wanted.Has(alias); ++person) {
      row.Bind(2, static_cast<int64_t>(person));
      for (const char* kind : {"merged_into", "split_from", "came_back_as"}) {
        row.BindText(3, kind);
        for (int64_t import : facts_.imports) {
          row.Bind(4, import);
          aliases->wanted.Offer(row);
        }
      }
    }
  }
  return {};
}

// Old images are of records as they were then, some of which have changed since: what is made of those that are there
// now, and of what is left of the image, is tried.
Status PersonSearch::Histories(TableDamage* histories) {
  const size_t columns = ledger::PersonHistoryTable().columns.size();
  MIGRATE_ASSIGN(auto one, db_->Prepare(ledger::SelectSql(ledger::RecordTable()) + " WHERE record_id = ?"));
  for (auto& [id, images] : histories->strange) {
    for (const RowImage& stored : images) {
      for (int64_t import : facts_.imports) {
        for (int column : {2, 3}) {
          RowImage other = stored;
          other.Bind(column, import);
          histories->wanted.Offer(other);
        }
      }
      const json ids = json::parse(stored.Text(columns - 1), nullptr, false);
      if (!ids.is_array() || ids.empty() || !histories->wanted.Has(id)) continue;
      std::vector<StoredRecord> members;
      for (const json& record_id : ids) {
        if (!record_id.is_number_unsigned()) continue;
        one->Bind(1, record_id.get<int64_t>());
        MIGRATE_ASSIGN(bool found, one->Step());
        if (found) ledger::ReadRecord(*one, 0, 1, plan_.attributes, &members.emplace_back());
        one->Reset();
      }
      if (members.empty()) continue;
      Person person;
      person.person_id = id;
      dedupe::MakeGolden(members, rules_, plan_.attributes, &person);
      person.import_id = stored.Integer(2);
      person.confidence = stored.Real(4);
      RowImage made = stored;
      ledger::BindPerson(person, ledger::AttributesJson(person.attributes, plan_.attributes), 1, 3, &made);
      histories->wanted.Offer(made);
    }
  }
  return {};
}

Result<bool> PersonSearch::Derives(const ledger::Table& table, const RowImage& row) {
  const auto exists = [&](const char* sql, int64_t id) -> Result<bool> {
    MIGRATE_ASSIGN(int64_t found, db_->QueryInteger(fmt::format("SELECT EXISTS ({} = {})", sql, id)));
    return found != 0;
  };
  const auto known_import = [&](size_t column) {
    return std::binary_search(facts_.imports.begin(), facts_.imports.end(), row.Integer(column));
  };
  const auto known_person = [&](size_t column) {
    const auto id = static_cast<uint64_t>(row.Integer(column));
    return id > 0 && id < facts_.next_person_id;
  };
  if (table.name == "record" || table.name == "record_history" || table.name == "record_undone") {
    const size_t first = table.name == "record" ? 1 : table.name == "record_history" ? 3 : 6;
    const auto name = facts_.source_names.find(static_cast<uint32_t>(row.Integer(first)));
    if (name == facts_.source_names.end() || RecordId(name->second, row.Text(first + 1)) != row.key()) return false;
    const size_t sha = row.columns() - 1;
    return AsView(RowDigester(name->second).Row(row.Text(first + 1), row.Text(sha - 1))) == row.Text(sha) &&
           known_import(first + 2);
  }
  if (table.name == "quarantine") {
    // Their numbers are without gaps.
    MIGRATE_ASSIGN(int64_t rows, db_->QueryInteger("SELECT count(*) FROM quarantine"));
    return row.Integer(0) <= rows && known_import(1);
  }
  if (table.name == "person_record") {
    MIGRATE_ASSIGN(bool record, exists("SELECT 1 FROM record WHERE record_id", row.Integer(0)));
    MIGRATE_ASSIGN(bool person, exists("SELECT 1 FROM person WHERE person_id", row.Integer(1)));
    return record && person && known_import(2);
  }
  if (table.name == "person_identifier")
    return row.key() == ledger::IdentifierHash(row.Text(1), row.Text(3)) && known_person(2);
  if (table.name == "person_alias") return known_person(0) && known_person(1) && known_import(3);
  if (table.name == "person_history") return known_person(0) && known_import(1) && known_import(2);
  double lowest = 1;
  if (!known_person(0) || !known_import(1)) return false;
  MIGRATE_ASSIGN(auto members, Members(row.key(), nullptr, &lowest));
  if (members.empty()) return false;
  Person person;
  person.person_id = row.key();
  dedupe::MakeGolden(members, rules_, plan_.attributes, &person);
  person.import_id = row.Integer(1);
  person.confidence = lowest;
  RowImage made(row.columns());
  ledger::BindPerson(person, ledger::AttributesJson(person.attributes, plan_.attributes), 1, 2, &made);
  ledger::RowHasher hasher;
  return made.Hash(&hasher) == row.Hash(&hasher);
}

Result<bool> PersonSearch::PersonFollows(uint64_t person_id) {
  MIGRATE_ASSIGN(auto q, db_->Prepare(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?"));
  q->Bind(1, static_cast<int64_t>(person_id));
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found) return false;
  const RowImage row = RowImage::Of(*q, ledger::PersonTable().columns.size());
  q.reset();
  return Derives(ledger::PersonTable(), row);
}

bool PersonSearch::PayloadGives(const RowImage& row) const {
  StoredRecord r;
  const auto& columns = ledger::RecordTable().columns;
  const auto at = [&](const char* name) {
    return static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  };
  r.record.payload = row.Text(at("payload"));
  if (!NormalizeAgain(facts_, plan_, row.Integer(at("schema_id")), &r.record)) return false;
  RowImage made(row.columns()), given = row;
  ledger::BindRecord(r, ledger::MoreJson(r.record), ledger::AttributesJson(r.record.attributes, plan_.attributes), 1, 2,
                     &made);
  for (size_t c = at("gone_import") + 1; c < at("payload"); ++c) made.PutColumn(c, static_cast<int>(c) + 1, &given);
  ledger::RowHasher hasher;
  return given.Hash(&hasher) == row.Hash(&hasher);
}

Result<bool> PersonSearch::Follows(const ledger::Table& table, const RowImage& row) {
  MIGRATE_ASSIGN(bool derives, Derives(table, row));
  if (!derives) return false;
  if (table.name == "person") return true;
  if (table.name == "record") return PayloadGives(row);
  if (table.name == "person_record") return PersonFollows(static_cast<uint64_t>(row.Integer(1)));
  if (table.name != "person_identifier") return false;
  double lowest = 1;
  MIGRATE_ASSIGN(auto members, Members(static_cast<uint64_t>(row.Integer(2)), nullptr, &lowest));
  return std::any_of(members.begin(), members.end(),
                     [&](const StoredRecord& m) { return HasIdentifier(m.record, row.Text(1), row.Text(3)); });
}

}  // namespace migrate::run
