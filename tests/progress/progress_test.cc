#include "migrate/progress/progress.h"

#include <gtest/gtest.h>

#include <vector>

namespace migrate::progress {
namespace {

TEST(SnapshotText, NamesStageRowsRateAndWhatIsLeft) {
  EXPECT_EQ(SnapshotText({"extract", "a.csv", 1234567, 0, 2}), "extract    1,234,567 rows  617k rows/s  a.csv");
  EXPECT_EQ(SnapshotText({"load", "", 50, 100, 5}), "load       50 rows  50 %  10 rows/s  ETA 0:05");
  EXPECT_EQ(SnapshotText({"dedupe", "", 1, 10001, 1}), "dedupe     1 row  0 %  1 rows/s  ETA 2:46:40");
  EXPECT_EQ(SnapshotText({"load", "", 0, 0, 0}), "load       0 rows  0 rows/s");
  // A step that counts its own rows: since it began, not since the stage did.
  EXPECT_EQ(SnapshotText({"dedupe", "writing person", 50, 100, 1005, 5}),
            "dedupe     50 rows  50 %  10 rows/s  ETA 0:05  writing person");
  // Of what this attempt did.
  EXPECT_EQ(SnapshotText({"dedupe", "writing person", 50, 100, 1005, 5, 40}),
            "dedupe     50 rows  50 %  2 rows/s  ETA 0:25  writing person");
  EXPECT_EQ(SnapshotText({"dedupe", "indexes", 100, 100, 1005, 5, 100}),
            "dedupe     100 rows  100 %  0 rows/s  indexes");
}

class Recorder : public Printer {
 public:
  void Progress(const Snapshot& s) override { seen.push_back(s); }
  void StageDone(const Snapshot& s, const std::string&) override { done = s; }
  void Note(const std::string&) override {}
  void Warning(const std::string&) override {}
  std::vector<Snapshot> seen;
  Snapshot done;
};

TEST(Meter, CountsFromThreadsAndTellsThePrinter) {
  Recorder recorder;
  {
    Meter meter(&recorder);
    meter.Begin("load", 4000);
    std::vector<std::thread> pool;
    for (int t = 0; t < 4; ++t)
      pool.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) meter.Add(1);
      });
    for (auto& t : pool) t.join();
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    EXPECT_GE(meter.Done("ok"), 0.25);
  }
  EXPECT_EQ(recorder.done.rows, 4000u);
  EXPECT_EQ(recorder.done.stage, "load");
  EXPECT_FALSE(recorder.seen.empty());
}

TEST(Meter, AStepCountsItsOwnRows) {
  Recorder recorder;
  Meter meter(&recorder);
  meter.Begin("dedupe", 100);
  meter.Set(100);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  meter.Step("writing person", 60);
  meter.Add(6);
  meter.Done("");
  EXPECT_GT(RowsPerSecond(recorder.done), 60);
  EXPECT_EQ(recorder.done.detail, "writing person");
  EXPECT_EQ(recorder.done.rows, 6u);
  EXPECT_EQ(recorder.done.total, 60u);
  EXPECT_GE(recorder.done.seconds, 0.1);
  EXPECT_LT(recorder.done.counted, recorder.done.seconds);
}

TEST(Printer, TakesLinesWhileTheMeterShowsProgress) {
  testing::internal::CaptureStderr();
  {
    auto printer = MakePrinter(Style::kLive);
    Meter meter(printer.get());
    meter.Begin("load", 100);
    for (int i = 0; i < 50; ++i) {
      printer->Warning("the server is away");
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    meter.Done("ok");
  }
  const std::string shown = testing::internal::GetCapturedStderr();
  EXPECT_NE(shown.find("\r\033[Kload       0 rows"), std::string::npos) << shown;
  EXPECT_NE(shown.find("\r\033[Kwarning: the server is away\n"), std::string::npos) << shown;
}

}  // namespace
}  // namespace migrate::progress
