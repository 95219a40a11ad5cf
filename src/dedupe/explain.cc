#include "migrate/dedupe/explain.h"

#include <algorithm>
#include <cmath>

#include "migrate/dedupe/keys.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/scoring.h"

namespace migrate::dedupe {
namespace {

std::string Joined(std::initializer_list<std::string> parts, const char* with = " ") {
  std::string out;
  for (const std::string& part : parts)
    if (!part.empty()) out += (out.empty() ? "" : with) + part;
  return out;
}

std::string Listed(const std::string& first, const std::vector<std::string>& more) {
  std::string out = first;
  for (const std::string& m : more) out += (out.empty() ? "" : ", ") + m;
  return out;
}

// What a record says to a piece of evidence, as it is stored.
std::string ValueText(const Record& r, int evidence) {
  const bool company = (r.flags & kFlagCompany) != 0;
  switch (evidence) {
    case kFirst:
      return company ? "" : r[Field::kFirstName].empty() ? r[Field::kFullName] : r[Field::kFirstName];
    case kLast:
      return company
                 ? ""
                 : Joined({r[Field::kLastName].empty() ? r[Field::kFullName] : r[Field::kLastName], r[Field::kSuffix]});
    case kMiddle:
      return company ? "" : r[Field::kMiddleName];
    case kSex:
      return r[Field::kSex];
    case kBirth:
      return r[Field::kBirthDate];
    case kEmail:
      return Listed(r[Field::kEmail], r.more_emails);
    case kPhone:
      return Listed(r[Field::kPhone], r.more_phones);
    case kAddress:
      return Joined(
          {Joined({r[Field::kStreet], r[Field::kUnit]}), r[Field::kCity], Joined({r[Field::kState], r[Field::kZip]})},
          ", ");
    case kNationalId:
      return r[Field::kNationalId];
    case kCompany:
      return company ? Joined({r[Field::kFullName], r[Field::kFirstName], r[Field::kMiddleName], r[Field::kLastName]})
                     : "";
    default: {
      const auto i = static_cast<size_t>(evidence - kAttribute0);
      return i < r.attributes.size() ? r.attributes[i] : "";
    }
  }
}

}  // namespace

class Explainer::Impl {
 public:
  Impl(const Model& model, size_t attributes, std::vector<Record> records)
      : model_(model),
        records_(std::move(records)),
        table_(attributes),
        scorer_(model_.weights),
        keys_(AllKeys(attributes)) {
    std::sort(records_.begin(), records_.end(),
              [](const Record& x, const Record& y) { return x.record_id < y.record_id; });
    for (const Record& r : records_) table_.Add(r);
  }

  bool Finish() {
    if (!table_.Finish()) return false;
    frequencies_ = UseFrequencies(table_, model_.frequencies, nicknames_);
    comparator_ = std::make_unique<Comparator>(table_, frequencies_);
    return true;
  }

  uint32_t RowOf(uint64_t id) const {
    const auto& ids = table_.record_ids();
    return static_cast<uint32_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  }
  std::vector<uint32_t> RowsOf(const std::vector<uint64_t>& ids) const {
    std::vector<uint32_t> rows;
    for (const uint64_t id : ids) rows.push_back(RowOf(id));
    return rows;
  }

  double LogOdds(uint32_t a, uint32_t b) const {
    Comparison c;
    comparator_->Compare(std::min(a, b), std::max(a, b), &c);
    // A run keeps odds as floats.
    return static_cast<double>(static_cast<float>(scorer_.LogOdds(c)));
  }

  PairExplanation Explain(uint32_t a, uint32_t b) const {
    Comparison c;
    comparator_->Compare(std::min(a, b), std::max(a, b), &c);
    PairExplanation out;
    double match = 0, household = 0;
    for (int e = 0; e < kEvidenceCount; ++e) {
      EvidenceStep step = Step(c, e, records_[a], records_[b]);
      if (step.name.empty() || (step.a.empty() && step.b.empty() && step.weight == 0)) continue;
      match += step.weight;
      household += step.household;
      out.steps.push_back(std::move(step));
    }
    out.prior = scorer_.prior_match();
    out.log_odds = LogOdds(a, b);
    out.household_loss = out.prior + match - scorer_.Combine(match, household);
    out.probability = LogOddsToProbability(out.log_odds);
    return out;
  }

  double Pooled(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) const {
    return PooledLogOdds(
        PooledMembers(RowsOf(a)), PooledMembers(RowsOf(b)),
        [this](uint32_t x, uint32_t y) { return EvidenceOf(*comparator_, scorer_, x, y); },
        [this](double m, double h) { return scorer_.Combine(m, h); });
  }

  // Prim's maximum spanning tree from a: on it the way to b has the strongest weakest link.
  std::vector<ChainLink> Chain(uint64_t a, uint64_t b, const std::vector<uint64_t>& members) const {
    const std::vector<uint32_t> rows = RowsOf(members);
    const size_t n = rows.size();
    const auto place = [&](uint64_t id) {
      return static_cast<size_t>(std::find(members.begin(), members.end(), id) - members.begin());
    };
    const size_t from = place(a), to = place(b);
    if (from == n || to == n) return {};
    std::vector<double> best(n, -INFINITY);
    std::vector<size_t> before(n, n);
    std::vector<bool> done(n, false);
    for (size_t at = from; at != n;) {
      done[at] = true;
      if (at == to) break;
      size_t next = n;
      for (size_t i = 0; i < n; ++i) {
        if (done[i]) continue;
        const double odds = LogOdds(rows[at], rows[i]);
        if (odds > best[i] && odds >= kLeastLogOdds && ShareKey(rows[at], rows[i])) {
          best[i] = odds;
          before[i] = at;
        }
        if (before[i] != n && (next == n || best[i] > best[next])) next = i;
      }
      at = next;
    }
    std::vector<ChainLink> chain;
    for (size_t at = to; at != from; at = before[at]) {
      if (before[at] == n) return {};
      chain.push_back({members[before[at]], members[at], best[at]});
    }
    std::reverse(chain.begin(), chain.end());
    return chain;
  }

  uint8_t Generation(uint32_t row) const { return table_[row].generation; }

 private:
  EvidenceStep Step(const Comparison& c, int e, const Record& a, const Record& b) const {
    EvidenceStep step;
    step.name = EvidenceName(model_, e);
    step.a = ValueText(a, e);
    step.b = ValueText(b, e);
    const auto se = static_cast<size_t>(e);
    const uint8_t level = c.level[se];
    step.level = step.a.empty() || step.b.empty() ? "missing" : "not counted";
    if (level == kNull) return step;
    step.level = LevelName(e, level);
    step.weight = static_cast<double>(scorer_.MatchPart(c, e));
    step.household = static_cast<double>(scorer_.HouseholdPart(c, e));
    step.m = static_cast<double>(model_.weights.m[se][level]);
    step.level_u = static_cast<double>(model_.weights.u[se][level]);
    const float by_value = c.only_identifier == e ? scorer_.Chance(c, e) : c.log_chance[se];
    const bool has_value = by_value == by_value;
    step.u = has_value ? std::exp2(static_cast<double>(by_value)) : step.level_u;
    if (has_value && step.level_u > 0) step.frequency_weight = std::log2(step.level_u) - static_cast<double>(by_value);
    step.level_weight = step.weight - step.frequency_weight;
    return step;
  }

  bool ShareKey(uint32_t a, uint32_t b) const {
    std::vector<uint64_t> of_a, of_b;
    for (const BlockingKey& key : keys_) {
      of_a.clear();
      of_b.clear();
      AppendHashes(key, table_, frequencies_, a, &of_a);
      if (of_a.empty()) continue;
      AppendHashes(key, table_, frequencies_, b, &of_b);
      for (const uint64_t hash : of_a)
        if (std::find(of_b.begin(), of_b.end(), hash) != of_b.end()) return true;
    }
    return false;
  }

  Model model_;
  std::vector<Record> records_;
  Nicknames nicknames_;
  Table table_;
  Frequencies frequencies_;
  Scorer scorer_;
  std::vector<BlockingKey> keys_;
  std::unique_ptr<Comparator> comparator_;
};

Explainer::Explainer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Explainer::~Explainer() = default;

Result<std::unique_ptr<Explainer>> Explainer::Make(const Model& model, const std::vector<Attribute>& attributes,
                                                   std::vector<Record> records) {
  MIGRATE_TRY(CheckModel(model, attributes));
  auto impl = std::make_unique<Impl>(model, attributes.size(), std::move(records));
  if (!impl->Finish()) return Status::Failed("explain: a record id was given twice");
  return std::unique_ptr<Explainer>(new Explainer(std::move(impl)));
}

PairExplanation Explainer::Explain(uint64_t a, uint64_t b) const {
  return impl_->Explain(impl_->RowOf(a), impl_->RowOf(b));
}
double Explainer::LogOdds(uint64_t a, uint64_t b) const { return impl_->LogOdds(impl_->RowOf(a), impl_->RowOf(b)); }
double Explainer::Pooled(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) const {
  return impl_->Pooled(a, b);
}
std::vector<ChainLink> Explainer::Chain(uint64_t a, uint64_t b, const std::vector<uint64_t>& members) const {
  return impl_->Chain(a, b, members);
}
bool Explainer::GenerationsDiffer(const std::vector<uint64_t>& a, const std::vector<uint64_t>& b) const {
  uint8_t seen = 0;
  for (const auto* ids : {&a, &b}) {
    for (const uint64_t id : *ids) {
      const uint8_t g = impl_->Generation(impl_->RowOf(id));
      if (g != 0 && seen != 0 && g != seen) return true;
      if (g != 0) seen = g;
    }
  }
  return false;
}

}  // namespace migrate::dedupe
