#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "migrate/base/bytes.h"
#include "migrate/base/file.h"
#include "migrate/extract/byte_stream.h"
#include "migrate/extract/csv_dialect.h"
#include "migrate/extract/csv_parse.h"
#include "migrate/extract/csv_rows.h"
#include "migrate/extract/csv_scan.h"
#include "migrate/extract/names.h"
#include "migrate/extract/source.h"
#include "migrate/record/digest.h"

namespace migrate::extract {
namespace {

// Read beyond the chunk at once, so that the record that ends it is usually there.
constexpr size_t kSlackBytes = 64 << 10;

class CsvReader : public Reader {
 public:
  CsvReader(std::string path, const CsvOptions& options) : path_(std::move(path)), options_(options) {}

  Status Open();
  const std::vector<Column>& columns() const override { return shape_.columns; }
  std::vector<std::string> Findings() const override { return findings_; }
  Result<std::optional<Chunk>> Next() override {
    std::lock_guard lock(mutex_);
    if (!failed_.ok()) return failed_;
    Result<std::optional<Chunk>> chunk = Cut();
    if (chunk.ok()) return chunk;
    // A file that is written anew under the reader looks damaged: the cause is the better message.
    const Status finished = Finish();
    failed_ = finished.ok() ? chunk.status() : finished;
    return failed_;
  }
  Status Read(const Chunk& chunk, RowSink& sink) const override {
    auto end = static_cast<size_t>(chunk.byte_end - chunk.begin.byte_offset);
    return CsvRows(shape_, &sink).Chunk(chunk.bytes, end, chunk.begin);
  }
  Status Finish() override;
  std::string_view RawDelimiter() const override { return delimiter_; }

 private:
  Status Extend(std::string* text, size_t size);
  Status FindHeader(std::string* text);
  Status TakeHeader(const ParsedRecord& record);
  std::string HeaderFinding() const;
  Status TooLong() const;
  Status Changed(std::string_view when) const;
  Result<std::optional<Chunk>> Cut();

  const std::string path_;
  const CsvOptions options_;
  FileStat stat_;
  CsvShape shape_;
  std::string delimiter_;
  std::vector<std::string> findings_;

  std::mutex mutex_;  // guards all below
  std::unique_ptr<ByteStream> stream_;
  std::unique_ptr<CsvScanner> scanner_;
  std::string rest_;  // read, but not yet in a chunk
  bool ended_ = false;
  Chunk next_;     // index and begin of the next chunk
  Status failed_;  // the first error stays: what was read before it is gone
};

// Makes `text` at least `size` bytes long, unless the file ends before.
Status CsvReader::Extend(std::string* text, size_t size) {
  size_t have = text->size();
  if (ended_ || have >= size) return {};
  text->resize(size);
  MIGRATE_ASSIGN(size_t got, stream_->Read(text->data() + have, size - have));
  text->resize(have + got);
  ended_ = have + got < size;
  return {};
}

Status CsvReader::Open() {
  MIGRATE_ASSIGN(stat_, StatFile(path_));
  if (options_.expected && *options_.expected != stat_) return Changed("since this run looked at it first");
  MIGRATE_ASSIGN(TextStream opened, OpenTextStream(path_, Utf16Of(options_.encoding)));
  stream_ = std::move(opened.bytes);
  findings_ = std::move(opened.findings);
  next_.begin = {0, 1, 1, opened.first_offset};
  MIGRATE_TRY(Extend(&rest_, kSampleBytes));
  Result<Dialect> dialect =
      FindDialect(rest_, ended_, opened.utf8_mark || opened.utf16, options_.delimiter, options_.encoding);
  if (!dialect.ok()) return dialect.status().Within(path_);
  shape_.grammar = dialect->grammar;
  shape_.encoding = dialect->encoding;
  for (std::string& f : dialect->findings) findings_.push_back(std::move(f));
  delimiter_ = std::string(1, shape_.grammar.delimiter);
  shape_.source = options_.source;
  shape_.path = path_;
  shape_.key_prefix = Hex(AsView(options_.file_sha256).substr(0, 8)) + "#";
  MIGRATE_TRY(FindHeader(&rest_));
  scanner_ = std::make_unique<CsvScanner>(shape_.grammar);
  return {};
}

// Takes blank lines and the header off the front of `text`.
Status CsvReader::FindHeader(std::string* text) {
  const CsvGrammar grammar{shape_.grammar.delimiter, false};
  ParsedRecord record;
  for (size_t at = 0;;) {
    if (at >= kSampleBytes || at == text->size()) {
      text->erase(0, at);
      at = 0;
      MIGRATE_TRY(Extend(text, kSampleBytes));
    }
    if (text->empty()) {
      findings_.push_back("no header: the file has no line");
      return {};
    }
    CsvParser(grammar).Parse(*text, at, &record);
    // The rest of the file may yet close a quote or lengthen the line.
    const bool broken = record.kind == RecordKind::kBadQuote || record.kind == RecordKind::kUnclosedQuote;
    if (!ended_ && (at + record.size + 1 >= text->size() || (broken && text->size() - at <= 2 * kQuoteBytes))) {
      if (text->size() >= kHeldBytes) return TooLong();
      MIGRATE_TRY(Extend(text, text->size() * 2));
      continue;
    }
    if (record.kind != RecordKind::kBlank) MIGRATE_TRY(TakeHeader(record));
    next_.begin.byte_offset += record.size;
    next_.begin.line += record.lines;
    at += record.size;
    if (record.kind == RecordKind::kBlank) continue;
    text->erase(0, at);
    return {};
  }
}

Status CsvReader::TakeHeader(const ParsedRecord& record) {
  const std::string where = fmt::format("{}:{}", path_, next_.begin.line);
  if (record.kind != RecordKind::kRow)
    return Status::Plan(where + ": the header has a quote that is not closed, or text after a closing quote",
                        "mend the first line of the file");
  if (record.field_count > kMaxFields)
    return Status::Plan(fmt::format("{}: the header has {} fields", where, record.field_count),
                        "is this a CSV file? up to 65536 columns are possible");
  if (size_t at = FirstUndecodable(shape_.encoding, record.raw); at != std::string_view::npos)
    return Status::Plan(
        fmt::format("{}: the header is not {} (byte {:02X} at byte {} of the file)", where,
                    EncodingName(shape_.encoding), static_cast<uint8_t>(record.raw[at]), next_.begin.byte_offset + at),
        "set the encoding of the source in the plan");
  for (size_t i = 0; i < record.field_count; ++i) {
    std::string name;
    AppendUtf8(shape_.encoding, record.fields[i], &name);
    shape_.columns.push_back({std::string(Trimmed(name)), ""});
  }
  std::vector<std::string> names;
  for (const Column& c : shape_.columns) names.push_back(c.name);
  findings_.push_back(HeaderFinding());
  for (std::string& change : MakeUnique(&shape_.columns)) findings_.push_back(std::move(change));
  shape_.TakeHeader(record.raw, std::move(names));
  MIGRATE_ASSIGN(shape_.key, FindKeys(path_, options_.key, shape_.columns));
  return {};
}

// Where the header is, and what makes it look like a row of data: a name with an '@', or without any letter.
std::string CsvReader::HeaderFinding() const {
  std::string text = fmt::format("header in line {}: {} columns", next_.begin.line, shape_.columns.size());
  size_t unnamed = 0;
  std::string odd;
  for (const Column& c : shape_.columns) {
    const bool letter = std::any_of(c.name.begin(), c.name.end(), [](char b) {
      return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b & 0x80) != 0;
    });
    unnamed += c.name.empty();
    if (odd.empty() && !c.name.empty() && (!letter || c.name.find('@') != std::string::npos)) odd = c.name;
  }
  if (unnamed > 0) text += fmt::format(", {} without a name", unnamed);
  if (!odd.empty())
    text += fmt::format("; is it one? '{}' looks like a value, and a file without a header loses its first row to it",
                        Masked(odd));
  return text;
}

Status CsvReader::TooLong() const {
  return Status::Failed(
      fmt::format("{}: no record end within {} MiB from byte {}", path_, kHeldBytes >> 20, next_.begin.byte_offset),
      "is this a CSV file? if so, mend the quotes or the line ends there");
}

Result<std::optional<Chunk>> CsvReader::Cut() {
  std::string text = std::move(rest_);
  rest_.clear();
  const size_t target = std::max<size_t>(options_.chunk_bytes, 1);
  MIGRATE_TRY(Extend(&text, target + kSlackBytes));
  if (text.empty()) return std::optional<Chunk>();
  Chunk chunk = next_;
  CsvScanner::Cut cut;
  size_t end = 0;
  uint64_t looked = 0;
  for (;;) {
    cut = scanner_->Scan(std::string_view(text).substr(end), chunk.begin.byte_offset + end,
                         target > end ? target - end : 0, ended_);
    end += cut.end;
    chunk.counted += cut.rows;
    next_.begin.line += cut.lines;
    looked = std::max(looked, cut.looked);
    if (cut.complete) break;
    if (text.size() - end >= kHeldBytes) return TooLong();
    MIGRATE_TRY(Extend(&text, text.size() + std::max(text.size() - end, kSlackBytes)));
  }
  next_.begin.row += chunk.counted;
  next_.begin.byte_offset += end;
  ++next_.index;
  chunk.byte_end = next_.begin.byte_offset;
  rest_ = text.substr(end);
  if (looked > chunk.byte_end) end = static_cast<size_t>(looked - chunk.begin.byte_offset);
  text.resize(std::min(end, text.size()));
  chunk.bytes = std::move(text);
  return std::optional<Chunk>(std::move(chunk));
}

Status CsvReader::Finish() {
  MIGRATE_ASSIGN(FileStat now, StatFile(path_));
  return now == stat_ ? Status() : Changed("while it was read");
}

Status CsvReader::Changed(std::string_view when) const {
  return Status::Failed(fmt::format("{}: changed {}", path_, when),
                        "wait until nothing writes to the file, then run the same command again");
}

}  // namespace

Result<std::unique_ptr<Reader>> OpenCsv(const std::string& path, const CsvOptions& options) {
  auto reader = std::make_unique<CsvReader>(path, options);
  MIGRATE_TRY(reader->Open());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace migrate::extract
