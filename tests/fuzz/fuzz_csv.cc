// The CSV scanner, index and parser over arbitrary bytes.
//
// The first byte chooses the delimiter and whether there is one column, the second the size of chunks and of the pieces
// in which the file comes; the rest is the file. Checked: every byte belongs to exactly one record or blank line; the
// fields of a plain record, joined, are its bytes; fields called clean need no escape; the index gives
// every record as the parser does; the scanner counts the rows and lines that the parser finds, at once and in pieces;
// a chunk with its look-ahead parses as it does within the file.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/extract/csv_index.h"
#include "migrate/extract/csv_parse.h"
#include "migrate/extract/csv_scan.h"

namespace migrate::extract {
namespace {

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

struct Piece {
  RecordKind kind;
  size_t begin, size, bad_at;
  std::vector<std::string> fields;
  bool operator==(const Piece&) const = default;
};

void CheckIndexed(const ParsedRecord& indexed, const ParsedRecord& parsed) {
  Check(indexed.kind == parsed.kind && indexed.raw.data() == parsed.raw.data() && indexed.raw == parsed.raw &&
            indexed.size == parsed.size && indexed.lines == parsed.lines && indexed.plain == parsed.plain &&
            indexed.ascii == parsed.ascii && indexed.field_count == parsed.field_count,
        "the index gives the record that the parser gives");
  for (size_t i = 0; i < parsed.field_count; ++i)
    Check(indexed.fields[i] == parsed.fields[i] && indexed.RawField(i) == parsed.RawField(i), "with its fields");
  for (size_t i = 0; indexed.json_clean && i < indexed.field_count; ++i)
    for (char c : indexed.fields[i]) Check(static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\', "clean is clean");
}

// The records of text[0, end), with their positions moved by `base`.
std::vector<Piece> ParseAll(const CsvGrammar& grammar, std::string_view text, size_t end, size_t base,
                            uint64_t* lines) {
  CsvIndex index(grammar, text);
  CsvParser parser(grammar);
  ParsedRecord record, indexed;
  std::vector<Piece> out;
  for (size_t at = 0; at < end; at += record.size) {
    parser.Parse(text, at, &record);
    if (index.Next(at, &indexed)) CheckIndexed(indexed, record);
    Check(record.size > 0 && record.size <= text.size() - at, "a record lies within the text");
    Check(record.raw.data() == text.data() + at, "a record begins where the one before ended");
    std::string_view line_end = text.substr(at + record.raw.size(), record.size - record.raw.size());
    Check(line_end == "\n" || line_end == "\r" || line_end == "\r\n" ||
              (line_end.empty() && at + record.size == text.size()),
          "a record ends with a line end or with the text");
    Piece piece{record.kind, base + at, record.size, 0, {}};
    if (record.kind == RecordKind::kRow) {
      std::string joined;
      for (size_t i = 0; i < record.field_count; ++i) {
        piece.fields.emplace_back(record.fields[i]);
        for (char c : record.fields[i])
          if (record.json_clean) Check(static_cast<uint8_t>(c) >= 0x20 && c != '"' && c != '\\', "clean is clean");
        if (i > 0) joined += grammar.delimiter;
        joined += record.RawField(i);
      }
      // The byte after a record may differ from chunk to chunk, what it says of itself may not.
      piece.bad_at = (record.plain ? 1u : 0u) | (record.ascii ? 2u : 0u);
      if (record.plain) Check(joined == record.raw, "the fields of a plain record, joined, are its bytes");
    } else if (record.kind != RecordKind::kBlank) {
      piece.bad_at = base + record.bad_at;
    }
    *lines += record.lines;
    out.push_back(std::move(piece));
  }
  return out;
}

void Run(const CsvGrammar& grammar, size_t chunk, size_t feed, std::string_view file) {
  uint64_t lines = 0, rows = 0;
  std::vector<Piece> whole = ParseAll(grammar, file, file.size(), 0, &lines);
  for (const Piece& p : whole) rows += p.kind != RecordKind::kBlank;
  CsvScanner::Cut once = CsvScanner(grammar).Scan(file, 0, file.size(), true);
  Check(once.complete && once.end == file.size(), "the scanner reaches the end");
  Check(once.rows == rows, "the scanner counts the rows of the parser");
  Check(once.lines == lines, "the scanner counts the lines of the parser");

  CsvScanner scanner(grammar);
  std::vector<Piece> parts;
  uint64_t part_rows = 0, part_lines = 0, parsed_lines = 0;
  size_t have = 0;
  for (size_t begin = 0; begin < file.size();) {
    size_t end = begin;
    uint64_t looked = 0;
    for (;;) {
      // The copy has no byte beyond what the scanner may see.
      std::string text(file.substr(end, have - end));
      size_t target = begin + chunk > end ? begin + chunk - end : 0;
      CsvScanner::Cut cut = scanner.Scan(text, end, target, have == file.size());
      end += cut.end;
      part_rows += cut.rows;
      part_lines += cut.lines;
      if (cut.looked > looked) looked = cut.looked;
      if (cut.complete) break;
      Check(have < file.size(), "the scanner does not ask for more than there is");
      have = std::min(file.size(), have + feed);
    }
    Check(end > begin && looked <= have, "a chunk has bytes, and looks at those that were read");
    std::string text(file.substr(begin, std::max<size_t>(end, looked) - begin));
    for (Piece& p : ParseAll(grammar, text, end - begin, begin, &parsed_lines)) parts.push_back(std::move(p));
    begin = end;
  }
  Check(part_rows == rows && part_lines == lines && parsed_lines == lines, "chunks count what the file counts");
  Check(parts == whole, "chunks parse as the file does");
}

}  // namespace
}  // namespace migrate::extract

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static constexpr char kDelimiters[] = {',', ';', '\t', '|', ' '};
  migrate::extract::CsvGrammar grammar{kDelimiters[data[0] % 5], (data[0] & 0x80) != 0};
  std::string file(reinterpret_cast<const char*>(data) + 2, size - 2);
  migrate::extract::Run(grammar, 1 + data[1] % 16 * 20, 1 + data[1] / 16 * 15, file);
  return 0;
}
