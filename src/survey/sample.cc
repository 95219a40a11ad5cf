#include "migrate/survey/sample.h"

#include <algorithm>

#include "migrate/base/file.h"
#include "migrate/extract/byte_stream.h"
#include "migrate/extract/csv_dialect.h"
#include "migrate/extract/csv_parse.h"
#include "migrate/extract/text_encoding.h"
#include "migrate/record/payload.h"

namespace migrate::survey {
namespace {

// Hands rows on until there are enough; then it stops the reader with an error that is none.
class Sink : public extract::RowSink {
 public:
  Sink(uint64_t limit, const migrate::survey::OnRow& on_row, const migrate::survey::OnReject& on_reject)
      : limit_(limit), on_row_(on_row), on_reject_(on_reject) {}
  Status OnRow(const RawRow& row) override {
    if (count_ >= limit_) return Status::Cancelled();
    ++count_;
    MIGRATE_TRY(DecodePayload(row.payload, &decoded_));
    on_row_(row, decoded_.cells);
    return {};
  }
  Status OnReject(const Reject& reject) override {
    if (count_ >= limit_) return Status::Cancelled();
    ++count_;
    if (on_reject_) on_reject_(reject);
    return {};
  }
  uint64_t count() const { return count_; }
  bool full() const { return count_ >= limit_; }

 private:
  uint64_t limit_, count_ = 0;
  const migrate::survey::OnRow& on_row_;
  const migrate::survey::OnReject& on_reject_;
  DecodedRow decoded_;
};

constexpr size_t kStretchBytes = 128 << 10;

bool IsPacked(std::string_view head) { return head.starts_with("\x1f\x8b") || head.starts_with("\x28\xb5\x2f\xfd"); }

// The rows of one stretch of text that begins somewhere in a row.
uint64_t StretchRows(std::string_view text, const extract::Dialect& dialect, size_t columns, uint64_t rows,
                     const OnRow& on_row) {
  size_t at = text.find_first_of("\r\n");
  if (at == text.npos) return 0;
  extract::CsvParser parser(dialect.grammar);
  extract::ParsedRecord record;
  std::vector<Cell> cells(columns);
  std::vector<std::string> texts(columns);
  uint64_t found = 0;
  while (at < text.size() && found < rows) {
    parser.Parse(text, at, &record);
    at += std::max<size_t>(record.size, 1);
    if (at >= text.size()) break;  // it may go on
    if (record.kind != extract::RecordKind::kRow || record.field_count != columns ||
        extract::FirstUndecodable(dialect.encoding, record.raw) != std::string_view::npos)
      continue;
    for (size_t i = 0; i < columns; ++i) {
      texts[i].clear();
      extract::AppendUtf8(dialect.encoding, record.fields[i], &texts[i]);
      cells[i] = {CellType::kText, texts[i]};
    }
    on_row(RawRow(), cells);
    ++found;
  }
  return found;
}

}  // namespace

Result<uint64_t> ReadRows(extract::Reader* reader, uint64_t limit, const OnRow& on_row, const OnReject& on_reject) {
  Sink sink(limit, on_row, on_reject);
  while (!sink.full()) {
    MIGRATE_ASSIGN(std::optional<extract::Chunk> chunk, reader->Next());
    if (!chunk) break;
    Status s = reader->Read(*chunk, sink);
    if (!s.ok() && !sink.full()) return s;
  }
  return sink.count();
}

Result<uint64_t> ReadSpread(const std::string& path, size_t columns, uint64_t from, uint64_t rows,
                            const OnRow& on_row) {
  MIGRATE_ASSIGN(FileStat stat, StatFile(path));
  if (rows < kStretches || stat.size <= from + kStretches * kStretchBytes) return uint64_t{0};
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  std::string text(extract::kSampleBytes, '\0');
  MIGRATE_ASSIGN(size_t got, file.ReadAt(0, text.data(), text.size()));
  text.resize(got);
  if (IsPacked(text)) return uint64_t{0};
  MIGRATE_ASSIGN(extract::TextStream stream, extract::OpenTextStream(path, extract::Utf16::kFind));
  if (stream.utf16) return uint64_t{0};
  MIGRATE_ASSIGN(extract::Dialect dialect, extract::FindDialect(std::string_view(text).substr(stream.first_offset),
                                                                false, stream.utf8_mark, "", ""));
  uint64_t found = 0;
  for (int i = 0; i < kStretches; ++i) {
    const uint64_t at = from + (stat.size - from) / kStretches * static_cast<uint64_t>(i);
    text.resize(kStretchBytes);
    MIGRATE_ASSIGN(got, file.ReadAt(at, text.data(), text.size()));
    text.resize(got);
    found += StretchRows(text, dialect, columns, rows / kStretches, on_row);
  }
  return found;
}

}  // namespace migrate::survey
