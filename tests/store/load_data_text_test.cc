#include "../../src/store/load_data_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace migrate::store {
namespace {

FilledColumns None() { return std::make_shared<uint64_t>(0); }

// As the server reads it: rows of fields; nullopt is NULL.
std::vector<std::vector<std::optional<std::string>>> Read(std::string_view text) {
  std::vector<std::vector<std::optional<std::string>>> rows;
  std::vector<std::optional<std::string>> row;
  std::optional<std::string> field = "";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      const char letter = text[++i];
      if (letter == 'N')
        field = std::nullopt;
      else
        field->push_back(letter == 't' ? '\t' : letter == 'n' ? '\n' : letter == '0' ? '\0' : letter);
    } else if (c == '\t' || c == '\n') {
      row.push_back(std::move(field));
      field = "";
      if (c == '\n') rows.push_back(std::exchange(row, {}));
    } else {
      field->push_back(c);
    }
  }
  EXPECT_TRUE(row.empty()) << "text behind the last row";
  return rows;
}

TEST(LoadDataText, EscapesWhatTheServerReadsOtherwise) {
  LoadDataText text(3, None());
  text.Plain(0, "7");
  text.Bytes(1, std::string_view("a\tb\nc\\d\0e\x01", 10));
  text.Bytes(2, "");
  ASSERT_TRUE(text.Complete());
  text.AddRow();
  EXPECT_EQ(text.text(), "7\ta\\tb\\nc\\\\d\\0e\x01\t\n");
}

TEST(LoadDataText, EveryByteAtEveryPlaceComesBack) {
  for (size_t size : {1u, 2u, 15u, 16u, 17u, 31u, 32u, 33u, 48u})
    for (size_t at = 0; at < size; ++at) {
      LoadDataText text(1, None());
      std::vector<std::string> values;
      for (int byte = 0; byte < 256; ++byte) {
        std::string value(size, 'v');
        value[at] = static_cast<char>(byte);
        if (at + 1 < size && byte % 3 == 0) value[at + 1] = '\\';
        text.Bytes(0, value);
        text.AddRow();
        values.push_back(std::move(value));
      }
      const auto rows = Read(text.text());
      ASSERT_EQ(rows.size(), values.size());
      for (size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(rows[i][0], values[i]) << "byte " << i << " at " << at << " of " << size;
    }
}

TEST(LoadDataText, RowsComeBackWhateverOrderTheirColumnsAreGivenIn) {
  std::mt19937 random(5);
  constexpr size_t kColumns = 9;
  LoadDataText text(kColumns, std::make_shared<uint64_t>(0x1FF));
  std::vector<std::vector<std::optional<std::string>>> want;
  for (int n = 0; n < 2000; ++n) {
    std::vector<std::optional<std::string>> row(kColumns);
    std::vector<size_t> order(kColumns);
    for (size_t c = 0; c < kColumns; ++c) order[c] = c;
    std::shuffle(order.begin(), order.end(), random);
    for (size_t c : order) {
      if (random() % 4 == 0) {
        text.Null(c);
        continue;
      }
      std::string value(random() % 70, 'x');
      for (char& b : value) b = static_cast<char>(random() % 3 == 0 ? "\\\t\n\0N"[random() % 5] : 'a' + random() % 26);
      text.Bytes(c, value);
      row[c] = std::move(value);
    }
    ASSERT_TRUE(text.Complete());
    text.AddRow();
    want.push_back(std::move(row));
  }
  EXPECT_EQ(Read(text.text()), want);
}

void Give(LoadDataText* text, const std::vector<const char*>& values) {
  for (size_t c = 0; c < values.size(); ++c) values[c] == nullptr ? text->Null(c) : text->Bytes(c, values[c]);
}

TEST(LoadDataText, ColumnsThatNoRowFillsAreLeftOut) {
  LoadDataText text(4, None());
  Give(&text, {"1", nullptr, "a", nullptr});
  EXPECT_TRUE(text.Fits());
  text.AddRow();
  Give(&text, {"2", nullptr, nullptr, nullptr});
  EXPECT_TRUE(text.Fits());
  text.AddRow();
  EXPECT_EQ(text.Columns(), (std::vector<size_t>{0, 2}));
  EXPECT_EQ(text.text(), "1\ta\n2\t\\N\n");

  Give(&text, {"3", "b", nullptr, nullptr});
  EXPECT_FALSE(text.Fits()) << "the batch has no column 1";
  text.Clear();
  EXPECT_TRUE(text.Fits()) << "the row is kept, and begins the next batch";
  text.AddRow();
  EXPECT_EQ(text.Columns(), (std::vector<size_t>{0, 1, 2})) << "what was learned stays";
  EXPECT_EQ(text.text(), "3\tb\t\\N\n");
}

TEST(LoadDataText, AnOpenBatchKeepsItsColumnsWhenAnotherWriterLearnsMore) {
  const FilledColumns filled = None();
  LoadDataText a(3, filled), b(3, filled);
  Give(&a, {"1", nullptr, nullptr});
  a.AddRow();
  Give(&b, {"2", "x", nullptr});
  b.AddRow();
  Give(&a, {"3", nullptr, nullptr});
  ASSERT_TRUE(a.Fits());
  a.AddRow();
  EXPECT_EQ(a.Columns(), (std::vector<size_t>{0}));
  EXPECT_EQ(a.text(), "1\n3\n");
  Give(&a, {"4", "y", nullptr});
  EXPECT_FALSE(a.Fits());
  a.Clear();
  a.AddRow();
  EXPECT_EQ(a.Columns(), (std::vector<size_t>{0, 1}));
}

TEST(LoadDataText, MoreThan64ColumnsAreAllSent) {
  LoadDataText text(66, None());
  text.Plain(0, "1");
  for (size_t c = 1; c < 66; ++c) text.Null(c);
  ASSERT_TRUE(text.Complete());
  text.AddRow();
  EXPECT_EQ(text.Columns().size(), 66u);
  EXPECT_EQ(Read(text.text())[0].size(), 66u);
}

TEST(LoadDataText, ARowWithoutAColumnIsNotComplete) {
  LoadDataText text(2, None());
  text.Plain(1, "1");
  EXPECT_FALSE(text.Complete());
}

TEST(LoadDataText, AColumnThatIsGivenAgainReplacesWhatItHad) {
  LoadDataText text(2, None());
  for (const char* first : {"1", "3"}) {
    text.Plain(0, "old");
    text.Null(1);
    EXPECT_TRUE(text.Complete());
    text.Plain(0, first);
    text.Bytes(1, "b");
    ASSERT_TRUE(text.Complete());
    text.AddRow();
  }
  EXPECT_EQ(text.text(), "1\tb\n3\tb\n");
}

}  // namespace
}  // namespace migrate::store
