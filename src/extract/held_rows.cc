#include "migrate/extract/held_rows.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "migrate/extract/csv_parse.h"
#include "migrate/extract/csv_rows.h"
#include "migrate/extract/names.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"
#include "table_row.h"

namespace migrate::extract {
namespace {

constexpr size_t kRowsOfChunk = 4096;

// A field as RFC 4180 writes it where it must be quoted.
std::string CsvField(std::string_view text, char delimiter) {
  const bool plain = text.find_first_of("\"\r\n") == std::string_view::npos &&
                     text.find(delimiter) == std::string_view::npos && Trimmed(text) == text;
  if (plain) return std::string(text);
  std::string out = "\"";
  for (char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

class HeldReader : public Reader {
 public:
  HeldReader(HeldOptions options, std::shared_ptr<const std::vector<HeldRow>> rows)
      : o_(std::move(options)), rows_(std::move(rows)), delimiter_(o_.csv ? std::string(1, o_.delimiter) : "") {}

  Status Open() {
    shape_.source = o_.source;
    shape_.grammar = {o_.delimiter, o_.columns.size() == 1};
    shape_.columns = o_.columns;
    shape_.key_prefix = o_.key_prefix + "#";
    auto encoding = EncodingByName(o_.encoding.empty() ? "utf-8" : o_.encoding);
    if (!encoding) return Status::Plan("source " + o_.source + ": there is no encoding " + o_.encoding);
    shape_.encoding = *encoding;
    std::string header;
    std::vector<std::string> names;
    for (const Column& c : o_.columns) {
      header += (names.empty() ? "" : delimiter_) + c.name;
      names.push_back(c.name);
    }
    shape_.TakeHeader(header, std::move(names));
    MIGRATE_ASSIGN(shape_.key, FindKeys("source " + o_.source, o_.key, o_.columns));
    return {};
  }

  const std::vector<Column>& columns() const override { return o_.columns; }
  std::vector<std::string> Findings() const override { return {"read from the quarantine"}; }
  Result<std::optional<Chunk>> Next() override {
    std::lock_guard lock(mutex_);
    if (next_ * kRowsOfChunk >= rows_->size()) return std::optional<Chunk>();
    Chunk chunk;
    chunk.index = static_cast<uint32_t>(next_);
    chunk.begin = (*rows_)[next_ * kRowsOfChunk].place;
    chunk.counted = std::min(kRowsOfChunk, rows_->size() - next_ * kRowsOfChunk);
    ++next_;
    return std::optional<Chunk>(std::move(chunk));
  }
  Status Read(const Chunk& chunk, RowSink& sink) const override {
    for (size_t i = chunk.index * kRowsOfChunk, n = 0; n < chunk.counted; ++i, ++n)
      MIGRATE_TRY(o_.csv ? ReadCsv((*rows_)[i], sink) : ReadPayload((*rows_)[i], sink));
    return {};
  }
  Status Finish() override { return {}; }
  std::string_view RawDelimiter() const override { return delimiter_; }

 private:
  // Bytes that are several records, or none, would be other rows than the one that is counted.
  Status ReadCsv(const HeldRow& row, RowSink& sink) const {
    const std::string raw = row.cells.empty() ? row.raw : Changed(row);
    ParsedRecord record;
    if (!raw.empty()) CsvParser(shape_.grammar).Parse(raw, 0, &record);
    if (raw.empty() || record.size != raw.size() || record.kind == RecordKind::kBlank)
      return sink.OnReject({row.place, "", std::string(reasons::kTooManyFields),
                            raw.empty() ? "no bytes" : "the bytes are more than one record", raw});
    // A header with its columns in another order ends a file's reading; here it is one row that is none.
    Status read = CsvRows(shape_, &sink).Chunk(raw, raw.size(), row.place);
    return read.ok() ? read
                     : sink.OnReject({row.place, "", std::string(reasons::kRepeatedHeader), read.message(), raw});
  }

  std::string Changed(const HeldRow& row) const {
    ParsedRecord record;
    if (!row.raw.empty()) CsvParser(shape_.grammar).Parse(row.raw, 0, &record);
    const bool split = !row.raw.empty() && record.kind == RecordKind::kRow && record.size == row.raw.size() &&
                       record.field_count == o_.columns.size();
    if (!split) return row.raw;
    std::string out;
    for (size_t i = 0; i < o_.columns.size(); ++i) {
      auto cell = row.cells.find(o_.columns[i].name);
      out += i == 0 ? "" : delimiter_;
      out += cell == row.cells.end() ? std::string(record.RawField(i)) : CsvField(cell->second, o_.delimiter);
    }
    return out;
  }

  Status ReadPayload(const HeldRow& row, RowSink& sink) const {
    DecodedRow decoded;
    if (!DecodePayload(row.raw, &decoded).ok() || decoded.cells.size() != o_.columns.size())
      return sink.OnReject(
          {row.place, "", std::string(reasons::kTooLong), "what is kept of the row is not the whole of it", row.raw});
    for (size_t i = 0; i < o_.columns.size(); ++i) {
      auto cell = row.cells.find(o_.columns[i].name);
      if (cell != row.cells.end()) decoded.cells[i] = {CellType::kText, cell->second};
    }
    std::string payload;
    PayloadWriter writer(&payload);
    for (const Cell& cell : decoded.cells) writer.Add(cell);
    writer.Finish();
    TableRow out(o_.source, o_.columns, shape_.key);
    out.Take(payload, decoded.cells);
    MIGRATE_TRY(out.Deliver(row.place, sink));
    return out.Flush(sink);
  }

  const HeldOptions o_;
  const std::shared_ptr<const std::vector<HeldRow>> rows_;
  const std::string delimiter_;
  CsvShape shape_;
  std::mutex mutex_;
  size_t next_ = 0;
};

}  // namespace

Result<std::unique_ptr<Reader>> OpenHeld(HeldOptions options, std::shared_ptr<const std::vector<HeldRow>> rows) {
  auto reader = std::make_unique<HeldReader>(std::move(options), std::move(rows));
  MIGRATE_TRY(reader->Open());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace migrate::extract
