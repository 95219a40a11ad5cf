#include "migrate/progress/run_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

namespace migrate::progress {
namespace {

LogOptions Options(LogFormat format) {
  LogOptions o;
  o.format = format;
  o.run_id = "9f86d081884c7d65";
  o.plan = "people";
  return o;
}

LogEntry Warning() {
  LogEntry e;
  e.level = LogLevel::kWarning;
  e.event = "warning";
  e.stage = "extract";
  e.step = "a.csv";
  e.text = "it \"broke\"\nin two\x1b[31m";
  e.hint = "mend it";
  e.values = {{"rows", int64_t{12}}, {"seconds", 1.5}, {"who", std::string("x y")}};
  return e;
}

TEST(LogLine, IsOneLineOfTextWhateverStandsInIt) {
  EXPECT_EQ(LogLine(Options(LogFormat::kText), Warning(), "2026-03-01T04:05:06.789Z"),
            "2026-03-01T04:05:06.789Z warning run=9f86d081884c7d65 plan=people extract (a.csv): it \"broke\" | in "
            "two\\x1b[31m rows=12 seconds=1.5 who=x y; hint: mend it");
}

TEST(LogLine, IsOneObjectOfJson) {
  const std::string line = LogLine(Options(LogFormat::kJson), Warning(), "2026-03-01T04:05:06.789Z");
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto j = nlohmann::json::parse(line);
  EXPECT_EQ(j, nlohmann::json::parse(R"({"time":"2026-03-01T04:05:06.789Z","level":"warning","run":"9f86d081884c7d65",
      "plan":"people","event":"warning","stage":"extract","step":"a.csv","text":"it \"broke\"\nin two\u001b[31m",
      "hint":"mend it","rows":12,"seconds":1.5,"who":"x y"})"));
  LogEntry bad;
  bad.text = "no utf-8: \xFF";
  EXPECT_TRUE(nlohmann::json::accept(LogLine(Options(LogFormat::kJson), bad, "")));
}

TEST(LogLine, AddressesAreMaskedAndUrlsAreNot) {
  const std::pair<const char*, const char*> cases[] = {
      {"key ann.lee@example.org: twice", "key a***@example.org: twice"},
      {"'x@y.z'", "'x***@y.z'"},
      {"mysql://reader@db.example.com/crm: gone", "mysql://reader@db.example.com/crm: gone"},
      {"a@b and c@d.e.", "a@b and c***@d.e."},
      {"@", "@"},
      {"two: p.q@r.st,u@v.wx", "two: p***@r.st,u***@v.wx"},
      {"jos\xC3\xA9@example.org", "j***@example.org"},
      {"root@localhost", "root@localhost"},
      {"", ""}};
  for (const auto& [text, masked] : cases) EXPECT_EQ(WithoutAddresses(text), masked);
  LogEntry e = Warning();
  e.text = e.hint = e.step = "ann@example.org";
  for (LogFormat f : {LogFormat::kText, LogFormat::kJson})
    EXPECT_EQ(LogLine(Options(f), e, "").find("ann@"), std::string::npos);
}

class RunLogFile : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/migrate-log-XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::vector<std::string> Lines(const std::string& name) const {
    std::ifstream in(folder_ + "/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }
  std::unique_ptr<RunLog> Open(LogOptions o) {
    o.file = folder_ + "/run.log";
    auto log = RunLog::Open(o, [this](const std::string& why) { failures_.push_back(why); });
    EXPECT_TRUE(log.ok()) << log.status().message();
    return *std::move(log);
  }
  static LogEntry Text(LogLevel level, const std::string& text) {
    LogEntry e;
    e.level = level;
    e.text = text;
    return e;
  }
  std::string folder_;
  std::vector<std::string> failures_;
};

TEST_F(RunLogFile, IsAppendedToAndOnlyItsOwnerMayReadIt) {
  for (int i = 0; i < 2; ++i) Open(Options(LogFormat::kText))->Write(Text(LogLevel::kInfo, "hello"));
  EXPECT_EQ(Lines("run.log").size(), 2u);
  struct stat s {};
  ASSERT_EQ(::stat((folder_ + "/run.log").c_str(), &s), 0);
  EXPECT_EQ(s.st_mode & 0777, 0600u);
}

TEST_F(RunLogFile, WarningsAreThereAtOnceAndOthersWithinSeconds) {
  auto log = Open(Options(LogFormat::kText));
  log->Write(Text(LogLevel::kWarning, "careful"));
  EXPECT_EQ(Lines("run.log").size(), 1u);
  log->Write(Text(LogLevel::kInfo, "by the way"));
  for (int i = 0; i < 100 && Lines("run.log").size() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(Lines("run.log").size(), 2u);
}

TEST_F(RunLogFile, LevelsBelowAreLeftOut) {
  LogOptions o = Options(LogFormat::kText);
  o.level = LogLevel::kWarning;
  {
    auto log = Open(o);
    for (LogLevel l : {LogLevel::kDebug, LogLevel::kInfo, LogLevel::kWarning, LogLevel::kError})
      log->Write(Text(l, "x"));
  }
  EXPECT_EQ(Lines("run.log").size(), 2u);
}

TEST_F(RunLogFile, IsRotatedBySizeAndNothingIsLost) {
  LogOptions o = Options(LogFormat::kJson);
  o.max_bytes = 1000;
  o.keep = 9;
  {
    auto log = Open(o);
    for (int i = 0; i < 40; ++i) log->Write(Text(LogLevel::kInfo, std::to_string(i)));
  }
  std::vector<int> seen;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    ++files;
    EXPECT_LE(entry.file_size(), 1000u);
    struct stat s {};
    ASSERT_EQ(::stat(entry.path().c_str(), &s), 0);
    EXPECT_EQ(s.st_mode & 0777, 0600u) << entry.path();
    for (const auto& line : Lines(entry.path().filename().string()))
      seen.push_back(std::stoi(nlohmann::json::parse(line)["text"].get<std::string>()));
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_GT(files, 3u);
  ASSERT_EQ(seen.size(), 40u);
  EXPECT_EQ(seen.front(), 0);
  EXPECT_EQ(seen.back(), 39);
}

TEST_F(RunLogFile, AFileThatCannotBeOpenedIsAnErrorThatNamesIt) {
  LogOptions o = Options(LogFormat::kText);
  o.file = folder_ + "/no/run.log";
  auto log = RunLog::Open(o, [](const std::string&) {});
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.status().kind(), ErrorKind::kPlan);
  EXPECT_EQ(log.status().message(), o.file + ": cannot open the log: No such file or directory");
}

TEST_F(RunLogFile, AFullDiskIsSaidOnceAndEndsNothing) {
  LogOptions o = Options(LogFormat::kText);
  o.file = "/dev/full";
  std::vector<std::string> said;
  {
    auto log = RunLog::Open(o, [&](const std::string& why) { said.push_back(why); });
    ASSERT_TRUE(log.ok()) << log.status().message();
    for (int i = 0; i < 5; ++i) (*log)->Write(Text(LogLevel::kError, "x"));
  }
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("/dev/full: the log cannot be written"), std::string::npos) << said[0];
}

TEST_F(RunLogFile, ThreadsWriteWholeLines) {
  {
    auto log = Open(Options(LogFormat::kJson));
    std::vector<std::thread> pool;
    for (int t = 0; t < 4; ++t)
      pool.emplace_back([&] {
        for (int i = 0; i < 250; ++i) log->Write(Text(LogLevel::kInfo, std::string(100, 'x')));
      });
    for (auto& t : pool) t.join();
  }
  const auto lines = Lines("run.log");
  EXPECT_EQ(lines.size(), 1000u);
  for (const auto& line : lines) ASSERT_TRUE(nlohmann::json::accept(line)) << line;
}

}  // namespace
}  // namespace migrate::progress
