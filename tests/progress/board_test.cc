#include "migrate/progress/board.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace migrate::progress {
namespace {

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/migrate-board-XXXXXX";
    path_ = ::mkdtemp(name);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

std::string Read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

RunFacts Facts() {
  RunFacts f;
  f.run_id = "00112233aabbccdd";
  f.plan = "people";
  f.tool_version = "0.1.0";
  f.pid = 42;
  f.started_at = 1772323200.25;
  f.import = 7;
  f.now = {"load", "", 500, 1000, 2.5};
  f.done = {{"extract", 1.5, 1000}};
  f.rows["extract"]["crm"] = {{"read", 990}, {"quarantined", 10}};
  f.source_bytes["crm"] = 123456;
  return f;
}

bool Has(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Metrics, EachFactIsALineWithThePlan) {
  const std::string text = MetricsText(Facts());
  for (const char* line :
       {"migrate_run_active{plan=\"people\"} 1", "migrate_import{plan=\"people\"} 7",
        "migrate_run_start_timestamp_seconds{plan=\"people\"} 1772323200.250000",
        "migrate_stage_seconds{plan=\"people\",stage=\"extract\"} 1.500000",
        "migrate_stage_rows{plan=\"people\",stage=\"load\"} 500",
        "migrate_stage_rows_expected{plan=\"people\",stage=\"load\"} 1000",
        "migrate_rows{plan=\"people\",stage=\"extract\",source=\"crm\",outcome=\"quarantined\"} 10",
        "migrate_source_bytes{plan=\"people\",source=\"crm\"} 123456", "migrate_stalled{plan=\"people\"} 0"})
    EXPECT_TRUE(Has(text, line)) << line << "\nin\n" << text;
  EXPECT_EQ(text.find("migrate_run_exit_code"), std::string::npos) << "a run that goes on has none";
  EXPECT_EQ(text.find("migrate_last_success"), std::string::npos) << "nor one that never ended well a success";
}

TEST(Metrics, TheEndHasExitCodeAndTimes) {
  RunFacts f = Facts();
  f.now = {};
  f.exit_code = 4;
  f.ended_at = 1772323300;
  f.last_success_at = 1772300000.5;
  f.stall = Stall{600, 1, "x"};
  const std::string text = MetricsText(f);
  EXPECT_TRUE(Has(text, "migrate_run_active{plan=\"people\"} 0"));
  EXPECT_TRUE(Has(text, "migrate_run_exit_code{plan=\"people\"} 4"));
  EXPECT_TRUE(Has(text, "migrate_run_end_timestamp_seconds{plan=\"people\"} 1772323300"));
  EXPECT_TRUE(Has(text, "migrate_stalled{plan=\"people\"} 1"));
  EXPECT_EQ(LastSuccessIn(text), 1772300000.5);
}

TEST(Metrics, LabelsAreEscapedAndAlwaysUtf8) {
  RunFacts f = Facts();
  f.plan = "a\"b\\c\nd\xFF\xC3\xA9\xE2\x82";
  EXPECT_NE(MetricsText(f).find("migrate_import{plan=\"a\\\"b\\\\c\\nd?\xC3\xA9??\"} 7\n"), std::string::npos);
}

TEST(Metrics, LastSuccessOfWhatIsNoMetricsFileIsNone) {
  for (const char* text : {"", "x", "\nmigrate_last_success_timestamp_seconds{",
                           "\nmigrate_last_success_timestamp_seconds{plan=\"p\"} x\n",
                           "\nmigrate_last_success_timestamp_seconds{plan=\"p\"} \n",
                           "\nother{} 5\nmigrate_last_success_timestamp_seconds{plan"})
    EXPECT_EQ(LastSuccessIn(text), std::nullopt) << text;
}

TEST(Metrics, TheFileIsReplacedAsAWholeAndOthersMayReadIt) {
  Folder folder;
  const std::string path = folder / "m.prom";
  ASSERT_TRUE(WriteMetrics(path, Facts()).ok());
  EXPECT_EQ(Read(path), MetricsText(Facts()));
  struct stat s {};
  ASSERT_EQ(::stat(path.c_str(), &s), 0);
  const mode_t mask = ::umask(0);
  ::umask(mask);
  EXPECT_EQ(s.st_mode & 0777, 0644 & ~mask);
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
  const Status failed = WriteMetrics(folder / "no/m.prom", Facts());
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.message().find("No such file"), std::string::npos) << failed.message();
}

TEST(Board, TheStatusFileIsThereFromShowToHide) {
  Folder folder;
  Board board;
  board.Update([](RunFacts* f) { *f = Facts(); });
  board.WriteStatus();  // nowhere yet
  board.ShowAt(folder / "status.json");
  board.WriteStatus();
  const auto j = nlohmann::json::parse(Read(folder / "status.json"));
  EXPECT_EQ(j["pid"], 42);
  EXPECT_EQ(j["stage"], "load");
  EXPECT_EQ(j["rows"], 500);
  EXPECT_EQ(j["total"], 1000);
  EXPECT_TRUE(j["stalled"].is_null());
  board.Hide();
  EXPECT_FALSE(std::filesystem::exists(folder / "status.json"));
  board.WriteStatus();
  EXPECT_FALSE(std::filesystem::exists(folder / "status.json"));
}

TEST(Resources, AProcessHasMemoryAndHasWorked) {
  const Resources r = ResourcesNow();
  EXPECT_GT(r.resident_bytes, 1u << 20);
  EXPECT_GE(r.resident_peak_bytes, r.resident_bytes / 2);
  EXPECT_GT(r.cpu_seconds, 0);
  EXPECT_GT(r.read_bytes, 0u);
}

}  // namespace
}  // namespace migrate::progress
