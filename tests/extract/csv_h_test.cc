// The reader beside csv.h (Fast C++ CSV Parser, libfccp) on what both can read: five columns, commas, LF or CR LF,
// quotes around fields and doubled inside, no line end in a field and no blank line.
#include "migrate/extract/fccp.h"

#include <fmt/core.h>

#include <random>

#include "csv_testing.h"
#include "migrate/record/payload.h"

namespace migrate::extract {
namespace {

using Row = std::vector<std::string>;

std::string RandomField(std::mt19937& rng) {
  std::string text;
  for (size_t n = rng() % 20 == 0 ? rng() % 200 : rng() % 15; n > 0; --n)
    text += "abcxyz 0123456789.-_@\\';|\t"[rng() % 25];
  const bool quote = rng() % 4 == 0;
  if (!quote) return text;
  for (size_t n = rng() % 3; n > 0; --n) text.insert(rng() % (text.size() + 1), rng() % 2 == 0 ? "\"\"" : ",");
  // A comma may have gone between two quotes of a pair: double what is single.
  std::string doubled;
  for (char c : text) doubled += c == '"' ? "\"\"" : std::string(1, c);
  return '"' + doubled + '"';
}

std::vector<Row> ByCsvH(const std::string& path) {
  io::CSVReader<5, io::trim_chars<>, io::double_quote_escape<',', '"'>> in(path);
  in.next_line();
  std::vector<Row> rows;
  for (char* c[5]; in.read_row(c[0], c[1], c[2], c[3], c[4]);) rows.push_back(Row(c, c + 5));
  return rows;
}

TEST(CsvDifferential, ReadsWhatCsvHReads) {
  std::mt19937 rng(21);
  size_t rows = 0;
  const int files = 300;
  for (int f = 0; f < files; ++f) {
    const std::string end = rng() % 2 == 0 ? "\n" : "\r\n";
    std::string text = "a,b,c,d,e" + end;
    for (size_t n = rng() % 300; n > 0; --n) {
      for (int i = 0; i < 5; ++i) text += (i > 0 ? "," : "") + RandomField(rng);
      text += n == 1 && rng() % 2 == 0 ? "" : end;
    }
    TempFile file(text);
    const std::vector<Row> expected = ByCsvH(file.path());
    CsvOptions options;
    options.delimiter = ",";
    options.encoding = "utf-8";
    options.chunk_bytes = 1 + rng() % 10'000;
    const ReadResult got = ReadCsvFile(file.path(), options);
    ASSERT_TRUE(got.status.ok()) << got.status.message();
    ASSERT_EQ(got.items.size(), expected.size()) << "file " << f;
    DecodedRow decoded;
    for (size_t r = 0; r < expected.size(); ++r) {
      ASSERT_FALSE(got.items[r].reject) << got.items[r].detail;
      ASSERT_TRUE(DecodePayload(got.items[r].payload, &decoded).ok());
      Row mine;
      for (const Cell& cell : decoded.cells) mine.emplace_back(cell.bytes);
      ASSERT_EQ(mine, expected[r]) << "file " << f << ", row " << r + 1;
    }
    rows += expected.size();
  }
  fmt::print("{} random files, {} rows: the reader and csv.h agree\n", files, rows);
}

}  // namespace
}  // namespace migrate::extract
