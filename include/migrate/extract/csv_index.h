// The fields of records without quotes, found for thousands of bytes at once: one pass over a window of the text notes
// where delimiters and line ends are, and each record then only takes its stretch of that list. What it cannot say of a
// record it leaves to the parser (csv_parse.h), which knows all of the grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "migrate/extract/byte_masks.h"
#include "migrate/extract/csv_grammar.h"
#include "migrate/extract/csv_parse.h"

namespace migrate::extract {

// Memory: about 60 KiB.
class CsvIndex {
 public:
  // `text` as for CsvParser::Parse.
  CsvIndex(const CsvGrammar& grammar, std::string_view text);
  // The record (or blank line) at text[at]: as CsvParser gives it if it has no quote, lies within one window, and ends
  // before the last 64 bytes of the text; else false, and *record is not touched. Positions must grow from call to
  // call.
  bool Next(size_t at, ParsedRecord* record);

 private:
  static constexpr size_t kBlocks = 128;  // of 64 bytes: a window
  void Index(size_t at);
  void NoteBlock(size_t block, uint64_t delimiters, uint64_t line_ends);
  // Has any of the window's bytes [begin, end) a bit in the masks of `kind`?
  bool Any(uint64_t BlockMasks::*kind, size_t begin, size_t end) const;

  const CsvGrammar grammar_;
  const std::string_view text_;
  size_t window_ = 0;                    // where it begins in the text
  size_t delimiter_ = 0, line_end_ = 0;  // the next of each, as indexes into the lists
  size_t delimiters_ = 0, line_ends_ = 0;
  bool quotes_ = false, unclean_ = false, high_ = false;  // does the window have any?
  std::vector<BlockMasks> masks_;
  std::vector<uint32_t> delimiter_at_;  // positions in the window
  struct LineEnd {
    uint32_t at;          // position in the window
    uint32_t delimiters;  // how many of the window's delimiters lie before it
  };
  std::vector<LineEnd> line_end_at_;
};

}  // namespace migrate::extract
