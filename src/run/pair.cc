#include "pair.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <numeric>

#include "matching.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/tables.h"
#include "migrate/record/digest.h"
#include "migrate/report/person_view.h"

namespace migrate::run {
namespace {

Result<std::optional<int64_t>> Lookup(store::Connection* db, const std::string& sql, uint64_t id) {
  MIGRATE_ASSIGN(auto q, db->Prepare(sql));
  q->Bind(1, static_cast<int64_t>(id));
  MIGRATE_ASSIGN(bool row, q->Step());
  return row ? std::optional<int64_t>(q->Integer(0)) : std::nullopt;
}

// What was typed: a record (record_id is set) or a person.
Result<AskedRecord> Resolve(const plan::Plan& plan, store::Connection* db, const std::string& text) {
  AskedRecord out;
  MIGRATE_ASSIGN(auto by_key, report::RecordByKey(db, text));
  uint64_t id = 0;
  if (by_key) {
    id = *by_key;
  } else {
    const auto read = std::from_chars(text.data(), text.data() + text.size(), id);
    if (text.empty() || read.ec != std::errc() || read.ptr != text.data() + text.size() || id > INT64_MAX)
      return Status::Plan(fmt::format("`{}` is no id", text),
                          "give a person_id, a record_id, or SOURCE:KEY as `migrate export links` shows them");
    MIGRATE_ASSIGN(auto person, Lookup(db, "SELECT person_id FROM person WHERE person_id = ?", id));
    if (person) {
      out.person_id = id;
      return out;
    }
  }
  MIGRATE_ASSIGN(auto record, Lookup(db, "SELECT record_id FROM record WHERE record_id = ?", id));
  if (record) {
    out.record_id = id;
    MIGRATE_ASSIGN(auto owner, Lookup(db, "SELECT person_id FROM person_record WHERE record_id = ?", id));
    out.person_id = static_cast<uint64_t>(owner.value_or(0));
    return out;
  }
  if (by_key)
    return Status::Plan(fmt::format("no record has the key `{}`", text),
                        "`migrate export links` lists the sources and keys that are loaded");
  MIGRATE_ASSIGN(auto view, report::Show(db, plan.attributes, text));  // an old id, or its error
  out.person_id = view.person_id;
  return out;
}

Status ReadMembers(store::Connection* db, AskedRecord* side) {
  if (side->person_id == 0) {
    side->members = {side->record_id};
    return {};
  }
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT record_id FROM person_record WHERE person_id = ? ORDER BY record_id"));
  q->Bind(1, static_cast<int64_t>(side->person_id));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    side->members.push_back(static_cast<uint64_t>(q->Integer(0)));
  }
}

// Adds the records of a side that are looked at: the one asked for, those that are pooled, and others up to the bound.
void Choose(const AskedRecord& side, std::vector<uint64_t>* ids) {
  if (side.record_id != 0) ids->push_back(side.record_id);
  const auto pooled = AskedPair::Pooled(side);
  ids->insert(ids->end(), pooled.begin(), pooled.end());
  for (size_t i = 0; i < std::min(side.members.size(), kMostLoaded); ++i) ids->push_back(side.members[i]);
}

// Where only a person was named: the pair of records, one of each side, with the greatest odds.
Status ChoosePair(AskedPair* pair) {
  const auto candidates = [&](const AskedRecord& side) {
    if (side.record_id != 0) return std::vector<uint64_t>{side.record_id};
    std::vector<uint64_t> rows;
    std::set_intersection(side.members.begin(), side.members.end(), pair->loaded.begin(), pair->loaded.end(),
                          std::back_inserter(rows));
    return rows;
  };
  double best = -1e300;
  uint64_t best_a = 0, best_b = 0;
  for (const uint64_t a : candidates(pair->a)) {
    for (const uint64_t b : candidates(pair->b)) {
      if (a == b) continue;
      const double odds = pair->explainer->LogOdds(a, b);
      if (odds <= best) continue;
      best = odds;
      best_a = a;
      best_b = b;
    }
  }
  pair->a.record_id = best_a;
  pair->b.record_id = best_b;
  return {};
}

}  // namespace

std::vector<uint64_t> AskedPair::Pooled(const AskedRecord& side) {
  std::vector<uint32_t> places(side.members.size());
  std::iota(places.begin(), places.end(), 0u);
  std::vector<uint64_t> ids;
  for (const uint32_t at : dedupe::PooledMembers(std::move(places))) ids.push_back(side.members[at]);
  return ids;
}

Result<Record> ReadOneRecord(store::Connection* db, const std::vector<Attribute>& attributes, uint64_t record_id) {
  MIGRATE_ASSIGN(auto q, db->Prepare(ledger::SelectNormalized() + " FROM record WHERE record_id = ?"));
  q->Bind(1, static_cast<int64_t>(record_id));
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found)
    return Status::Failed(fmt::format("{}: record {} is linked to a person but is not there", db->name(), record_id),
                          "the target is damaged: `migrate run --stage reconcile` shows the extent");
  ledger::StoredRecord r;
  ledger::ReadRecord(*q, 0, 1, attributes, &r);
  return std::move(r.record);
}

Result<AskedPair> FindAskedPair(const plan::Plan& plan, store::Connection* db, const std::string& a,
                                const std::string& b) {
  AskedPair pair;
  MIGRATE_ASSIGN(pair.a, Resolve(plan, db, a));
  MIGRATE_ASSIGN(pair.b, Resolve(plan, db, b));
  const bool same =
      pair.a.record_id == pair.b.record_id && (pair.a.record_id != 0 || pair.a.person_id == pair.b.person_id);
  if (same)
    return Status::Plan(
        fmt::format("{} and {} are the same {}", a, b, pair.a.record_id != 0 ? "record" : "person"),
        pair.a.record_id != 0 ? "name two records" : "name two of its records: `migrate show` lists them");
  MIGRATE_TRY(ReadMembers(db, &pair.a));
  MIGRATE_TRY(ReadMembers(db, &pair.b));
  MatchingOptions matching;
  matching.plan = &plan;
  matching.db = db;
  MIGRATE_ASSIGN(auto model, ModelInForce(matching));
  if (!model)
    return Status::Plan("there is no model: nothing was matched yet under this plan",
                        "`migrate run` learns one; `migrate model train` learns it anew");
  pair.model = *std::move(model);
  if (plan.dedupe.model.empty()) {
    MIGRATE_ASSIGN(std::string version, ledger::Setting(db, "model_version", "0"));
    pair.model_version = std::stoll(version);
  }
  Choose(pair.a, &pair.loaded);
  Choose(pair.b, &pair.loaded);
  std::sort(pair.loaded.begin(), pair.loaded.end());
  pair.loaded.erase(std::unique(pair.loaded.begin(), pair.loaded.end()), pair.loaded.end());
  std::vector<Record> records;
  for (const uint64_t id : pair.loaded) {
    MIGRATE_ASSIGN(Record r, ReadOneRecord(db, plan.attributes, id));
    records.push_back(std::move(r));
  }
  MIGRATE_ASSIGN(pair.explainer, dedupe::Explainer::Make(pair.model, plan.attributes, std::move(records)));
  if (pair.a.record_id == 0 || pair.b.record_id == 0) MIGRATE_TRY(ChoosePair(&pair));
  return pair;
}

}  // namespace migrate::run
