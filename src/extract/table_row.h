// One row of a table on its way out of extract: its payload, and its key or what is wrong with it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/bytes.h"
#include "migrate/extract/source.h"
#include "migrate/record/digest.h"

namespace migrate::extract {

class TableRow {
 public:
  // The references must outlive the object.
  TableRow(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key)
      : columns_(columns), key_columns_(key), digester_(source) {}

  // Makes payload and key of the row's cells, one a column; kInteger and kReal in their canonical text.
  void Make(const std::vector<Cell>& cells);
  // The same row as bytes, for a chunk that carries its rows, and back. False if the bytes are damaged.
  void Encode(std::string* out) const;
  bool Decode(ByteReader* in);
  // Hands the row on: as a row, or as a reject if its key is at fault.
  Status Deliver(const Place& place, RowSink& sink);

 private:
  void MakeKey(const std::vector<Cell>& cells);
  void Fault(std::string_view reason, std::string detail);

  const std::vector<Column>& columns_;
  const std::vector<uint32_t>& key_columns_;
  std::string payload_, key_, reason_, detail_;  // reason_ is "" for a good key
  RowDigester digester_;
};

}  // namespace migrate::extract
