// A row of a table (SQLite, MySQL) on its way out of extract: its payload, and its key or what is wrong with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/bytes.h"
#include "migrate/extract/source.h"
#include "migrate/record/row_batch.h"

namespace migrate::extract {

// A row whose payload is longer is a reject, as it is in a CSV file.
inline constexpr size_t kMaxPayloadBytes = 16 << 20;
// A reject keeps its payload whole up to here, which is the longest row that a CSV file can have; of a longer one (a
// BLOB of hundreds of megabytes) its first kKeptOfHuge bytes, its length and its SHA-256.
inline constexpr size_t kMaxRejectBytes = 64 << 20, kKeptOfHuge = 64 << 10;

// Memory: a batch of rows (record/row_batch.h). Not thread-safe.
class TableRow {
 public:
  // The references must outlive the object.
  TableRow(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key)
      : columns_(columns), key_columns_(key), batch_(source) {}

  // Takes a row: its payload, which must stay until the row was encoded or delivered, and its cells, of which only
  // those of the key columns are looked at (numbers in their canonical text, kBytes for what is no text).
  void Take(std::string_view payload, const std::vector<Cell>& cells);
  // Makes the row that was taken a reject, unless it is one; its key stays known.
  void Refuse(std::string_view reason, std::string detail);
  // The same row as bytes, for a chunk that carries its rows, and back. False if the bytes are damaged.
  void Encode(std::string* out) const;
  bool Decode(ByteReader* in);
  // Hands the row on: as a row, or as a reject. Rows wait until there are some; after the last one of a chunk Flush()
  // hands on those that do.
  Status Deliver(const Place& place, RowSink& sink);
  Status Flush(RowSink& sink);

 private:
  void TakeKey(const std::vector<Cell>& cells);
  void Fault(std::string_view reason, std::string detail);

  const std::vector<Column>& columns_;
  const std::vector<uint32_t>& key_columns_;
  std::string_view payload_;
  std::string key_, reason_, detail_;  // reason_ is "" for a good row
  RowBatch batch_;
};

}  // namespace migrate::extract
