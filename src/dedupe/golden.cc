#include "migrate/dedupe/golden.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "migrate/record/payload.h"

namespace migrate::dedupe {
namespace {

using ledger::StoredRecord;

constexpr std::array<Field, 6> kAddressFields = {Field::kStreet, Field::kUnit, Field::kCity,
                                                 Field::kState,  Field::kZip,  Field::kCountry};

size_t CodePoints(std::string_view s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

int Completeness(const Record& r) {
  const auto filled = [](const auto& v) { return !v.empty(); };
  return static_cast<int>(std::count_if(r.values.begin(), r.values.end(), filled) +
                          std::count_if(r.attributes.begin(), r.attributes.end(), filled));
}

// One member's value of one field, with all that a strategy may look at.
struct Candidate {
  size_t member = 0;
  std::string_view value;
  size_t frequency = 0;
  size_t length = 0;
};

class Chooser {
 public:
  Chooser(const std::vector<StoredRecord>& members, const SurvivorshipRules& rules)
      : members_(members), rules_(rules) {}

  // Index into `candidates` of the one that survives.
  size_t Best(const std::vector<Candidate>& candidates, Strategy strategy) const {
    size_t best = 0;
    for (size_t i = 1; i < candidates.size(); ++i)
      if (Better(candidates[i], candidates[best], strategy)) best = i;
    return best;
  }

 private:
  int Priority(const StoredRecord& r) const {
    auto it = rules_.source_priority.find(r.record.source);
    return it == rules_.source_priority.end() ? 1 << 20 : it->second;
  }

  bool Better(const Candidate& a, const Candidate& b, Strategy strategy) const {
    const StoredRecord &x = members_[a.member], &y = members_[b.member];
    switch (strategy) {
      case Strategy::kMostRecent:
        break;
      case Strategy::kMostFrequent:
        if (a.frequency != b.frequency) return a.frequency > b.frequency;
        break;
      case Strategy::kLongest:
        if (a.length != b.length) return a.length > b.length;
        break;
      case Strategy::kSourcePriority:
        if (Priority(x) != Priority(y)) return Priority(x) < Priority(y);
        break;
      case Strategy::kMostComplete:
        if (int c = Completeness(x.record), d = Completeness(y.record); c != d) return c > d;
        break;
    }
    if (int c = x.record[Field::kUpdatedAt].compare(y.record[Field::kUpdatedAt]); c != 0) return c > 0;
    if (a.frequency != b.frequency) return a.frequency > b.frequency;
    if (a.length != b.length) return a.length > b.length;
    if (Priority(x) != Priority(y)) return Priority(x) < Priority(y);
    return a.member < b.member;
  }

  const std::vector<StoredRecord>& members_;
  const SurvivorshipRules& rules_;
};

template <class ValueOf>
std::vector<Candidate> Candidates(const std::vector<StoredRecord>& members, ValueOf value_of) {
  std::vector<Candidate> out;
  for (size_t i = 0; i < members.size(); ++i) {
    std::string_view v = value_of(members[i].record);
    if (!v.empty()) out.push_back({i, v, 0, CodePoints(v)});
  }
  for (Candidate& c : out)
    c.frequency = static_cast<size_t>(
        std::count_if(out.begin(), out.end(), [&](const Candidate& o) { return o.value == c.value; }));
  return out;
}

// Drops what says the same with less: initials beside names, partial dates beside whole ones.
void DropLesser(Field field, std::vector<Candidate>* candidates) {
  size_t enough = 0;
  if (field == Field::kFirstName || field == Field::kMiddleName) enough = 2;
  if (field == Field::kBirthDate) enough = 10;
  auto lesser = [&](const Candidate& c) { return c.length < enough; };
  if (enough == 0 || std::all_of(candidates->begin(), candidates->end(), lesser)) return;
  candidates->erase(std::remove_if(candidates->begin(), candidates->end(), lesser), candidates->end());
}

class GoldenMaker {
 public:
  GoldenMaker(const std::vector<StoredRecord>& members, const SurvivorshipRules& rules, ledger::Person* person)
      : members_(members), rules_(rules), chooser_(members, rules), person_(person) {
    if (rules.pins.empty()) return;
    for (const StoredRecord& m : members)
      if (const auto it = rules.pins.find(m.record.record_id); it != rules.pins.end())
        for (const Pin& pin : it->second) pins_.push_back(&pin);
    std::sort(pins_.begin(), pins_.end(), [](const Pin* a, const Pin* b) { return a->number > b->number; });
  }

  void FieldValue(Field field) {
    auto candidates = Candidates(members_, [&](const Record& r) { return std::string_view(r[field]); });
    if (!KeepPinned(FieldName(field), &candidates)) DropLesser(field, &candidates);
    if (candidates.empty()) return;
    const Candidate& best = candidates[chooser_.Best(candidates, rules_.Of(FieldName(field)))];
    (*person_)[field] = best.value;
    Remember(FieldName(field), best.member);
  }

  void AttributeAt(size_t i, const std::string& name) {
    auto candidates = Candidates(members_, [&](const Record& r) {
      return i < r.attributes.size() ? std::string_view(r.attributes[i]) : std::string_view();
    });
    if (candidates.empty()) return;
    (void)KeepPinned(name, &candidates);
    const Candidate& best = candidates[chooser_.Best(candidates, rules_.Of(name))];
    person_->attributes[i] = best.value;
    Remember(name, best.member);
  }

  // The whole address of the member that `street` (or, without any street, the first part somebody has) chooses.
  void Address() {
    const auto [by, candidates] = AddressCandidates();
    if (candidates.empty()) return;
    const size_t chosen = candidates[chooser_.Best(candidates, rules_.Of(FieldName(by)))].member;
    for (Field f : kAddressFields) Take(f, chosen);
    for (size_t m = 0; m < members_.size(); ++m)
      if (!Contradicts(members_[m].record))
        for (Field f : kAddressFields)
          if ((*person_)[f].empty()) Take(f, m);
  }

  const std::string& provenance() const { return provenance_; }

 private:
  // Leaves the candidates that have the field's pinned value. False where nothing is pinned or nobody has it.
  bool KeepPinned(std::string_view field, std::vector<Candidate>* candidates) const {
    for (const Pin* pin : pins_) {
      if (pin->field != field) continue;
      const auto other = [&](const Candidate& c) { return c.value != pin->value; };
      if (std::all_of(candidates->begin(), candidates->end(), other)) continue;
      std::erase_if(*candidates, other);
      return true;
    }
    return false;
  }

  // Who may give the address, and the part that decides: a pinned one, else the first that somebody has.
  std::pair<Field, std::vector<Candidate>> AddressCandidates() const {
    const auto having = [&](Field f) {
      return Candidates(members_, [f](const Record& r) { return std::string_view(r[f]); });
    };
    for (const Pin* pin : pins_) {
      for (const Field f : kAddressFields) {
        if (FieldName(f) != pin->field) continue;
        auto candidates = having(f);
        if (KeepPinned(pin->field, &candidates)) return {f, std::move(candidates)};
      }
    }
    for (Field f : {Field::kStreet, Field::kZip, Field::kCity, Field::kState, Field::kCountry, Field::kUnit})
      if (auto candidates = having(f); !candidates.empty()) return {f, std::move(candidates)};
    return {Field::kStreet, {}};
  }

  void Take(Field f, size_t member) {
    const std::string& v = members_[member].record[f];
    if (v.empty()) return;
    (*person_)[f] = v;
    Remember(FieldName(f), member);
  }
  // A member may fill gaps if it agrees on all that both have, and shares a street, a ZIP code or a city.
  bool Contradicts(const Record& r) const {
    bool shares = false;
    for (Field f : kAddressFields) {
      if (r[f].empty() || (*person_)[f].empty()) continue;
      if (r[f] != (*person_)[f]) return true;
      shares |= f == Field::kStreet || f == Field::kZip || f == Field::kCity;
    }
    return !shares;
  }
  void Remember(std::string_view name, size_t member) {
    provenance_.append(provenance_.empty() ? "{" : ",");
    AppendJsonString(&provenance_, name);
    provenance_.append(":").append(std::to_string(member));
  }

  const std::vector<StoredRecord>& members_;
  const SurvivorshipRules& rules_;
  Chooser chooser_;
  ledger::Person* person_;
  std::string provenance_;
  std::vector<const Pin*> pins_;  // the latest first
};

}  // namespace

Strategy SurvivorshipRules::Of(std::string_view field) const {
  auto it = by_field.find(std::string(field));
  return it == by_field.end() ? fallback : it->second;
}

void MakeGolden(const std::vector<StoredRecord>& members, const SurvivorshipRules& rules,
                const std::vector<Attribute>& attributes, ledger::Person* person) {
  person->record_count = members.size();
  person->provenance.clear();
  person->opt_out = 0;
  for (const auto& m : members) person->opt_out |= m.record.opt_out;
  if (members.size() == 1) {  // by far the most persons
    const Record& only = members.front().record;
    person->values = only.values;
    person->attributes = only.attributes;
    person->attributes.resize(attributes.size());
    return;
  }
  for (auto& v : person->values) v.clear();
  person->attributes.assign(attributes.size(), "");
  GoldenMaker maker(members, rules, person);
  for (Field f : ledger::kColumnFields)
    if (std::find(kAddressFields.begin(), kAddressFields.end(), f) == kAddressFields.end()) maker.FieldValue(f);
  maker.Address();
  for (size_t i = 0; i < attributes.size(); ++i) maker.AttributeAt(i, attributes[i].name);
  person->provenance = maker.provenance().empty() ? "" : maker.provenance() + "}";
}

}  // namespace migrate::dedupe
