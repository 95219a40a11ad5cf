#include "migrate/load/replay.h"

#include <gtest/gtest.h>

#include <random>

namespace migrate::load {
namespace {

Image Make(int64_t import_id, const std::string& content, const std::string& updated_at = "") {
  Image i;
  i.row.import_id = import_id;
  i.row.record.record_id = 7;
  i.row.record.payload = content;
  i.row.record.row_sha256 = Sha256Of(content);
  i.row.record[Field::kUpdatedAt] = updated_at;
  return i;
}
Event Came(int64_t import_id, const std::string& content, const std::string& updated_at = "") {
  return {import_id, false, false, Make(import_id, content, updated_at)};
}
Event Gone(int64_t import_id) { return {import_id, true, false, {}}; }

// "b3 | a1-3 x2-2": the current image with its import (and "!" the import that marked it gone), then history with the
// imports that brought and that ended each image.
std::string Text(const Life& life) {
  auto one = [](const Image& i) {
    std::string text = i.row.record.payload + std::to_string(i.row.import_id);
    return i.row.gone_import != 0 ? text + "!" + std::to_string(i.row.gone_import) : text;
  };
  std::string out = life.current ? one(*life.current) : "-";
  for (const OldImage& old : life.history) out += " " + one(old.image) + "-" + std::to_string(old.ended_import);
  return out;
}

TEST(Replay, FollowsTheRuleOfLoad) {
  const struct {
    std::vector<Event> events;
    const char* expected;
  } cases[] = {
      {{}, "-"},
      {{Came(1, "a")}, "a1"},
      {{Came(1, "a"), Came(2, "b")}, "b2 a1-2"},
      {{Came(1, "a"), Came(2, "a")}, "a1"},
      {{Came(1, "a", "2022"), Came(2, "b", "2021")}, "a1 b2-2"},
      {{Came(1, "a", "2020"), Came(2, "c", "2022"), Came(2, "b", "2021")}, "c2 b2-2 a1-2"},
      {{Came(1, "a", "2022"), Came(2, "b", "2021"), Came(3, "b", "2021")}, "a1 b2-2"},
      {{Came(1, "a"), Gone(2)}, "a1!2 a1-2"},
      {{Came(1, "a"), Gone(2), Gone(3)}, "a1!2 a1-2"},
      {{Came(1, "a", "2022"), Gone(2), Came(3, "b", "2020")}, "b3 a1-2 a1!2-3"},
      {{Gone(1), Came(2, "a")}, "a2"},
  };
  for (const auto& c : cases) EXPECT_EQ(Text(Replay(c.events).life), c.expected);
}

TEST(Replay, TellsWhatFoundItsImageThere) {
  const Replayed r = Replay({Came(1, "a"), Came(3, "a"), Came(2, "b", "")});
  EXPECT_EQ(Text(r.life), "a3 a1-2 b2-3");
  const Replayed same = Replay({Came(1, "a"), Came(2, "a")});
  ASSERT_EQ(same.unchanged.size(), 1u);
  EXPECT_EQ(same.unchanged[0].import_id, 2);
}

// What the tables tell of a record gives the same record again; and without one import's events they are what a
// sequence without that import leaves.
TEST(Replay, OfRandomSequencesIsThatOfTheirTables) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    auto draw = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    std::vector<Event> events;
    const int imports = 1 + draw(6);
    for (int i = 1; i <= imports; ++i) {
      if (draw(5) == 0)
        events.push_back(Gone(i));
      else if (draw(4) > 0) {
        const int letter = draw(4);
        events.push_back(Came(i, std::string(1, static_cast<char>('a' + letter)), std::to_string(2020 + letter % 3)));
      }
    }
    const Replayed whole = Replay(events);
    std::vector<Event> told = EventsOf(whole.life);
    told.insert(told.end(), whole.unchanged.begin(), whole.unchanged.end());
    EXPECT_EQ(Text(Replay(told).life), Text(whole.life)) << "seed " << seed;
    const int64_t without = 1 + draw(imports);
    // A mark that a record is gone which was gone already leaves no trace: undo derives it from the snapshot.
    std::vector<Event> left, expected;
    for (const Event& e : told)
      if (e.import_id != without && !e.gone) left.push_back(e);
    for (const Event& e : events) {
      if (e.import_id != without && !e.gone) expected.push_back(e);
      if (e.gone && e.import_id != without) left.push_back(e), expected.push_back(e);
    }
    EXPECT_EQ(Text(Replay(left).life), Text(Replay(expected).life)) << "seed " << seed << " without " << without;
  }
}

TEST(Replay, NamesWhoChangedARowAgain) {
  EXPECT_EQ(ChangedAgain(Replay({Came(1, "a"), Came(2, "b"), Came(3, "c")}).life, 2), 3);
  EXPECT_EQ(ChangedAgain(Replay({Came(1, "a"), Came(2, "b"), Gone(3)}).life, 2), 0);
  EXPECT_EQ(ChangedAgain(Replay({Came(1, "a"), Came(2, "b"), Gone(3), Came(4, "c")}).life, 2), 4);
  EXPECT_EQ(ChangedAgain(Replay({Came(1, "a"), Gone(2), Came(3, "a")}).life, 2), 3);
  EXPECT_EQ(ChangedAgain(Replay({Came(1, "a", "2022"), Came(2, "b", "2021"), Came(3, "c", "2023")}).life, 2), 0);
  EXPECT_EQ(ChangedAfter(Replay({Came(1, "a"), Gone(3)}).life, 2), 3);
  EXPECT_EQ(ChangedAfter(Replay({Came(1, "a"), Gone(3)}).life, 3), 0);
}

TEST(Replay, KnowsWhatWasAliveWhen) {
  const Life life = Replay({Came(1, "a"), Gone(3), Came(5, "b")}).life;
  EXPECT_EQ(AliveAfter(life, 0), nullptr);
  EXPECT_EQ(AliveAfter(life, 2)->row.record.payload, "a");
  EXPECT_EQ(AliveAfter(life, 4), nullptr);
  EXPECT_EQ(AliveAfter(life, 5)->row.record.payload, "b");
}

}  // namespace
}  // namespace migrate::load
