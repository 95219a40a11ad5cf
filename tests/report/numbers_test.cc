#include "migrate/report/numbers.h"

#include <gtest/gtest.h>

#include "target.h"

namespace migrate::report {
namespace {

TEST(Numbers, Ranges) {
  using Pair = std::pair<uint64_t, uint64_t>;
  EXPECT_EQ(ParseRange("2"), Pair(2, 2));
  EXPECT_EQ(ParseRange("6-10"), Pair(6, 10));
  EXPECT_EQ(ParseRange("101-"), Pair(101, INT64_MAX));
  for (const char* bad : {"", "0", "-", "-3", "a", "3-2", "2-x", "1,2", "2 - 3", "99999999999999999999"})
    EXPECT_EQ(ParseRange(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace migrate::report
