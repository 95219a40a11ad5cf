// Streamed rows of a MySQL server as rows of a source.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/extract/mysql_source.h"
#include "table_row.h"

namespace migrate::extract {

// Makes rows of streamed ones: values in their canonical forms (extract/mysql_source.h) go straight into the payload. A
// row with a damaged text is a reject. The references must outlive the object. Memory: a row.
class MysqlRows {
 public:
  MysqlRows(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key,
            const std::vector<store::MysqlKind>& kinds);
  void Make(const store::MysqlStream& stream);
  // The same of values by column, nullopt for NULL: for tests and fuzzers, which have no server.
  void Make(const std::function<std::optional<std::string_view>(size_t)>& values);
  TableRow& row() { return row_; }
  size_t bytes() const { return size_; }  // of the last row's payload

 private:
  template <class Values>
  void MakeOf(const Values& values);
  Cell Make(size_t i, std::string_view v);
  template <class T>
  Cell Number(size_t i, std::string_view v);
  // Room for n more bytes of the payload; where they go.
  char* Room(size_t n);
  void Append(size_t i, std::string_view v);

  const std::vector<Column>& columns_;
  const std::vector<store::MysqlKind> kinds_;
  std::vector<bool> in_key_;
  std::vector<Cell> cells_;  // those of key columns are filled
  std::vector<std::string> numbers_;
  std::string payload_, scratch_;  // of payload_ the first size_ bytes
  size_t size_ = 0;
  int damaged_ = -1;  // the column of the row at hand whose text is none
  TableRow row_;
};

}  // namespace migrate::extract
