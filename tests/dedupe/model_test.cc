// A model decides alone: with it records end in the same clusters however they come, and what it lists is bounded.
#include "migrate/dedupe/model.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "migrate/dedupe/matcher.h"
#include "people.h"

namespace migrate::dedupe {
namespace {

MatchResult Match(const std::vector<Record>& records, const Model* model, std::vector<Decision> decisions = {}) {
  MatchOptions options;
  options.attributes = {{"club", AttributeType::kText}};
  options.model = model;
  options.review_probability = 1e-3;
  options.decisions = std::move(decisions);
  Matcher matcher(options);
  for (const Record& r : records) EXPECT_TRUE(matcher.Add(r).ok());
  auto result = matcher.Run();
  EXPECT_TRUE(result.ok()) << result.status().message();
  return *std::move(result);
}

std::map<uint64_t, uint64_t> ClusterOf(const MatchResult& r) {
  std::map<uint64_t, uint64_t> out;
  for (size_t i = 0; i < r.record_ids.size(); ++i) out[r.record_ids[i]] = r.record_ids[r.cluster[i]];
  return out;
}

std::vector<Decision> SomeDecisions(const MatchResult& trained, std::mt19937_64* random) {
  std::vector<Decision> out;
  for (int i = 0; i < 10; ++i) {
    const size_t a = (*random)() % trained.record_ids.size(), b = (*random)() % trained.record_ids.size();
    if (a != b) out.push_back({Decision::Kind::kMustLink, trained.record_ids[a], trained.record_ids[b]});
    if (trained.cluster[a] != a)
      out.push_back({Decision::Kind::kCannotLink, trained.record_ids[a], trained.record_ids[trained.cluster[a]]});
  }
  return out;
}

// Random splits into increments, in random order, decisions coming in between, some records deleted on the way: after
// the last increment all is as one batch leaves it.
TEST(Model, IncrementsEndWhereTheBatchDoes) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    std::mt19937_64 random(seed);
    Data data = seed % 2 == 0 ? MakeData(300 + 60 * seed) : MakeDoubtfulData(300 + 60 * seed);
    const MatchResult trained = Match(data.records, nullptr);
    const std::vector<Decision> decisions = SomeDecisions(trained, &random);
    std::shuffle(data.records.begin(), data.records.end(), random);
    const size_t gone = data.records.size() / 20;
    const std::vector<Record> kept(data.records.begin() + static_cast<ptrdiff_t>(gone), data.records.end());
    const MatchResult batch = Match(kept, &trained.model, decisions);
    std::vector<Record> there(data.records.begin(), data.records.begin() + static_cast<ptrdiff_t>(gone));
    MatchResult last;
    for (size_t at = 0; at < kept.size();) {
      const size_t step = std::min<size_t>(kept.size() - at, 1 + random() % (kept.size() / 2));
      there.insert(there.end(), kept.begin() + static_cast<ptrdiff_t>(at),
                   kept.begin() + static_cast<ptrdiff_t>(at + step));
      at += step;
      const size_t known = decisions.size() * at / kept.size();
      if (at == kept.size())
        std::erase_if(there, [&](const Record& r) {
          return std::any_of(data.records.begin(), data.records.begin() + static_cast<ptrdiff_t>(gone),
                             [&](const Record& g) { return g.record_id == r.record_id; });
        });
      std::shuffle(there.begin(), there.end(), random);
      last = Match(there, &trained.model, {decisions.begin(), decisions.begin() + static_cast<ptrdiff_t>(known)});
      EXPECT_EQ(ModelToJson(last.model), ModelToJson(trained.model)) << "a run with a model leaves it as it is";
    }
    EXPECT_EQ(ClusterOf(last), ClusterOf(batch)) << "seed " << seed;
    EXPECT_EQ(last.confidence, batch.confidence) << "seed " << seed;
    ASSERT_EQ(last.review.size(), batch.review.size());
    for (size_t i = 0; i < last.review.size(); ++i) EXPECT_EQ(last.review[i].pooled, batch.review[i].pooled);
  }
}

// What other records there are does not change what a pair weighs.
TEST(Model, APairWeighsTheSameInAnyCompany) {
  const Data data = MakeDoubtfulData(900);
  const MatchResult all = Match(data.records, nullptr);
  const size_t third = data.records.size() / 3;
  const MatchResult few =
      Match({data.records.begin(), data.records.begin() + static_cast<ptrdiff_t>(third)}, &all.model);
  std::map<std::pair<uint64_t, uint64_t>, float> weights;
  for (const ReviewPair& p : all.review) weights[{p.a, p.b}] = p.probability;
  size_t common = 0;
  for (const ReviewPair& p : few.review) {
    const auto it = weights.find({p.a, p.b});
    if (it == weights.end()) continue;
    EXPECT_EQ(it->second, p.probability);
    ++common;
  }
  EXPECT_GT(common, 0u);
}

TEST(Model, ReadsBackExactly) {
  const MatchResult trained = Match(MakeData(700).records, nullptr);
  const auto read = ModelFromJson(ModelToJson(trained.model));
  ASSERT_TRUE(read.ok()) << read.status().message();
  EXPECT_EQ(read->weights.m, trained.model.weights.m);
  EXPECT_EQ(read->weights.h, trained.model.weights.h);
  EXPECT_EQ(read->weights.u, trained.model.weights.u);
  EXPECT_EQ(read->alone, trained.model.alone);
  ASSERT_EQ(read->frequencies.fields.size(), trained.model.frequencies.fields.size());
  size_t listed = 0;
  for (size_t i = 0; i < read->frequencies.fields.size(); ++i) {
    const FieldFrequencies &a = read->frequencies.fields[i], &b = trained.model.frequencies.fields[i];
    EXPECT_EQ(a.counts, b.counts);
    EXPECT_EQ(a.denominator, b.denominator);
    EXPECT_EQ(a.rest, b.rest);
    listed += a.counts.size();
  }
  EXPECT_GT(listed, 100u);
}

TEST(Model, DamagedTextIsAPlanError) {
  const std::string text = ModelToJson(Match(MakeData(60).records, nullptr).model);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string out = text;
    const size_t at = out.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return out.replace(at, from.size(), to);
  };
  for (const std::string& bad :
       {std::string(), std::string("[]"), text.substr(0, text.size() / 2), with("\"version\": 2", "\"version\": 1"),
        with("\"counts\": \"", "\"counts\": \"x"), with("\"denominator\": ", "\"denominator\": -"),
        with("\"frequencies\"", "\"other\"")}) {
    const auto model = ModelFromJson(bad);
    ASSERT_FALSE(model.ok()) << bad.substr(0, 80);
    EXPECT_EQ(model.status().kind(), ErrorKind::kPlan);
  }
}

TEST(Model, AnotherPlansModelIsRefused) {
  const Model model = Match(MakeData(60).records, nullptr).model;
  for (const std::vector<Attribute>& attributes : {std::vector<Attribute>{},
                                                   {{"team", AttributeType::kText}},
                                                   {{"club", AttributeType::kText}, {"team", AttributeType::kText}}}) {
    MatchOptions options;
    options.attributes = attributes;
    options.model = &model;
    Matcher matcher(options);
    const auto result = matcher.Run();
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.status().kind(), ErrorKind::kPlan);
    EXPECT_NE(result.status().message().find("(club)"), std::string::npos) << result.status().message();
  }
}

FieldFrequencies Listed(std::vector<std::pair<uint64_t, uint32_t>> values, double duplicates) {
  FieldFrequencies f;
  f.denominator = 1000;
  f.duplicates = duplicates;
  ListValues(std::move(values), &f);
  return f;
}

TEST(TermFrequencies, ValuesThatAreNobodyElsesNeedNoPlace) {
  const FieldFrequencies f = Listed({{9, 40}, {5, 1}, {7, 2}, {3, 3}}, 1);
  EXPECT_EQ(f.counts, (std::vector<std::pair<uint64_t, uint32_t>>{{3, 3}, {9, 40}}));
  EXPECT_EQ(f.rest, 1);
  EXPECT_FLOAT_EQ(f.Log(9), std::log2(39.0f / 1000));
  EXPECT_FLOAT_EQ(f.Log(7), std::log2(1.0f / 1000));
  EXPECT_FLOAT_EQ(f.Log(12345), std::log2(1.0f / 1000)) << "never seen";
}

TEST(TermFrequencies, ListsAreBoundedAndNoOrderDecides) {
  std::vector<std::pair<uint64_t, uint32_t>> values;
  std::mt19937_64 random(2);
  for (size_t i = 0; i < kMaxListed; ++i) values.emplace_back(random(), 5 + i % 1000);
  for (size_t i = 0; i < 1000; ++i) values.emplace_back(random(), 4);
  const FieldFrequencies f = Listed(values, 0);
  EXPECT_EQ(f.counts.size(), kMaxListed);
  EXPECT_EQ(f.rest, 4) << "all that is left out occurs four times: three others, and the prior one";
  std::shuffle(values.begin(), values.end(), random);
  values.emplace_back(1, 5);
  const FieldFrequencies g = Listed(values, 0);
  EXPECT_EQ(g.counts.size(), kMaxListed - kMaxListed / 1000)
      << "who is as frequent as the first without a place goes too";
  EXPECT_GT(g.rest, 4);
  EXPECT_LT(g.rest, 5);
}

}  // namespace
}  // namespace migrate::dedupe
