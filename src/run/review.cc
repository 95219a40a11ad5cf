#include "migrate/run/review.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "chain.h"
#include "decisions.h"
#include "migrate/ledger/tables.h"
#include "migrate/report/person_view.h"
#include "migrate/run/why.h"

namespace migrate::run {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& j) { return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

std::string Id(uint64_t record) { return std::to_string(record); }

struct Row {
  uint64_t a = 0, b = 0, person_a = 0, person_b = 0;
  double probability = 0, pooled = 0, gain = 0;
  std::string reason;
};

Result<uint64_t> PersonOf(store::Connection* db, uint64_t record) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT person_id FROM person_record WHERE record_id = ?"));
  q->Bind(1, static_cast<int64_t>(record));
  MIGRATE_ASSIGN(bool found, q->Step());
  return found ? static_cast<uint64_t>(q->Integer(0)) : 0;
}

// Pairs of persons about which a decision in force speaks, also where nothing was matched since.
Result<std::set<std::pair<uint64_t, uint64_t>>> DecidedPersons(store::Connection* db) {
  std::set<std::pair<uint64_t, uint64_t>> out;
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  for (const Steward& d : all) {
    if (d.undone_by != 0 || (d.kind != "link" && d.kind != "unlink")) continue;
    MIGRATE_ASSIGN(uint64_t a, PersonOf(db, d.a));
    MIGRATE_ASSIGN(uint64_t b, PersonOf(db, d.b));
    out.insert(std::minmax(a, b));
  }
  return out;
}

Result<std::vector<Row>> OpenPairs(store::Connection* db) {
  MIGRATE_ASSIGN(auto decided, DecidedPersons(db));
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT r.record_a, r.record_b, a.person_id, b.person_id, r.probability, r.pooled, "
                             "r.gain, r.reason FROM review_pair r "
                             "JOIN person_record a ON a.record_id = r.record_a "
                             "JOIN person_record b ON b.record_id = r.record_b "
                             "ORDER BY r.gain DESC, r.probability DESC, r.record_a, r.record_b"));
  std::vector<Row> rows;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return rows;
    Row r;
    r.a = static_cast<uint64_t>(q->Integer(0));
    r.b = static_cast<uint64_t>(q->Integer(1));
    r.person_a = static_cast<uint64_t>(q->Integer(2));
    r.person_b = static_cast<uint64_t>(q->Integer(3));
    r.probability = q->Real(4);
    r.pooled = q->Real(5);
    r.gain = q->Real(6);
    r.reason = q->Text(7);
    // Persons that are one by now, or about whom somebody decided, are no question any more.
    if (r.person_a != r.person_b && decided.count(std::minmax(r.person_a, r.person_b)) == 0)
      rows.push_back(std::move(r));
  }
}

// A person in a few words.
Result<Json> PersonJson(store::Connection* db, const plan::Plan& plan, uint64_t person_id, uint64_t record_id) {
  MIGRATE_ASSIGN(auto q, db->Prepare(ledger::SelectSql(ledger::PersonTable()) + " WHERE person_id = ?"));
  q->Bind(1, static_cast<int64_t>(person_id));
  MIGRATE_ASSIGN(bool found, q->Step());
  ledger::Person p;
  if (found) ledger::ReadPerson(*q, 0, 1, plan.attributes, &p);
  std::string name = p[Field::kFullName], place;
  for (const Field f : {Field::kFirstName, Field::kMiddleName, Field::kLastName, Field::kSuffix})
    if (name.size() + p[f].size() > 0 && p[Field::kFullName].empty() && !p[f].empty())
      name += (name.empty() ? "" : " ") + p[f];
  for (const Field f : {Field::kStreet, Field::kCity, Field::kState, Field::kZip})
    if (!p[f].empty()) place += (place.empty() ? "" : " ") + p[f];
  return Json{{"person_id", person_id},
              {"record_id", Id(record_id)},
              {"records", p.record_count},
              {"name", name},
              {"birth_date", p[Field::kBirthDate]},
              {"email", p[Field::kEmail]},
              {"phone", p[Field::kPhone]},
              {"address", place}};
}

Json DecisionJson(const Steward& d) {
  Json j = {{"decision", d.id},
            {"kind", d.kind},
            {"record_a", nullptr},
            {"record_b", nullptr},
            {"undoes", nullptr},
            {"field", nullptr},
            {"value", nullptr},
            {"who", d.who},
            {"reason", d.reason},
            {"at", d.at},
            {"undone_by", d.undone_by == 0 ? Json(nullptr) : Json(d.undone_by)}};
  if (d.kind == "undo") {
    j["undoes"] = static_cast<int64_t>(d.a);
    return j;
  }
  j["record_a"] = Id(d.a);
  if (d.kind != "pin") {
    j["record_b"] = Id(d.b);
    return j;
  }
  j["field"] = d.field;
  j["value"] = d.value;
  return j;
}

// Written decisions come back with their number and time.
Result<std::string> Write(store::Connection* db, const Steward& decision) {
  MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db));
  MIGRATE_ASSIGN(int64_t id, WriteSteward(db, decision));
  MIGRATE_TRY(transaction.Commit());
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  for (const Steward& d : all)
    if (d.id == id) return Dump({{"schema", 1}, {"ok", true}, {"exit_code", 0}, {"decision", DecisionJson(d)}});
  return Status::Failed("the decision that was just written is not there", "run the same command again");
}

// Records that stewards' links in force make one person with a record.
class Links {
 public:
  explicit Links(const std::vector<Steward>& all) {
    for (const Steward& d : all)
      if (d.undone_by == 0 && d.kind == "link") parent_[Root(d.a)] = Root(d.b);
  }
  uint64_t Root(uint64_t record) {
    const auto it = parent_.find(record);
    return it == parent_.end() || it->second == record ? record : Root(it->second);
  }

 private:
  std::map<uint64_t, uint64_t> parent_;
};

std::string Numbers(const std::vector<int64_t>& ids) {
  std::string out;
  for (const int64_t id : ids) out += (out.empty() ? "" : ", ") + std::to_string(id);
  return out;
}

// Would the decision contradict others that are in force? One about the same two records it simply replaces.
Status CheckContradiction(const std::vector<Steward>& all, bool link, uint64_t a, uint64_t b) {
  std::vector<Steward> others;
  for (const Steward& d : all) {
    const bool same = (d.a == a && d.b == b) || (d.a == b && d.b == a);
    if (d.undone_by == 0 && !same) others.push_back(d);
  }
  Links links(others);
  std::vector<int64_t> against;
  for (const Steward& d : others) {
    if (link && d.kind == "unlink") {
      const bool meets = (links.Root(d.a) == links.Root(a) && links.Root(d.b) == links.Root(b)) ||
                         (links.Root(d.a) == links.Root(b) && links.Root(d.b) == links.Root(a));
      if (meets) against.push_back(d.id);
    }
    if (!link && d.kind == "link" && links.Root(a) == links.Root(b) && links.Root(d.a) == links.Root(a))
      against.push_back(d.id);
  }
  if (against.empty()) return {};
  return Status::Plan(fmt::format("records {} and {} cannot be {}: decision{} {} of a steward say{} otherwise", a, b,
                                  link ? "linked" : "kept apart", against.size() == 1 ? "" : "s", Numbers(against),
                                  against.size() == 1 ? "s" : ""),
                      fmt::format("take back what is wrong: migrate review undo PLAN {}", against.front()));
}

}  // namespace

Status MayDecide(const plan::Plan& plan, store::Connection* db) { return CheckTargetAge(plan, db); }

Result<std::string> ReviewListJson(const plan::Plan& plan, store::Connection* db, uint64_t limit, uint64_t offset) {
  MIGRATE_ASSIGN(auto rows, OpenPairs(db));
  Json pairs = Json::array();
  for (uint64_t i = offset; i < rows.size() && i - offset < limit; ++i) {
    const Row& r = rows[i];
    MIGRATE_ASSIGN(Json a, PersonJson(db, plan, r.person_a, r.a));
    MIGRATE_ASSIGN(Json b, PersonJson(db, plan, r.person_b, r.b));
    pairs.push_back({{"gain", r.gain},
                     {"probability", r.probability},
                     {"pooled_probability", r.pooled},
                     {"reason", r.reason},
                     {"a", std::move(a)},
                     {"b", std::move(b)}});
  }
  return Dump({{"schema", 1}, {"total", rows.size()}, {"offset", offset}, {"pairs", pairs}});
}

Result<std::string> DecisionsJson(store::Connection* db, uint64_t limit, uint64_t offset) {
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  Json out = Json::array();
  for (uint64_t i = offset; i < all.size() && i - offset < limit; ++i)
    out.push_back(DecisionJson(all[all.size() - 1 - i]));
  return Dump({{"schema", 1}, {"total", all.size()}, {"offset", offset}, {"decisions", out}});
}

Result<ReviewNext> NextReview(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(auto rows, OpenPairs(db));
  ReviewNext next;
  next.left = rows.size();
  if (rows.empty()) return next;
  next.found = true;
  next.gain = rows[0].gain;
  MIGRATE_ASSIGN(next.why, Why(plan, db, Id(rows[0].a), Id(rows[0].b), false));
  return next;
}

Result<std::string> Decide(const plan::Plan& plan, store::Connection* db, bool link, const std::string& a,
                           const std::string& b, const Word& word) {
  MIGRATE_ASSIGN(PairOfRecords pair, FindPair(plan, db, a, b));
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  if (pair.person_a == pair.person_b && pair.person_a != 0 && !link &&
      (a == std::to_string(pair.person_a) || b == std::to_string(pair.person_b)))
    return Status::Plan(fmt::format("{} is the person that both records belong to", pair.person_a),
                        "name two of its records: `migrate show` lists them");
  MIGRATE_TRY(CheckContradiction(all, link, pair.a, pair.b));
  Steward decision;
  decision.kind = link ? "link" : "unlink";
  decision.a = std::min(pair.a, pair.b);
  decision.b = std::max(pair.a, pair.b);
  decision.who = word.who;
  decision.reason = word.reason;
  return Write(db, decision);
}

Result<std::string> UndoDecision(store::Connection* db, int64_t number, const Word& word) {
  MIGRATE_ASSIGN(auto all, ReadStewards(db));
  const auto it = std::find_if(all.begin(), all.end(), [&](const Steward& d) { return d.id == number; });
  const std::string hint = "`migrate review list --decisions` lists those in force";
  if (it == all.end()) return Status::Plan(fmt::format("there is no decision {}", number), hint);
  if (it->kind == "undo")
    return Status::Plan(fmt::format("decision {} is an undo itself: it cannot be taken back", number),
                        "decide anew what it took back");
  if (it->undone_by != 0)
    return Status::Plan(
        fmt::format("decision {} is in force no more: decision {} took its place", number, it->undone_by), hint);
  // What it had replaced is in force again, as if it had never been.
  for (const Steward& d : all)
    if (d.undone_by == number && d.kind != "pin" && it->kind != "pin")
      MIGRATE_TRY(CheckContradiction(all, d.kind == "link", d.a, d.b));
  Steward decision;
  decision.kind = "undo";
  decision.a = static_cast<uint64_t>(number);
  decision.who = word.who;
  decision.reason = word.reason;
  return Write(db, decision);
}

Result<std::string> PinValue(const plan::Plan& plan, store::Connection* db, const std::string& person,
                             const std::string& field, const std::string& value, const Word& word) {
  const auto f = FieldByName(field);
  const bool attribute =
      std::any_of(plan.attributes.begin(), plan.attributes.end(), [&](const Attribute& a) { return a.name == field; });
  const bool golden =
      f && std::find(ledger::kColumnFields.begin(), ledger::kColumnFields.end(), *f) != ledger::kColumnFields.end();
  if (!attribute && !golden)
    return Status::Plan(fmt::format("`{}` is no field that a person has a value of", field),
                        "`migrate show` lists a person's fields");
  MIGRATE_ASSIGN(auto view, report::Show(db, plan.attributes, person));
  std::string has;
  for (const auto& member : view.members) {
    bool first = true;  // further e-mails and phones of a record are never golden
    for (const auto& v : member.values) {
      if (v.name != field || !std::exchange(first, false)) continue;
      if (v.value == value) {
        Steward decision;
        decision.kind = "pin";
        decision.a = member.record_id;
        decision.who = word.who;
        decision.reason = word.reason;
        decision.field = field;
        decision.value = value;
        return Write(db, decision);
      }
      has += (has.empty() ? "" : ", ") + v.value;
    }
  }
  return Status::Plan(
      fmt::format("no record of person {} has the {} `{}`", view.person_id, field, value),
      has.empty() ? "its records have none; a golden value is always one of a record's" : "its records have: " + has);
}

}  // namespace migrate::run
