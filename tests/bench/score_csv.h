// Reads the rows of a CSV file (RFC 4180, UTF-8, with header) one by one.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::score {

class CsvReader {
 public:
  CsvReader() = default;
  CsvReader(const CsvReader&) = delete;
  CsvReader& operator=(const CsvReader&) = delete;
  ~CsvReader();

  // "-" is standard input. Reads the header.
  Status Open(const std::string& path);
  const std::vector<std::string>& header() const { return header_; }
  // -1: no such column.
  int Column(std::string_view name) const;
  // False at the end. Blank lines are left out. Fails where a row has not as many fields as the header.
  Result<bool> Next(std::vector<std::string>& fields);
  // "FILE:LINE" of the row that was read last.
  std::string Where() const;

 private:
  Result<bool> Read(std::vector<std::string>& fields);
  int Get() {
    if (at_ == size_ && !Fill()) return -1;
    return static_cast<unsigned char>(buffer_[at_++]);
  }
  bool Fill();

  std::string path_;
  FILE* file_ = nullptr;
  std::vector<char> buffer_;
  size_t at_ = 0, size_ = 0;
  uint64_t line_ = 0, row_line_ = 0;
  std::vector<std::string> header_;
};

}  // namespace migrate::score
