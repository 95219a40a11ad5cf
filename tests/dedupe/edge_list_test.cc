#include "migrate/dedupe/edge_list.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace migrate::dedupe {
namespace {

bool Same(const Edge& x, const Edge& y) { return x.a == y.a && x.b == y.b && x.log_odds == y.log_odds; }

std::vector<Edge> All(const EdgeList& list) {
  std::vector<Edge> out;
  list.Each([&](const Edge& e) { out.push_back(e); });
  return out;
}

void ExpectSame(const std::vector<Edge>& x, const std::vector<Edge>& y) {
  ASSERT_EQ(x.size(), y.size());
  EXPECT_TRUE(std::equal(x.begin(), x.end(), y.begin(), Same));
}

std::vector<Edge> Random(size_t n, uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Edge> out;
  for (size_t i = 0; i < n; ++i)
    out.push_back({static_cast<uint32_t>(i), static_cast<uint32_t>(random() % 1000),
                   static_cast<float>(random() % 500) / 8.0f - 20});
  return out;
}

// The least budget is 16,384 edges: so many, and up to seven times as many, in pieces of any size.
TEST(EdgeList, IsTheSameInMemoryAndOnTheDisk) {
  for (const size_t n : {0u, 1u, 16'384u, 16'385u, 40'000u, 120'001u}) {
    std::vector<Edge> want = Random(n, 7);
    EdgeList list({testing::TempDir(), 1});
    std::mt19937 random(static_cast<uint32_t>(n));
    for (size_t at = 0; at < n;) {
      const size_t some = std::min<size_t>(n - at, 1 + random() % 30'000);
      list.Append(want.data() + at, some);
      at += some;
    }
    EXPECT_LE(list.MemoryBytes(), 16'384 * sizeof(Edge));
    EXPECT_EQ(list.size(), n);
    ExpectSame(All(list), want);
    const auto weaken = [](std::vector<Edge>* run) {
      std::erase_if(*run, [](const Edge& e) { return e.a % 3 == 0; });
      for (Edge& e : *run) e.log_odds -= static_cast<float>(e.b % 2);
    };
    list.Rewrite(weaken);
    weaken(&want);
    ExpectSame(All(list), want);
    list.Sort();
    std::sort(want.begin(), want.end(), Stronger);
    ExpectSame(All(list), want);
    EXPECT_LE(list.MemoryBytes(), 16'384 * sizeof(Edge));
    list.push_back({1, 2, 100});
    want.insert(want.begin(), {1, 2, 100});
    list.Sort();
    ExpectSame(list.Take(), want);
    EXPECT_EQ(list.size(), 0u);
  }
}

TEST(EdgeList, EndsAPassThatIsToldTo) {
  EdgeList list({testing::TempDir(), 1});
  const std::vector<Edge> edges = Random(50'000, 1);
  list.Append(edges.data(), edges.size());
  for (const size_t last : {3u, 20'000u, 49'999u}) {
    size_t seen = 0;
    list.Each([&](const Edge&) { return seen++ != last; });
    EXPECT_EQ(seen, last + 1);
  }
}

TEST(EdgeList, SaysWhereItCannotWrite) {
  EdgeList list({testing::TempDir() + "/there/is/no/such/folder", 1});
  const std::vector<Edge> edges = Random(50'000, 1);
  try {
    list.Append(edges.data(), edges.size());
    FAIL() << "there is no folder";
  } catch (const ScratchFailure& failure) {
    EXPECT_NE(failure.status().message().find("cannot create"), std::string::npos) << failure.what();
  }
}

}  // namespace
}  // namespace migrate::dedupe
