// Files as they come: packings, encodings, marks, delimiters, and files that change.
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "csv_testing.h"
#include "migrate/base/bytes.h"
#include "migrate/extract/byte_stream.h"
#include "migrate/extract/csv_dialect.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {
namespace {

using namespace std::string_literals;

std::string Gzip(const std::string& text) {
  z_stream z{};
  EXPECT_EQ(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string Zstd(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

std::string Utf16(const std::u16string& text, bool little, bool mark) {
  std::string out = !mark ? "" : little ? "\xff\xfe" : "\xfe\xff";
  for (char16_t c : text) {
    char low = static_cast<char>(c & 0xff), high = static_cast<char>(c >> 8);
    out.push_back(little ? low : high);
    out.push_back(little ? high : low);
  }
  return out;
}

std::string ManyRows(int n) {
  std::string text = "id,name,note\n";
  std::mt19937 rng(3);
  for (int i = 0; i < n; ++i)
    text += fmt::format("{},name {},{}\n", i, rng() % 1000, i % 7 == 0 ? "\"a, \"\"quoted\"\"\nnote\"" : "plain");
  return text;
}

std::vector<std::string> Texts(const ReadResult& r) {
  EXPECT_TRUE(r.status.ok()) << r.status.message();
  std::vector<std::string> out;
  for (const auto& i : r.items) out.push_back(i.reject ? "!" + i.reason + ": " + i.detail : i.payload);
  return out;
}

bool Has(const std::vector<std::string>& findings, std::string_view part) {
  for (const std::string& f : findings)
    if (f.find(part) != std::string::npos) return true;
  ADD_FAILURE() << "no finding has \"" << part << "\", the last is: " << (findings.empty() ? "none" : findings.back());
  return false;
}

TEST(CsvPacked, GivesTheRowsOfThePlainFile) {
  const std::string text = ManyRows(60'000);
  ReadResult plain = ReadCsvText(text);
  ASSERT_EQ(plain.items.size(), 60'000u);
  const std::string half = text.substr(0, text.size() / 2), rest = text.substr(text.size() / 2);
  for (const std::string& packed : {Gzip(text), Gzip(half) + Gzip(rest), Gzip(half) + Gzip("") + Gzip(rest) + "\0\0\0"s,
                                    Zstd(text), Zstd(half) + Zstd(rest)}) {
    ReadResult got = ReadCsvText(packed);
    ASSERT_TRUE(got.status.ok()) << got.status.message();
    EXPECT_TRUE(got.items == plain.items);
    EXPECT_EQ(got.chunks, plain.chunks);
    Has(got.findings, "packed with");
  }
}

TEST(CsvPacked, DamageIsAnErrorWithPathAndOffset) {
  const std::string text = ManyRows(50'000);
  std::string gz = Gzip(text), zst = Zstd(text);
  std::string flipped = gz;
  flipped[gz.size() / 2] = static_cast<char>(~flipped[gz.size() / 2]);
  struct Case {
    std::string bytes, part;
  };
  for (const Case& c : std::vector<Case>{
           {gz.substr(0, gz.size() / 2), fmt::format("truncated at byte {} of the archive", gz.size() / 2)},
           {gz.substr(0, gz.size() - 1), "truncated at byte"},
           {gz.substr(0, 5), "truncated at byte 5"},
           {flipped, "damaged at byte"},
           {gz + "garbage", fmt::format("damaged at byte {}", gz.size())},
           {zst.substr(0, zst.size() - 1), "truncated at byte"},
           {zst.substr(0, 4), "truncated at byte 4"},
           {zst + "garbage", "damaged at byte"}}) {
    TempFile file(c.bytes, ".csv.gz");
    ReadResult got = ReadCsvFile(file.path());
    ASSERT_FALSE(got.status.ok()) << c.part;
    EXPECT_EQ(got.status.kind(), ErrorKind::kFailed);
    EXPECT_EQ(got.status.message().find(file.path() + ": " + c.part), 0u) << got.status.message();
  }
}

TEST(CsvEncoding, FoundOrDeclared) {
  struct Case {
    std::string name, declared, text;
    std::vector<std::string> expected;
    std::string finding;
  };
  const std::vector<Case> cases = {
      {"utf-8",
       "",
       "id,name\n1,Ren\xc3\xa9\n2,\xf0\x9f\x98\x80\n",
       {"[\"1\",\"Ren\xc3\xa9\"]", "[\"2\",\"\xf0\x9f\x98\x80\"]"},
       "encoding utf-8 (in the file: 2 multi-byte characters of UTF-8, 0 bytes that are none)"},
      {"windows-1252",
       "",
       "id,name\n1,Ren\xe9\n2,\x80 5\n3,x\x81y\n",
       {"[\"1\",\"Ren\xc3\xa9\"]", "[\"2\",\"\xe2\x82\xac 5\"]",
        "!undecodable_bytes: column 'name': byte 81 at byte 24 of the file is not windows-1252"},
       "encoding windows-1252 (in the file: 0 multi-byte"},
      {"latin-1",
       "latin-1",
       "id,name\n1,Ren\xe9\n2,\x80\n",
       {"[\"1\",\"Ren\xc3\xa9\"]", "[\"2\",\"\xc2\x80\"]"},
       "encoding latin-1 (declared)"},
      {"utf-8 with a broken row",
       "",
       "id,name\n1,Ren\xc3\xa9\n2,Zo\xc3\xab\n3,\"Ren\xe9\"\n",
       {"[\"1\",\"Ren\xc3\xa9\"]", "[\"2\",\"Zo\xc3\xab\"]",
        "!undecodable_bytes: column 'name': byte E9 at byte 29 of the file is not utf-8"},
       "encoding utf-8 (in the file: 2 multi-byte characters of UTF-8, 1 bytes that are none)"},
      {"declared utf-8",
       "UTF-8",
       "id,name\n1,Ren\xe9\n",
       {"!undecodable_bytes: column 'name': byte E9 at byte 13 of the file is not utf-8"},
       "encoding utf-8 (declared)"},
      {"the header too", "", "id,Pr\xe9nom\n1,Ren\xe9\n", {"[\"1\",\"Ren\xc3\xa9\"]"}, "encoding windows-1252"},
      {"surrogates and overlong forms",
       "utf-8",
       "id\n\xed\xa0\x80\n\xc0\xaf\n\xf5\x80\x80\x80\n\xe2\x82\n",
       {"!undecodable_bytes: column 'id': byte ED at byte 3 of the file is not utf-8",
        "!undecodable_bytes: column 'id': byte C0 at byte 7 of the file is not utf-8",
        "!undecodable_bytes: column 'id': byte F5 at byte 10 of the file is not utf-8",
        "!undecodable_bytes: column 'id': byte E2 at byte 15 of the file is not utf-8"},
       "encoding utf-8 (declared)"},
  };
  for (const Case& c : cases) {
    CsvOptions options;
    options.encoding = c.declared;
    ReadResult got = ReadCsvText(c.text, options);
    EXPECT_EQ(Texts(got), c.expected) << c.name;
    Has(got.findings, c.finding);
  }
  ReadResult header = ReadCsvText("id,Pr\xe9nom\n1,x\n");
  EXPECT_EQ(header.columns[1].name, "Pr\xc3\xa9nom");
  CsvOptions options;
  options.encoding = "ebcdic";
  ReadResult got = ReadCsvText("a\n", options);
  EXPECT_EQ(got.status.kind(), ErrorKind::kPlan);
  EXPECT_NE(got.status.message().find("encoding \"ebcdic\" is not known"), std::string::npos);
}

TEST(CsvEncoding, ARowAfterTheSampleIsQuarantinedNotGuessedAnew) {
  std::string text = "id,name\n";
  while (text.size() < kSampleBytes + 1000) text += "1,plain\n";
  text += "2,Ren\xe9\n";
  ReadResult got = ReadCsvText(text);
  EXPECT_EQ(got.items.back().reason, reasons::kUndecodable);
  EXPECT_EQ(got.items.back().raw, "2,Ren\xe9");
  Has(got.findings, "encoding utf-8 (the first 1048576 bytes is ASCII)");
}

TEST(CsvEncoding, RawIsKeptWhereTheTextsDoNotGiveItBack) {
  ReadResult got = ReadCsvText("id,name\n1,Ren\xe9\n2,x\n3,\"x\"\n");
  ASSERT_EQ(got.items.size(), 3u);
  EXPECT_EQ(got.items[0].raw, "1,Ren\xe9");
  EXPECT_EQ(got.items[1].raw, "");
  EXPECT_EQ(got.items[2].raw, "3,\"x\"");
}

TEST(CsvEncoding, Utf16) {
  const std::u16string text = u"id,name\r\n1,Ren\u00e9\r\n2,\U0001F600\u20ac\r\n";
  const std::vector<std::string> expected = {"[\"1\",\"Ren\xc3\xa9\"]", "[\"2\",\"\xf0\x9f\x98\x80\xe2\x82\xac\"]"};
  for (bool little : {true, false})
    for (bool mark : {true, false}) {
      CsvOptions options;
      if (!mark && little) options.encoding = "utf-16";  // big-endian is found by its zero bytes
      ReadResult got = ReadCsvText(Utf16(text, little, mark), options);
      EXPECT_EQ(Texts(got), expected);
      ASSERT_EQ(got.items.size(), 2u);
      EXPECT_EQ(got.items[1].place.byte_offset, 18u);  // in the UTF-8 form
      Has(got.findings, little ? "UTF-16 little-endian" : "UTF-16 big-endian");
    }
  std::u16string broken = u"id\n1\n2";
  broken.push_back(0xD800);
  broken += u"\n3";
  ReadResult got = ReadCsvText(Utf16(broken, true, true) + "x");
  EXPECT_EQ(Texts(got), (std::vector<std::string>{
                            "[\"1\"]", "!undecodable_bytes: column 'id': byte ED at byte 6 of the file is not utf-8",
                            "!undecodable_bytes: column 'id': byte FF at byte 11 of the file is not utf-8"}));
}

TEST(CsvEncoding, Utf16LongerThanItsBuffer) {
  std::u16string text = u"id,name\n";
  for (int i = 0; i < 50'000; ++i) text += u"7,\U0001F600x\n";
  ReadResult got = ReadCsvText(Utf16(text, true, true));
  ASSERT_EQ(got.items.size(), 50'000u);
  for (const auto& item : got.items) ASSERT_EQ(item.payload, "[\"7\",\"\xf0\x9f\x98\x80x\"]");
}

TEST(CsvDelimiter, FoundByConsistency) {
  struct Case {
    std::string text;
    size_t columns;
    std::string finding;
  };
  for (const Case& c : std::vector<Case>{
           {"a;b;c\n1,5;2;3\n1,5;2;3\n", 3,
            "delimiter ';' (it gives the header 3 fields, and as many to 2 of the first 2 rows)"},
           {"a\tb\n1\t2\n", 2, "delimiter TAB"},
           {"a|b|c,d\n1|2|3\n", 3, "delimiter '|'"},
           {"a,b\n", 2, "delimiter ',' (it gives the header 2 fields, and as many to 0 of the first 0 rows)"},
           {"name\nAnn\nBob, Jr\n", 1, "one column"},
           {"a,\"b;c;d;e\"\n1,\"x;y\"\n", 2, "delimiter ','"},
           {"a,b\n1,\"x\ny;z\"\n2,3\n", 2, "and as many to 2 of the first 2 rows"}}) {
    ReadResult got = ReadCsvText(c.text);
    EXPECT_EQ(got.columns.size(), c.columns) << c.text;
    for (const auto& item : got.items) EXPECT_FALSE(item.reject) << c.text << item.detail;
    Has(got.findings, c.finding);
  }
  CsvOptions options;
  for (const char* bad : {"ab", "\"", "\n", "\xc3\xa9"}) {
    options.delimiter = bad;
    EXPECT_EQ(ReadCsvText("a,b\n", options).status.kind(), ErrorKind::kPlan);
  }
  options.delimiter = "\\t";
  EXPECT_EQ(ReadCsvText("a\tb,c\n", options).columns.size(), 2u);
}

TEST(CsvDialect, WhatIsDeclaredIsDoubtedWithEvidence) {
  struct Case {
    std::string name, encoding, delimiter, text, finding;  // "": nothing is doubted
  };
  for (const Case& c : std::vector<Case>{
           {"utf-8 that is none", "utf-8", "", "id,name\n1,Ren\xe9\n",
            "the declared encoding utf-8 does not fit (in the file: 0 multi-byte characters of UTF-8, 1 bytes that are "
            "none; byte E9 at byte 13 is not utf-8)"},
           {"latin-1 that is UTF-8", "latin-1", "", "id,name\n1,Ren\xc3\xa9\n2,Zo\xc3\xab\n",
            "the declared encoding latin-1 does not fit (in the file: 2 multi-byte characters of UTF-8, 0 bytes that "
            "are none)"},
           {"windows-1252 with a byte it has not", "windows-1252", "", "id,name\n1,x\x81\n",
            "the declared encoding windows-1252 does not fit (in the file: byte 81 at byte 11 is not windows-1252)"},
           {"utf-16 that is ASCII", "utf-16", "", "id,name\n1,x\n2,y\n",
            "the declared encoding utf-16 does not fit (no byte order mark, and no zero byte in the first 16 bytes)"},
           {"a mark wins", "latin-1", "", "\xef\xbb\xbfid,name\n1,x\n",
            "the declared encoding latin-1 is not used: its byte order mark says Unicode"},
           {"another delimiter", "", ";", "a,b,c\n1,2,3\n4,5,6\n",
            "the declared delimiter ';' does not fit: it gives the header 1 fields, and as many to 2 of the first 2 "
            "rows; "
            "',' would give it 3, and as many to 2 of 2"},
           {"rows that do not follow", "", ",", "a;b,c;d\n1;2;3\n4;5;6\n",
            "the declared delimiter ',' does not fit: it gives the header 2 fields, and as many to 0 of the first 2 "
            "rows; "
            "';' would give it 3, and as many to 2 of 2"},
           {"utf-8", "utf-8", ",", "id,name\n1,Ren\xc3\xa9\n", ""},
           {"latin-1", "latin-1", ",", "id,name\n1,Ren\xe9\n", ""},
           {"one column", "", ",", "name\nAnn\nBob\n", ""},
           {"the better of two", "", ",", "a,b;c\n1,2\n", ""}}) {
    CsvOptions options;
    options.encoding = c.encoding;
    options.delimiter = c.delimiter;
    ReadResult got = ReadCsvText(c.text, options);
    std::string doubts;
    for (const std::string& f : got.findings)
      if (f.starts_with("the declared")) doubts += f;
    EXPECT_EQ(doubts, c.finding) << c.name;
  }
}

TEST(CsvDialect, WhatIsDeclaredIsUsed) {
  CsvOptions options;
  options.encoding = "utf-8";
  // Two zero bytes that would pass for UTF-16.
  EXPECT_EQ(Texts(ReadCsvText("a\0b\0\nx\n"s, options)), (std::vector<std::string>{R"(["x"])"}));
  options.delimiter = ";";
  EXPECT_EQ(ReadCsvText("a,b\n1,2\n", options).columns.size(), 1u);
}

TEST(CsvDialect, TheHeaderIsSaidWithItsDoubts) {
  struct Case {
    std::string text, finding;
  };
  for (const Case& c : std::vector<Case>{
           {"\n\nid,name\n1,x\n", "header in line 3: 2 columns"},
           {"id,,\n1,x,y\n", "header in line 1: 3 columns, 2 without a name"},
           {"1,Ann,ann@example.org\n2,Bob,bob@example.org\n",
            "header in line 1: 3 columns; is it one? '*' looks like a value, and a file without a header loses its "
            "first "
            "row to it"},
           {"name,x@example.org\nBob,b\n",
            "header in line 1: 2 columns; is it one? 'x@e******.o**' looks like a value, and a file without a header "
            "loses its first row to it"}})
    Has(ReadCsvText(c.text).findings, c.finding);
}

TEST(CsvFile, ErrorsOnOpening) {
  EXPECT_EQ(ReadCsvFile("/nowhere/x.csv").status.message(), "/nowhere/x.csv: cannot open: No such file or directory");
  EXPECT_FALSE(ReadCsvFile("/tmp").status.ok());
  TempFile broken("id,\"name\n1,2\n");
  EXPECT_EQ(ReadCsvFile(broken.path()).status.message(),
            broken.path() + ":1: the header has a quote that is not closed, or text after a closing quote");
}

TEST(CsvFile, WhatIsNoTextIsSaid) {
  TempFile excel("PK\x03\x04 and so on", ".csv");
  Status status = ReadCsvFile(excel.path()).status;
  EXPECT_EQ(status.message(), excel.path() + ": is a zip archive or an Excel file, not a CSV file");
  EXPECT_EQ(status.hint(), "unpack it, or save the sheet as CSV");
  TempFile database("SQLite format 3\0...."s);
  EXPECT_EQ(ReadCsvFile(database.path()).status.message(), database.path() + ": is a SQLite database, not a CSV file");
}

TEST(CsvFile, AnErrorStays) {
  std::string packed = Gzip(ManyRows(50'000));
  TempFile file(packed.substr(0, packed.size() / 2));
  CsvOptions options;
  options.chunk_bytes = 100'000;
  auto reader = OpenCsv(file.path(), options);
  ASSERT_FALSE(reader.ok() && ReadAll(**reader).status.ok());
  TempFile endless("a,b\n" + std::string(65 << 20, 'x') + "\n1,2\n");
  reader = OpenCsv(endless.path(), {});
  ASSERT_TRUE(reader.ok());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE((*reader)->Next().ok());
}

// What may happen to a file between its first and its last byte.
struct Change {
  std::string name;
  std::function<void(const std::string& path, const std::string& text)> make;
};

std::vector<Change> Changes() {
  auto overwrite = [](const std::string& path, const std::string& bytes, off_t at) {
    const int fd = ::open(path.c_str(), O_WRONLY);
    EXPECT_EQ(::pwrite(fd, bytes.data(), bytes.size(), at), static_cast<ssize_t>(bytes.size()));
    ::close(fd);
  };
  return {
      {"appended", [](auto& path, auto&) { ASSERT_TRUE(File::OpenAppend(path)->Write("9,x,\n").ok()); }},
      {"truncated",
       [](auto& path, auto& text) { ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(text.size() / 2)), 0); }},
      {"truncated at a row's end",
       [](auto& path, auto& text) {
         ASSERT_EQ(::truncate(path.c_str(), static_cast<off_t>(text.rfind('\n', text.size() - 2) + 1)), 0);
       }},
      {"emptied", [](auto& path, auto&) { ASSERT_EQ(::truncate(path.c_str(), 0), 0); }},
      {"rewritten in place, same size", [=](auto& path, auto& text) { overwrite(path, text, 0); }},
      {"one byte in place", [=](auto& path, auto& text) { overwrite(path, "7", static_cast<off_t>(text.size() - 3)); }},
      {"one byte in place, its time put back",
       [=](auto& path, auto& text) {
         struct stat before;
         ASSERT_EQ(::stat(path.c_str(), &before), 0);
         overwrite(path, "7", static_cast<off_t>(text.size() - 3));
         const timespec times[2] = {before.st_atim, before.st_mtim};
         ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
       }},
      {"replaced by rename", [](auto& path, auto& text) { ASSERT_TRUE(WriteFileAtomic(path, text).ok()); }},
      {"removed", [](auto& path, auto&) { ASSERT_EQ(::unlink(path.c_str()), 0); }},
  };
}

TEST(CsvFile, AChangeWhileItIsReadIsAnError) {
  const std::string text = ManyRows(20'000);
  for (const Change& change : Changes())
    for (bool early : {true, false}) {
      TempFile file(text);
      // The clock of a file system may stand still for some milliseconds.
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      CsvOptions options;
      options.chunk_bytes = 10'000;
      auto reader = OpenCsv(file.path(), options);
      ASSERT_TRUE(reader.ok());
      ASSERT_TRUE((*reader)->Next().ok());
      EXPECT_TRUE((*reader)->Finish().ok());
      if (early) change.make(file.path(), text);
      // Whatever the rest of the reading gives, it is not silently taken for the file.
      for (bool more = true; more;) {
        auto chunk = (*reader)->Next();
        more = chunk.ok() && *chunk;
      }
      if (!early) change.make(file.path(), text);
      const Status finished = (*reader)->Finish();
      EXPECT_EQ(finished.kind(), ErrorKind::kFailed) << change.name;
      EXPECT_EQ(finished.message(), file.path() + (change.name == "removed" ? ": cannot open: No such file or directory"
                                                                            : ": changed while it was read"));
    }
}

TEST(CsvFile, AChangeSinceItWasLookedAtIsAnError) {
  const std::string text = ManyRows(100);
  for (const Change& change : Changes()) {
    TempFile file(text);
    CsvOptions options;
    options.expected = *StatFile(file.path());
    EXPECT_TRUE(OpenCsv(file.path(), options).ok());
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    change.make(file.path(), text);
    const Status opened = OpenCsv(file.path(), options).status();
    EXPECT_EQ(opened.message(),
              file.path() + (change.name == "removed" ? ": cannot open: No such file or directory"
                                                      : ": changed since this run looked at it first"));
  }
}

TEST(CsvFile, TwoThreadsGiveTheRowsOfOne) {
  TempFile file(ManyRows(50'000));
  CsvOptions options;
  options.source = "people";
  options.key = {"id"};
  options.chunk_bytes = 100'000;
  ReadResult one = ReadCsvFile(file.path(), options);
  auto reader = OpenCsv(file.path(), options);
  ASSERT_TRUE(reader.ok());
  std::mutex mutex;
  std::map<uint32_t, std::vector<Collected::Item>> chunks;
  auto work = [&] {
    for (;;) {
      auto chunk = (*reader)->Next();
      if (!chunk.ok() || !*chunk) return;
      Collected sink;
      EXPECT_TRUE((*reader)->Read(**chunk, sink).ok());
      std::lock_guard lock(mutex);
      chunks[(*chunk)->index] = std::move(sink.items);
    }
  };
  std::thread a(work), b(work);
  a.join();
  b.join();
  std::vector<Collected::Item> items;
  for (auto& [index, of_chunk] : chunks) items.insert(items.end(), of_chunk.begin(), of_chunk.end());
  EXPECT_TRUE(items == one.items);
  EXPECT_GT(chunks.size(), 10u);
}

TEST(CsvFile, BlanksAfterDelimitersBelongToValuesNotToNames) {
  CsvOptions options;
  options.key = {"rec_id"};
  ReadResult got = ReadCsvText("rec_id, given_name, surname\nrec-1496-org, mitchell, green\n", options);
  EXPECT_EQ(got.columns[1].name, "given_name");
  EXPECT_EQ(got.items[0].key, "rec-1496-org");
  EXPECT_EQ(got.items[0].payload, R"(["rec-1496-org"," mitchell"," green"])");
}

}  // namespace
}  // namespace migrate::extract
