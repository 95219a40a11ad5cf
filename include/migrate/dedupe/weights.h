// Weights: a three-class Fellegi-Sunter model and its estimation by EM.
//
// A pair of records is of one person (match), of two people who belong together (household: relatives, flatmates, a
// firm's staff), or of two strangers. Household pairs share address, telephone and last name all at once: in a
// two-class model these would count as independent evidence and merge families. With the third class they count once,
// and what decides within a household is what its members do not share: first name, birth date, e-mail, national id.
//
//   odds(match) = lambda_m * prod m[f][level] / (lambda_h * prod h[f][level] + (1 - lambda_m - lambda_h) * prod u)
//
// m and h are learned by EM over candidate pairs. u is not: it is the frequency of the value agreed on (frequency.h),
// or, for levels that are not agreement on a value (kByAverage), the share of the level among random pairs. Because u
// and the lambdas refer to all n(n-1)/2 pairs, posteriors do not depend on which keys proposed a pair, and tighten with
// n.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "migrate/dedupe/compare.h"

namespace migrate::dedupe {

// Learned probabilities. Rows sum to 1 over the levels without kNull; entry kNull is 1.
struct Weights {
  LevelTable m{}, h{}, u{};
  double lambda_match = 0, lambda_household = 0;  // shares of all pairs
};

// A compared pair, packed for training: 16 bytes.
struct TrainingPair {
  uint64_t pattern = 0;
  float log_chance = 0;  // sum of Comparison::log_chance where it is a number
  float weight = 1;      // how many pairs it stands for
};
TrainingPair PackPair(const Comparison& comparison);

// True where the level's chance under "strangers" comes from the value itself.
bool ByValue(int evidence, int level);

struct EmOptions {
  double total_pairs = 1;  // n (n - 1) / 2
  double records = 1;
  // At most so many of a person's pairs have altogether different birth dates. A day of birth is copied, not heard or
  // shortened: one record in a hundred has quite another one, so two pairs in a hundred; the others with such dates are
  // two people, among them father and son of one name at one address. OtherBirths adds what default dates bring about.
  double other_births = 0.02;
  int max_iterations = 60;
  double tolerance = 1e-4;  // largest change of an m that ends the iterations
};

// Starting point: how persons' records differ in general (typing slips, moves, missing values), no data set's figures.
Weights InitialWeights(double records);

// Runs EM from *weights; u stays as it is. Returns the number of iterations.
int EstimateByEm(const std::vector<TrainingPair>& candidates, const EmOptions& options, Weights* weights);

// u of average levels from random pairs, each counted by its chance of not being a match.
void EstimateChance(const std::vector<TrainingPair>& random_pairs, Weights* weights);

// Where an identifier is common to two records of which one has neither name nor birth date, such a share of the
// pairs is of two people, as many relatives as strangers: counts of values cannot tell that (two records of one address
// are as frequent as chance may make them in a table of their size), so it is said beforehand.
inline constexpr double kOtherOwner = 0.02;

// Logarithms (base 2) of Weights, for scoring.
class Scorer {
 public:
  explicit Scorer(const Weights& weights);

  // log2 odds that a pair is a match.
  double LogOdds(const Comparison& comparison) const;
  double LogOdds(const TrainingPair& pair) const;

  // The parts, so that evidence of several pairs can be pooled: log2 m/u and h/u of one level.
  float MatchPart(const Comparison& c, int evidence) const { return log_m_[Index(c, evidence)] - Chance(c, evidence); }
  // Two members of a household agree on a personal value by nature (twins) or by chance, which depends on the value: a
  // default date or a role address is not personal at all.
  float HouseholdPart(const Comparison& c, int evidence) const {
    const float chance = Chance(c, evidence);
    const float custom = custom_[Index(c, evidence)];
    const float part =
        custom == 0 ? log_h_[Index(c, evidence)] - chance : std::log2(custom + std::exp2(chance)) - chance;
    return c.only_identifier == evidence ? std::min(part, MatchPart(c, evidence) + identifier_household_) : part;
  }
  // log2 of the chance of this agreement under "strangers".
  float Chance(const Comparison& c, int e) const {
    const float by_value = c.log_chance[static_cast<size_t>(e)];
    if (c.only_identifier == e) return std::min(by_value, identifier_chance_[static_cast<size_t>(e)]);
    return by_value == by_value ? by_value : log_u_[Index(c, e)];
  }
  // log2 odds from summed parts.
  double Combine(double match_parts, double household_parts) const;

  double prior_match() const { return prior_match_; }

 private:
  static size_t Index(const Comparison& c, int e) {
    return static_cast<size_t>(e * kLevelCount + c.level[static_cast<size_t>(e)]);
  }

  std::array<float, kEvidenceCount * kLevelCount> log_m_{}, log_h_{}, log_u_{};
  std::array<float, kEvidenceCount * kLevelCount> custom_{};  // 0: h does not depend on the value
  // Of exact agreement, where nothing else tells persons apart: its chance, and how much less a household has of it.
  std::array<float, kEvidenceCount> identifier_chance_{};
  float identifier_household_ = 0;
  double prior_match_ = 0, prior_household_ = 0;
};

double LogOddsToProbability(double log2_odds);
double ProbabilityToLogOdds(double probability);

}  // namespace migrate::dedupe
