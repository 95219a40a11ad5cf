#include "migrate/dedupe/weights.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "migrate/dedupe/frequency.h"

namespace migrate::dedupe {
namespace {

// A sample of pairs drawn from known classes on four pieces of evidence.
struct Truth {
  double match_share, household_share;
  std::array<double, 4> match, household,
      stranger;  // chance of the exact level of first name, phone, birth date, address
};

std::vector<TrainingPair> Draw(const Truth& truth, int n) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> uniform(0, 1);
  const std::array<Evidence, 4> evidence = {kFirst, kPhone, kBirth, kAddress};
  const std::array<uint8_t, 4> exact = {kNameExact, kContactExact, kBirthExact, kAddressExact};
  const std::array<uint8_t, 4> other = {kNameDifferent, kContactDifferent, kBirthDifferent, kAddressDifferent};
  std::vector<TrainingPair> pairs;
  for (int i = 0; i < n; ++i) {
    const double u = uniform(random);
    const auto& chances = u < truth.match_share                           ? truth.match
                          : u < truth.match_share + truth.household_share ? truth.household
                                                                          : truth.stranger;
    Comparison c;
    for (size_t k = 0; k < 4; ++k) {
      const bool agree = uniform(random) < chances[k];
      c.level[evidence[k]] = agree ? exact[k] : other[k];
      c.log_chance[evidence[k]] = agree ? static_cast<float>(std::log2(truth.stranger[k])) : NAN;
    }
    pairs.push_back(PackPair(c));
  }
  return pairs;
}

TEST(Em, RecoversWhatPairsWereDrawnFrom) {
  const Truth truth = {.10, .15, {.96, .85, .96, .9}, {.005, .70, .01, .8}, {.01, .001, .002, .001}};
  const std::vector<TrainingPair> pairs = Draw(truth, 200'000);
  Weights weights = InitialWeights(1000);
  for (const auto& [e, u] :
       {std::pair(kFirst, .01f), std::pair(kPhone, .001f), std::pair(kBirth, .002f), std::pair(kAddress, .001f)})
    weights.u[e][DifferentLevel(e)] = 1 - u;
  EmOptions options;
  options.records = 1000;
  options.total_pairs = static_cast<double>(pairs.size());
  options.other_births = 0.1;
  const int iterations = EstimateByEm(pairs, options, &weights);
  EXPECT_GT(iterations, 1);
  EXPECT_LT(iterations, options.max_iterations);
  EXPECT_NEAR(weights.lambda_match, truth.match_share, .005);
  EXPECT_NEAR(weights.lambda_household, truth.household_share, .005);
  EXPECT_NEAR(weights.m[kFirst][kNameExact], .96, .015);
  EXPECT_NEAR(weights.m[kPhone][kContactExact], .85, .01);
  EXPECT_NEAR(weights.m[kBirth][kBirthExact], .96, .01);
  EXPECT_NEAR(weights.h[kPhone][kContactExact], .70, .03);
  EXPECT_NEAR(weights.h[kFirst][kNameExact], .005, .003);
}

TEST(Em, FindsNoMatchesAmongStrangersAndHouseholds) {
  const Truth truth = {0, .2, {.9, .7, .9, .6}, {.005, .8, .01, .9}, {.01, .001, .002, .001}};
  const std::vector<TrainingPair> pairs = Draw(truth, 50'000);
  Weights weights = InitialWeights(1000);
  for (const auto& [e, u] :
       {std::pair(kFirst, .01f), std::pair(kPhone, .001f), std::pair(kBirth, .002f), std::pair(kAddress, .001f)})
    weights.u[e][DifferentLevel(e)] = 1 - u;
  EmOptions options;
  options.records = 1000;
  options.total_pairs = static_cast<double>(pairs.size());
  EstimateByEm(pairs, options, &weights);
  EXPECT_LT(weights.lambda_match, .002);
  EXPECT_GT(weights.lambda_household, .15);
}

TEST(Em, DifferentFirstNamesStayRareAmongMatches) {
  // Pairs that share all but the first name: relatives, even where nothing else could tell.
  const Truth truth = {.3, 0, {.2, .95, .95, .9}, {}, {.01, .001, .002, .001}};
  const std::vector<TrainingPair> pairs = Draw(truth, 20'000);
  Weights weights = InitialWeights(1000);
  EmOptions options;
  options.total_pairs = 20'000;
  options.records = 1000;
  EstimateByEm(pairs, options, &weights);
  EXPECT_LE(weights.m[kFirst][kNameDifferent], .1001f);
}

// Without relatives in the table the third class would settle on what is unlike the other matches: exchanged names.
TEST(Em, ExchangedNamesStayMatchesWhereNobodyHasRelatives) {
  std::mt19937 random(5);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<TrainingPair> pairs;
  for (int i = 0; i < 20'000; ++i) {
    const bool match = uniform(random) < .3, crossed = match && uniform(random) < .03;
    Comparison c;
    const auto set = [&](Evidence e, uint8_t level, double chance) {
      c.level[e] = level;
      c.log_chance[e] = chance == 0 ? NAN : static_cast<float>(std::log2(chance));
    };
    set(kFirst, crossed ? kNameCrossed : match ? kNameExact : kNameDifferent, match ? .01 : 0);
    set(kLast, crossed ? kNameCrossed : match ? kNameExact : kNameDifferent, match ? .005 : 0);
    const bool born = match && uniform(random) < .9, mail = match && uniform(random) < .7;
    set(kBirth, born ? kBirthExact : kBirthDifferent, born ? .0005 : 0);
    set(kEmail, mail ? kContactExact : kContactDifferent, mail ? .0005 : 0);
    pairs.push_back(PackPair(c));
  }
  Weights weights = InitialWeights(1000);
  for (const auto& [e, u] :
       {std::pair(kFirst, .01f), std::pair(kLast, .005f), std::pair(kBirth, .0005f), std::pair(kEmail, .0005f)})
    weights.u[e][DifferentLevel(e)] = 1 - u;
  EmOptions options;
  options.records = 1000;
  options.total_pairs = 20'000;
  EstimateByEm(pairs, options, &weights);
  EXPECT_GT(weights.m[kFirst][kNameCrossed], .02f);
  EXPECT_LE(weights.h[kFirst][kNameCrossed] + weights.h[kFirst][kNameCrossedClose], .0101f);
  EXPECT_LE(weights.h[kLast][kNameCrossed] + weights.h[kLast][kNameCrossedClose], .0101f);
}

TEST(EstimateChance, LeavesMatchesOutOfU) {
  // A tenth of the "random" pairs are matches, as under heavy duplication.
  const Truth truth = {.10, 0, {.95, .9, .95, .9}, {}, {.01, .001, .002, .001}};
  const std::vector<TrainingPair> pairs = Draw(truth, 100'000);
  Weights weights = InitialWeights(1000);
  weights.lambda_match = .1;
  EstimateChance(pairs, &weights);
  EXPECT_NEAR(weights.u[kFirst][kNameDifferent], .99, .005);
  EXPECT_NEAR(weights.u[kPhone][kContactDifferent], .999, .002);
}

TEST(Scorer, AddsWeightsAndLetsHouseholdsCompete) {
  Weights w = InitialWeights(1000);
  w.lambda_match = w.lambda_household = 1e-4;
  const Scorer scorer(w);
  Comparison c;
  EXPECT_NEAR(scorer.LogOdds(c), std::log2(1e-4 / (1 - 1e-4)), .01) << "nothing compared: the prior";
  c.level[kPhone] = kContactExact;
  c.log_chance[kPhone] = -16;
  c.level[kAddress] = kAddressExact;
  c.log_chance[kAddress] = -16;
  const double shared = scorer.LogOdds(c);
  EXPECT_LT(shared, 1) << "what households share does not make a match";
  c.level[kFirst] = kNameDifferent;
  c.log_chance[kFirst] = NAN;
  EXPECT_LT(scorer.LogOdds(c), shared - 3);
  c.level[kFirst] = kNameExact;
  c.log_chance[kFirst] = -10;
  EXPECT_GT(scorer.LogOdds(c), 5);
}

TEST(Scorer, PackedAndFullPairsScoreAlike) {
  const Weights w = InitialWeights(1000);
  const Scorer scorer(w);
  Comparison c;
  c.level[kLast] = kNameExact;
  c.log_chance[kLast] = -9;
  c.level[kFirst] = kNameWeak;
  c.log_chance[kFirst] = NAN;
  EXPECT_NEAR(scorer.LogOdds(c), scorer.LogOdds(PackPair(c)), 1e-4);
}

TEST(LogOdds, AndBack) {
  for (const double p : {.01, .5, .95, .9999}) EXPECT_NEAR(LogOddsToProbability(ProbabilityToLogOdds(p)), p, 1e-9);
}

Table Names(const std::vector<std::pair<std::string, int>>& counts) {
  Table table(0);
  uint64_t id = 0;
  for (const auto& [name, count] : counts) {
    for (int i = 0; i < count; ++i) {
      Record r;
      r.record_id = ++id;
      r[Field::kLastName] = name;
      table.Add(r);
    }
  }
  EXPECT_TRUE(table.Finish());
  return table;
}

TEST(Frequencies, FollowTheFormula) {
  const Table table = Names({{"Smith", 500}, {"Jones", 300}, {"Rare", 2}, {"Once", 1}});
  const Frequencies f = CountFrequencies(table, Duplication{}, Nicknames());
  const double n = 803, pairs = 500.0 * 499 + 300 * 299 + 2, u0 = pairs / (n * (n - 1));
  const auto chance = [&](uint32_t row) { return std::exp2(static_cast<double>(f.names[table[row].last].log_last)); };
  EXPECT_NEAR(chance(0), (499 + 1) / (n + 1 / u0), 1e-5);
  EXPECT_NEAR(chance(600), (299 + 1) / (n + 1 / u0), 1e-5);
  EXPECT_NEAR(chance(800), 2 / (n + 1 / u0), 1e-5);
  EXPECT_NEAR(chance(802), 1 / (n + 1 / u0), 1e-5);
}

TEST(Frequencies, DuplicatesAreNoStrangers) {
  const Table table = Names({{"Smith", 500}, {"Ten", 10}});
  Duplication d;
  d.duplicates_per_record = 9;
  d.exact[kLast] = 1;
  const Frequencies plain = CountFrequencies(table, Duplication{}, Nicknames());
  const Frequencies adjusted = CountFrequencies(table, d, Nicknames());
  const uint32_t ten = table[509].last;
  EXPECT_LT(adjusted.names[ten].log_last, plain.names[ten].log_last - 2);
}

// Forty records of one Ten and ten persons called Smith: counted by records Ten is the commoner name, by persons not.
TEST(Frequencies, CountPersonsByTheirClusters) {
  const Table table = Names({{"Smith", 10}, {"Ten", 40}});
  std::vector<uint32_t> cluster;
  for (uint32_t row = 0; row < 50; ++row) cluster.push_back(row < 10 ? row : 10);
  double per_person = 0;
  const RowWeights weights = WeightsByPerson(cluster, &per_person);
  EXPECT_DOUBLE_EQ(per_person, 50.0 / 11);
  double sum = 0;
  for (const float w : weights) sum += static_cast<double>(w);
  EXPECT_NEAR(sum, 50, 1e-3);
  const ValueCounts counts = CountValues(table, {}, &weights);
  const uint32_t smith = table[0].last, ten = table[49].last;
  EXPECT_EQ(counts.last[smith], 45u);
  EXPECT_EQ(counts.last[ten], 5u);
  const ValueCounts plain = CountValues(table);
  EXPECT_EQ(plain.last[smith], 10u);
  EXPECT_EQ(plain.last[ten], 40u);
}

// Values of all kinds of frequencies, one of them in nine of ten records.
TEST(Frequencies, LittleMemoryCountsTheSame) {
  Table table(0);
  for (uint64_t id = 1; id <= 30'000; ++id) {
    Record r;
    r.record_id = id;
    r[Field::kPhone] = id % 10 != 0 ? "+12025550100" : fmt::format("+1202{:07}", HashMix(id, 1) % 2000);
    r[Field::kEmail] = fmt::format("p{}@x{}.com", HashMix(id, 2) % 20'000, id % 3);
    if (id % 2 == 0) r.more_emails.push_back(fmt::format("q{}@x.com", id % 700));
    table.Add(r);
  }
  ASSERT_TRUE(table.Finish());
  RowWeights weights;
  for (uint32_t row = 0; row < table.size(); ++row) weights.push_back(0.25f * static_cast<float>(1 + row % 7));
  for (const RowWeights* by : {static_cast<const RowWeights*>(nullptr), static_cast<const RowWeights*>(&weights)}) {
    const ValueCounts want = CountValues(table, {2, 0, ""}, by);
    const ValueCounts got = CountValues(table, {2, 100'000, testing::TempDir()}, by);
    for (const auto field : {&ValueCounts::phone, &ValueCounts::email, &ValueCounts::email_local}) {
      EXPECT_EQ(*(got.*field).repeated, *(want.*field).repeated);
      EXPECT_EQ((got.*field).records, (want.*field).records);
      EXPECT_EQ((got.*field).distinct, (want.*field).distinct);
      EXPECT_GT((got.*field).repeated->size(), 500u);
    }
  }
}

}  // namespace
}  // namespace migrate::dedupe
