#include "migrate/extract/csv_parse.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "migrate/extract/byte_masks.h"

namespace migrate::extract {
namespace {

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

// Length of the line end at text[i]: 0 at the end of the text.
size_t LineEndSize(std::string_view text, size_t i) {
  if (i == text.size()) return 0;
  return text.compare(i, 2, "\r\n") == 0 ? 2 : 1;
}

}  // namespace

bool IsBlankLine(const CsvGrammar& grammar, std::string_view line) {
  if (line.empty() || grammar.one_column) return line.empty();
  return std::all_of(line.begin(), line.end(), [&](char c) { return grammar.IsBlank(c); });
}

std::string_view ParsedRecord::RawField(size_t i) const {
  if (spanned) return raw.substr(spans[i].begin, spans[i].end - spans[i].begin);
  std::string_view field = fields[i];
  if (field.data() == raw.data() || field.data()[-1] != '"') return field;
  return {field.data() - 1, field.size() + 2};
}

void CsvParser::Parse(std::string_view text, size_t at, ParsedRecord* record) {
  record->plain = true;
  record->spanned = false;
  record->bad_at = at;
  if (!ParseQuoted(text, at, record)) ParseAny(text, at, record);
}

// A record whose quotes are all in order (no doubled quote, no newline inside, nothing after a closing quote), and
// that ends before the last 64 bytes of the text: from one byte that matters to the next.
bool CsvParser::ParseQuoted(std::string_view text, size_t at, ParsedRecord* record) {
  enum class In { kStart, kPlain, kQuotes, kClosed } in = In::kStart;
  const char* const begin = text.data() + at;
  const char* const end = text.data() + text.size();
  const char* field = begin;
  size_t count = 0;
  bool quoted = false;
  uint64_t dirty = 0, high = 0;
  for (const char* p = begin; end - p > 64 && p - begin < 65536 && count + 65 <= kMaxFields; p += 64) {
    Bytes64 b(p);
    const uint64_t line_ends = b.Equal('\n') | b.Equal('\r'), delimiters = b.Equal(grammar_.delimiter);
    const uint64_t unclean = (b.AtMost(0x1f) | b.Equal('\\')) & ~delimiters, above = b.High();
    if (record->fields.size() < count + 65) record->fields.resize(2 * count + 65);
    for (uint64_t m = b.Equal('"') | delimiters | line_ends; m != 0; m &= m - 1) {
      const char* c = p + std::countr_zero(m);
      const bool quote = *c == '"';
      if (in == In::kStart && c != field) in = In::kPlain;
      if (in == In::kStart && quote) {
        in = In::kQuotes;
        quoted = true;
      } else if (in == In::kQuotes) {
        if (*c == grammar_.delimiter) {
          dirty |= static_cast<uint64_t>(*c < 0x20 || *c == '\\');  // here it is text
          continue;
        }
        if (!quote || (c[1] != grammar_.delimiter && c[1] != '\n' && c[1] != '\r')) return false;
        in = In::kClosed;
      } else if (quote) {
        dirty = 1;  // a quote within a plain field
      } else {
        const bool closed = in == In::kClosed;
        record->fields[count++] = {field + closed, static_cast<size_t>(c - field) - 2 * closed};
        field = c + 1;
        in = In::kStart;
        if (*c == grammar_.delimiter) continue;
        const uint64_t mine = (m & (~m + 1)) - 1;
        record->raw = {begin, static_cast<size_t>(c - begin)};
        record->size = record->raw.size() + (c[0] == '\r' && c[1] == '\n' ? 2 : 1);
        record->kind =
            count == 1 && !quoted && IsBlankLine(grammar_, record->raw) ? RecordKind::kBlank : RecordKind::kRow;
        record->plain = !quoted;
        record->lines = 1;
        record->field_count = count;
        record->ascii = (high | (above & mine)) == 0;
        record->json_clean = (dirty | (unclean & mine)) == 0;
        return true;
      }
    }
    dirty |= unclean;
    high |= above;
  }
  return false;
}

// *at is the opening quote; afterwards what ends the field, or where it went wrong.
CsvParser::Field CsvParser::QuotedField(std::string_view text, size_t* at, ParsedRecord* record,
                                        ParsedRecord::Span* span, Failure* failure) {
  const size_t open = *at;
  if (open >= doomed_base_ && open - doomed_base_ < doomed_.size() && doomed_[open - doomed_base_]) {
    *failure = doom_;
    return doom_.why;
  }
  tried_.push_back(open);
  const std::string_view reach = text.substr(0, std::min(text.size(), open + kQuoteBytes + 1));
  size_t from = open + 1;
  for (;;) {
    size_t quote = from < reach.size() ? reach.find('"', from) : std::string_view::npos;
    if (quote == std::string_view::npos) {
      *failure = {Field::kUnclosed, reach.size(), open};
      return Field::kUnclosed;
    }
    from = quote + 1;
    if (from == text.size() || text[from] != '"') break;
    span->doubled = true;
    ++from;
  }
  const std::string_view inside = text.substr(open + 1, from - open - 2);
  for (size_t i = 0; i < inside.size(); ++i) {
    if (!IsLineEnd(inside[i])) continue;
    i += LineEndSize(inside, i) - 1;
    ++record->lines;
  }
  span->end = from;
  while (from < text.size() && grammar_.IsBlank(text[from])) ++from;
  *at = from;
  if (from == text.size() || IsLineEnd(text[from])) return Field::kLineEnd;
  if (text[from] == grammar_.delimiter) return Field::kDelimiter;
  *failure = {Field::kBad, from, from};
  return Field::kBad;
}

void CsvParser::ParseAny(std::string_view text, size_t at, ParsedRecord* record) {
  record->spans.clear();
  record->spanned = true;
  record->json_clean = false;
  record->lines = 1;
  record->field_count = 0;
  tried_.clear();
  Failure failure;
  size_t i = at;
  for (Field ended = Field::kDelimiter; ended != Field::kLineEnd;) {
    ParsedRecord::Span span{i, i, false, false};
    if (i < text.size() && text[i] == '"') {
      span.quoted = true;
      record->plain = false;
      ended = QuotedField(text, &i, record, &span, &failure);
      if (ended == Field::kBad || ended == Field::kUnclosed) return BreakOff(text, at, failure, record);
    } else {
      while (i < text.size() && text[i] != grammar_.delimiter && !IsLineEnd(text[i])) ++i;
      span.end = i;
      ended = i < text.size() && text[i] == grammar_.delimiter ? Field::kDelimiter : Field::kLineEnd;
    }
    if (record->field_count++ < kMaxFields)
      record->spans.push_back({span.begin - at, span.end - at, span.quoted, span.doubled});
    if (ended == Field::kDelimiter) ++i;
  }
  record->kind = RecordKind::kRow;
  FinishRecord(text, at, i, record);
  if (record->field_count == 1 && record->plain && IsBlankLine(grammar_, record->raw))
    record->kind = RecordKind::kBlank;
  FillFields(record);
}

// The record is broken: its first physical line is all of it.
void CsvParser::BreakOff(std::string_view text, size_t at, Failure failure, ParsedRecord* record) {
  if (failure != doom_) {
    doomed_.clear();
    doomed_base_ = at;
    doom_ = failure;
  }
  for (size_t open : tried_) {
    if (doomed_.size() <= open - doomed_base_) doomed_.resize(open - doomed_base_ + 1);
    doomed_[open - doomed_base_] = true;
  }
  record->kind = failure.why == Field::kBad ? RecordKind::kBadQuote : RecordKind::kUnclosedQuote;
  record->bad_at = failure.bad_at;
  size_t line_end = std::min(text.find_first_of("\r\n", at), text.size());
  record->lines = 1;
  record->field_count = 0;
  record->plain = false;
  FinishRecord(text, at, line_end, record);
}

void CsvParser::FinishRecord(std::string_view text, size_t at, size_t line_end, ParsedRecord* record) const {
  record->raw = text.substr(at, line_end - at);
  record->size = record->raw.size() + LineEndSize(text, line_end);
  unsigned all = 0;
  for (char c : record->raw) all |= static_cast<unsigned char>(c);
  record->ascii = all < 0x80;
}

void CsvParser::FillFields(ParsedRecord* record) const {
  if (record->fields.size() < record->spans.size()) record->fields.resize(record->spans.size());
  record->arena.clear();
  record->arena.reserve(record->raw.size());  // never grows below, so that views into it stay
  for (size_t i = 0; i < record->spans.size(); ++i) {
    const ParsedRecord::Span& s = record->spans[i];
    std::string_view field = record->raw.substr(s.begin, s.end - s.begin);
    if (s.quoted) field = field.substr(1, field.size() - 2);
    if (s.doubled) {
      size_t begin = record->arena.size();
      for (size_t from = 0;;) {
        size_t quote = field.find('"', from);
        record->arena.append(field.substr(from, quote == std::string_view::npos ? quote : quote + 1 - from));
        if (quote == std::string_view::npos) break;
        from = quote + 2;
      }
      field = {record->arena.data() + begin, record->arena.size() - begin};
    }
    record->fields[i] = field;
  }
}

}  // namespace migrate::extract
