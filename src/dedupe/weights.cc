#include "migrate/dedupe/weights.h"

#include <algorithm>
#include <cmath>

namespace migrate::dedupe {
namespace {

using Row = std::array<float, kLevelCount>;

Row Levels(std::initializer_list<float> shares) {
  Row row{};
  row[kNull] = 1;
  float sum = 0;
  for (const float share : shares) sum += share;
  size_t i = 1;
  for (const float share : shares) row[i++] = share / sum;
  return row;
}

// How strongly the starting values hold against the data, in pairs. The household class says what it means by
// strangers' first names and birthdays; there the starting values weigh as much as all data.
constexpr double kPriorPairs = 20;
constexpr double kFloor = 1e-6;

bool Personal(int evidence) {
  return evidence == kFirst || evidence == kBirth || evidence == kNationalId || evidence == kEmail ||
         evidence == kMiddle || evidence == kCompany;
}

// What a person keeps for life, or a firm for its own. A class of pairs in which it is often quite different are
// relatives (or the tenants of one switchboard), whatever else agrees; without this bound EM may call them matches
// where few fields are given.
constexpr double kMostDifferent = 0.1;
// Lowers what the levels have together to `most`; the others take what is left in proportion.
void BoundTogether(int evidence, std::initializer_list<int> levels, double most, Row* shares) {
  double sum = 0;
  for (const int l : levels) sum += static_cast<double>((*shares)[static_cast<size_t>(l)]);
  if (sum <= most || sum >= 1) return;
  const double down = most / sum, up = (1 - most) / (1 - sum);
  for (int l = 1; l < LevelsOf(evidence); ++l) {
    const bool bound = std::find(levels.begin(), levels.end(), l) != levels.end();
    float& share = (*shares)[static_cast<size_t>(l)];
    share = static_cast<float>(static_cast<double>(share) * (bound ? down : up));
  }
}

void BoundDifferent(int evidence, double other_births, Row* shares) {
  if (evidence == kFirst) BoundTogether(evidence, {DifferentLevel(evidence)}, kMostDifferent, shares);
  if (evidence == kBirth) BoundTogether(evidence, {DifferentLevel(evidence)}, other_births, shares);
  // Firms of one street, city or trade have a word in common.
  if (evidence == kCompany) BoundTogether(evidence, {kCompanySome, kCompanyDifferent}, kMostDifferent, shares);
}

// Two relatives of whom each bears the other's first name as a last name are next to none: such a pair is one person
// whose names were exchanged. Without this bound a table without relatives leaves the class to these.
constexpr double kMostCrossed = 0.01;

void BoundCrossed(int evidence, Row* shares) {
  if (evidence == kFirst || evidence == kLast)
    BoundTogether(evidence, {kNameCrossed, kNameCrossedClose}, kMostCrossed, shares);
}

// Relatives agree on what they share no better than a person with himself: records of both have the same slips and
// moves. Without this EM may leave relatives that moved apart, or whose number changed, to the matches.
void BoundShared(const LevelTable& m, LevelTable* h) {
  for (const auto& [evidence, level] : {std::pair<int, int>(kLast, kNameDifferent),
                                        {kPhone, kContactDifferent},
                                        {kAddress, kAddressState},
                                        {kAddress, kAddressDifferent}}) {
    const auto e = static_cast<size_t>(evidence), least = static_cast<size_t>(level);
    Row& row = (*h)[e];
    const float want = m[e][least];
    if (row[least] >= want || row[least] >= 1) continue;
    const float scale = (1 - want) / (1 - row[least]);
    for (size_t l = 1; l < kLevelCount; ++l) row[l] *= scale;
    row[least] = want;
  }
}

struct ClassTables {
  std::array<float, kEvidenceCount * kLevelCount> m{}, h{}, u{};
  double prior_m = 0, prior_h = 0, prior_u = 0;
};

ClassTables Logarithms(const Weights& w) {
  ClassTables t;
  for (int e = 0; e < kEvidenceCount; ++e) {
    for (int l = 1; l < LevelsOf(e); ++l) {
      const auto i = static_cast<size_t>(e * kLevelCount + l);
      const auto se = static_cast<size_t>(e), sl = static_cast<size_t>(l);
      t.m[i] = std::log2(std::max(w.m[se][sl], static_cast<float>(kFloor)));
      t.h[i] = std::log2(std::max(w.h[se][sl], static_cast<float>(kFloor)));
      t.u[i] = ByValue(e, l) ? 0.0f : std::log2(std::max(w.u[se][sl], static_cast<float>(kFloor)));
    }
  }
  t.prior_m = std::log2(w.lambda_match);
  t.prior_h = std::log2(w.lambda_household);
  t.prior_u = std::log2(std::max(1e-9, 1 - w.lambda_match - w.lambda_household));
  return t;
}

// Posterior probabilities of match and household.
std::pair<double, double> Posterior(const ClassTables& t, const TrainingPair& pair) {
  double m = t.prior_m, h = t.prior_h, u = t.prior_u + pair.log_chance;
  uint64_t rest = pair.pattern;
  for (size_t e = 0; rest != 0; ++e, rest >>= 4) {
    const size_t i = e * kLevelCount + (rest & 15);
    m += t.m[i];
    h += t.h[i];
    u += t.u[i];
  }
  const double top = std::max({m, h, u});
  const double em = std::exp2(m - top), eh = std::exp2(h - top), eu = std::exp2(u - top);
  const double sum = em + eh + eu;
  return {em / sum, eh / sum};
}

using Mass = std::array<std::array<double, kLevelCount>, kEvidenceCount>;

void Collect(const TrainingPair& pair, double mass, Mass* counts) {
  uint64_t rest = pair.pattern;
  for (size_t e = 0; rest != 0; ++e, rest >>= 4) (*counts)[e][rest & 15] += mass;
}

// New shares of one class: counts plus the starting values as `prior` pairs.
void Maximize(const Mass& counts, const LevelTable& start, bool household, double other_births, LevelTable* shares) {
  for (int e = 0; e < kEvidenceCount; ++e) {
    const auto se = static_cast<size_t>(e);
    double sum = 0;
    for (int l = 1; l < LevelsOf(e); ++l) sum += counts[se][static_cast<size_t>(l)];
    const double prior = household && Personal(e) ? kPriorPairs + sum : kPriorPairs;
    for (int l = 1; l < LevelsOf(e); ++l) {
      const auto sl = static_cast<size_t>(l);
      const double share = (counts[se][sl] + prior * start[se][sl]) / (sum + prior);
      (*shares)[se][sl] = static_cast<float>(share);
    }
    household ? BoundCrossed(e, &(*shares)[se]) : BoundDifferent(e, other_births, &(*shares)[se]);
  }
}

double LargestChange(const LevelTable& a, const LevelTable& b) {
  double change = 0;
  for (size_t e = 0; e < kEvidenceCount; ++e)
    for (size_t l = 0; l < kLevelCount; ++l)
      change = std::max(change, std::abs(static_cast<double>(a[e][l] - b[e][l])));
  return change;
}

}  // namespace

bool ByValue(int evidence, int level) {
  switch (evidence) {
    case kFirst:
    case kLast:
      return level != kNameWeak && level != kNameDifferent;
    case kMiddle:
      return level == kMiddleSame;
    case kSex:
      return level == kSexSame;
    case kBirth:
      return level == kBirthExact || level == kBirthPartialSame;
    case kEmail:
      return level == kContactExact || level == kContactLocal;
    case kPhone:
      return level == kContactExact;
    case kAddress:
      return level == kAddressExact || level == kAddressZip || level == kAddressZipOnly || level == kAddressCity ||
             level == kAddressCityOnly || level == kAddressZipArea || level == kAddressState;
    case kNationalId:
      return level == kIdExact;
    case kCompany:
      return level == kCompanyExact || level == kCompanyMost;
    default:
      return level == kTextExact || level == kTextClose;
  }
}

Weights InitialWeights(double records) {
  Weights w;
  //             exact nick  close weak  init  part  diff  cross crossclose
  w.m[kFirst] = Levels({.75f, .07f, .07f, .03f, .03f, .02f, .005f, .01f, .01f});
  w.h[kFirst] = Levels({.005f, .005f, .003f, .02f, .005f, .003f, .957f, .001f, .001f});
  w.m[kLast] = Levels({.82f, .002f, .08f, .03f, .005f, .02f, .03f, .01f, .005f});
  w.h[kLast] = Levels({.75f, .001f, .01f, .03f, .001f, .01f, .19f, .005f, .003f});
  w.m[kMiddle] = Levels({.80f, .12f, .08f});
  w.h[kMiddle] = Levels({.05f, .08f, .87f});
  w.m[kSex] = Levels({.97f, .03f});
  w.h[kSex] = Levels({.48f, .52f});
  //             exact swap  digit part  month year  y+-1  10y   diff  partial
  w.m[kBirth] = Levels({.82f, .02f, .05f, .03f, .01f, .02f, .01f, .01f, .01f, .02f});
  w.h[kBirth] = Levels({.02f, .001f, .01f, .03f, .003f, .02f, .04f, .37f, .50f, .01f});
  w.m[kEmail] = Levels({.65f, .05f, .06f, .24f});
  w.h[kEmail] = Levels({.03f, .01f, .01f, .95f});
  w.m[kPhone] = Levels({.65f, .01f, .05f, .29f});
  w.h[kPhone] = Levels({.55f, .01f, .01f, .43f});
  //               exact near  street zip   city  zclose area  state diff  zonly conly
  w.m[kAddress] = Levels({.50f, .12f, .03f, .06f, .05f, .04f, .03f, .05f, .04f, .05f, .03f});
  w.h[kAddress] = Levels({.70f, .08f, .02f, .04f, .03f, .02f, .01f, .02f, .01f, .04f, .03f});
  w.m[kNationalId] = Levels({.85f, .08f, .07f});
  w.h[kNationalId] = Levels({.002f, .002f, .996f});
  w.m[kCompany] = Levels({.60f, .25f, .08f, .07f});
  w.h[kCompany] = Levels({.02f, .02f, .06f, .90f});
  for (size_t e = kAttribute0; e < kEvidenceCount; ++e) {
    w.m[e] = Levels({.70f, .08f, .07f, .15f});
    w.h[e] = Levels({.40f, .05f, .05f, .50f});
  }
  w.u = w.h;
  w.lambda_match = w.lambda_household = std::min(0.1, 0.5 / std::max(2.0, records));
  return w;
}

int EstimateByEm(const std::vector<TrainingPair>& candidates, const EmOptions& options, Weights* weights) {
  const Weights start = InitialWeights(options.records);
  // A class never dies out: the smallest lambda is one pair.
  const double least = 1 / std::max(10.0, options.total_pairs);
  int iteration = 0;
  for (; iteration < options.max_iterations; ++iteration) {
    const ClassTables tables = Logarithms(*weights);
    Mass match{}, household{};
    double matches = 0, households = 0;
    for (const TrainingPair& pair : candidates) {
      const auto [pm, ph] = Posterior(tables, pair);
      matches += pm * static_cast<double>(pair.weight);
      households += ph * static_cast<double>(pair.weight);
      if (pm > 1e-9) Collect(pair, pm, &match);
      if (ph > 1e-9) Collect(pair, ph, &household);
    }
    const LevelTable m = weights->m, h = weights->h;
    Maximize(match, start.m, false, options.other_births, &weights->m);
    Maximize(household, start.h, true, options.other_births, &weights->h);
    BoundShared(weights->m, &weights->h);
    weights->lambda_match = std::clamp(matches / options.total_pairs, least, 0.4);
    weights->lambda_household = std::clamp(households / options.total_pairs, least, 0.4);
    if (std::max(LargestChange(m, weights->m), LargestChange(h, weights->h)) < options.tolerance) break;
  }
  return iteration;
}

void EstimateChance(const std::vector<TrainingPair>& random_pairs, Weights* weights) {
  const ClassTables tables = Logarithms(*weights);
  Mass counts{};
  for (const TrainingPair& pair : random_pairs) Collect(pair, 1 - Posterior(tables, pair).first, &counts);
  for (int e = 0; e < kEvidenceCount; ++e) {
    const auto se = static_cast<size_t>(e);
    double sum = 0;
    for (int l = 1; l < LevelsOf(e); ++l) sum += counts[se][static_cast<size_t>(l)];
    if (sum < 100) continue;  // hardly a record has the field: the starting values stand
    for (int l = 1; l < LevelsOf(e); ++l) {
      const auto sl = static_cast<size_t>(l);
      weights->u[se][sl] = static_cast<float>((counts[se][sl] + 0.5) / (sum + 0.5 * (LevelsOf(e) - 1)));
    }
    const uint8_t different = DifferentLevel(e);
    weights->m[se][different] = std::min(weights->m[se][different], weights->u[se][different]);
  }
}

TrainingPair PackPair(const Comparison& comparison) {
  TrainingPair pair;
  pair.pattern = comparison.Pattern();
  for (size_t e = 0; e < kEvidenceCount; ++e)
    if (comparison.level[e] != kNull && ByValue(static_cast<int>(e), comparison.level[e]))
      pair.log_chance += comparison.log_chance[e];
  return pair;
}

Scorer::Scorer(const Weights& weights) {
  const ClassTables t = Logarithms(weights);
  log_m_ = t.m;
  log_h_ = t.h;
  log_u_ = t.u;
  for (int e = 0; e < kEvidenceCount; ++e) {
    for (int l = 1; l < LevelsOf(e); ++l) {
      // Names are left out: parents do not give one name twice.
      if ((e != kBirth && e != kEmail && e != kNationalId) || !ByValue(e, l)) continue;
      const float h = weights.h[static_cast<size_t>(e)][static_cast<size_t>(l)];
      const float u = weights.u[static_cast<size_t>(e)][static_cast<size_t>(l)];
      custom_[static_cast<size_t>(e * kLevelCount + l)] = std::max({h - u, 0.3f * h, static_cast<float>(kFloor)});
    }
  }
  prior_match_ = t.prior_m - t.prior_u;
  prior_household_ = t.prior_h - t.prior_u;
  static_assert(static_cast<int>(kIdExact) == static_cast<int>(kContactExact));
  const double other = std::log2(0.5 * kOtherOwner / (1 - kOtherOwner));
  for (const size_t e : {size_t{kEmail}, size_t{kPhone}, size_t{kNationalId}})
    identifier_chance_[e] =
        static_cast<float>(prior_match_ + static_cast<double>(log_m_[e * kLevelCount + kIdExact]) + other);
  identifier_household_ = static_cast<float>(prior_match_ - prior_household_ + other);
}

double Scorer::Combine(double match_parts, double household_parts) const {
  const double m = prior_match_ + match_parts, h = prior_household_ + household_parts;
  // log2(2^h + 2^0), without overflow.
  const double others = h > 0 ? h + std::log2(1 + std::exp2(-h)) : std::log2(1 + std::exp2(h));
  return m - others;
}

double Scorer::LogOdds(const Comparison& c) const {
  double m = 0, h = 0;
  for (int e = 0; e < kEvidenceCount; ++e) {
    if (c.level[static_cast<size_t>(e)] == kNull) continue;
    m += static_cast<double>(MatchPart(c, e));
    h += static_cast<double>(HouseholdPart(c, e));
  }
  return Combine(m, h);
}

double Scorer::LogOdds(const TrainingPair& pair) const {
  double m = -static_cast<double>(pair.log_chance), h = m;
  uint64_t rest = pair.pattern;
  for (size_t e = 0; rest != 0; ++e, rest >>= 4) {
    const size_t i = e * kLevelCount + (rest & 15);
    m += static_cast<double>(log_m_[i] - log_u_[i]);
    h += static_cast<double>(log_h_[i] - log_u_[i]);
  }
  return Combine(m, h);
}

double LogOddsToProbability(double log2_odds) { return 1 / (1 + std::exp2(-log2_odds)); }
double ProbabilityToLogOdds(double probability) {
  const double p = std::clamp(probability, 1e-12, 1 - 1e-12);
  return std::log2(p / (1 - p));
}

}  // namespace migrate::dedupe
