#include "sqlite_rows.h"

#include <fmt/core.h>

#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {
namespace {

std::string_view BytesAt(sqlite3_stmt* s, int i) {
  const void* p = sqlite3_column_blob(s, i);
  return {static_cast<const char*>(p), static_cast<size_t>(sqlite3_column_bytes(s, i))};
}

std::string_view TextAt(sqlite3_stmt* s, int i) {
  // Not column_blob: a database in UTF-16 is converted to UTF-8 by this call.
  const unsigned char* p = sqlite3_column_text(s, i);
  return {reinterpret_cast<const char*>(p), static_cast<size_t>(sqlite3_column_bytes(s, i))};
}

}  // namespace

void SqliteRows::Make(sqlite3_stmt* s) {
  payload_.clear();
  PayloadWriter writer(&payload_);
  for (int i = 0, n = static_cast<int>(columns_.size()); i < n; ++i) {
    switch (sqlite3_column_type(s, i)) {
      case SQLITE_NULL:
        writer.Null();
        break;
      case SQLITE_INTEGER:
        writer.Integer(sqlite3_column_int64(s, i));
        break;
      case SQLITE_FLOAT:
        writer.Real(sqlite3_column_double(s, i));
        break;
      case SQLITE_TEXT:
        if (std::string_view text = TextAt(s, i); IsUtf8(text))
          writer.Text(text);
        else
          writer.Bytes(text);
        break;
      default:
        writer.Bytes(BytesAt(s, i));
    }
  }
  writer.Finish();
  MakeKey(s);
}

void SqliteRows::Fault(std::string_view reason, std::string detail) {
  key_.clear();
  reason_ = reason;
  detail_ = std::move(detail);
}

void SqliteRows::MakeKey(sqlite3_stmt* s) {
  key_.clear();
  reason_.clear();
  detail_.clear();
  numbers_.resize(key_columns_.size());
  for (size_t k = 0; k < key_columns_.size(); ++k) {
    const uint32_t column = key_columns_[k];
    const int i = static_cast<int>(column), type = sqlite3_column_type(s, i);
    const std::string& name = columns_[column].name;
    if (type == SQLITE_NULL) return Fault(reasons::kNullKey, fmt::format("key column '{}' is NULL", name));
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
      // The text of a number is what the payload has for it.
      std::string& text = numbers_[k];
      text.clear();
      PayloadWriter writer(&text);
      if (type == SQLITE_INTEGER)
        writer.Integer(sqlite3_column_int64(s, i));
      else
        writer.Real(sqlite3_column_double(s, i));
      cells_[column] = {CellType::kInteger, std::string_view(text).substr(1)};
      continue;
    }
    std::string_view text = type == SQLITE_TEXT ? TextAt(s, i) : BytesAt(s, i);
    if (text.empty()) return Fault(reasons::kNullKey, fmt::format("key column '{}' is empty", name));
    if (type != SQLITE_TEXT || !IsUtf8(text))
      return Fault(reasons::kUndecodable, fmt::format("key column '{}' holds bytes that are no text", name));
    cells_[column] = {CellType::kText, text};
  }
  AppendSourceKey(cells_, key_columns_, &key_);
  if (key_.size() > reasons::kMaxKeyBytes)
    Fault(reasons::kKeyTooLong,
          fmt::format("the key has {} bytes, the limit is {}", key_.size(), reasons::kMaxKeyBytes));
}

void SqliteRows::Encode(std::string* out) const {
  PutBytes(out, payload_);
  PutBytes(out, key_);
  PutBytes(out, reason_);
  if (!reason_.empty()) PutBytes(out, detail_);
}

bool SqliteRows::Decode(ByteReader* in) {
  payload_ = in->Bytes();
  key_ = in->Bytes();
  reason_ = in->Bytes();
  detail_ = reason_.empty() ? std::string_view() : in->Bytes();
  return in->ok();
}

Status SqliteRows::Deliver(const Place& place, RowSink& sink) {
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
