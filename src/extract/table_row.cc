#include "table_row.h"

#include <fmt/core.h>

#include "migrate/base/hash.h"
#include "migrate/record/digest.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {

void TableRow::Take(std::string_view payload, const std::vector<Cell>& cells) {
  payload_ = payload;
  reason_.clear();
  detail_.clear();
  TakeKey(cells);
  if (reason_.empty() && payload_.size() > kMaxPayloadBytes) {
    reason_ = reasons::kTooLong;
    detail_ = fmt::format("{} bytes, the limit is {}", payload_.size(), kMaxPayloadBytes);
  }
}

void TableRow::Refuse(std::string_view reason, std::string detail) {
  if (!reason_.empty()) return;
  reason_ = reason;
  detail_ = std::move(detail);
}

void TableRow::Fault(std::string_view reason, std::string detail) {
  key_.clear();
  reason_ = reason;
  detail_ = std::move(detail);
}

void TableRow::TakeKey(const std::vector<Cell>& cells) {
  key_.clear();
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
    if (!batch_.HasRoom(key_.size(), payload_.size())) MIGRATE_TRY(Flush(sink));
    char* out = batch_.Begin(place, key_, {}, payload_.size());
    batch_.End(out + payload_.copy(out, payload_.size()));
    return {};
  }
  MIGRATE_TRY(Flush(sink));  // the rows before it come before it
  Reject reject;
  reject.place = place;
  reject.source_key = key_;
  reject.reason = reason_;
  reject.detail = detail_;
  const bool huge = payload_.size() > kMaxRejectBytes;
  reject.raw = huge ? payload_.substr(0, kKeptOfHuge) : payload_;
  if (huge)
    reject.detail += fmt::format("; {} of its {} bytes are kept, SHA-256 of all: {}", kKeptOfHuge, payload_.size(),
                                 Sha256Hex(payload_));
  return sink.OnReject(reject);
}

Status TableRow::Flush(RowSink& sink) {
  for (const RawRow& row : batch_.Take()) MIGRATE_TRY(sink.OnRow(row));
  return {};
}

}  // namespace migrate::extract
