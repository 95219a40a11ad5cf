// Increments end where a batch with the same model does: clusters, confidences, review pairs and statistics, whatever
// comes, changes, goes, and is decided on the way.
#include "migrate/dedupe/match_increment.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "../base/rounds.h"
#include "migrate/base/file.h"
#include "people.h"

namespace migrate::dedupe {
namespace {

MatchOptions Options(const Model* model) {
  MatchOptions options;
  options.attributes = {{"club", AttributeType::kText}};
  options.model = model;
  options.review_probability = 1e-3;
  options.threads = 2;
  return options;
}

// Records of a table, by id, and the state of their matching in a folder.
class Matching : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = testing::TempDir() + "match_state_" + std::to_string(getpid()) + "_" +
              testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  void TearDown() override { ASSERT_TRUE(MatchState::Remove(folder_).ok()); }

  MatchResult MatchAll(const MatchOptions& options, bool keep) {
    MatchOptions o = options;
    std::unique_ptr<MatchStateWriter> writer;
    if (keep) {
      writer = std::make_unique<MatchStateWriter>(folder_, 2);
      o.keep = writer->keep();
    }
    Matcher matcher(o);
    for (const auto& [id, record] : records_) {
      EXPECT_TRUE(matcher.Add(record).ok());
      if (writer) writer->Add(record);
    }
    auto result = matcher.Run();
    EXPECT_TRUE(result.ok()) << result.status().message();
    if (writer) {
      const Status saved = writer->Finish(*result, options.decisions, {{"for", "tests"}});
      EXPECT_TRUE(saved.ok()) << saved.message();
    }
    return *std::move(result);
  }

  std::unique_ptr<MatchState> Load() {
    auto state = MatchState::Load(folder_, 2);
    EXPECT_TRUE(state.ok()) << state.status().message();
    return state.ok() ? *std::move(state) : nullptr;
  }

  // Makes the changes in records_ and in the state, and holds what comes out against a batch.
  void Change(const std::map<uint64_t, std::optional<Record>>& changes, const MatchOptions& options,
              const std::string& what) {
    std::vector<MatchChange> list;
    for (const auto& [id, record] : changes) {
      list.push_back({id, record});
      if (record)
        records_[id] = *record;
      else
        records_.erase(id);
    }
    auto state = Load();
    ASSERT_NE(state, nullptr);
    auto increment = MatchAgain(state.get(), list, {}, options);
    ASSERT_TRUE(increment.ok()) << increment.status().message();
    ExpectBatch(*state, *increment, MatchAll(options, false), what);
    const Status saved = state->Save(folder_);
    ASSERT_TRUE(saved.ok()) << saved.message();
    clustered_ += increment->clustered;
    if (std::getenv("SHOW") != nullptr)
      std::fprintf(stderr, "%s: %zu records, S %zu, clustered %zu, attracted %zu, hubs %zu\n", what.c_str(),
                   records_.size(), increment->record_ids.size(), static_cast<size_t>(increment->clustered),
                   static_cast<size_t>(increment->stats.attracted), increment->stats.hubs.size());
  }

  void ExpectBatch(const MatchState& state, const MatchIncrement& increment, const MatchResult& batch,
                   const std::string& what) {
    const std::vector<uint32_t> order = state.Order(), final = state.FinalClusters();
    ASSERT_EQ(order.size(), batch.record_ids.size()) << what;
    std::map<uint64_t, size_t> affected;
    for (size_t i = 0; i < increment.record_ids.size(); ++i) affected[increment.record_ids[i]] = i;
    std::map<uint64_t, uint64_t> sizes, size_of;
    for (size_t i = 0; i < order.size(); ++i) {
      const uint64_t id = batch.record_ids[i], root = batch.record_ids[batch.cluster[i]];
      ASSERT_EQ(state.slots[order[i]].record_id, id) << what;
      ASSERT_EQ(state.slots[final[order[i]]].record_id, root) << what << ", record " << id;
      ASSERT_EQ(state.confidence[order[i]], batch.confidence[i]) << what << ", record " << id;
      ++size_of[root];
      const auto it = affected.find(id);
      const bool was = before_.count(id) != 0 && before_[id] == std::pair(root, batch.confidence[i]);
      if (it == affected.end()) {
        EXPECT_TRUE(was) << what << ": record " << id << " changed and is not named";
      } else {
        EXPECT_EQ(increment.record_ids[increment.cluster[it->second]], root) << what;
        EXPECT_EQ(increment.confidence[it->second], batch.confidence[i]) << what;
      }
      before_[id] = {root, batch.confidence[i]};
    }
    for (const auto& [root, n] : size_of) ++sizes[n];
    EXPECT_EQ(increment.sizes, sizes) << what;
    ExpectReview(increment.review, batch.review, what);
    ExpectStats(increment.stats, batch.stats, what);
  }

  static void ExpectReview(const std::vector<ReviewPair>& a, const std::vector<ReviewPair>& b,
                           const std::string& what) {
    ASSERT_EQ(a.size(), b.size()) << what;
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].a, b[i].a) << what;
      EXPECT_EQ(a[i].b, b[i].b) << what;
      EXPECT_EQ(a[i].probability, b[i].probability) << what;
      EXPECT_EQ(a[i].pooled, b[i].pooled) << what;
      EXPECT_EQ(a[i].gain, b[i].gain) << what;
      EXPECT_EQ(a[i].reason, b[i].reason) << what;
    }
  }

  static void ExpectStats(const MatchStats& a, const MatchStats& b, const std::string& what) {
    EXPECT_EQ(a.records, b.records) << what;
    EXPECT_EQ(a.clusters, b.clusters) << what;
    EXPECT_EQ(a.pairs_scored, b.pairs_scored) << what;
    EXPECT_EQ(a.pairs_kept, b.pairs_kept) << what;
    EXPECT_EQ(a.review_pairs, b.review_pairs) << what;
    EXPECT_EQ(a.refused_unions, b.refused_unions) << what;
    EXPECT_EQ(a.attracted, b.attracted) << what;
    EXPECT_EQ(a.oversized, b.oversized) << what;
    EXPECT_EQ(a.cut_off, b.cut_off) << what;
    EXPECT_EQ(a.weight_histogram, b.weight_histogram) << what;
    ASSERT_EQ(a.keys.size(), b.keys.size()) << what;
    for (size_t i = 0; i < a.keys.size(); ++i) {
      const KeyStats &x = a.keys[i], &y = b.keys[i];
      EXPECT_EQ(x.name, y.name) << what;
      EXPECT_EQ(x.pairs, y.pairs) << what << ", " << x.name;
      EXPECT_EQ(x.new_pairs, y.new_pairs) << what << ", " << x.name;
      EXPECT_EQ(x.cap, y.cap) << what << ", " << x.name;
      EXPECT_EQ(x.capped_blocks, y.capped_blocks) << what << ", " << x.name;
      EXPECT_EQ(x.capped_records, y.capped_records) << what << ", " << x.name;
    }
    ASSERT_EQ(a.capped.size(), b.capped.size()) << what;
    for (size_t i = 0; i < a.capped.size(); ++i) EXPECT_EQ(a.capped[i].size, b.capped[i].size) << what;
    ASSERT_EQ(a.hubs.size(), b.hubs.size()) << what;
    for (size_t i = 0; i < a.hubs.size(); ++i) {
      EXPECT_EQ(a.hubs[i].value, b.hubs[i].value) << what;
      EXPECT_EQ(a.hubs[i].records, b.hubs[i].records) << what;
    }
  }

  // After a full match: what the next change is compared with.
  void Remember(const MatchResult& match) {
    before_.clear();
    for (size_t i = 0; i < match.record_ids.size(); ++i)
      before_[match.record_ids[i]] = {match.record_ids[match.cluster[i]], match.confidence[i]};
  }

  std::string folder_;
  std::map<uint64_t, Record> records_;
  std::map<uint64_t, std::pair<uint64_t, float>> before_;  // root and confidence
  uint64_t clustered_ = 0;
};

// Persons of whom records say little, each something else: who is alone may belong to many, and chains lead far. Some
// share a telephone and a birthday that are nobody's.
std::vector<Record> MakeCrowd(uint64_t persons, uint64_t seed) {
  std::vector<Record> out;
  for (uint64_t p = 1; p <= persons; ++p) {
    for (uint64_t copy = 0; copy < 1 + HashMix(p, seed) % 5; ++copy) {
      const auto chance = [&](uint64_t what, uint64_t of) {
        return HashMix(HashMix(p, copy), HashMix(what, seed)) % of;
      };
      Record r;
      r.record_id = HashMix(HashMix(p, copy), seed) >> 1;
      r[Field::kFirstName] = Syllables(HashMix(p, 1) % 60, 3);
      if (chance(1, 3) != 0) r[Field::kLastName] = Syllables(HashMix(p, 2) % 150, 3);
      if (chance(2, 5) == 0) r[Field::kFirstName].back() = 'x';
      const uint64_t year = 1940 + HashMix(p, 3) % 40;
      if (chance(3, 2) != 0)
        r[Field::kBirthDate] = chance(4, 3) == 0 ? std::to_string(year)
                                                 : fmt::format("{}-{:02}-{:02}", year, 1 + HashMix(p, 4) % 12,
                                                               1 + (HashMix(p, 5) + chance(5, 6) / 5) % 28);
      if (chance(6, 3) == 0) r[Field::kPhone] = fmt::format("+1202{:07}", HashMix(p, 6) % 9000000 + 1000000);
      if (chance(7, 2) == 0) r[Field::kZip] = fmt::format("{:05}", 10000 + HashMix(p, 7) % 40);
      if (chance(8, 40) == 0) r[Field::kPhone] = "+12025550100";
      if (chance(9, 60) == 0) r[Field::kBirthDate] = "1970-01-01";
      r.attributes = {chance(10, 2) == 0 ? "" : Syllables(HashMix(p, 8) % 12, 2)};
      out.push_back(std::move(r));
    }
  }
  return out;
}

// One random step: some new records, some changed, some gone; now and then a decision made or taken back.
struct Step {
  std::map<uint64_t, std::optional<Record>> changes;
  std::vector<Decision> decisions;
};

class Story {
 public:
  Story(const std::vector<Record>& all, uint64_t seed) : random_(seed), waiting_(all) {
    std::shuffle(waiting_.begin(), waiting_.end(), random_);
  }
  std::vector<Record> First(double share) {
    return Take(static_cast<size_t>(static_cast<double>(waiting_.size()) * share));
  }

  Step Next(const std::map<uint64_t, Record>& there, size_t most) {
    Step step;
    for (Record& r : Take(1 + random_() % most)) step.changes[r.record_id] = std::move(r);
    std::vector<uint64_t> ids;
    for (const auto& [id, record] : there) ids.push_back(id);
    for (size_t n = random_() % 8; n > 0; --n) {
      const uint64_t id = ids[random_() % ids.size()];
      waiting_.push_back(there.at(id));  // it may come again
      step.changes[id] = std::nullopt;
    }
    for (size_t n = random_() % 8; n > 0; --n) {
      const uint64_t id = ids[random_() % ids.size()], other = ids[random_() % ids.size()];
      if (step.changes.count(id) != 0) continue;
      Record r = there.at(id);
      const auto field = static_cast<Field>(random_() % kFieldCount);
      r[field] = there.at(other)[field];
      step.changes[id] = r;
    }
    if (random_() % 2 == 0) {
      const uint64_t a = ids[random_() % ids.size()], b = ids[random_() % ids.size()];
      if (a != b)
        decisions_.push_back({random_() % 2 == 0 ? Decision::Kind::kMustLink : Decision::Kind::kCannotLink, a, b});
    }
    if (!decisions_.empty() && random_() % 4 == 0)
      decisions_.erase(decisions_.begin() + static_cast<ptrdiff_t>(random_() % decisions_.size()));
    step.decisions = decisions_;
    return step;
  }

  // A cannot-link between two records of one cluster, which random choice would seldom find.
  void KeepApart(uint64_t a, uint64_t b) { decisions_.push_back({Decision::Kind::kCannotLink, a, b}); }

 private:
  std::vector<Record> Take(size_t n) {
    n = std::min(n, waiting_.size());
    std::vector<Record> out(waiting_.end() - static_cast<ptrdiff_t>(n), waiting_.end());
    waiting_.resize(waiting_.size() - n);
    return out;
  }
  std::mt19937_64 random_;
  std::vector<Record> waiting_;
  std::vector<Decision> decisions_;
};

class Stories : public Matching, public testing::WithParamInterface<int> {};

TEST_P(Stories, EndWhereABatchEnds) {
  const auto seed = static_cast<uint64_t>(GetParam());
  const std::vector<Record> all = seed % 4 == 0   ? MakeData(1300).records
                                  : seed % 4 == 1 ? MakeDoubtfulData(1300).records
                                                  : MakeCrowd(800, seed);
  Story story(all, seed);
  for (Record& r : story.First(.8)) records_[r.record_id] = std::move(r);
  ASSERT_GT(records_.size(), 1500u) << "or all is compared whole";
  const MatchResult first = MatchAll(Options(nullptr), true);
  Remember(first);
  for (size_t row = 0, n = 0; row < first.cluster.size() && n < 3; ++row)
    if (first.cluster[row] != row && row % 5 == seed % 5) {
      story.KeepApart(first.record_ids[row], first.record_ids[first.cluster[row]]);
      ++n;
    }
  // The caps of a model are what a small table needs; small ones are passed all the time.
  Model model = first.model;
  if (seed % 3 != 0) {
    for (size_t key = 0; key < model.caps.size(); ++key)
      if (model.caps[key] > 4 + seed % 3) model.caps[key] = static_cast<uint32_t>(4 + (key + seed) % 7);
    MatchOptions options = Options(&model);
    Remember(MatchAll(options, true));
  }
  for (int i = 0; i < 6 && !HasFatalFailure(); ++i) {
    const Step step = story.Next(records_, 60);
    MatchOptions options = Options(&model);
    options.decisions = step.decisions;
    Change(step.changes, options, "seed " + std::to_string(seed) + ", step " + std::to_string(i));
  }
  if (seed % 4 < 2) {
    EXPECT_LT(clustered_, 6 * records_.size() / 2) << "an increment is to cluster a part";
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Stories, testing::Range(1, Rounds(13, 4)));

}  // namespace
}  // namespace migrate::dedupe
