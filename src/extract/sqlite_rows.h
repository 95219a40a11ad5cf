// One row of a SQLite statement: its payload, and its key or what is wrong with it.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/bytes.h"
#include "migrate/extract/source.h"
#include "migrate/record/digest.h"

namespace migrate::extract {

class SqliteRows {
 public:
  // `utf16`: the database keeps its texts in UTF-16. The references must outlive the object.
  SqliteRows(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key,
             bool utf16)
      : columns_(columns), key_columns_(key), utf16_(utf16), cells_(columns.size()), digester_(source) {}

  // Reads the row that `s` stands on; its first columns are the source's.
  void Make(sqlite3_stmt* s);
  // The same row as bytes, for a chunk that carries its rows, and back. False if the bytes are damaged.
  void Encode(std::string* out) const;
  bool Decode(ByteReader* in);
  // Hands the row on: as a row, or as a reject if its key is at fault.
  Status Deliver(const Place& place, RowSink& sink);

 private:
  std::string_view TextOf(sqlite3_value* v) const;
  void MakeKey(sqlite3_stmt* s);
  void Fault(std::string_view reason, std::string detail);

  const std::vector<Column>& columns_;
  const std::vector<uint32_t>& key_columns_;
  const bool utf16_;
  std::vector<Cell> cells_;
  std::vector<std::string> numbers_;
  std::string payload_, key_, reason_, detail_;  // reason_ is "" for a good key
  RowDigester digester_;
};

}  // namespace migrate::extract
