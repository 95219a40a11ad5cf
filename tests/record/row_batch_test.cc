#include "migrate/record/row_batch.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "migrate/record/digest.h"

namespace migrate {
namespace {

struct Given {
  Place place;
  std::string key, payload, raw;
};

// Rows of many sizes through one batch, taken whenever it is full: they come out as they went in, with the digests that
// RowDigester gives.
TEST(RowBatch, RowsComeOutAsTheyWentIn) {
  std::mt19937 rng(9);
  std::vector<Given> given;
  for (uint64_t i = 0; i < 2000; ++i) {
    const size_t size = rng() % 50 == 0 ? rng() % 100'000 : rng() % 400;
    given.push_back({{0, i, 2 * i, 7 * i},
                     std::string(rng() % 30, 'k'),
                     std::string(size, static_cast<char>('a' + i % 26)),
                     i % 3 == 0 ? "raw " + std::to_string(i) : ""});
  }
  for (std::string source : {"", "people"}) {
    RowBatch batch(source);
    RowDigester digester(source);
    size_t taken = 0, takes = 0;
    auto take = [&] {
      ++takes;
      for (const RawRow& row : batch.Take()) {
        const Given& g = given[taken++];
        ASSERT_EQ(row.source_key, g.key);
        ASSERT_EQ(row.payload, g.payload);
        ASSERT_EQ(row.raw, g.raw);
        ASSERT_EQ(row.place.row, g.place.row);
        ASSERT_EQ(row.place.byte_offset, g.place.byte_offset);
        ASSERT_EQ(row.row_sha256, digester.Row(g.key, g.payload)) << taken;
      }
    };
    EXPECT_TRUE(batch.Take().empty());
    for (const Given& g : given) {
      if (!batch.HasRoom(g.key.size(), g.payload.size())) take();
      ASSERT_TRUE(batch.HasRoom(g.key.size(), g.payload.size()));
      char* out = batch.Begin(g.place, g.key, g.raw, g.payload.size());
      batch.End(out + g.payload.copy(out, g.payload.size()));
    }
    take();
    EXPECT_EQ(taken, given.size());
    EXPECT_LT(takes, given.size() / 4) << "rows are batched";
  }
}

}  // namespace
}  // namespace migrate
