// Random files in random dialects, read in chunks of random sizes by one to three threads, against a reader that takes
// the grammar of csv_grammar.h word by word and byte by byte.
#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "csv_testing.h"
#include "migrate/base/bytes.h"
#include "migrate/extract/csv_grammar.h"
#include "migrate/extract/text_encoding.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {
namespace {

using namespace std::string_literals;
using Random = std::mt19937;

bool OneIn(Random& rng, unsigned n) { return rng() % n == 0; }

struct DialectOfFile {
  char delimiter = ',';
  std::string encoding = "utf-8";
  bool utf16 = false, little = false, mark = false;
  int line_end = 0;      // LF, CR LF, CR, mixed
  unsigned quotes = 0;   // how often a field is quoted without need: never, sometimes, always
  unsigned trouble = 0;  // how often a field has stray or broken quotes: one in so many; 0: never
  unsigned packing = 0;  // none, gzip, gzip of several members, zstd, zstd of several frames
  size_t columns = 1;
};

DialectOfFile RandomDialect(Random& rng) {
  DialectOfFile d;
  d.delimiter = ",;\t|"[rng() % 4];
  d.encoding = std::vector<std::string>{"utf-8", "utf-8", "latin-1", "windows-1252", "utf-16"}[rng() % 5];
  d.utf16 = d.encoding == "utf-16";
  d.little = OneIn(rng, 2);
  d.mark = OneIn(rng, 2);
  d.line_end = static_cast<int>(rng() % 4);
  d.quotes = rng() % 3;
  d.trouble = std::vector<unsigned>{0, 100, 12, 3}[rng() % 4];
  d.packing = OneIn(rng, 3) ? rng() % 5 : 0;
  d.columns = OneIn(rng, 8) ? 1 : 2 + rng() % 12;
  return d;
}

std::string LineEnd(const DialectOfFile& d, Random& rng) {
  static const std::string kEnds[] = {"\n", "\r\n", "\r"};
  return kEnds[d.line_end < 3 ? static_cast<size_t>(d.line_end) : rng() % 3];
}

std::string RandomText(const DialectOfFile& d, Random& rng) {
  static const std::string kAscii[] = {"a", "bc", " ", "7", "-", "\\", "\t", "\x01", "\0"s, "'", "\x1f", "\x7f"};
  static const std::string kUtf8[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
  static const std::string kBytes[] = {"\xe9", "\x80", "\xfc"};
  std::string text;
  size_t n = OneIn(rng, 4) ? 0 : rng() % 12;
  if (OneIn(rng, 20)) n = rng() % 300;
  while (n-- > 0) {
    if (rng() % 8 != 0)
      text += static_cast<char>('a' + rng() % 26);
    else if (rng() % 3 != 0)
      text += kAscii[rng() % std::size(kAscii)];
    else
      text += d.utf16 || d.encoding == "utf-8" ? kUtf8[rng() % 3] : kBytes[rng() % 3];
  }
  if (!d.utf16 && OneIn(rng, 200)) text += OneIn(rng, 2) ? "\xc3" : "\x81";  // no UTF-8; and none of windows-1252
  return text;
}

std::string RandomField(const DialectOfFile& d, Random& rng) {
  std::string text = RandomText(d, rng);
  const bool quoted = d.quotes == 2 || (d.quotes == 1 && OneIn(rng, 4));
  if (d.trouble > 0 && OneIn(rng, d.trouble)) {
    static const std::string kTrouble[] = {"\"", "x\"y", "\"a\"b", " \"a\"", "\"\"\"", "\"x\" ", "\"a\"\"", "\"\""};
    return kTrouble[rng() % std::size(kTrouble)] + (OneIn(rng, 2) ? text : "");
  }
  if (!quoted) {
    std::erase(text, d.delimiter);
    return text;
  }
  if (OneIn(rng, 5)) text += OneIn(rng, 2) ? LineEnd(d, rng) : std::string(1, d.delimiter);
  if (OneIn(rng, 5)) text += "\"\"";
  return '"' + text + '"' + (OneIn(rng, 20) ? "  " : "");
}

// In UTF-8 or the one-byte encoding; without marks.
std::string RandomFile(const DialectOfFile& d, Random& rng) {
  std::string header;
  for (size_t i = 0; i < d.columns; ++i) header += (i > 0 ? std::string(1, d.delimiter) : "") + fmt::format("c{}", i);
  std::string text = header + LineEnd(d, rng);
  size_t rows = OneIn(rng, 10) ? rng() % 400 : rng() % 40;
  for (size_t r = 0; r < rows; ++r) {
    if (OneIn(rng, 30)) text += OneIn(rng, 2) ? LineEnd(d, rng) : " \t " + LineEnd(d, rng);
    if (OneIn(rng, 60)) text += header + LineEnd(d, rng);
    const size_t width = OneIn(rng, 30) ? 1 + rng() % (d.columns + 2) : d.columns;
    for (size_t i = 0; i < width; ++i) text += (i > 0 ? std::string(1, d.delimiter) : "") + RandomField(d, rng);
    if (OneIn(rng, 40)) text += d.delimiter;
    text += r + 1 == rows && OneIn(rng, 2) ? "" : LineEnd(d, rng);
  }
  return text;
}

// ---- The grammar, word by word. ----

struct Expected {
  uint64_t line, offset;
  std::string reason, text;  // of a reject: its bytes; else: the payload
};

class WordByWord {
 public:
  WordByWord(std::string_view text, const CsvGrammar& grammar, Encoding encoding, size_t columns,
             std::string_view header)
      : text_(text), grammar_(grammar), encoding_(encoding), columns_(columns), header_(header) {}

  std::vector<Expected> Rows(size_t at, uint64_t line, uint64_t first_offset) {
    std::vector<Expected> rows;
    while (at < text_.size()) {
      fields_.clear();
      std::string reason;
      size_t end = Record(at, &reason);
      if (!reason.empty()) end = EndOfLine(at);
      const std::string_view raw = text_.substr(at, end - at);
      const bool blank =
          raw.empty() || (!grammar_.one_column && raw.find_first_not_of(Blanks()) == std::string_view::npos);
      if (!blank) rows.push_back({line, first_offset + at, reason, std::string(raw)});
      if (!blank && reason.empty()) Judge(raw, &rows.back());
      for (size_t i = 0; i < raw.size(); ++i)
        line += IsEnd(raw[i]) && !(raw[i] == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n');
      if (end < text_.size()) ++line;
      at = end + EndSize(end);
    }
    return rows;
  }

 private:
  static bool IsEnd(char c) { return c == '\n' || c == '\r'; }
  std::string Blanks() const { return grammar_.delimiter == '\t' ? " " : " \t"; }
  size_t EndSize(size_t at) const { return at == text_.size() ? 0 : text_.substr(at, 2) == "\r\n" ? 2 : 1; }
  size_t EndOfLine(size_t at) const { return std::min(text_.find_first_of("\r\n", at), text_.size()); }

  size_t Record(size_t i, std::string* reason) {
    for (;;) {
      std::string field;
      if (i < text_.size() && text_[i] == '"') {
        for (++i;; ++i) {
          if (i == text_.size()) {
            *reason = reasons::kUnclosedQuote;
            return i;
          }
          if (text_[i] == '"' && text_.substr(i, 2) == "\"\"")
            ++i;
          else if (text_[i] == '"')
            break;
          field += text_[i];
        }
        for (++i; i < text_.size() && grammar_.IsBlank(text_[i]);) ++i;
        if (i < text_.size() && !IsEnd(text_[i]) && text_[i] != grammar_.delimiter) {
          *reason = reasons::kBadQuote;
          return i;
        }
      } else {
        while (i < text_.size() && !IsEnd(text_[i]) && text_[i] != grammar_.delimiter) field += text_[i++];
      }
      fields_.push_back(field);
      if (i == text_.size() || IsEnd(text_[i])) return i;
      ++i;
    }
  }

  bool Decodable(std::string_view raw) const {
    if (encoding_ == Encoding::kUtf8) return IsUtf8(raw);
    return encoding_ == Encoding::kLatin1 || raw.find_first_of("\x81\x8d\x8f\x90\x9d") == std::string_view::npos;
  }

  void Judge(std::string_view raw, Expected* row) const {
    if (raw == header_) {
      row->reason = reasons::kRepeatedHeader;
    } else if (fields_.size() != columns_) {
      row->reason = fields_.size() < columns_ ? reasons::kTooFewFields : reasons::kTooManyFields;
    } else if (!Decodable(raw)) {
      row->reason = reasons::kUndecodable;
    } else {
      row->text.clear();
      PayloadWriter writer(&row->text);
      for (const std::string& f : fields_) {
        std::string utf8;
        AppendUtf8(encoding_, f, &utf8);
        writer.Text(utf8);
      }
      writer.Finish();
    }
  }

  std::string_view text_;
  CsvGrammar grammar_;
  Encoding encoding_;
  size_t columns_;
  std::string_view header_;
  std::vector<std::string> fields_;
};

// ---- The file as it lies. ----

std::string Utf16Of(const std::string& utf8, const DialectOfFile& d) {
  std::string out = !d.mark ? "" : d.little ? "\xff\xfe" : "\xfe\xff";
  auto unit = [&](uint32_t u) {
    const char low = static_cast<char>(u & 0xff), high = static_cast<char>(u >> 8);
    out += d.little ? low : high;
    out += d.little ? high : low;
  };
  for (size_t i = 0; i < utf8.size();) {
    const auto b = static_cast<uint8_t>(utf8[i]);
    const size_t size = b < 0x80 ? 1 : b < 0xe0 ? 2 : b < 0xf0 ? 3 : 4;
    uint32_t c = size == 1 ? b : b & (0xffu >> (size + 1));
    for (size_t k = 1; k < size; ++k) c = c << 6 | (static_cast<uint8_t>(utf8[i + k]) & 63);
    if (c >= 0x10000) {
      unit(0xd800 + ((c - 0x10000) >> 10));
      unit(0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      unit(c);
    }
    i += size;
  }
  return out;
}

std::string Packed(const std::string& text, unsigned packing, Random& rng) {
  if (packing == 0) return text;
  std::string out;
  const bool several = packing % 2 == 0;
  for (size_t at = 0; at < text.size() || out.empty();) {
    const size_t n = several ? std::min<size_t>(rng() % 500, text.size() - at) : text.size();
    std::string part(packing <= 2 ? compressBound(n) + 64 : ZSTD_compressBound(n), '\0');
    if (packing <= 2) {
      z_stream z{};
      EXPECT_EQ(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
      z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data() + at));
      z.avail_in = static_cast<uInt>(n);
      z.next_out = reinterpret_cast<Bytef*>(part.data());
      z.avail_out = static_cast<uInt>(part.size());
      EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
      part.resize(z.total_out);
      deflateEnd(&z);
    } else {
      part.resize(ZSTD_compress(part.data(), part.size(), text.data() + at, n, 1));
    }
    out += part;
    at += n;
  }
  return out;
}

// Rows in the order of the file, however many threads read it. Checks that chunks tile and count what they hold.
std::vector<Collected::Item> ReadBy(unsigned threads, const std::string& path, const CsvOptions& options,
                                    uint64_t begin, uint64_t end) {
  auto reader = OpenCsv(path, options);
  EXPECT_TRUE(reader.ok()) << reader.status().message();
  if (!reader.ok()) return {};
  std::mutex mutex;
  std::map<uint32_t, std::pair<Chunk, Collected>> chunks;
  auto work = [&] {
    for (;;) {
      auto chunk = (*reader)->Next();
      EXPECT_TRUE(chunk.ok()) << chunk.status().message();
      if (!chunk.ok() || !*chunk) return;
      Collected sink;
      EXPECT_TRUE((*reader)->Read(**chunk, sink).ok());
      std::lock_guard lock(mutex);
      chunks[(*chunk)->index] = {std::move(**chunk), std::move(sink)};
    }
  };
  std::vector<std::thread> pool;
  for (unsigned t = 1; t < threads; ++t) pool.emplace_back(work);
  work();
  for (auto& t : pool) t.join();
  EXPECT_TRUE((*reader)->Finish().ok());
  std::vector<Collected::Item> items;
  uint64_t row = 1;
  for (auto& [index, chunk] : chunks) {
    EXPECT_EQ(chunk.first.begin.byte_offset, begin) << "chunks tile the file";
    EXPECT_EQ(chunk.first.begin.row, row);
    EXPECT_EQ(chunk.first.counted, chunk.second.items.size()) << "the scanner counts otherwise than the parser";
    begin = chunk.first.byte_end;
    row += chunk.first.counted;
    items.insert(items.end(), chunk.second.items.begin(), chunk.second.items.end());
  }
  EXPECT_EQ(begin, end) << "chunks reach the end of the file";
  return items;
}

// Returns the rows.
size_t CheckFile(unsigned seed) {
  Random rng(seed);
  const DialectOfFile d = RandomDialect(rng);
  const std::string text = RandomFile(d, rng);
  const std::string mark = d.mark && d.encoding == "utf-8" ? "\xef\xbb\xbf" : "";
  const std::string file = d.utf16 ? Utf16Of(text, d) : mark + text;
  const std::string header = text.substr(0, text.find_first_of("\r\n"));
  const size_t header_size = header.size() + (text.substr(header.size(), 2) == "\r\n" ? 2 : 1);
  CsvOptions options;
  options.source = "people";
  options.encoding = d.encoding;
  options.delimiter = std::string(1, d.delimiter);

  const Encoding encoding = EncodingByName(d.encoding).value_or(Encoding::kUtf8);
  WordByWord model(text, {d.delimiter, d.columns == 1}, encoding, d.columns, header);
  const std::vector<Expected> expected = model.Rows(header_size, 2, mark.size());

  TempFile on_disk(Packed(file, d.packing, rng));
  for (uint64_t chunk : {uint64_t{4 << 20}, uint64_t{1}, 1 + rng() % 100, 1 + rng() % 100, 1 + rng() % 5000}) {
    options.chunk_bytes = chunk;
    const auto got =
        ReadBy(1 + rng() % 3, on_disk.path(), options, mark.size() + header_size, mark.size() + text.size());
    EXPECT_EQ(got.size(), expected.size()) << "seed " << seed << ", chunks of " << chunk;
    for (size_t i = 0; i < std::min(got.size(), expected.size()); ++i) {
      const auto& g = got[i];
      const auto& e = expected[i];
      const bool same = g.reason == e.reason && (g.reject ? g.raw : g.payload) == e.text && g.place.line == e.line &&
                        g.place.byte_offset == e.offset && g.place.row == i + 1;
      if (same) continue;
      ADD_FAILURE() << "seed " << seed << ", chunks of " << chunk << ", row " << i + 1 << ": " << g.reason << " at "
                    << g.place.line << "@" << g.place.byte_offset << ": " << (g.reject ? g.raw : g.payload)
                    << "\nexpected " << e.reason << " at " << e.line << "@" << e.offset << ": " << e.text;
      return 0;
    }
  }
  return expected.size();
}

TEST(CsvProperty, RandomDialectsAndChunksReadAsTheGrammarSays) {
  size_t rows = 0, files = 3000;
  for (unsigned seed = 1; seed <= files && !HasFailure(); ++seed) rows += CheckFile(seed);
  fmt::print("{} random files, {} rows, each read in 5 ways: all as the grammar says\n", files, rows);
}

}  // namespace
}  // namespace migrate::extract
