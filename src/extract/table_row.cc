#include "table_row.h"

#include <fmt/core.h>

#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {

void TableRow::Make(const std::vector<Cell>& cells) {
  payload_.clear();
  PayloadWriter writer(&payload_);
  for (const Cell& cell : cells) writer.Add(cell);
  writer.Finish();
  MakeKey(cells);
}

void TableRow::Fault(std::string_view reason, std::string detail) {
  key_.clear();
  reason_ = reason;
  detail_ = std::move(detail);
}

void TableRow::MakeKey(const std::vector<Cell>& cells) {
  key_.clear();
  reason_.clear();
  detail_.clear();
  for (uint32_t k : key_columns_) {
    const std::string& name = columns_[k].name;
    if (cells[k].type == CellType::kNull) return Fault(reasons::kNullKey, fmt::format("key column '{}' is NULL", name));
    if (cells[k].bytes.empty()) return Fault(reasons::kNullKey, fmt::format("key column '{}' is empty", name));
    if (cells[k].type == CellType::kBytes)
      return Fault(reasons::kUndecodable, fmt::format("key column '{}' holds bytes that are no text", name));
  }
  AppendSourceKey(cells, key_columns_, &key_);
  if (key_.size() > reasons::kMaxKeyBytes)
    Fault(reasons::kKeyTooLong,
          fmt::format("the key has {} bytes, the limit is {}", key_.size(), reasons::kMaxKeyBytes));
}

void TableRow::Encode(std::string* out) const {
  PutBytes(out, payload_);
  PutBytes(out, key_);
  PutBytes(out, reason_);
  if (!reason_.empty()) PutBytes(out, detail_);
}

bool TableRow::Decode(ByteReader* in) {
  payload_ = in->Bytes();
  key_ = in->Bytes();
  reason_ = in->Bytes();
  detail_ = reason_.empty() ? std::string_view() : in->Bytes();
  return in->ok();
}

Status TableRow::Deliver(const Place& place, RowSink& sink) {
  if (reason_.empty()) {
    RawRow row;
    row.place = place;
    row.source_key = key_;
    row.payload = payload_;
    row.row_sha256 = digester_.Row(key_, payload_);
    return sink.OnRow(row);
  }
  Reject reject;
  reject.place = place;
  reject.reason = reason_;
  reject.detail = detail_;
  reject.raw = payload_;
  return sink.OnReject(reject);
}

}  // namespace migrate::extract
