// The parser: one CSV record (csv_grammar.h) into its fields. Shares no code with the scanner, whose count is held
// against it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/extract/csv_grammar.h"

namespace migrate::extract {

enum class RecordKind : uint8_t { kRow, kBlank, kBadQuote, kUnclosedQuote };

// Fields of a record beyond this many are counted but not kept; a header cannot have more.
inline constexpr size_t kMaxFields = 1 << 16;

struct ParsedRecord {
  RecordKind kind = RecordKind::kRow;
  std::string_view raw;     // its bytes without the line end
  size_t size = 0;          // with the line end
  uint64_t lines = 0;       // physical lines it takes
  bool plain = true;        // no field is quoted: joining the fields with the delimiter gives raw
  bool ascii = true;        // no byte of raw is 0x80 or above
  bool json_clean = false;  // known to hold no byte that JSON escapes (beside the delimiter)
  size_t field_count = 0;   // kRow only
  size_t bad_at = 0;        // kBadQuote: position in the text of the byte that should not follow; else of the quote
  std::vector<std::string_view> fields;       // at least min(field_count, kMaxFields) are valid; quotes taken off
  std::string_view RawField(size_t i) const;  // field i as it lies in raw, with its quotes

  // Kept between records so that parsing does not allocate.
  struct Span {
    size_t begin, end;  // in raw, quotes included
    bool quoted, doubled;
  };
  bool spanned = false;  // spans are filled: the fields need not be views into raw
  std::vector<Span> spans;
  std::string arena;  // fields whose doubled quotes were undone
};

// Is a line that holds no quoted field no row? `line` is without its line end.
bool IsBlankLine(const CsvGrammar& grammar, std::string_view line);

class CsvParser {
 public:
  explicit CsvParser(const CsvGrammar& grammar) : grammar_(grammar) {}
  // The record (or blank line) at text[at], at < text.size(). `text` is one chunk with its look-ahead, or a whole file:
  // where it ends, the file ends as far as the record can tell. Positions must grow from call to call on one text.
  // Views in *record point into `text` and into the record itself.
  void Parse(std::string_view text, size_t at, ParsedRecord* record);

 private:
  enum class Field { kDelimiter, kLineEnd, kBad, kUnclosed };
  bool ParseQuoted(std::string_view text, size_t at, ParsedRecord* record);
  void ParseAny(std::string_view text, size_t at, ParsedRecord* record);
  struct Failure {
    Field why = Field::kBad;
    size_t failed_at = 0;  // how far the attempt came
    size_t bad_at = 0;     // see ParsedRecord
    bool operator==(const Failure&) const = default;
  };
  Field QuotedField(std::string_view text, size_t* at, ParsedRecord* record, ParsedRecord::Span* span,
                    Failure* failure);
  void BreakOff(std::string_view text, size_t at, Failure failure, ParsedRecord* record);
  void FinishRecord(std::string_view text, size_t at, size_t line_end, ParsedRecord* record) const;
  void FillFields(ParsedRecord* record) const;

  CsvGrammar grammar_;
  std::vector<size_t> tried_;  // opening quotes of the record being parsed
  // Opening quotes, relative to doomed_base_, from which every attempt fails as doom_ says: trying them again would
  // make files with many broken quotes take quadratic time.
  std::vector<bool> doomed_;
  size_t doomed_base_ = 0;
  Failure doom_;
};

}  // namespace migrate::extract
