// Streamed rows of a MySQL server as rows of a source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "migrate/extract/mysql_source.h"
#include "table_row.h"

namespace migrate::extract {

// The cells of a streamed row in their canonical forms (extract/mysql_source.h). Memory: a row.
class MysqlCells {
 public:
  explicit MysqlCells(std::vector<store::MysqlKind> kinds) : kinds_(std::move(kinds)), cells_(kinds_.size()) {
    numbers_.resize(kinds_.size());
  }
  // Valid until the stream's next Next(). A text that is no UTF-8 is kBytes.
  const std::vector<Cell>& Read(const store::MysqlStream& row);
  // The column of the last row whose text is damaged, -1: none is.
  int damaged() const { return damaged_; }

 private:
  Cell Make(size_t i, std::string_view v);
  template <class T>
  Cell Number(size_t i, std::string_view v);

  std::vector<store::MysqlKind> kinds_;
  std::vector<Cell> cells_;
  std::vector<std::string> numbers_;
  int damaged_ = -1;
};

// Makes rows of streamed ones; a row with a damaged text is a reject. The references must outlive the object.
class MysqlRows {
 public:
  MysqlRows(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key,
            const std::vector<store::MysqlKind>& kinds)
      : columns_(columns), cells_(kinds), row_(source, columns, key) {}
  void Make(const store::MysqlStream& stream);
  TableRow& row() { return row_; }
  size_t bytes() const { return payload_.size(); }  // of the last row's payload

 private:
  const std::vector<Column>& columns_;
  MysqlCells cells_;
  std::string payload_;
  TableRow row_;
};

}  // namespace migrate::extract
