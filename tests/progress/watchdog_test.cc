#include "migrate/progress/watchdog.h"

#include <gtest/gtest.h>

namespace migrate::progress {
namespace {

using Event = Watchdog::Event;

Snapshot At(const char* stage, uint64_t rows, const char* detail = "") { return {stage, detail, rows, 0, 0}; }

TEST(Watchdog, SpeaksAtTheLimitAndThenEachTimeTheWaitHasDoubled) {
  Watchdog dog(10);
  EXPECT_EQ(dog.At(0, At("load", 5), 0).event, Event::kNone);
  std::vector<double> spoke;
  for (double t = 1; t <= 100; t += 1)
    if (dog.At(t, At("load", 5), 0).event == Event::kStalled) spoke.push_back(t);
  EXPECT_EQ(spoke, (std::vector<double>{10, 20, 40, 80}));
  const Watchdog::Look moves = dog.At(101, At("load", 6), 0);
  EXPECT_EQ(moves.event, Event::kMoves);
  EXPECT_EQ(moves.idle_seconds, 101);
  EXPECT_EQ(dog.At(102, At("load", 6), 0).event, Event::kNone);
  EXPECT_EQ(dog.At(111, At("load", 6), 0).event, Event::kStalled) << "the limit counts anew";
}

TEST(Watchdog, RowsStageOrStepAreMovement) {
  Watchdog dog(10);
  dog.At(0, At("load", 5), 0);
  EXPECT_EQ(dog.At(9, At("load", 6), 0).event, Event::kNone);
  EXPECT_EQ(dog.At(18, At("dedupe", 6), 0).event, Event::kNone);
  EXPECT_EQ(dog.At(27, At("dedupe", 6, "scoring"), 0).event, Event::kNone);
  EXPECT_EQ(dog.At(36, At("dedupe", 5, "scoring"), 0).event, Event::kNone) << "a table that is read anew moves too";
  EXPECT_EQ(dog.At(46, At("dedupe", 5, "scoring"), 0).event, Event::kStalled);
}

TEST(Watchdog, ALookThatComesLateSpeaksOnce) {
  Watchdog dog(1);
  dog.At(0, At("load", 5), 0);
  EXPECT_EQ(dog.At(100, At("load", 5), 0).event, Event::kStalled);
  EXPECT_EQ(dog.At(101, At("load", 5), 0).event, Event::kNone);
  EXPECT_EQ(dog.At(128, At("load", 5), 0).event, Event::kStalled);
}

TEST(Watchdog, ZeroIsOff) {
  Watchdog dog(0);
  dog.At(0, At("load", 5), 0);
  const Watchdog::Look look = dog.At(1e6, At("load", 5), 0);
  EXPECT_EQ(look.event, Event::kNone);
  EXPECT_EQ(look.idle_seconds, 1e6) << "metrics still say for how long";
}

TEST(Watchdog, TheTextSaysWhereAndWhetherItComputes) {
  RunFacts f;
  f.now = At("load", 1234, "writing persons");
  f.workers = {{3, 601, "waiting for db:3306: `COMMIT`"}, {4, 2, "reading a.csv"}};
  Watchdog::Look look{Event::kStalled, 600, 0.5};
  EXPECT_EQ(StallText(f, look),
            "no progress for 10 min: load, writing persons, behind row 1234; the process waits; worker 3 for 10 min: "
            "waiting for db:3306: `COMMIT`; worker 4 for 2 s: reading a.csv");
  look.cpu_seconds = 598;
  f.workers.clear();
  f.now = {};
  EXPECT_EQ(StallText(f, look), "no progress for 10 min: before the first stage; the process computes (9 min of CPU)");
}

TEST(DurationText, HasTheUnitThatFits) {
  EXPECT_EQ(DurationText(0.2), "0 s");
  EXPECT_EQ(DurationText(119), "119 s");
  EXPECT_EQ(DurationText(120), "2 min");
  EXPECT_EQ(DurationText(7199), "119 min");
  EXPECT_EQ(DurationText(7260), "2 h 1 min");
}

}  // namespace
}  // namespace migrate::progress
