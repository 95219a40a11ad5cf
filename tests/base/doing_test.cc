#include "migrate/base/doing.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace migrate {
namespace {

std::vector<std::string> Texts() {
  std::vector<std::string> texts;
  for (const DoingNow& d : WhatThreadsDo()) texts.push_back(d.text);
  return texts;
}

TEST(Doing, TheInnermostScopeCountsAndEndsWithItsScope) {
  EXPECT_TRUE(Texts().empty());
  {
    Doing outer("reading", "a.csv");
    EXPECT_EQ(Texts(), (std::vector<std::string>{"reading a.csv"}));
    {
      Doing inner("waiting for a lock", "");
      EXPECT_EQ(Texts(), (std::vector<std::string>{"waiting for a lock"}));
    }
    EXPECT_EQ(Texts(), (std::vector<std::string>{"reading a.csv"}));
  }
  EXPECT_TRUE(Texts().empty());
}

TEST(Doing, ThreadsHaveNumbersOfTheirOwnAndLeaveNothingBehind) {
  Doing here("waiting", "for the others");
  std::atomic<int> inside{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> pool;
  for (int i = 0; i < 3; ++i)
    pool.emplace_back([&, i] {
      Doing doing("writing", std::to_string(i));
      ++inside;
      while (!go) std::this_thread::yield();
    });
  while (inside < 3) std::this_thread::yield();
  auto all = WhatThreadsDo();
  go = true;
  for (auto& t : pool) t.join();
  ASSERT_EQ(all.size(), 4u);
  for (size_t i = 1; i < all.size(); ++i) EXPECT_LT(all[i - 1].worker, all[i].worker);
  for (const DoingNow& d : all) EXPECT_GE(d.seconds, 0);
  EXPECT_EQ(Texts(), (std::vector<std::string>{"waiting for the others"}));
}

}  // namespace
}  // namespace migrate
