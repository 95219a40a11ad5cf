#include "migrate/dedupe/explain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "migrate/dedupe/matcher.h"
#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/scoring.h"
#include "people.h"

namespace migrate::dedupe {
namespace {

const std::vector<Attribute> kAttributes = {{"club", AttributeType::kText}};

MatchResult Match(const std::vector<Record>& records, double review_probability) {
  MatchOptions options;
  options.attributes = kAttributes;
  options.review_probability = review_probability;
  Matcher matcher(options);
  for (const Record& r : records) EXPECT_TRUE(matcher.Add(r).ok());
  auto result = matcher.Run();
  EXPECT_TRUE(result.ok());
  return *std::move(result);
}

std::unique_ptr<Explainer> Explain(const Model& model, std::vector<Record> records) {
  auto explainer = Explainer::Make(model, kAttributes, std::move(records));
  EXPECT_TRUE(explainer.ok()) << explainer.status().message();
  return *std::move(explainer);
}

struct Matched {
  std::map<uint64_t, Record> records;
  std::map<uint64_t, std::vector<uint64_t>> members;  // by the cluster's lowest record
  std::map<uint64_t, uint64_t> cluster;
  MatchResult result;
};

Matched RunOf(const std::vector<Record>& records) {
  Matched run;
  run.result = Match(records, 1e-3);
  for (const Record& r : records) run.records[r.record_id] = r;
  for (size_t i = 0; i < run.result.record_ids.size(); ++i) {
    const uint64_t lowest = run.result.record_ids[run.result.cluster[i]];
    run.cluster[run.result.record_ids[i]] = lowest;
    run.members[lowest].push_back(run.result.record_ids[i]);
  }
  return run;
}

TEST(Explain, TwoRecordsAndTheModelGiveTheOddsOfTheRun) {
  const Matched run = RunOf(MakeDoubtfulData(600).records);
  ASSERT_GT(run.result.review.size(), 20u);
  size_t looked = 0;
  for (const ReviewPair& pair : run.result.review) {
    if (++looked > 100) break;
    const auto explainer = Explain(run.result.model, {run.records.at(pair.b), run.records.at(pair.a)});
    EXPECT_EQ(static_cast<float>(explainer->Explain(pair.a, pair.b).probability), pair.probability);
    EXPECT_EQ(explainer->LogOdds(pair.a, pair.b), explainer->LogOdds(pair.b, pair.a));
  }
}

TEST(Explain, PooledEvidenceIsThatOfTheRun) {
  const Matched run = RunOf(MakeDoubtfulData(600).records);
  int groups = 0;
  for (const ReviewPair& pair : run.result.review) {
    const auto &a = run.members.at(run.cluster.at(pair.a)), &b = run.members.at(run.cluster.at(pair.b));
    std::vector<Record> records;
    for (const auto* ids : {&a, &b})
      for (const uint64_t id : *ids) records.push_back(run.records.at(id));
    const double pooled = Explain(run.result.model, records)->Pooled(a, b);
    EXPECT_EQ(static_cast<float>(LogOddsToProbability(pooled)), pair.pooled);
    groups += a.size() + b.size() > 2 ? 1 : 0;
  }
  EXPECT_GT(groups, 5);
}

TEST(Explain, TheWaterfallAddsUp) {
  const Matched run = RunOf(MakeData(600).records);
  std::mt19937_64 random(7);
  const auto& ids = run.result.record_ids;
  for (int i = 0; i < 100; ++i) {
    const uint64_t a = ids[random() % ids.size()];
    const auto& with = run.members.at(run.cluster.at(a));
    const uint64_t b = i % 2 == 0 && with.size() > 1 ? with[with[0] == a ? 1 : 0] : ids[random() % ids.size()];
    if (a == b) continue;
    const PairExplanation e = Explain(run.result.model, {run.records.at(a), run.records.at(b)})->Explain(a, b);
    double sum = e.prior - e.household_loss;
    for (const EvidenceStep& step : e.steps) {
      sum += step.weight;
      EXPECT_NEAR(step.weight, step.level_weight + step.frequency_weight, 1e-6) << step.name;
      if (step.level == "missing" || step.level == "not counted") {
        EXPECT_EQ(step.weight, 0) << step.name;
      } else {
        EXPECT_NEAR(step.weight, std::log2(step.m / step.u), 1e-3) << step.name << " " << step.level;
      }
    }
    EXPECT_NEAR(sum, e.log_odds, 1e-4);
    EXPECT_GE(e.household_loss, 0);
    EXPECT_NEAR(e.probability, LogOddsToProbability(e.log_odds), 1e-12);
  }
}

TEST(Explain, AChainGoesOverTheRecordThatHasWhatBothHave) {
  const Matched run = RunOf(MakeData(800).records);
  Record left = PersonRecord(5000, 0), middle = left, right = left;
  left.record_id = 1;
  middle.record_id = 2;
  right.record_id = 3;
  left[Field::kPhone] = left[Field::kZip] = "";
  right[Field::kBirthDate] = right[Field::kFirstName] = "";
  Record stranger = PersonRecord(6000, 0);
  stranger.record_id = 4;
  const auto explainer = Explain(run.result.model, {left, middle, right, stranger});
  const auto chain = explainer->Chain(1, 3, {1, 2, 3, 4});
  ASSERT_EQ(chain.size(), 2u);
  EXPECT_EQ(chain[0].b, 2u);
  EXPECT_EQ(chain[1].a, 2u);
  EXPECT_EQ(chain[1].b, 3u);
  EXPECT_GT(std::min(chain[0].log_odds, chain[1].log_odds), explainer->LogOdds(1, 3));
  EXPECT_TRUE(explainer->Chain(1, 4, {1, 2, 3, 4}).empty()) << "strangers";
  EXPECT_TRUE(explainer->Chain(1, 9, {1, 2}).empty()) << "not among the members";
}

// Everybody with a zip below 10030 has one telephone, and half of all have one e-mail: blocks that are capped.
std::vector<Record> WithHubs() {
  std::vector<Record> records = MakeData(1500).records;
  for (Record& r : records) {
    if (r[Field::kZip] < "10060") r[Field::kPhone] = "+12025550100";
    if (r.record_id % 2 == 0) r[Field::kEmail] = "info@office.example";
  }
  return records;
}

TEST(SharedBlocks, AgreeWithBlockingOnWhatIsCompared) {
  const std::vector<Record> records = WithHubs();
  const MatchResult result = Match(records, 0.6);
  Table table(1);
  for (const Record& r : records) table.Add(r);
  ASSERT_TRUE(table.Finish());
  ASSERT_FALSE(PairsWithinReach(table.size()));
  const Frequencies frequencies = UseFrequencies(table, result.model.frequencies, Nicknames());
  BlockingOptions options;
  options.caps = result.model.caps;
  const BlockingPlan plan = PlanBlocking(table, frequencies, options);
  std::map<uint64_t, const Record*> by_id;
  for (const Record& r : records) by_id[r.record_id] = &r;
  std::mt19937_64 random(3);
  int proposed = 0, capped = 0;
  for (int i = 0; i < 60; ++i) {
    const auto row = static_cast<uint32_t>(random() % (table.size() - 1));
    std::set<uint32_t> candidates;
    Candidates found = FindCandidates(table, frequencies, plan, RowSlice::Range(row, row + 1), options);
    for (const Candidate& c : found.Take(0)) candidates.insert(c.other);
    // A candidate, or any record.
    uint32_t other = row + 1 + static_cast<uint32_t>(random() % (table.size() - row - 1));
    if (i % 2 == 0 && !candidates.empty()) other = *candidates.begin();
    SharedBlocks shared(result.model, *by_id[table.record_id(row)], *by_id[table.record_id(other)]);
    for (const Record& r : records) shared.Add(r);
    bool proposes = false;
    for (const SharedBlock& block : shared.Finish()) {
      proposes |= block.outcome == SharedBlock::Outcome::kProposes;
      capped += block.outcome == SharedBlock::Outcome::kCapped ? 1 : 0;
    }
    EXPECT_EQ(proposes, candidates.count(other) != 0) << row << " " << other;
    proposed += proposes ? 1 : 0;
  }
  EXPECT_GT(proposed, 20);
  EXPECT_GT(capped, 20);
}

TEST(SharedBlocks, SmallTablesAreComparedWhole) {
  const std::vector<Record> records = MakeData(100).records;
  const MatchResult result = Match(records, 0.6);
  SharedBlocks shared(result.model, records[0], records[5]);
  for (const Record& r : records) shared.Add(r);
  const auto blocks = shared.Finish();
  ASSERT_FALSE(blocks.empty());
  EXPECT_EQ(blocks.back().key, "all pairs");
  EXPECT_EQ(blocks.back().outcome, SharedBlock::Outcome::kProposes);
}

TEST(Explain, AModelOfOtherAttributesIsRefused) {
  const Matched run = RunOf(MakeData(50).records);
  const auto explainer = Explainer::Make(run.result.model, {}, {});
  ASSERT_FALSE(explainer.ok());
  EXPECT_EQ(explainer.status().kind(), ErrorKind::kPlan);
}

}  // namespace
}  // namespace migrate::dedupe
