#include "sqlite_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"
#include "sqlite_utf16.h"
#include "sqlite_varint.h"

namespace migrate::extract {
namespace {

// A number, a NULL, or the quotes and the comma of a text never need more.
constexpr size_t kCellBytes = 40;

// Cells are read through sqlite3_value: one lookup a cell instead of three. That is sound on a connection without a
// mutex (SQLITE_OPEN_NOMUTEX) that one thread uses, which these are.

std::string_view BytesOf(sqlite3_value* v) {
  const void* p = sqlite3_value_blob(v);
  return {static_cast<const char*>(p), static_cast<size_t>(sqlite3_value_bytes(v))};
}

// High bits for those of 8 bytes that JSON does not hold as they are: below 0x20, '"', '\\', and beyond ASCII. A byte
// that is none of these has its bit set only above one that is.
uint64_t Unplain(uint64_t v) {
  constexpr uint64_t kEach = 0x0101010101010101ULL;
  return (v | (v - kEach * 0x20) | ((v ^ kEach * '"') - kEach) | ((v ^ kEach * '\\') - kEach)) & kEach * 0x80;
}

// Text of a number as the payload has it.
std::string_view NumberText(int64_t v, double real, int type, std::string* out) {
  out->clear();
  PayloadWriter writer(out);
  if (type == SQLITE_INTEGER)
    writer.Integer(v);
  else
    writer.Real(real);
  return std::string_view(*out).substr(1);
}

}  // namespace

// The blob access gives a text as it lies in the page; the text access would copy it to put a zero behind it, and
// replace what is no UTF-16.
void SqliteRows::TextOf(sqlite3_value* v, size_t column, Value* value) {
  std::string_view bytes = BytesOf(v);
  if (text_ != SqliteText::kUtf8) {
    decoded_.resize(values_.size());
    std::string& text = decoded_[column];
    text.clear();
    if (AppendUtf16(bytes, text_ == SqliteText::kUtf16be, &text))
      bytes = text;
    else
      value->type = SQLITE_BLOB;
  }
  value->data = bytes.data();
  value->size = bytes.size();
}

void SqliteRows::Make(sqlite3_stmt* s) {
  size_t content = 0;
  for (size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[i];
    sqlite3_value* v = sqlite3_column_value(s, static_cast<int>(i));
    value.type = sqlite3_value_type(v);
    value.slack = false;
    if (value.type == SQLITE_INTEGER) {
      value.integer = sqlite3_value_int64(v);
    } else if (value.type == SQLITE_FLOAT) {
      value.real = sqlite3_value_double(v);
    } else if (value.type == SQLITE_TEXT) {
      TextOf(v, i, &value);
      content += value.size;
    } else if (value.type == SQLITE_BLOB) {
      value.data = BytesOf(v).data();
      value.size = static_cast<size_t>(sqlite3_value_bytes(v));
    }
  }
  MakePayload(content);
  TakeRow();
}

// The value that a serial type says lies at *at, which moves behind it.
bool SqliteRows::ReadBody(uint64_t serial_type, const uint8_t** at, const uint8_t* end, Value* value) {
  if (serial_type >= 12) {
    const uint64_t size = (serial_type - 12) / 2;
    if (size > static_cast<uint64_t>(end - *at)) return false;
    value->type = serial_type % 2 == 0 ? SQLITE_BLOB : SQLITE_TEXT;
    value->slack = true;
    value->data = reinterpret_cast<const char*>(*at);
    value->size = size;
    *at += size;
    return true;
  }
  if (serial_type == 0) {
    value->type = SQLITE_NULL;
    return true;
  }
  static constexpr uint8_t kBytes[12] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};
  const size_t size = kBytes[serial_type];
  if (size > static_cast<size_t>(end - *at) || serial_type == 10 || serial_type == 11) return false;
  // Big-endian two's complement: what stands before the first byte is its sign.
  uint64_t bits = size > 0 && **at >= 0x80 ? ~uint64_t{0} : 0;
  for (size_t i = 0; i < size; ++i) bits = bits << 8 | (*at)[i];
  *at += size;
  value->type = SQLITE_INTEGER;
  value->integer = serial_type >= 8 ? static_cast<int64_t>(serial_type - 8) : static_cast<int64_t>(bits);
  if (serial_type == 7) {
    value->real = std::bit_cast<double>(bits);
    // SQLite has no NaN: it reads one as NULL.
    value->type = std::isnan(value->real) ? SQLITE_NULL : SQLITE_FLOAT;
  }
  return true;
}

bool SqliteRows::Make(int64_t rowid, std::string_view record, const std::vector<SqliteStorage>& storage) {
  const auto* const begin = reinterpret_cast<const uint8_t*>(record.data());
  const uint8_t* const end = begin + record.size();
  uint64_t header = 0;
  const uint8_t* type = ReadSqliteVarint(begin, end, &header);
  if (type == nullptr || header > record.size() || begin + header < type) return false;
  const uint8_t* const types_end = begin + header;
  const uint8_t* body = types_end;
  for (size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[i];
    if (type == types_end) {
      if (!storage[i].nullable) return false;
      value.type = SQLITE_NULL;
    } else {
      uint64_t serial_type = 0;
      type = ReadSqliteVarint(type, types_end, &serial_type);
      if (type == nullptr || !ReadBody(serial_type, &body, end, &value)) return false;
    }
    if (storage[i].rowid) {
      value.type = SQLITE_INTEGER;
      value.integer = rowid;
    } else if (storage[i].real && value.type == SQLITE_INTEGER) {
      value.type = SQLITE_FLOAT;
      value.real = static_cast<double>(value.integer);
    }
  }
  if (type != types_end || body != end) return false;
  MakePayload(record.size());
  TakeRow();
  return true;
}

// `content`: at least the bytes of all texts.
void SqliteRows::MakePayload(size_t content) {
  spare_ = content + values_.size() * kCellBytes + kRecordSlack + 2;
  if (buffer_.size() < spare_) buffer_.resize(2 * spare_);
  char* out = buffer_.data();
  *out++ = '[';
  for (const Value& value : values_) {
    switch (value.type) {
      case SQLITE_NULL:
        std::memcpy(out, "null", 4);
        out += 4;
        break;
      case SQLITE_INTEGER:
        out = std::to_chars(out, out + kCellBytes, value.integer).ptr;
        break;
      case SQLITE_TEXT:
        out = PutText(value, out);
        break;
      default:
        out = PutSlowly(value, out);
    }
    *out++ = ',';
  }
  if (out[-1] == ',') --out;
  *out++ = ']';
  payload_ = {buffer_.data(), static_cast<size_t>(out - buffer_.data())};
}

// Copies and looks at the same time, eight bytes a step; what lies beyond the text's end is overwritten by the next
// cell.
char* SqliteRows::PutText(const Value& value, char* out) {
  *out = '"';
  const size_t whole = value.slack && std::endian::native == std::endian::little ? value.size : value.size & ~size_t{7};
  uint64_t unplain = 0;
  size_t i = 0;
  for (; i < whole; i += 8) {
    uint64_t v;
    std::memcpy(&v, value.data + i, 8);
    std::memcpy(out + 1 + i, &v, 8);
    const size_t left = value.size - i;
    unplain |= Unplain(v) & (left >= 8 ? ~uint64_t{0} : (uint64_t{1} << left * 8) - 1);
  }
  for (; i < value.size; ++i) {
    out[1 + i] = value.data[i];
    unplain |= Unplain(static_cast<uint8_t>(value.data[i])) & 0x80;
  }
  if (unplain != 0) return PutSlowly(value, out);
  out += 1 + value.size;
  *out++ = '"';
  return out;
}

// Whatever is no plain text: may need more room than was reckoned with.
char* SqliteRows::PutSlowly(const Value& value, char* out) {
  slow_.clear();
  if (value.type == SQLITE_TEXT && IsUtf8(value.bytes())) {
    AppendJsonString(&slow_, value.bytes());
  } else {
    PayloadWriter writer(&slow_);
    if (value.type == SQLITE_FLOAT)
      writer.Real(value.real);
    else
      writer.Bytes(value.bytes());
    slow_.erase(0, 1);
  }
  const auto used = static_cast<size_t>(out - buffer_.data());
  if (buffer_.size() < used + slow_.size() + spare_) buffer_.resize(2 * (used + slow_.size() + spare_));
  slow_.copy(buffer_.data() + used, slow_.size());
  return buffer_.data() + used + slow_.size();
}

// The cells of the key columns, numbers as the payload writes them.
void SqliteRows::TakeRow() {
  numbers_.resize(key_columns_.size());
  for (size_t k = 0; k < key_columns_.size(); ++k) {
    const uint32_t column = key_columns_[k];
    const Value& value = values_[column];
    Cell& cell = key_cells_[column];
    if (value.type == SQLITE_NULL) {
      cell = {};
    } else if (value.type == SQLITE_INTEGER || value.type == SQLITE_FLOAT) {
      const bool real = value.type == SQLITE_FLOAT;
      cell = {CellType::kInteger,
              NumberText(real ? 0 : value.integer, real ? value.real : 0, value.type, &numbers_[k])};
    } else {
      const bool text = value.type == SQLITE_TEXT && IsUtf8(value.bytes());
      cell = {text ? CellType::kText : CellType::kBytes, value.bytes()};
    }
  }
  row_.Take(payload_, key_cells_);
}

}  // namespace migrate::extract
