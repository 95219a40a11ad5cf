// The structural scan of a CSV file: where records end, how many rows and physical lines there are, nothing else. It
// cuts the file into chunks and gives the books their independent count, so it shares no code with the parser (beside
// byte_masks.h, which only finds bytes): ordinary text goes 64 bytes at a time by quote parity, with the local rules
// under which parity is exact checked on each quote; a record that breaks one of them is scanned byte by byte.
//
// Cost: linear in the file also where quotes are broken. An attempt that fails leaves the opening quotes it passed;
// a later attempt that opens one of them would run the same way to the same end, so it stops there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "migrate/extract/csv_grammar.h"

namespace migrate::extract {

class CsvScanner {
 public:
  explicit CsvScanner(const CsvGrammar& grammar) : grammar_(grammar) {}

  struct Cut {
    size_t end = 0;         // one past the last whole record (line end included); records up to there are counted
    uint64_t rows = 0;      // records that are no blank line, broken ones included
    uint64_t lines = 0;     // physical lines
    uint64_t looked = 0;    // file offset up to which broken records looked ahead; 0 if none did
    bool complete = false;  // false: `text` ended within a record; more of the file is needed
  };
  // Scans records from text[0], which begins a record and lies at `offset` in the file, and stops at the first record
  // end at or after `target`. `at_end`: the file ends with `text` (the last record then needs no line end). Call again
  // with text from cut.end on, and offsets that grow.
  Cut Scan(std::string_view text, uint64_t offset, size_t target, bool at_end);

 private:
  enum class Kind { kRow, kBlank, kMore };
  struct Stretch;
  void FastStretch(std::string_view text, size_t stop, Cut* cut) const;
  uint64_t CountRows(std::string_view text, size_t first, size_t block, uint64_t ends, uint64_t feeds,
                     uint64_t gaps) const;
  bool IsBlankBefore(std::string_view text, size_t first, size_t line_end) const;
  Kind OneRecord(std::string_view text, uint64_t offset, size_t begin, bool at_end, Cut* cut);
  Kind Broken(std::string_view text, uint64_t offset, size_t begin, size_t failed_at, bool at_end, Cut* cut);
  Kind EndAt(std::string_view text, size_t begin, size_t line_end, bool at_end, Cut* cut) const;

  CsvGrammar grammar_;
  std::vector<uint64_t> opens_;  // file offsets of the opening quotes of the record being tried
  // Opening quotes that lead to the failure at failed_end_, as bits relative to failed_base_.
  std::vector<bool> failed_;
  uint64_t failed_base_ = 0, failed_end_ = 0;
};

}  // namespace migrate::extract
