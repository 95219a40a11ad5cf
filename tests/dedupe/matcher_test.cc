#include "migrate/dedupe/matcher.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <random>
#include <set>

#include "../base/rounds.h"
#include "migrate/dedupe/dictionary.h"
#include "migrate/dedupe/scoring.h"
#include "people.h"

namespace migrate::dedupe {
namespace {

MatchOptions Options() {
  MatchOptions options;
  options.attributes = {{"club", AttributeType::kText}};
  return options;
}

MatchResult Match(const std::vector<Record>& records, MatchOptions options = Options()) {
  Matcher matcher(std::move(options));
  for (const Record& r : records) EXPECT_TRUE(matcher.Add(r).ok());
  auto result = matcher.Run();
  EXPECT_TRUE(result.ok());
  return *std::move(result);
}

TEST(Matcher, FindsThePersons) {
  const Data data = MakeData(2000);
  const MatchResult result = Match(data.records);
  ASSERT_EQ(result.record_ids.size(), data.records.size());
  EXPECT_TRUE(std::is_sorted(result.record_ids.begin(), result.record_ids.end()));
  uint64_t both = 0, found = 0, real = 0;
  std::map<uint64_t, uint64_t> of_person, of_cluster;
  std::map<std::pair<uint64_t, uint64_t>, uint64_t> of_both;
  for (size_t i = 0; i < result.record_ids.size(); ++i) {
    ASSERT_LE(result.cluster[i], i);
    ASSERT_EQ(result.cluster[result.cluster[i]], result.cluster[i]);
    const uint64_t person = data.truth.at(result.record_ids[i]);
    found += of_cluster[result.cluster[i]]++;
    real += of_person[person]++;
    both += of_both[{person, result.cluster[i]}]++;
  }
  EXPECT_GE(static_cast<double>(both), .995 * static_cast<double>(found)) << "precision";
  EXPECT_GE(static_cast<double>(both), .98 * static_cast<double>(real)) << "recall";
  EXPECT_EQ(result.stats.clusters, of_cluster.size());
}

void ExpectSame(const MatchResult& a, const MatchResult& b) {
  EXPECT_EQ(a.record_ids, b.record_ids);
  EXPECT_EQ(a.cluster, b.cluster);
  EXPECT_EQ(a.confidence, b.confidence);
  EXPECT_EQ(ModelToJson(a.model), ModelToJson(b.model));
  ASSERT_EQ(a.review.size(), b.review.size());
  for (size_t i = 0; i < a.review.size(); ++i) {
    EXPECT_EQ(a.review[i].a, b.review[i].a);
    EXPECT_EQ(a.review[i].b, b.review[i].b);
    EXPECT_EQ(a.review[i].probability, b.review[i].probability);
  }
  EXPECT_EQ(a.stats.weight_histogram, b.stats.weight_histogram);
}

TEST(Matcher, SameForAnyOrderAndThreads) {
  Data data = MakeData(1500);
  const MatchResult base = Match(data.records);
  std::mt19937 random(5);
  for (const unsigned threads : {1u, 2u, 5u}) {
    std::shuffle(data.records.begin(), data.records.end(), random);
    MatchOptions options = Options();
    options.threads = threads;
    ExpectSame(base, Match(data.records, options));
  }
}

// Parts that are kept in memory, scored by n matchings and then taken by one that needs nothing else.
struct Parts {
  explicit Parts(uint32_t rows) {
    score.rows = rows;
    score.begin = [this](const Model& model, double) { models.insert(ModelToJson(model)); };
    score.read = [this](uint32_t part, ScoredPart* out) {
      const auto it = there.find(part);
      if (it == there.end()) return false;
      *out = it->second;
      return true;
    };
    score.write = [this](uint32_t part, const ScoredPart& scored) {
      const std::lock_guard lock(mutex);
      EXPECT_TRUE(there.emplace(part, scored).second) << "scored twice: " << part;
      return Status();
    };
  }
  std::mutex mutex;
  std::set<std::string> models;
  std::map<uint32_t, ScoredPart> there;
  ScoreParts score;
};

void ExpectSameByParts(const std::vector<Record>& records, const Model* model) {
  MatchOptions options = Options();
  options.model = model;
  const MatchResult whole = Match(records, options);
  for (const uint32_t n : {1u, 3u}) {
    Parts parts(256);
    options.parts = &parts.score;
    parts.score.only = true;
    for (uint32_t i = 0; i + (n == 3 ? 1 : 0) < n; ++i) {  // of 3 the last is missing
      parts.score.mine = [i, n](uint32_t part) { return part % n == i; };
      options.threads = i % 2 + 1;
      EXPECT_TRUE(Match(records, options).record_ids.empty());
    }
    EXPECT_EQ(parts.models.size(), 1u);
    const size_t count = (records.size() + 255) / 256;
    EXPECT_EQ(parts.there.size(), n == 3 ? count - count / 3 : count);
    parts.score.only = false;
    const MatchResult shared = Match(records, options);
    EXPECT_EQ(parts.there.size(), count);
    ExpectSame(whole, shared);
    EXPECT_EQ(whole.stats.pairs_scored, shared.stats.pairs_scored);
    for (size_t k = 0; k < whole.stats.keys.size(); ++k) {
      EXPECT_EQ(whole.stats.keys[k].pairs, shared.stats.keys[k].pairs) << whole.stats.keys[k].name;
      EXPECT_EQ(whole.stats.keys[k].new_pairs, shared.stats.keys[k].new_pairs) << whole.stats.keys[k].name;
      EXPECT_EQ(whole.stats.keys[k].capped_sizes, shared.stats.keys[k].capped_sizes) << whole.stats.keys[k].name;
    }
  }
}

TEST(Matcher, SameWhoeverScoresWhichPart) {
  for (const uint64_t persons : {Rounds(400, 200), Rounds(2000, 1000)}) {  // compared whole, and by blocks
    const Data data = MakeData(persons);
    ExpectSameByParts(data.records, nullptr);
    const Model model = Match(data.records).model;
    ExpectSameByParts(data.records, &model);
  }
}

TEST(Matcher, APartThatCannotBeWrittenFails) {
  const Data data = MakeData(400);
  Parts parts(256);
  parts.score.write = [](uint32_t, const ScoredPart&) { return Status::Failed("the disk is full"); };
  MatchOptions options = Options();
  options.parts = &parts.score;
  Matcher matcher(options);
  for (const Record& r : data.records) ASSERT_TRUE(matcher.Add(r).ok());
  EXPECT_EQ(matcher.Run().status().message(), "the disk is full");
}

TEST(Matcher, AModelReadBackScoresAsTheOneThatWasTrained) {
  const Data data = MakeData(1500);
  const MatchResult trained = Match(data.records);
  const auto model = ModelFromJson(ModelToJson(trained.model));
  ASSERT_TRUE(model.ok()) << model.status().message();
  EXPECT_EQ(ModelToJson(*model), ModelToJson(trained.model));
  MatchOptions options = Options();
  options.model = &*model;
  const MatchResult used = Match(data.records, options);
  EXPECT_EQ(used.cluster, trained.cluster);
  EXPECT_EQ(used.stats.em_iterations, 0);
}

TEST(Matcher, DecisionsHold) {
  const Data data = MakeData(300);
  const MatchResult before = Match(data.records);
  size_t joined = 0;
  while (before.cluster[joined] == joined) ++joined;
  const uint64_t a = before.record_ids[joined], b = before.record_ids[before.cluster[joined]];
  const uint64_t c = before.record_ids[0], d = before.record_ids[1];
  ASSERT_NE(before.cluster[0], before.cluster[1]);
  MatchOptions options = Options();
  options.decisions = {
      {Decision::Kind::kCannotLink, a, b}, {Decision::Kind::kMustLink, c, d}, {Decision::Kind::kMustLink, 1, 2}};
  const MatchResult after = Match(data.records, options);
  const auto cluster = [&](uint64_t id) {
    return after.cluster[static_cast<size_t>(std::lower_bound(after.record_ids.begin(), after.record_ids.end(), id) -
                                             after.record_ids.begin())];
  };
  EXPECT_NE(cluster(a), cluster(b));
  EXPECT_EQ(cluster(c), cluster(d));
}

// A relative: of the same home, with a first name and a birthday of his own.
Record Relative(uint64_t person, uint64_t id) {
  Record r = PersonRecord(person, 0);
  r.record_id = id;
  r[Field::kFirstName] = Syllables(HashMix(person, 21) % 500, 3);
  r[Field::kBirthDate] = fmt::format("{}-{:02}-{:02}", 1940 + HashMix(person, 23) % 60, 1 + HashMix(person, 24) % 12,
                                     1 + HashMix(person, 25) % 28);
  return r;
}

TEST(Matcher, RelativesTwinsAndNamesakesStayApart) {
  Data data = MakeData(1500);
  constexpr uint64_t kRelatives = 400;
  for (uint64_t p = 1; p <= kRelatives; ++p) data.records.push_back(Relative(p, p));
  // Of every tenth a twin: the birthday is the same too.
  for (uint64_t p = 1; p <= kRelatives; p += 10)
    data.records[data.records.size() - kRelatives + p - 1][Field::kBirthDate] = PersonRecord(p, 0)[Field::kBirthDate];
  Record senior = PersonRecord(1000, 0), junior = senior;
  senior.record_id = kRelatives + 1;
  junior.record_id = kRelatives + 2;
  senior[Field::kSuffix] = "Sr";
  junior[Field::kSuffix] = "Jr";
  data.records.insert(data.records.end(), {junior, senior});
  const MatchResult result = Match(data.records);
  std::map<uint32_t, int> size;
  for (const uint32_t c : result.cluster) ++size[c];
  int joined = 0;
  for (uint32_t row = 0; row < kRelatives; ++row) joined += size[result.cluster[row]] > 1 ? 1 : 0;
  EXPECT_LE(joined, 8) << "of " << kRelatives << " relatives, a tenth of them twins";
  EXPECT_NE(result.cluster[kRelatives], result.cluster[kRelatives + 1]);
}

TEST(Matcher, EmptyRecordsAreAlone) {
  Data data = MakeData(50);
  for (uint64_t id = 1; id <= 3; ++id) {
    Record r;
    r.record_id = id;
    r.flags = kFlagEmpty;
    data.records.push_back(r);
  }
  const MatchResult result = Match(data.records);
  for (uint32_t row = 0; row < 3; ++row) {
    EXPECT_EQ(result.cluster[row], row);
    EXPECT_EQ(result.confidence[row], 1.0f);
  }
}

TEST(Matcher, SmallestInputs) {
  EXPECT_TRUE(Match({}).record_ids.empty());
  EXPECT_EQ(Match({PersonRecord(1, 0)}).cluster, std::vector<uint32_t>{0});
}

TEST(Matcher, ReportsErrors) {
  Matcher twice(Options());
  ASSERT_TRUE(twice.Add(PersonRecord(1, 0)).ok());
  ASSERT_TRUE(twice.Add(PersonRecord(1, 0)).ok());
  EXPECT_EQ(twice.Run().status().message(), "dedupe: a record id was given twice");

  Cancel cancel;
  cancel.Request();
  MatchOptions options = Options();
  options.cancel = &cancel;
  Matcher cancelled(options);
  for (const Record& r : MakeData(100).records) ASSERT_TRUE(cancelled.Add(r).ok());
  EXPECT_EQ(cancelled.Run().status().kind(), ErrorKind::kCancelled);

  MatchOptions little = Options();
  little.memory_bytes = 1000;
  Matcher starved(little);
  for (const Record& r : MakeData(100).records) ASSERT_TRUE(starved.Add(r).ok());
  const auto refused = starved.Run();
  EXPECT_EQ(refused.status().kind(), ErrorKind::kFailed);
  EXPECT_NE(refused.status().message().find("need 513 MiB"), std::string::npos) << refused.status().message();
}

TEST(Model, RefusesWhatItCannotUse) {
  for (const std::string_view text : {"", "{}", "[1]", "{\"version\": 99}", "{\"version\": 1}"}) {
    const auto model = ModelFromJson(text);
    EXPECT_FALSE(model.ok()) << text;
    EXPECT_EQ(model.status().kind(), ErrorKind::kPlan);
  }
}

}  // namespace
}  // namespace migrate::dedupe
