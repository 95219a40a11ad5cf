// Rows as the text that LOAD DATA reads: FIELDS TERMINATED BY '\t' ESCAPED BY '\\' LINES TERMINATED BY '\n'.
//
//   value   bytes as they are, but \\ \t \n and \0 for backslash, tab, line feed and the byte 0; \N is NULL
//   row     value \t value \t ... value \n
//
// Columns that are NULL in every row are left out of the text, and of the statement's list of columns (`Columns`),
// where the server spends some 50 ns on each: so their default must be NULL. Which columns these are is learned as rows
// come: a row that fills another one ends the batch (`Fits`), and what was learned is kept beyond it (`FilledColumns`).
//
// Memory: the batch, and a row.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::store {

// Bytes that grow at their end, without being cleared first.
class GrowingBytes {
 public:
  // Room for so many bytes more; what is written there counts after Grew.
  char* Room(size_t bytes);
  void Grew(const char* end) { size_ = static_cast<size_t>(end - bytes_.get()); }
  void Clear() { size_ = 0; }
  size_t size() const { return size_; }
  const char* data() const { return bytes_.get(); }
  std::string_view view() const { return {bytes_.get(), size_}; }

 private:
  std::unique_ptr<char[]> bytes_;
  size_t size_ = 0, capacity_ = 0;
};

// Columns of a table that some row has filled: bit c of column c, all bits where there are more than 64.
using FilledColumns = std::shared_ptr<uint64_t>;

class LoadDataText {
 public:
  LoadDataText(size_t columns, FilledColumns filled);

  // Of the row that comes next; columns count from 0, each is given once.
  void Null(size_t column);
  void Bytes(size_t column, std::string_view v);
  void Plain(size_t column, std::string_view v);  // has nothing to escape

  bool Complete() const { return given_ == spans_.size(); }  // every column of the row was given
  size_t row_bytes() const { return row_.size(); }
  std::string_view First() const { return row_.view().substr(spans_[0].begin, spans_[0].size); }  // column, of the row
  // The row's filled columns are among those of the batch; true for the first one.
  bool Fits() const { return rows_ == 0 || (row_filled_ & ~batch_filled_) == 0; }
  // Puts the row into the batch, which it must fit.
  void AddRow();

  std::vector<size_t> Columns() const;  // those that the batch has, ascending
  uint64_t rows() const { return rows_; }
  std::string_view text() const { return batch_.view(); }
  void Clear();  // the batch; not the row

 private:
  struct Span {
    size_t begin = 0, size = 0;
    bool null = true;
    uint64_t row = 0;  // number of the row that it was given for
  };
  void Count(size_t column);
  void Give(size_t column, size_t begin);
  bool Has(uint64_t mask, size_t column) const { return column >= 64 || (mask >> column & 1) != 0; }
  FilledColumns filled_;       // others may add to it while a batch is open
  uint64_t batch_filled_ = 0;  // the batch's columns
  uint64_t row_filled_ = 0;
  std::vector<Span> spans_;
  size_t given_ = 0;
  uint64_t row_no_ = 1;
  GrowingBytes row_, batch_;
  uint64_t rows_ = 0;
};

}  // namespace migrate::store
