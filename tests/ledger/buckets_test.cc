#include "migrate/ledger/buckets.h"

#include <gtest/gtest.h>

namespace migrate::ledger {
namespace {

void PutRow(RowHasher* h, size_t n) {
  h->Integer(static_cast<int64_t>(n) - 3);
  h->Text(std::string(n * n, 'x'));
  n % 2 == 0 ? h->Null() : h->TextOrNull("");
  h->Real(static_cast<double>(n) / 8);
}

TEST(RowHasher, HashesTheNetstringsOfItsColumns) {
  RowHasher h;
  h.Integer(-12);
  h.Text("a,b");
  h.Null();
  h.TextOrNull("");
  h.Text("");
  h.Real(0.25);
  EXPECT_EQ(h.Finish(), Sha256Of("3:-12,3:a,b,-,-,0:,8:0.250000,"));
  EXPECT_EQ(h.Finish(), Sha256Of(""));
}

TEST(RowHasher, AnIntegerIsTheTextOfItsDigits) {
  RowHasher h;
  for (int64_t v : {INT64_MIN, int64_t{-1234567890}, int64_t{-1}, int64_t{0}, int64_t{9}, int64_t{123456789},
                    int64_t{1234567890}, INT64_MAX}) {
    h.Integer(v);
    const std::string digits = std::to_string(v);
    EXPECT_EQ(h.Finish(), Sha256Of(std::to_string(digits.size()) + ":" + digits + ",")) << v;
  }
}

TEST(RowHasher, ATextOfAnyLengthIsItsLengthAndItsBytes) {
  RowHasher h;
  std::string text;
  for (int n = 0; n < 300; ++n) {
    h.Text("before");
    h.Text(text);
    h.Integer(n);
    const std::string digits = std::to_string(n);
    EXPECT_EQ(h.Finish(), Sha256Of("6:before," + std::to_string(n) + ":" + text + "," + std::to_string(digits.size()) +
                                   ":" + digits + ","))
        << n;
    text.push_back(static_cast<char>('!' + n % 90));
  }
}

TEST(RowHasher, ManyRowsAtOnceHashAsOneByOne) {
  RowHasher many, one;
  EXPECT_TRUE(many.FinishRows().empty());
  for (size_t rows : {1u, 2u, 3u, 17u, 64u}) {
    for (size_t i = 0; i < rows; ++i) {
      PutRow(&many, i);
      many.EndRow();
    }
    EXPECT_EQ(many.rows(), rows);
    const std::vector<Sha256> hashes = many.FinishRows();
    ASSERT_EQ(hashes.size(), rows);
    for (size_t i = 0; i < rows; ++i) {
      PutRow(&one, i);
      EXPECT_EQ(hashes[i], one.Finish()) << i << " of " << rows;
    }
    EXPECT_EQ(many.rows(), 0u);
  }
}

}  // namespace
}  // namespace migrate::ledger
