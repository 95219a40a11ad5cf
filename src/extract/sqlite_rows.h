// One row of a SQLite table or query: its payload, and its key or what is wrong with it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/bytes.h"
#include "migrate/extract/source.h"
#include "table_row.h"

namespace migrate::extract {

// How a table stores one of its columns.
struct SqliteStorage {
  bool rowid = false;     // INTEGER PRIMARY KEY: the rowid; the record holds NULL
  bool real = false;      // REAL affinity: a whole number is stored as an integer and read as a double
  bool nullable = false;  // without a default: NULL in rows that are older than the column
};

// How a database keeps its texts (PRAGMA encoding).
enum class SqliteText { kUtf8, kUtf16le, kUtf16be };

// Bytes behind a record that can be read, whatever they hold, so that short values can be copied in one piece.
inline constexpr size_t kRecordSlack = 8;

// Memory: a few times the longest row. Not thread-safe.
class SqliteRows {
 public:
  // The references must outlive the object.
  SqliteRows(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key,
             SqliteText text)
      : columns_(columns),
        key_columns_(key),
        text_(text),
        values_(columns.size()),
        key_cells_(columns.size()),
        row_(source, columns, key) {}

  // Reads the row that `s` stands on; its first columns are the source's.
  void Make(sqlite3_stmt* s);
  // Reads a record as it lies in a table (fileformat2.html, section 2), with texts in UTF-8 and kRecordSlack bytes
  // behind it. False, and no row, where it is not what the format says, or where a value is missing that only SQLite
  // knows.
  bool Make(int64_t rowid, std::string_view record, const std::vector<SqliteStorage>& storage);
  // The row that was made last: Encode, Decode, Deliver, Flush.
  TableRow& row() { return row_; }

 private:
  struct Value {
    int type = SQLITE_NULL;
    bool slack = false;  // kRecordSlack bytes can be read behind `data`
    union {
      int64_t integer = 0;
      double real;
      const char* data;  // of SQLITE_TEXT and SQLITE_BLOB
    };
    size_t size = 0;
    std::string_view bytes() const { return {data, size}; }
  };
  static bool ReadBody(uint64_t serial_type, const uint8_t** at, const uint8_t* end, Value* value);
  void TextOf(sqlite3_value* v, size_t column, Value* value);
  void MakePayload(size_t content);
  char* PutText(const Value& value, char* out);
  char* PutSlowly(const Value& value, char* out);
  void TakeRow();

  const std::vector<Column>& columns_;
  const std::vector<uint32_t>& key_columns_;
  const SqliteText text_;
  std::vector<Value> values_;  // of the row at hand
  std::vector<Cell> key_cells_;
  std::vector<std::string> numbers_, decoded_;  // by key column; by column, of a database in UTF-16
  std::vector<char> buffer_;                    // the payload is built in it
  size_t spare_ = 0;                            // bytes that the rest of the row may need in it
  std::string_view payload_;
  std::string slow_;
  TableRow row_;
};

}  // namespace migrate::extract
