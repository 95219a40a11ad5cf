// The throttle against a clock that the test moves and a server that it makes up.
#include "migrate/extract/mysql_throttle.h"

#include <gtest/gtest.h>

#include <deque>
#include <mutex>
#include <thread>

namespace migrate::extract {
namespace {

// Time passes only by waiting; threads share it.
struct Moved {
  std::mutex mutex;
  double at = 1000;
  WaitClock clock() {
    return {[this] {
              std::lock_guard lock(mutex);
              return at;
            },
            [this](double seconds) {
              std::lock_guard lock(mutex);
              EXPECT_LE(seconds, 0.2 + 1e-9);
              at += seconds;
            }};
  }
};

TEST(Throttle, KeepsBelowTheRates) {
  struct Case {
    ThrottleLimits limits;
    uint64_t rows, bytes, times;  // taken so often
    double seconds;               // at least, but for the burst
  };
  for (const Case& k :
       {Case{{.rows_per_second = 1000}, 50, 0, 200, 10}, Case{{.rows_per_second = 3}, 1, 1 << 20, 30, 10},
        Case{{.bytes_per_second = 1 << 20}, 50, 64 << 10, 160, 10},
        Case{{.rows_per_second = 1000, .bytes_per_second = 1 << 20}, 50, 64 << 10, 160, 10},
        Case{{.rows_per_second = 100, .bytes_per_second = 1 << 20}, 50, 64, 20, 10}}) {
    Moved time;
    Throttle throttle("source crm", k.limits, {.clock = time.clock(), .say = {}, .cancelled = {}}, {});
    for (uint64_t i = 0; i < k.times; ++i) ASSERT_TRUE(throttle.Take(k.rows, k.bytes).ok());
    EXPECT_GE(time.at - 1000, k.seconds - 0.01);
    EXPECT_LE(time.at - 1000, k.seconds * 1.02);
  }
}

TEST(Throttle, ASlowReaderSavesNoMoreThanTheBurst) {
  Moved time;
  Throttle throttle("source crm", {.rows_per_second = 100}, {.clock = time.clock(), .say = {}, .cancelled = {}}, {});
  ASSERT_TRUE(throttle.Take(1, 0).ok());
  time.at += 3600;
  const double begin = time.at;
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(throttle.Take(1, 0).ok());
  EXPECT_NEAR(time.at - begin, 1 - Throttle::kBurstSeconds, 0.02);
}

TEST(Throttle, SeveralReadersShareOneRate) {
  Moved time;
  Throttle throttle("source crm", {.rows_per_second = 1000}, {.clock = time.clock(), .say = {}, .cancelled = {}}, {});
  std::atomic<uint64_t> taken{0};
  auto read = [&] {
    while ((taken += 10) <= 10000) EXPECT_TRUE(throttle.Take(10, 0).ok());
  };
  std::thread other(read);
  read();
  other.join();
  EXPECT_GE(time.at - 1000, 9.9) << "10,000 rows at 1,000 a second";
}

// A server whose load is given second by second; the last stays.
struct Server {
  std::deque<ServerLoad> loads;
  int asked = 0;
  LoadProbe probe() {
    return [this]() -> Result<ServerLoad> {
      ++asked;
      ServerLoad now = loads.front();
      if (loads.size() > 1) loads.pop_front();
      return now;
    };
  }
};

ServerLoad Running(uint64_t threads) {
  ServerLoad load;
  load.threads_running = threads;
  return load;
}
ServerLoad Lag(double seconds) {
  ServerLoad load;
  load.replica_lag = seconds;
  return load;
}

TEST(Throttle, PausesWhileTheServerHasEnoughToDoAndSaysSoOnce) {
  Moved time;
  Server server{{Running(3), Running(20), Running(20), Running(4), Running(30), Running(2)}};
  std::vector<std::string> said;
  Throttle throttle("source crm", {.max_threads_running = 5},
                    {.clock = time.clock(), .say = [&](const auto& t) { said.push_back(t); }, .cancelled = {}},
                    server.probe());
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  EXPECT_EQ(time.at, 1000) << "nothing to wait for";
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  EXPECT_EQ(server.asked, 1) << "asked once a second at most";
  time.at += 1;
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  EXPECT_NEAR(time.at, 1003, 0.1) << "two seconds over the limit";
  time.at += 1;
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  EXPECT_NEAR(time.at, 1005, 0.1);
  EXPECT_EQ(server.asked, 6);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_EQ(said[0],
            "source crm: paused: the server has 19 threads running besides this reader's, max_threads_running is 5; it "
            "goes on when this is over (later pauses are not told)");
  EXPECT_EQ(throttle.Finding(), "throttled; paused 2 times for about 3 s in all, while the server had enough to do");
}

TEST(Throttle, ItsOwnReadersAreNotCounted) {
  Moved time;
  Server server{{Running(4)}};  // three streams and the session that asks
  Throttle throttle("source crm", {.max_threads_running = 0}, {.clock = time.clock(), .say = {}, .cancelled = {}},
                    server.probe());
  Throttle::Streaming a(&throttle), b(&throttle), c(&throttle);
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  EXPECT_EQ(time.at, 1000);
}

TEST(Throttle, PausesForReplicaLag) {
  Moved time;
  ServerLoad stopped;
  stopped.replication_stopped = true;
  Server server{{Lag(2), Lag(7.5), stopped, Lag(5)}};
  std::vector<std::string> said;
  Throttle throttle("source crm", {.max_replica_lag = 5},
                    {.clock = time.clock(), .say = [&](const auto& t) { said.push_back(t); }, .cancelled = {}},
                    server.probe());
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  time.at += 1;
  ASSERT_TRUE(throttle.Take(1, 1).ok());
  EXPECT_NEAR(time.at, 1003, 0.1);
  ASSERT_EQ(said.size(), 1u);
  EXPECT_NE(said[0].find("the replica is 8 s behind, max_replica_lag is 5 s"), std::string::npos) << said[0];
}

TEST(Throttle, WhatCannotBeMeasuredIsSaidOnceAndHoldsNobodyUp) {
  Moved time;
  ServerLoad unknown;
  unknown.replica_lag_unknown = "the server is no replica";
  Server server{{unknown}};
  std::vector<std::string> said;
  ThrottleHooks hooks{.clock = time.clock(), .say = [&](const auto& t) { said.push_back(t); }, .cancelled = {}};
  Throttle throttle("source crm", {.max_replica_lag = 5}, hooks, server.probe());
  Throttle broken("source crm", {.max_replica_lag = 5}, hooks,
                  []() -> Result<ServerLoad> { return Status::Failed("no more connections"); });
  for (int i = 0; i < 5; ++i, time.at += 1) {
    ASSERT_TRUE(throttle.Take(1, 1).ok());
    ASSERT_TRUE(broken.Take(1, 1).ok());
  }
  EXPECT_EQ(time.at, 1005);
  EXPECT_EQ(said, (std::vector<std::string>{
                      "source crm: max_replica_lag has no effect: the server is no replica",
                      "source crm: the server's load cannot be asked for, so nothing pauses for it: no more "
                      "connections"}));
}

TEST(Throttle, TheOperatorEndsAPause) {
  Moved time;
  Server server{{Running(100)}};
  Throttle throttle("source crm", {.max_threads_running = 5},
                    {.clock = time.clock(), .say = {}, .cancelled = [&] { return time.at > 1010; }}, server.probe());
  Status s = throttle.Take(1, 1);
  ASSERT_FALSE(s.ok());
  EXPECT_EQ(s.kind(), ErrorKind::kCancelled);
  EXPECT_LT(time.at, 1011.5);
}

}  // namespace
}  // namespace migrate::extract
