#include "migrate/extract/csv_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "migrate/extract/csv_index.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {

Status CsvRows::Chunk(std::string_view text, size_t end, Place place) {
  CsvIndex index(shape_.grammar, text);
  CsvParser parser(shape_.grammar);
  ParsedRecord record;
  place_ = place;
  text_ = text;
  for (size_t at = 0; at < end; at += record.size) {
    if (!index.Next(at, &record)) parser.Parse(text, at, &record);
    if (record.kind != RecordKind::kBlank) {
      MIGRATE_TRY(Row(record));
      ++place_.row;
    }
    place_.line += record.lines;
    place_.byte_offset += record.size;
  }
  return Flush();
}

Status CsvRows::Row(const ParsedRecord& record) {
  if (record.kind != RecordKind::kRow) return RejectBroken(record);
  if (record.raw.size() > kRowBytes)
    return Reject(record, reasons::kTooLong, fmt::format("{} bytes, the limit is {}", record.raw.size(), kRowBytes));
  if (record.raw == shape_.header) return Reject(record, reasons::kRepeatedHeader, "the header line again");
  if (record.field_count != shape_.columns.size()) return RejectRagged(record);
  fields_ = record.fields.data();
  if (!record.ascii) {
    if (size_t at = FirstUndecodable(shape_.encoding, record.raw); at != std::string_view::npos)
      return RejectUndecodable(record, at);
    if (shape_.encoding != Encoding::kUtf8) Decode(record);
  }
  return Emit(record);
}

void CsvRows::Decode(const ParsedRecord& record) {
  arena_.clear();
  arena_.reserve(record.raw.size() * 3);  // no character of these encodings takes more, so views into it stay
  decoded_.clear();
  for (size_t i = 0; i < record.field_count; ++i) {
    size_t begin = arena_.size();
    AppendUtf8(shape_.encoding, record.fields[i], &arena_);
    decoded_.emplace_back(arena_.data() + begin, arena_.size() - begin);
  }
  fields_ = decoded_.data();
}

// False if a key column is empty. A single key column is not copied.
bool CsvRows::MakeKey(std::string_view* key) {
  if (shape_.key.size() == 1) {
    *key = fields_[shape_.key[0]];
    return !key->empty();
  }
  key_.clear();
  if (shape_.key.empty()) {
    char digits[20];
    key_.append(shape_.key_prefix)
        .append(digits, static_cast<size_t>(std::to_chars(digits, digits + sizeof digits, place_.row).ptr - digits));
  } else {
    cells_.resize(shape_.columns.size());
    for (uint32_t c : shape_.key) cells_[c] = {CellType::kText, fields_[c]};
    if (!AppendSourceKey(cells_, shape_.key, &key_)) return false;
  }
  *key = key_;
  return true;
}

Status CsvRows::Emit(const ParsedRecord& record) {
  std::string_view key;
  if (!MakeKey(&key)) {
    auto empty = std::find_if(shape_.key.begin(), shape_.key.end(), [&](uint32_t c) { return fields_[c].empty(); });
    return Reject(record, reasons::kNullKey, fmt::format("key column '{}' is empty", shape_.columns[*empty].name));
  }
  if (key.size() > reasons::kMaxKeyBytes)
    return Reject(record, reasons::kKeyTooLong,
                  fmt::format("the key has {} bytes, the limit is {}", key.size(), reasons::kMaxKeyBytes));
  const bool same_text = record.ascii || shape_.encoding == Encoding::kUtf8, fast = record.json_clean && same_text;
  const std::string_view raw = record.plain && same_text ? std::string_view() : record.raw;
  const std::string_view payload = fast ? std::string_view() : SlowPayload();
  const size_t bytes = fast ? record.raw.size() + 3 * record.field_count + 2 : payload.size();
  if (!batch_.HasRoom(key.size(), bytes)) MIGRATE_TRY(Flush());
  char* out = batch_.Begin(place_, key, raw, bytes);
  if (fast)
    out = FastPayload(record, out);
  else
    out += payload.copy(out, bytes);
  batch_.End(out);
  return {};
}

Status CsvRows::Flush() {
  for (const RawRow& row : batch_.Take()) MIGRATE_TRY(sink_->OnRow(row));
  return {};
}

// The payload of fields that need no escape: they are only put between quotes. Short fields are copied 32 bytes at a
// time, over what the next field will overwrite.
char* CsvRows::FastPayload(const ParsedRecord& record, char* out) const {
  static_assert(RowBatch::kSlack >= 32);
  const char* const safe = text_.data() + text_.size() - std::min<size_t>(text_.size(), 32);
  *out++ = '[';
  for (size_t i = 0; i < record.field_count; ++i) {
    const std::string_view f = fields_[i];
    *out++ = '"';
    if (f.size() <= 32 && f.data() <= safe)
      std::memcpy(out, f.data(), 32);
    else
      std::memcpy(out, f.data(), f.size());
    out += f.size();
    *out++ = '"';
    *out++ = ',';
  }
  out[-1] = ']';
  return out;
}

std::string_view CsvRows::SlowPayload() {
  payload_.clear();
  PayloadWriter writer(&payload_);
  for (size_t i = 0; i < shape_.columns.size(); ++i) writer.Text(fields_[i]);
  writer.Finish();
  return payload_;
}

Status CsvRows::Reject(const ParsedRecord& record, std::string_view reason, std::string detail, std::string key) {
  migrate::Reject reject;
  reject.place = place_;
  reject.source_key = shape_.key.empty() ? fmt::format("{}{}", shape_.key_prefix, place_.row) : std::move(key);
  reject.reason = reason;
  reject.detail = std::move(detail);
  reject.raw = record.raw;
  MIGRATE_TRY(Flush());  // the rows before it come before it
  return sink_->OnReject(reject);
}

Status CsvRows::RejectBroken(const ParsedRecord& record) {
  uint64_t at = place_.byte_offset + record.bad_at - static_cast<size_t>(record.raw.data() - text_.data());
  if (record.kind == RecordKind::kUnclosedQuote)
    return Reject(record, reasons::kUnclosedQuote,
                  fmt::format("the quote at byte {} is not closed before the end of the file or within {} bytes", at,
                              kQuoteBytes));
  return Reject(
      record, reasons::kBadQuote,
      fmt::format("after a closing quote a delimiter or a line end is needed, not what stands at byte {}", at));
}

// The key of a row that is not loaded: only where the fields in front of it cannot have moved it.
std::string CsvRows::KeyIfKnown(const ParsedRecord& record) const {
  if (shape_.key.empty()) return "";
  std::vector<std::string> texts(shape_.columns.size());
  std::vector<Cell> cells(shape_.columns.size());
  const bool ragged = record.field_count != shape_.columns.size();
  for (uint32_t c : shape_.key) {
    if (c >= record.field_count || (ragged && c >= shape_.key.size())) return "";
    if (FirstUndecodable(shape_.encoding, record.fields[c]) != std::string_view::npos) return "";
    AppendUtf8(shape_.encoding, record.fields[c], &texts[c]);
    cells[c] = {CellType::kText, texts[c]};
  }
  std::string key;
  if (!AppendSourceKey(cells, shape_.key, &key) || key.size() > reasons::kMaxKeyBytes) return "";
  return key;
}

Status CsvRows::RejectRagged(const ParsedRecord& record) {
  const bool few = record.field_count < shape_.columns.size();
  return Reject(record, few ? reasons::kTooFewFields : reasons::kTooManyFields,
                fmt::format("{} fields, the header has {}", record.field_count, shape_.columns.size()),
                KeyIfKnown(record));
}

Status CsvRows::RejectUndecodable(const ParsedRecord& record, size_t at) {
  size_t column = 0;
  while (column + 1 < record.field_count) {
    std::string_view next = record.RawField(column + 1);
    if (static_cast<size_t>(next.data() - record.raw.data()) > at) break;
    ++column;
  }
  return Reject(
      record, reasons::kUndecodable,
      fmt::format("column '{}': byte {:02X} at byte {} of the file is not {}", shape_.columns[column].name,
                  static_cast<uint8_t>(record.raw[at]), place_.byte_offset + at, EncodingName(shape_.encoding)),
      KeyIfKnown(record));
}

}  // namespace migrate::extract
