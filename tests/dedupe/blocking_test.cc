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
  Blocks Build(BlockingOptions options = {}) const { return BuildBlocks(table, frequencies, options); }
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

std::set<std::pair<uint32_t, uint32_t>> PairsOf(const Blocks& blocks, uint32_t records) {
  CandidateFinder finder(blocks, records);
  std::set<std::pair<uint32_t, uint32_t>> pairs;
  for (uint32_t row = 0; row < records; ++row)
    for (const auto& c : finder.After(row)) EXPECT_TRUE(pairs.emplace(row, c.row).second) << "a pair twice";
  return pairs;
}

const KeyStats& Key(const Blocks& blocks, std::string_view name) {
  for (const KeyStats& key : blocks.keys)
    if (key.name == name) return key;
  ADD_FAILURE() << "no key " << name;
  return blocks.keys[0];
}

TEST(Blocking, ComparesAllPairsOfSmallTables) {
  World w;
  for (uint64_t id = 1; id <= 50; ++id) w.table.Add(Person(id));
  w.Finish();
  EXPECT_EQ(PairsOf(w.Build(), 50).size(), 50u * 49 / 2);
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
  const auto pairs = PairsOf(w.Build(), w.table.size());
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
  const Blocks blocks = w.Build();
  const KeyStats& phone = Key(blocks, "phone");
  EXPECT_EQ(phone.capped_blocks, 1u);
  EXPECT_EQ(phone.capped_records, 4000u);
  ASSERT_FALSE(blocks.capped.empty());
  EXPECT_EQ(blocks.capped[0].size, 4000u);
  const auto pairs = PairsOf(blocks, 4000);
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
    const Blocks blocks = w.Build();
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
  for (const auto& [a, b] : PairsOf(w.Build(), 20)) {
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
  const Blocks one = w.Build();
  BlockingOptions options;
  options.threads = 3;
  for (const KeyStats& key : one.keys) options.caps.push_back(key.cap);
  const Blocks again = w.Build(options);
  EXPECT_EQ(PairsOf(one, 3000), PairsOf(again, 3000));
}

TEST(Blocking, DroppedKeysProposeNothing) {
  World w;
  for (uint64_t id = 1; id <= 2000; ++id) {
    Record r = Person(id);
    r[Field::kEmail] = fmt::format("{}@y.com", id / 2);
    w.table.Add(r);
  }
  w.Finish();
  Blocks blocks = w.Build();
  const size_t before = PairsOf(blocks, 2000).size();
  for (size_t i = 0; i < blocks.keys.size(); ++i) blocks.Drop(i);
  EXPECT_GT(before, 900u);
  EXPECT_TRUE(PairsOf(blocks, 2000).empty());
}

}  // namespace
}  // namespace migrate::dedupe
