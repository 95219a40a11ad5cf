#include "migrate/dedupe/blocking.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "migrate/dedupe/nicknames.h"
#include "migrate/dedupe/scoring.h"

namespace migrate::dedupe {
namespace {

struct World {
  Table table{0};
  Frequencies frequencies;
  void Finish() {
    EXPECT_TRUE(table.Finish());
    frequencies = CountFrequencies(table, Duplication{}, Nicknames());
  }
  BlockingPlan Plan(BlockingOptions options = {}) const { return PlanBlocking(table, frequencies, options); }
  Candidates Find(const BlockingPlan& plan, RowSlice slice, unsigned threads = 1) const {
    BlockingOptions options;
    options.threads = threads;
    return FindCandidates(table, frequencies, plan, std::move(slice), options);
  }
};

std::string Syllables(uint64_t n) {
  static constexpr std::string_view kParts[] = {"ba", "de", "fi", "go", "hu", "ka", "le", "mi",
                                                "no", "pu", "ra", "se", "ti", "vo", "wu", "za"};
  std::string out;
  for (int i = 0; i < 4; ++i, n /= 16) out += kParts[n % 16];
  return out;
}

Record Person(uint64_t id) {
  Record r;
  r.record_id = id;
  r[Field::kFirstName] = Syllables(HashMix(id, 1));
  r[Field::kLastName] = Syllables(HashMix(id, 2));
  r[Field::kBirthDate] =
      fmt::format("{}-{:02}-{:02}", 1940 + HashMix(id, 3) % 60, 1 + HashMix(id, 4) % 12, 1 + HashMix(id, 5) % 28);
  return r;
}

using Pairs = std::set<std::pair<uint32_t, uint32_t>>;

Pairs Collect(Candidates found) {
  Pairs pairs;
  for (size_t part = 0; part < found.parts(); ++part)
    for (const Candidate& c : found.Take(part))
      EXPECT_TRUE(pairs.emplace(std::min(c.row, c.other), std::max(c.row, c.other)).second) << "a pair twice";
  return pairs;
}

Pairs PairsOf(const World& w, const BlockingPlan& plan) {
  return Collect(w.Find(plan, RowSlice::Range(0, w.table.size())));
}

const KeyStats& Key(const BlockingPlan& blocks, std::string_view name) {
  for (const KeyStats& key : blocks.keys)
    if (key.name == name) return key;
  ADD_FAILURE() << "no key " << name;
  return blocks.keys[0];
}

TEST(Blocking, ComparesAllPairsOfSmallTables) {
  World w;
  for (uint64_t id = 1; id <= 50; ++id) w.table.Add(Person(id));
  w.Finish();
  EXPECT_EQ(PairsOf(w, w.Plan()).size(), 50u * 49 / 2);
}

TEST(Blocking, MeetsInOneAgreeingKey) {
  World w;
  for (uint64_t id = 1; id <= 3000; ++id) w.table.Add(Person(id));
  // Partners of 1 to 4 that agree on one thing each.
  Record a = Person(5001), b = Person(5002), c = Person(5003), d = Person(5004);
  a[Field::kEmail] = "x@y.com";
  Record a2 = Person(5011);
  a2.more_emails = {"x@y.com"};
  b[Field::kPhone] = "+12025550123";
  Record b2 = Person(5012);
  b2[Field::kPhone] = "+12025550123";
  Record c2 = Person(5013);
  c2[Field::kFirstName] = c[Field::kLastName];
  c2[Field::kLastName] = c[Field::kFirstName];
  Record d2 = Person(5014);
  d2[Field::kLastName] = d[Field::kLastName];
  d2[Field::kBirthDate] = d[Field::kBirthDate].substr(0, 4);
  for (const Record& r : {a, a2, b, b2, c, c2, d, d2}) w.table.Add(r);
  w.Finish();
  const auto pairs = PairsOf(w, w.Plan());
  const auto row = [&](uint64_t id) {
    const auto& ids = w.table.record_ids();
    return static_cast<uint32_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  };
  for (const uint64_t id : {5001, 5002, 5003, 5004}) EXPECT_TRUE(pairs.count({row(id), row(id + 10)})) << id;
  EXPECT_LT(pairs.size(), 3000u * 2999 / 200) << "blocking must leave most pairs out";
}

TEST(Blocking, HubValuesAreBlockedAgainByName) {
  World w;
  for (uint64_t id = 1; id <= 4000; ++id) {
    Record r = Person(id);
    r[Field::kPhone] = "+18005551212";  // everybody's
    r[Field::kBirthDate] = "";
    if (id > 3990) r[Field::kFirstName] = "Zebedee";
    w.table.Add(r);
  }
  w.Finish();
  const BlockingPlan blocks = w.Plan();
  const KeyStats& phone = Key(blocks, "phone");
  EXPECT_EQ(phone.capped_blocks, 1u);
  EXPECT_EQ(phone.capped_records, 4000u);
  const auto capped = LargestCapped(blocks.keys);
  ASSERT_FALSE(capped.empty());
  EXPECT_EQ(capped[0].size, 4000u);
  const auto pairs = PairsOf(w, blocks);
  EXPECT_TRUE(pairs.count({3990, 3999})) << "ten share the hub and the first name";
  EXPECT_LT(pairs.size(), 40'000u);
}

TEST(Blocking, CapsGrowLinearlyWithOneValueInMostRows) {
  for (const uint64_t n : {5000u, 20000u}) {
    World w;
    for (uint64_t id = 1; id <= n; ++id) {
      Record r = Person(id);
      if (id % 10 != 0) {
        r[Field::kPhone] = "+18005551212";
        r[Field::kEmail] = "office@shop.com";
        r[Field::kZip] = "99999";
        r[Field::kFirstName] = "Same";
        r[Field::kBirthDate] = "1970-01-01";
      }
      w.table.Add(r);
    }
    w.Finish();
    const BlockingPlan blocks = w.Plan();
    EXPECT_LT(blocks.PairsWithRepeats(), n * 200) << n;
  }
}

TEST(Blocking, EmptyRecordsProposeNothing) {
  World w;
  for (uint64_t id = 1; id <= 20; ++id) {
    Record r = Person(id);
    r[Field::kEmail] = "x@y.com";
    if (id % 2 == 0) r.flags = kFlagEmpty;
    w.table.Add(r);
  }
  w.Finish();
  for (const auto& [a, b] : PairsOf(w, w.Plan())) {
    EXPECT_FALSE(w.table[a].empty);
    EXPECT_FALSE(w.table[b].empty);
  }
}

TEST(Blocking, FixedCapsAndThreadsGiveTheSameBlocks) {
  World w;
  for (uint64_t id = 1; id <= 3000; ++id) {
    Record r = Person(id % 2500);
    r.record_id = id;
    w.table.Add(r);
  }
  w.Finish();
  const BlockingPlan one = w.Plan();
  BlockingOptions options;
  options.threads = 3;
  for (const KeyStats& key : one.keys) options.caps.push_back(key.cap);
  BlockingPlan again = w.Plan(options);
  EXPECT_EQ(PairsOf(w, one), PairsOf(w, again));
  w.Find(again, RowSlice::Range(0, w.table.size()), 3).CountInto(&again);
  for (size_t i = 0; i < one.keys.size(); ++i) {
    EXPECT_EQ(again.keys[i].pairs, one.keys[i].pairs) << one.keys[i].name;
    EXPECT_EQ(again.keys[i].capped_records, one.keys[i].capped_records) << one.keys[i].name;
  }
}

// Duplicates, and values that many share: blocks of all sizes, some above their caps.
Record CrowdedRecord(uint64_t records, uint64_t id) {
  Record r = Person(id % (records - records / 5));
  r.record_id = id;
  r[Field::kZip] = fmt::format("{:05}", 10000 + HashMix(id, 1) % 37);
  if (id % 3 == 0) r[Field::kPhone] = fmt::format("+1202555{:04}", HashMix(id, 2) % 30);
  if (id % 5 == 0) r[Field::kEmail] = fmt::format("x{}@y.com", HashMix(id, 3) % 20);
  return r;
}

World Crowded(uint64_t records) {
  World w;
  for (uint64_t id = 1; id <= records; ++id) w.table.Add(CrowdedRecord(records, id));
  w.Finish();
  return w;
}

TEST(Blocking, SlicesThatTileTheTableGiveEachPairOnce) {
  const World w = Crowded(4000);
  BlockingOptions options;
  for (const KeyStats& key : w.Plan().keys) options.caps.push_back(key.cap);
  const BlockingPlan counted = w.Plan();
  const Pairs whole = PairsOf(w, counted);
  EXPECT_GT(whole.size(), 1000u);
  for (const uint32_t step : {97u, 1000u, 3999u}) {
    BlockingPlan plan = w.Plan(options);
    Pairs pairs;
    for (uint32_t from = 0; from < w.table.size(); from += step) {
      Candidates found = w.Find(plan, RowSlice::Range(from, std::min(w.table.size(), from + step)), 2);
      found.CountInto(&plan);
      for (const auto& pair : Collect(std::move(found))) EXPECT_TRUE(pairs.insert(pair).second);
    }
    EXPECT_EQ(pairs, whole) << step;
    for (size_t i = 0; i < plan.keys.size(); ++i) {
      EXPECT_EQ(plan.keys[i].pairs, counted.keys[i].pairs) << plan.keys[i].name;
      EXPECT_EQ(plan.keys[i].capped_blocks, counted.keys[i].capped_blocks) << plan.keys[i].name;
    }
  }
}

TEST(Blocking, WhatComesLaterEndsWhereOneBatchDoes) {
  const World after = Crowded(4000);
  BlockingOptions options;
  for (const KeyStats& key : after.Plan().keys) options.caps.push_back(key.cap == 0 ? 0 : std::min(key.cap, 40u));
  const BlockingPlan plan = after.Plan(options);
  const Pairs want = PairsOf(after, plan);
  size_t crossed_blocks = 0;
  for (const uint32_t share : {2u, 10u, 400u}) {
    // Every row whose number divides by `share` comes later.
    World before;
    std::vector<uint32_t> fresh, number;
    for (uint32_t row = 0; row < after.table.size(); ++row) {
      if (row % share == 0) {
        fresh.push_back(row);
        continue;
      }
      number.push_back(row);
    }
    for (const uint32_t row : number) before.table.Add(CrowdedRecord(4000, row + 1));
    before.Finish();
    Pairs pairs;
    for (const auto& [a, b] : PairsOf(before, plan)) pairs.emplace(number[a], number[b]);
    Candidates first = after.Find(plan, RowSlice::Against(fresh, after.table.size()));
    std::vector<uint32_t> touched = first.crossed;
    crossed_blocks += touched.size();
    touched.insert(touched.end(), fresh.begin(), fresh.end());
    std::sort(touched.begin(), touched.end());
    const std::set<uint32_t> is_touched(touched.begin(), touched.end());
    std::erase_if(pairs, [&](const auto& p) { return is_touched.count(p.first) + is_touched.count(p.second) > 0; });
    for (const auto& pair : Collect(after.Find(plan, RowSlice::Against(touched, after.table.size()), 2)))
      EXPECT_TRUE(pairs.insert(pair).second);
    EXPECT_EQ(pairs, want) << share;
  }
  EXPECT_GT(crossed_blocks, 0u);
}

// Nine in ten share a telephone, and all a city: blocks that fill what little memory there is by themselves.
World WithHubs(uint64_t records) {
  World w;
  for (uint64_t id = 1; id <= records; ++id) {
    Record r = CrowdedRecord(records, id);
    if (id % 10 != 0) r[Field::kPhone] = "+12025550100";
    r[Field::kCity] = "Springfield";
    w.table.Add(r);
  }
  w.Finish();
  return w;
}

TEST(Blocking, LittleMemoryGivesTheSame) {
  for (const bool hubs : {false, true}) {
    const World w = hubs ? WithHubs(5000) : Crowded(5000);
    BlockingOptions ample;
    ample.keep_blocks = true;
    const BlockingPlan plan = w.Plan(), kept = w.Plan(ample);
    BlockingOptions little;
    little.memory_bytes = 1;  // ranges of about a thousand rows
    little.scratch = testing::TempDir();
    little.spill_pairs = true;
    little.keep_blocks = hubs;
    const BlockingPlan again = w.Plan(little);
    ASSERT_EQ(again.keys.size(), plan.keys.size());
    for (size_t i = 0; i < plan.keys.size(); ++i) {
      EXPECT_EQ(again.keys[i].cap, plan.keys[i].cap) << plan.keys[i].name;
      EXPECT_EQ(again.keys[i].pairs, plan.keys[i].pairs) << plan.keys[i].name;
      EXPECT_EQ(again.keys[i].capped_sizes, plan.keys[i].capped_sizes) << plan.keys[i].name;
    }
    const Pairs want = Collect(w.Find(plan, RowSlice::Range(100, 3000)));
    EXPECT_GT(want.size(), 1000u);
    for (const BlockingPlan* p : {&plan, &kept, &again})
      EXPECT_EQ(Collect(FindCandidates(w.table, w.frequencies, *p, RowSlice::Range(100, 3000), little)), want);
  }
}

TEST(Blocking, ALowerCapIsThatOfAPlanThatBeganWithIt) {
  const World w = Crowded(5000);
  BlockingPlan lowered = w.Plan();
  BlockingOptions options;
  for (size_t i = 0; i < lowered.keys.size(); ++i) options.caps.push_back(lowered.keys[i].cap);
  size_t weak = 0;
  for (size_t i = 0; i < lowered.blocks_of_size.size(); ++i) {
    if (lowered.blocks_of_size[i].empty()) continue;
    const uint32_t cap = 2 + static_cast<uint32_t>(HashMix(i, 1) % 12);
    lowered.LowerCap(i, cap);
    options.caps[i] = std::min(options.caps[i], cap);
    EXPECT_EQ(lowered.keys[i].cap, options.caps[i]);
    ++weak;
  }
  EXPECT_GT(weak, 15u);
  BlockingPlan fixed = w.Plan(options);
  Candidates found = w.Find(fixed, RowSlice::Range(0, w.table.size()));
  found.CountInto(&fixed);
  EXPECT_EQ(PairsOf(w, lowered), Collect(std::move(found)));
  for (size_t i = 0; i < lowered.keys.size(); ++i) {
    EXPECT_EQ(lowered.keys[i].pairs, fixed.keys[i].pairs) << fixed.keys[i].name;
    EXPECT_EQ(lowered.keys[i].capped_blocks, fixed.keys[i].capped_blocks) << fixed.keys[i].name;
    EXPECT_EQ(lowered.keys[i].capped_records, fixed.keys[i].capped_records) << fixed.keys[i].name;
    EXPECT_EQ(lowered.keys[i].capped_sizes, fixed.keys[i].capped_sizes) << fixed.keys[i].name;
  }
}

TEST(Blocking, DroppedKeysProposeNothing) {
  World w;
  for (uint64_t id = 1; id <= 2000; ++id) {
    Record r = Person(id);
    r[Field::kEmail] = fmt::format("{}@y.com", id / 2);
    w.table.Add(r);
  }
  w.Finish();
  BlockingPlan plan = w.Plan();
  const size_t before = PairsOf(w, plan).size();
  for (size_t i = 0; i < plan.keys.size(); ++i) plan.Drop(i);
  EXPECT_GT(before, 900u);
  EXPECT_TRUE(PairsOf(w, plan).empty());
}

}  // namespace
}  // namespace migrate::dedupe
