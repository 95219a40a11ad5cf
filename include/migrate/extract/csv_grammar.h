// The grammar of CSV files, RFC 4180 and what is in the wild, as the scanner (csv_scan.h) and the parser (csv_parse.h)
// both implement it, each on its own:
//
//   file     = { blank line | record }
//   record   = field { delimiter field } ( LF | CR LF | CR | end of file )
//   field    = quoted | plain
//   quoted   = '"' { any byte but '"' | '""' } '"' { blank }     newlines inside are kept as they are
//   plain    = { any byte but delimiter, LF, CR }                a quote inside is an ordinary character; NUL is text
//   blank    = space or tab, unless it is the delimiter
//   blank line: no bytes, or, in a file of several columns, only blanks. It is no row.
//
// Broken records. What follows a quoted field is neither delimiter nor line end (bad quote); or the quote does not
// close within kQuoteBytes or before the end of the file (unclosed quote). Then the first physical line of the record
// is the (broken) record, and reading goes on at the next physical line. A physical line ends at LF, CR LF or CR,
// quoted or not.
#pragma once

#include <cstdint>

namespace migrate::extract {

struct CsvGrammar {
  char delimiter = ',';
  bool one_column = false;  // then a line of blanks is a row
  bool IsBlank(char c) const { return (c == ' ' || c == '\t') && c != delimiter; }
};

// The closing quote of a field lies at most this many bytes after its opening quote.
inline constexpr uint64_t kQuoteBytes = 1 << 20;
// A longer record is quarantined whole (row_too_long).
inline constexpr uint64_t kRowBytes = 16 << 20;
// No record end within this many bytes: an error, for that is no CSV file. Bounds the memory of a reader.
inline constexpr uint64_t kHeldBytes = 64 << 20;

}  // namespace migrate::extract
