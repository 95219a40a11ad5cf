#include "migrate/base/checksum.h"

#include <gtest/gtest.h>

#include <string>

namespace migrate {
namespace {

// Known answers of the reference implementation (seed 0); spool_test holds it against libzstd besides.
TEST(Xxh64, KnownAnswers) {
  EXPECT_EQ(Xxh64(""), 0xEF46DB3751D8E999u);
  EXPECT_EQ(Xxh64("a"), 0xD24EC4F1A98C6E5Bu);
  EXPECT_EQ(Xxh64("abc"), 0x44BC2CF5AD770999u);
}

TEST(Xxh64, EveryFlippedBitShows) {
  std::string bytes(77, 'x');
  const uint64_t before = Xxh64(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(Xxh64(bytes), before);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  }
}

}  // namespace
}  // namespace migrate
