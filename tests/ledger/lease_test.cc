#include "migrate/ledger/lease.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <thread>

#include "migrate/base/process.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/schema.h"

namespace migrate::ledger {
namespace {

using store::Connection;
using store::OpenMode;

TEST(ProcessTest, OnlyAProcessThatIsNotThereIsGone) {
  const ProcessId self = ThisProcess();
  EXPECT_FALSE(ProvablyGone(self));
  EXPECT_GT(self.started, 0u);
  ProcessId other = self;
  other.started += 1;  // the pid was given to somebody else
  EXPECT_TRUE(ProvablyGone(other));
  for (std::string ProcessId::*of : {&ProcessId::boot, &ProcessId::space}) {
    other = self;
    other.started += 1;
    other.*of = "elsewhere";
    EXPECT_FALSE(ProvablyGone(other)) << "nothing is known of other machines and containers";
  }
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  ProcessId born = self;
  born.pid = child;
  born.started = 0;
  EXPECT_FALSE(ProvablyGone(born));
  ::kill(child, SIGKILL);
  siginfo_t info{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
  EXPECT_TRUE(ProvablyGone(born)) << "a zombie";
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_TRUE(ProvablyGone(born));
}

class LeaseTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/migrate_lease_XXXXXX";
    folder_ = ::mkdtemp(name);
    file_ = folder_ + "/t.db";
    auto db = store::OpenSqlite(file_, OpenMode::kCreate);
    ASSERT_TRUE(db.ok()) << db.status().message();
    ASSERT_TRUE(ApplySchema(db->get()).ok());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<Connection> Open() const { return *store::OpenSqlite(file_, OpenMode::kReadWrite); }
  Result<std::shared_ptr<Lease>> Take(double seconds = 30) const {
    LeaseOptions o;
    o.connect = [this] { return store::OpenSqlite(file_, OpenMode::kReadWrite); };
    o.file = file_;
    o.seconds = seconds;
    auto db = Open();
    return Lease::Take(db.get(), o);
  }
  // As a run of another machine would have left it: its process is nobody's here, and nobody puts its end off.
  void HeldElsewhere(int64_t until_ms) const {
    auto db = Open();
    ASSERT_TRUE(SetSetting(db.get(), "lease", R"({"token":"other","by":"process 7 of ann on host3","boot":"b",
        "since":"2026-01-01T00:00:00Z","since_ms":1767225600000,"space":"s","pid":7,"started":9})")
                    .ok());
    ASSERT_TRUE(WriteBeside(until_ms));
  }
  bool WriteBeside(int64_t until_ms) const {
    std::FILE* f = std::fopen((file_ + "-lease").c_str(), "w");
    if (f == nullptr) return false;
    std::fprintf(f, R"({"token":"other","until":%lld,"by":"process 7 of ann on host3","since":"2026-01-01T00:00:00Z"})",
                 static_cast<long long>(until_ms));
    return std::fclose(f) == 0;
  }
  static int64_t Now() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
  std::string folder_, file_;
};

TEST_F(LeaseTest, OneHoldsItAndLeavesNothing) {
  auto first = Take();
  ASSERT_TRUE(first.ok()) << first.status().message();
  EXPECT_EQ((*first)->finding(), "");
  auto second = Take();
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().kind(), ErrorKind::kFailed);
  EXPECT_NE(second.status().message().find(": another run of migrate writes to this target: process " +
                                           std::to_string(::getpid()) + " of "),
            std::string::npos)
      << second.status().message();
  auto holder = HolderOf(Open().get(), file_);
  ASSERT_TRUE(holder.ok() && holder->has_value());
  EXPECT_FALSE((*holder)->lapsed);
  EXPECT_EQ(HolderBeside(file_)->by, (*holder)->by);
  first->reset();
  EXPECT_FALSE(HolderOf(Open().get(), file_)->has_value());
  EXPECT_FALSE(std::filesystem::exists(file_ + "-lease"));
  EXPECT_EQ(*Open()->QueryInteger("SELECT count(*) FROM setting WHERE name LIKE 'lease%'"), 0);
  EXPECT_TRUE(Take().ok());
}

TEST_F(LeaseTest, ALeaseThatHasLapsedIsTakenOver) {
  HeldElsewhere(Now() + 20'000);
  auto refused = Take();
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("process 7 of ann on host3, since 2026-01-01T00:00:00Z; its lease holds "),
            std::string::npos)
      << refused.status().message();
  HeldElsewhere(Now() - 1);
  auto taken = Take();
  ASSERT_TRUE(taken.ok()) << taken.status().message();
  EXPECT_NE((*taken)->finding().find("taken over from process 7 of ann on host3"), std::string::npos)
      << (*taken)->finding();
}

// As a clock leaves it that was an hour ahead and was put right: its end tells nothing, only that nobody renews it.
TEST_F(LeaseTest, ALeaseThatIsFarAheadAndStandsStillIsTakenOver) {
  HeldElsewhere(Now() + 3600'000);
  auto taken = Take(0.5);
  ASSERT_TRUE(taken.ok()) << taken.status().message();
  EXPECT_NE((*taken)->finding().find("taken over from process 7 of ann on host3"), std::string::npos);
}

TEST_F(LeaseTest, WithoutTheFileATermCountsFromItsBeginning) {
  HeldElsewhere(0);
  std::filesystem::remove(file_ + "-lease");
  EXPECT_TRUE(Take().ok());
}

TEST_F(LeaseTest, TheHolderPutsItsEndOff) {
  auto first = Take(0.5);
  ASSERT_TRUE(first.ok());
  std::this_thread::sleep_for(std::chrono::milliseconds(1500));
  EXPECT_FALSE(Take(0.5).ok());
}

TEST_F(LeaseTest, WhoLostItCommitsNothing) {
  auto lease = Take();
  ASSERT_TRUE(lease.ok());
  auto db = Fenced(Open(), *lease);
  const auto write = [&](const std::string& value) -> Status {
    MIGRATE_ASSIGN(auto transaction, store::Transaction::Begin(db.get()));
    MIGRATE_TRY(SetSetting(db.get(), "written", value));
    return transaction.Commit();
  };
  EXPECT_TRUE(write("before").ok());
  ASSERT_TRUE(db->Begin().ok());
  db->Rollback();
  HeldElsewhere(Now() + 3600'000);
  const Status lost = write("after");
  ASSERT_FALSE(lost.ok());
  EXPECT_FALSE(lost.may_pass());
  EXPECT_NE(lost.message().find("this run has lost the target to another one: process 7 of ann on host3, since 2026"),
            std::string::npos)
      << lost.message();
  EXPECT_TRUE((*lease)->lost());
  EXPECT_FALSE(db->Execute("CREATE INDEX i ON record (zip)").ok()) << "outside of a transaction, too";
  EXPECT_TRUE(db->BeginRead().ok());
  EXPECT_EQ(*Setting(db.get(), "written"), "before");
  EXPECT_TRUE(db->Commit().ok()) << "reading is free";
  db.reset();
  lease->reset();
  EXPECT_TRUE(HolderOf(Open().get(), file_)->has_value()) << "what is another's is not given back";
  ASSERT_TRUE(ForgetLease(Open().get()).ok());
}

TEST_F(LeaseTest, WhoFindsTheRowGoneHasLostIt) {
  auto lease = Take();
  auto db = Fenced(Open(), *lease);
  ASSERT_TRUE(ForgetLease(Open().get()).ok());
  ASSERT_TRUE(db->Begin().ok());
  const Status lost = db->Commit();
  EXPECT_NE(lost.message().find("to another one, which has ended since"), std::string::npos) << lost.message();
}

// Somebody who has lost it may write the file once more: it does not make the new holder believe that it lost.
TEST_F(LeaseTest, TheRowDecidesAndNotTheFile) {
  auto lease = Take(0.3);
  ASSERT_TRUE(WriteBeside(0));
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  EXPECT_FALSE((*lease)->lost());
  EXPECT_NE(HolderBeside(file_)->by, "process 7 of ann on host3");
}

// Whoever may write to the folder or the target may put anything there: it is passed over, or said, and ends no
// process.
TEST_F(LeaseTest, AFileOfOtherTypesSaysNothing) {
  auto lease = Take(0.3);
  ASSERT_TRUE(lease.ok());
  for (const char* text : {R"({"token":7,"until":"soon","by":[],"since":{}})", R"({"token":null,"until":1e300})",
                           R"({"token":"other","until":9223372036854775807})", "[]", "{", ""}) {
    std::FILE* f = std::fopen((file_ + "-lease").c_str(), "w");
    ASSERT_NE(f, nullptr);
    std::fputs(text, f);
    ASSERT_EQ(std::fclose(f), 0);
    (void)HolderBeside(file_);
    EXPECT_TRUE(HolderOf(Open().get(), file_).ok()) << text;
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    EXPECT_FALSE((*lease)->lost()) << text;
  }
}

TEST_F(LeaseTest, ARowOfOtherTypesIsRefusedOrLapses) {
  for (const char* row : {R"({"token":7})", R"({"token":""})", R"([7])", "7", ""}) {
    ASSERT_TRUE(SetSetting(Open().get(), "lease", row).ok());
    auto taken = Take();
    ASSERT_FALSE(taken.ok()) << row;
    EXPECT_NE(taken.status().message().find("its setting `lease` cannot be read: "), std::string::npos)
        << taken.status().message();
  }
  for (const char* since : {R"("never")", "9223372036854775807", "-9223372036854775808", "1e300", "null"}) {
    ASSERT_TRUE(SetSetting(Open().get(), "lease",
                           std::string(R"({"token":"t","by":1,"group":[],"since":2,"boot":3,"space":4,"pid":"5",)") +
                               R"("started":-1.5,"since_ms":)" + since + "}")
                    .ok());
    EXPECT_TRUE(Take().ok()) << since;
  }
}

}  // namespace
}  // namespace migrate::ledger
