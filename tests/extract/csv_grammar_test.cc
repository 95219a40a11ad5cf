#include <fmt/core.h>

#include <random>

#include "csv_testing.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {
namespace {

using namespace std::string_literals;

// "line@offset payload" of a row, with " raw=..." where the row carries its bytes; "line@offset !reason raw" of a
// reject.
std::string Shown(const Collected::Item& item) {
  std::string at = fmt::format("{}@{} ", item.place.line, item.place.byte_offset);
  if (item.reject) return at + "!" + item.reason + " " + item.raw;
  return at + item.payload + (item.raw.empty() ? "" : " raw=" + item.raw);
}

struct Case {
  std::string name, text;
  std::vector<std::string> expected;
};

std::vector<Case> Cases() {
  return {
      {"plain", "a,b\n1,2\n3,4\n", {R"(2@4 ["1","2"])", R"(3@8 ["3","4"])"}},
      {"no line end at the end", "a,b\n1,2", {R"(2@4 ["1","2"])"}},
      {"crlf", "a,b\r\n1,2\r\n3,\r\n", {R"(2@5 ["1","2"])", R"(3@10 ["3",""])"}},
      {"cr only", "a,b\r1,2\r3,4\r", {R"(2@4 ["1","2"])", R"(3@8 ["3","4"])"}},
      {"mixed line ends", "a,b\n1,2\r\n3,4\r5,6\n", {R"(2@4 ["1","2"])", R"(3@9 ["3","4"])", R"(4@13 ["5","6"])"}},
      {"blank lines are no rows", "\n\na,b\n\n1,2\n  \n\r\n \t \n3,4\n\n", {R"(5@7 ["1","2"])", R"(9@20 ["3","4"])"}},
      {"blanks in one column are a row", "a\n\n \nx\n", {R"(3@3 [" "])", R"(4@5 ["x"])"}},
      {"tabs are no blanks between tabs", "a\tb\n\t\n", {"2@4 [\"\",\"\"]"}},
      {"a tab in quotes between tabs",
       "a\tb\n\"x\ty\"\tz\n" + std::string(70, 'p') + "\tq\n",
       {"2@4 [\"x\\ty\",\"z\"] raw=\"x\ty\"\tz", "3@12 [\"" + std::string(70, 'p') + "\",\"q\"]"}},
      {"quoted", "a,b\n\"1\",\"x,y\"\n", {R"(2@4 ["1","x,y"] raw="1","x,y")"}},
      {"doubled quotes", "a,b\n\"\"\"\",\"x\"\"y\"\n", {R"(2@4 ["\"","x\"y"] raw="""","x""y")"}},
      {"newlines in quotes are kept",
       "a,b\n\"x\ny\r\nz\",2\n3,4\n",
       {"2@4 [\"x\\ny\\r\\nz\",\"2\"] raw=\"x\ny\r\nz\",2", R"(5@15 ["3","4"])"}},
      {"blanks after the closing quote", "a,b\n\"1\" \t,\"2\"  \n", {"2@4 [\"1\",\"2\"] raw=\"1\" \t,\"2\"  "}},
      {"a quote inside a field is text", "a,b\n5'11\",x\"y\"\n", {R"(2@4 ["5'11\"","x\"y\""])"}},
      {"a quote after a blank is text", "a,b\n1, \"2\"\n", {R"(2@4 ["1"," \"2\""])"}},
      {"empty quoted field", "a\n\"\"\n", {R"(2@2 [""] raw="")"}},
      {"nul is text", "a,b\n1,x\0y\n"s, {R"(2@4 ["1","x\u0000y"])"}},
      {"fields are not trimmed", "a, b\n 1 , 2\n", {R"(2@5 [" 1 "," 2"])"}},
      {"too few and too many",
       "a,b\n1\n1,2,3\n4,5\n",
       {"2@4 !too_few_fields 1", "3@6 !too_many_fields 1,2,3", R"(4@12 ["4","5"])"}},
      {"trailing delimiter in header and rows", "a,b,\n1,2,\n", {R"(2@5 ["1","2",""])"}},
      {"text after a closing quote", "a,b\n\"1\"x,2\n3,4\n", {"2@4 !bad_quote \"1\"x,2", R"(3@11 ["3","4"])"}},
      {"bad quote later: only its first line",
       "a,b\n1,\"x\ny\"z\n3,4\n",
       {"2@4 !bad_quote 1,\"x", "3@9 !too_few_fields y\"z", R"(4@13 ["3","4"])"}},
      {"unclosed quote",
       "a,b\n1,\"x\n3,4\n5,6",
       {"2@4 !unclosed_quote 1,\"x", R"(3@9 ["3","4"])", R"(4@13 ["5","6"])"}},
      {"unclosed quote in the last line", "a,b\n1,2\n3,\"x", {R"(2@4 ["1","2"])", "3@8 !unclosed_quote 3,\"x"}},
      {"a lone quote as last byte", "a,b\n1,2\n\"", {R"(2@4 ["1","2"])", "3@8 !unclosed_quote \""}},
      {"several broken lines",
       "a,b\n\"1,2\n\"3,4\n\"5,6\n7,8\n",
       {"2@4 !bad_quote \"1,2", "3@9 !bad_quote \"3,4", "4@14 !unclosed_quote \"5,6", R"(5@19 ["7","8"])"}},
      {"repeated header",
       "a,b\n1,2\na,b\n3,4\n",
       {R"(2@4 ["1","2"])", "3@8 !repeated_header a,b", R"(4@12 ["3","4"])"}},
      {"header with quotes and newline", "\"a\nb\",c\n1,2\n", {R"(3@8 ["1","2"])"}},
      {"utf-8 mark and crlf",
       "\xef\xbb\xbf"
       "a,b\r\n1,2\r\n",
       {R"(2@8 ["1","2"])"}},
      {"backslash and control bytes", "a,b\nx\\y,\x01\n", {R"(2@4 ["x\\y","\u0001"])"}},
      {"long plain row",
       "a,b\n" + std::string(200, 'x') + "," + std::string(100, 'y') + "\n1,2\n" + std::string(70, 'z') + ",\n",
       {"2@4 [\"" + std::string(200, 'x') + "\",\"" + std::string(100, 'y') + "\"]", R"(3@306 ["1","2"])",
        "4@310 [\"" + std::string(70, 'z') + "\",\"\"]"}},
  };
}

TEST(CsvGrammar, TableAtEveryChunkSize) {
  for (const Case& c : Cases()) {
    TempFile file(c.text);
    for (uint64_t chunk = 1; chunk <= c.text.size() + 1; ++chunk) {
      CsvOptions options;
      options.chunk_bytes = chunk;
      ReadResult got = ReadCsvFile(file.path(), options);
      ASSERT_TRUE(got.status.ok()) << c.name << ": " << got.status.message();
      std::vector<std::string> shown;
      for (const auto& item : got.items) shown.push_back(Shown(item));
      ASSERT_EQ(shown, c.expected) << c.name << ", chunks of " << chunk;
    }
  }
}

TEST(CsvGrammar, EmptyHeaderOnlyAndBlankFiles) {
  for (const char* text : {"", "\n\n", " \n"}) {
    ReadResult got = ReadCsvText(text);
    EXPECT_TRUE(got.status.ok());
    EXPECT_TRUE(got.columns.empty());
    EXPECT_EQ(got.chunks, 0u);
  }
  ReadResult got = ReadCsvText("id,name\n");
  EXPECT_EQ(got.columns.size(), 2u);
  EXPECT_EQ(got.chunks, 0u);
  got = ReadCsvText("id,name");
  EXPECT_EQ(got.columns.size(), 2u);
  EXPECT_TRUE(got.status.ok());
}

TEST(CsvGrammar, ColumnNamesAreTrimmedAndUnique) {
  ReadResult got = ReadCsvText("id, name , name,name_2,name\n1,2,3,4,5\n");
  std::vector<std::string> names;
  for (const Column& c : got.columns) names.push_back(c.name);
  EXPECT_EQ(names, (std::vector<std::string>{"id", "name", "name_3", "name_2", "name_4"}));
  EXPECT_EQ(got.findings.back(), "column 5 repeats the name 'name': it is called 'name_4' here");
}

TEST(CsvGrammar, Keys) {
  CsvOptions options;
  options.source = "people";
  options.file_sha256 = Sha256Of("x");
  ReadResult got = ReadCsvText("id,name\n\n7,x\n8\n", options);
  std::string prefix = Sha256Hex("x").substr(0, 16);
  ASSERT_EQ(got.items.size(), 2u);
  EXPECT_EQ(got.items[0].key, prefix + "#1");
  EXPECT_EQ(got.items[1].key, prefix + "#2");
  EXPECT_EQ(got.items[0].hash, Sha256Of("people\0"s + prefix + "#1\0[\"7\",\"x\"]"s));

  options.key = {"id"};
  got = ReadCsvText("id,name\n7,x\n,y\n" + std::string(513, 'k') + ",z\n\"\",q\n" + std::string(512, 'k') + ",z\n8\n",
                    options);
  ASSERT_EQ(got.items.size(), 6u);
  EXPECT_EQ(got.items[0].key, "7");
  EXPECT_EQ(got.items[1].reason, reasons::kNullKey);
  EXPECT_EQ(got.items[1].detail, "key column 'id' is empty");
  EXPECT_EQ(got.items[2].reason, reasons::kKeyTooLong);
  EXPECT_EQ(got.items[3].reason, reasons::kNullKey);
  EXPECT_FALSE(got.items[4].reject);
  EXPECT_EQ(got.items[5].reason, reasons::kTooFewFields);
  EXPECT_EQ(got.items[5].detail, "1 field, the header has 2");
  EXPECT_EQ(got.items[5].key, "8");

  options.key = {"name", "id"};
  got = ReadCsvText("id,name\n7,\"x\"\"\"\n,y\n", options);
  EXPECT_EQ(got.items[0].key, R"(["x\"","7"])");
  EXPECT_EQ(got.items[1].reason, reasons::kNullKey);

  options.key = {"nmae"};
  got = ReadCsvText("id,name\n", options);
  EXPECT_EQ(got.status.kind(), ErrorKind::kPlan);
  EXPECT_NE(got.status.message().find("there is no column 'nmae' for the key (did you mean 'name'?)"),
            std::string::npos);
  EXPECT_EQ(got.status.hint(), "its columns are: id, name");
}

TEST(CsvGrammar, QuoteMustCloseWithinItsReach) {
  std::string inside(kChunkBytes / 4 - 1, 'x');  // 1 MiB - 1: the closing quote lies 1 MiB after the opening one
  ReadResult got = ReadCsvText("a,b\n1,\"" + inside + "\"\n3,4\n");
  ASSERT_EQ(got.items.size(), 2u);
  EXPECT_FALSE(got.items[0].reject);
  got = ReadCsvText("a,b\n1,\"\n" + inside + "\"\n3,4\n");
  ASSERT_EQ(got.items.size(), 3u);
  EXPECT_EQ(got.items[0].reason, reasons::kUnclosedQuote);
  EXPECT_EQ(got.items[0].raw, "1,\"");
  EXPECT_EQ(got.items[1].reason, reasons::kTooFewFields);
  EXPECT_FALSE(got.items[2].reject);
}

TEST(CsvGrammar, LongRecords) {
  std::string text = "a,b\n1," + std::string(17 << 20, 'x') + "\n3,4\n";
  ReadResult got = ReadCsvText(text);
  ASSERT_EQ(got.items.size(), 2u);
  EXPECT_EQ(got.items[0].reason, reasons::kTooLong);
  EXPECT_EQ(got.items[0].raw.size(), (17u << 20) + 2);
  EXPECT_EQ(got.items[1].place.line, 3u);
  got = ReadCsvText("a,b\n" + std::string(65 << 20, 'x'));
  EXPECT_FALSE(got.status.ok());
  EXPECT_NE(got.status.message().find("no record end within 64 MiB from byte 4"), std::string::npos);
}

TEST(CsvGrammar, BrokenQuotesCostLinearTime) {
  // Each line, tried alone, runs on to the end of the file: without memory of failed attempts this is quadratic.
  std::string text = "a,b\n";
  for (int i = 0; i < 100'000; ++i) text += "x\",\"\n";
  ReadResult got = ReadCsvText(text);
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  EXPECT_EQ(got.items.size(), 100'000u);
  for (const auto& item : got.items) ASSERT_EQ(item.reason, reasons::kUnclosedQuote);
}

// The scanner's and the parser's fast paths go 64 bytes at a time: each tricky record at each place in a block, read at
// once and record by record (which takes the slow paths).
TEST(CsvGrammar, TrickyRecordsAtEveryAlignment) {
  for (std::string record : {"x\"y,1\n3\",4\n", "\"q\",x\"y\n3\",4\n", "x\"y,2\n", "x\",\"a,\nb\"\n", "\"a\"\"b\",c\n",
                             "\"\",\"\"\n", "\"a\" ,b\n", "\"a\"x,b\n", "a,\"b\"\r\n", "a,\"b\"\r", "\r\n \r\n", " \n",
                             "\n\n", "a,b \n", "\"a\nb\",\"c\r\nd\"\n", "a,\"b\nc,d\n", "\xc3\xa9,\\\n"})
    for (size_t pad = 0; pad < 70; ++pad) {
      TempFile file("h,k\n" + std::string(pad, 'v') + ",w\n" + record + "p,q\n" + record + std::string(150, 'z') +
                    ",\n\"e\",f\n" + std::string(150, 'y') + ",\n");
      CsvOptions options;
      options.delimiter = ",";
      ReadResult whole = ReadCsvFile(file.path(), options);
      ASSERT_TRUE(whole.status.ok());
      options.chunk_bytes = 1;
      ReadResult parts = ReadCsvFile(file.path(), options);
      ASSERT_EQ(parts.items.size(), whole.items.size()) << record << pad;
      for (size_t i = 0; i < whole.items.size(); ++i) ASSERT_TRUE(parts.items[i] == whole.items[i]) << record << pad;
    }
}

// Random texts of the bytes that matter: every chunk size gives the same rows, and scanner and parser count the same
// (ReadAll checks that).
TEST(CsvGrammar, RandomTextsReadTheSameInAnyChunks) {
  std::mt19937 rng(11);
  for (int round = 0; round < 300; ++round) {
    static constexpr std::string_view kBytes = "\"\"\",,,\n\n\r\r;\t ab\xc3\xa9\xff";
    std::string text = "h,k\n";
    size_t quotes = 1 + rng() % 3;  // how often quotes come, one in so many choices
    for (size_t n = rng() % 600; n > 0; --n)
      text += rng() % 4 != 0 || rng() % quotes != 0 ? std::string(rng() % 8, 'v') + kBytes[6 + rng() % 6]
                                                    : std::string(1, kBytes[rng() % kBytes.size()]);
    CsvOptions options;
    options.delimiter = ",";
    options.encoding = "utf-8";
    TempFile file(text);
    ReadResult whole = ReadCsvFile(file.path(), options);
    ASSERT_TRUE(whole.status.ok());
    for (uint64_t chunk : {1u, 2u, 3u, 17u, 64u, 65u, 100u, 129u, 300u, 1000u}) {
      options.chunk_bytes = chunk;
      ReadResult parts = ReadCsvFile(file.path(), options);
      ASSERT_EQ(parts.items.size(), whole.items.size()) << text;
      for (size_t i = 0; i < whole.items.size(); ++i)
        ASSERT_TRUE(parts.items[i] == whole.items[i]) << "round " << round << " chunk " << chunk << " item " << i;
    }
  }
}

}  // namespace
}  // namespace migrate::extract
