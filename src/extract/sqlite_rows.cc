#include "sqlite_rows.h"

#include <fmt/core.h>

#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {
namespace {

// Cells are read through sqlite3_value: one lookup a cell instead of three. That is sound on a connection without a
// mutex (SQLITE_OPEN_NOMUTEX) that one thread uses, which these are.

std::string_view BytesOf(sqlite3_value* v) {
  const void* p = sqlite3_value_blob(v);
  return {static_cast<const char*>(p), static_cast<size_t>(sqlite3_value_bytes(v))};
}

}  // namespace

// In a database in UTF-8 the blob access gives the text as it lies in the page; the text access would copy it to put a
// zero behind it.
std::string_view SqliteRows::TextOf(sqlite3_value* v) const {
  if (!utf16_) return BytesOf(v);
  const unsigned char* p = sqlite3_value_text(v);
  return {reinterpret_cast<const char*>(p), static_cast<size_t>(sqlite3_value_bytes(v))};
}

void SqliteRows::Make(sqlite3_stmt* s) {
  payload_.clear();
  PayloadWriter writer(&payload_);
  for (int i = 0, n = static_cast<int>(columns_.size()); i < n; ++i) {
    sqlite3_value* v = sqlite3_column_value(s, i);
    switch (sqlite3_value_type(v)) {
      case SQLITE_NULL:
        writer.Null();
        break;
      case SQLITE_INTEGER:
        writer.Integer(sqlite3_value_int64(v));
        break;
      case SQLITE_FLOAT:
        writer.Real(sqlite3_value_double(v));
        break;
      case SQLITE_TEXT:
        if (std::string_view text = TextOf(v); IsUtf8(text))
          writer.Text(text);
        else
          writer.Bytes(text);
        break;
      default:
        writer.Bytes(BytesOf(v));
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
    sqlite3_value* v = sqlite3_column_value(s, static_cast<int>(column));
    const int type = sqlite3_value_type(v);
    const std::string& name = columns_[column].name;
    if (type == SQLITE_NULL) return Fault(reasons::kNullKey, fmt::format("key column '{}' is NULL", name));
    if (type == SQLITE_INTEGER || type == SQLITE_FLOAT) {
      // The text of a number is what the payload has for it.
      std::string& text = numbers_[k];
      text.clear();
      PayloadWriter writer(&text);
      if (type == SQLITE_INTEGER)
        writer.Integer(sqlite3_value_int64(v));
      else
        writer.Real(sqlite3_value_double(v));
      cells_[column] = {CellType::kInteger, std::string_view(text).substr(1)};
      continue;
    }
    std::string_view text = type == SQLITE_TEXT ? TextOf(v) : BytesOf(v);
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
