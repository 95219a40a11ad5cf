// From parsed records to rows: field counts, decoding, key, canonical payload and digest; or the reject that says why
// not.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/extract/csv_grammar.h"
#include "migrate/extract/csv_parse.h"
#include "migrate/extract/source.h"
#include "migrate/extract/text_encoding.h"
#include "migrate/record/row_batch.h"

namespace migrate::extract {

// What all chunks of a file have in common.
struct CsvShape {
  std::string source, path;
  CsvGrammar grammar;
  Encoding encoding = Encoding::kUtf8;
  std::vector<Column> columns;
  std::vector<uint32_t> key;  // empty: the key is key_prefix and the row number
  std::string key_prefix;     // first 16 hex digits of the file's SHA-256 and '#'
  std::string header;         // its bytes, without the line end
  // Its names as they stand, trimmed, and the bytes with which a header that comes again may begin: joined exports
  // repeat it quoted otherwise, or with a byte order mark in front.
  std::vector<std::string> header_names;
  std::array<bool, 256> header_starts{};
  void TakeHeader(std::string_view raw, std::vector<std::string> names);
};

// Turns the records of one chunk into rows; one object a call of Reader::Read. Memory: a few times the longest row.
class CsvRows {
 public:
  CsvRows(const CsvShape& shape, RowSink* sink) : shape_(shape), sink_(sink), batch_(shape.source) {}
  // All records that begin in text[0, end); text may go on beyond (look-ahead of broken quotes).
  Status Chunk(std::string_view text, size_t end, Place place);

 private:
  Status Row(const ParsedRecord& record);
  enum class Again { kNo, kSame, kOtherOrder };
  Again HeaderAgain() const;
  Status Reject(const ParsedRecord& record, std::string_view reason, std::string detail, std::string key = "");
  Status RejectBroken(const ParsedRecord& record);
  Status RejectRagged(const ParsedRecord& record);
  Status RejectUndecodable(const ParsedRecord& record, size_t at);
  std::string KeyIfKnown(const ParsedRecord& record) const;
  Status Emit(const ParsedRecord& record);
  void Decode(const ParsedRecord& record);
  bool MakeKey(std::string_view* key);
  char* FastPayload(const ParsedRecord& record, char* out) const;
  std::string_view SlowPayload();
  Status Flush();

  const CsvShape& shape_;
  RowSink* sink_;
  RowBatch batch_;
  Place place_;
  const std::string_view* fields_ = nullptr;  // of the row, in UTF-8
  std::string_view text_;                     // the chunk
  std::vector<std::string_view> decoded_;
  std::vector<Cell> cells_;
  std::string arena_, key_, payload_;
};

}  // namespace migrate::extract
