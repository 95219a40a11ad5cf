#include "migrate/extract/csv_scan.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "migrate/extract/byte_masks.h"

namespace migrate::extract {
namespace {

constexpr size_t kNone = ~size_t{0};
// A longer record leaves the fast path, which does not measure its quoted fields.
constexpr size_t kFastRecordBytes = kQuoteBytes / 2;
constexpr size_t kMaskBlocks = 32;

size_t Find(std::string_view text, char c, size_t from, size_t to) {
  if (from >= to) return kNone;
  const void* at = std::memchr(text.data() + from, c, to - from);
  return at == nullptr ? kNone : static_cast<size_t>(static_cast<const char*>(at) - text.data());
}

uint64_t CountLines(std::string_view text) {
  uint64_t lines = 0;
  for (size_t i = 0; i < text.size(); ++i)
    lines += text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
  return lines;
}

uint64_t BitsUpTo(uint64_t lowest_of) { return lowest_of ^ (lowest_of - 1); }

}  // namespace

CsvScanner::Cut CsvScanner::Scan(std::string_view text, uint64_t offset, size_t target, bool at_end) {
  Cut cut;
  do {
    FastStretch(text, std::min(target, text.size()), &cut);
    if (cut.end >= text.size() && at_end) break;
    switch (OneRecord(text, offset, cut.end, at_end, &cut)) {
      case Kind::kMore:
        return cut;
      case Kind::kRow:
        ++cut.rows;
        break;
      case Kind::kBlank:
        break;
    }
  } while (cut.end < target && (cut.end < text.size() || !at_end));
  cut.complete = true;
  return cut;
}

// Is the record that ends at line_end, whose bytes begin after the line end before it, blank?
bool CsvScanner::IsBlankBefore(std::string_view text, size_t first, size_t line_end) const {
  size_t i = line_end;
  while (!grammar_.one_column && i > first && grammar_.IsBlank(text[i - 1])) --i;
  return i == first || text[i - 1] == '\n' || text[i - 1] == '\r';
}

// Rows that end in this block. `gaps` are the bytes after which a line end may make a blank line; what they point at is
// looked at byte by byte.
uint64_t CsvScanner::CountRows(std::string_view text, size_t first, size_t block, uint64_t ends, uint64_t feeds,
                               uint64_t gaps) const {
  uint64_t rows = CountBits(ends);
  uint64_t doubtful = (ends & feeds & (gaps << 2 | 3)) | (ends & ~feeds & (gaps << 1 | 1));
  for (; doubtful != 0; doubtful &= doubtful - 1) {
    size_t at = block + static_cast<size_t>(std::countr_zero(doubtful));
    if (at > first && text[at] == '\n' && text[at - 1] == '\r') --at;
    rows -= IsBlankBefore(text, first, at);
  }
  return rows;
}

// By quote parity. That is exact as long as every opening quote (odd) stands after a delimiter, a line end or a closing
// quote (then the two are an escaped pair), and every closing quote (even) before a delimiter, a line end or an opening
// quote. The first quote that stands elsewhere ends the stretch before the record it lies in.
void CsvScanner::FastStretch(std::string_view text, size_t stop, Cut* cut) const {
  const char* t = text.data();
  const size_t first = cut->end;
  uint64_t in_quotes = 0;     // all ones where the block begins inside quotes
  uint64_t may_open = 1;      // bit 0: the byte before the block allows an opening quote
  uint64_t lines_before = 0;  // line ends of the open record that lie in earlier blocks
  BlockMasks masks[kMaskBlocks];
  // Few at first: where quotes are broken a stretch is short.
  size_t have = 0, used = 0, want = 4;
  for (size_t i = first; i + 65 <= stop && i - cut->end < kFastRecordBytes; i += 64) {
    if (used == have) {
      have = std::min(want, (stop - i - 1) / 64);
      used = 0;
      want = std::min(2 * want, kMaskBlocks);
      FindMasks(t + i, have, grammar_.delimiter, masks);
    }
    const BlockMasks& b = masks[used++];
    const uint64_t quotes = b.quote, feeds = b.feed, returns = b.carriage_return;
    uint64_t feeds_next = feeds >> 1 | static_cast<uint64_t>(t[i + 64] == '\n') << 63;
    uint64_t line_ends = feeds | (returns & ~feeds_next);
    uint64_t crlf = feeds & (returns << 1 | static_cast<uint64_t>(i > first && t[i - 1] == '\r'));
    uint64_t record_ends = line_ends, valid = ~uint64_t{0};
    if ((quotes | in_quotes) != 0) {
      uint64_t edges = b.delimiter | feeds | returns;
      uint64_t inside = PrefixXor(quotes) ^ in_quotes;
      uint64_t opening = quotes & inside, closing = quotes & ~inside;
      char next = t[i + 64];
      bool next_ok = next == grammar_.delimiter || next == '\n' || next == '\r' || next == '"';
      uint64_t wrong = (opening & ~((edges | closing) << 1 | may_open)) |
                       (closing & ~((edges | quotes) >> 1 | static_cast<uint64_t>(next_ok) << 63));
      record_ends &= ~inside;
      if (wrong != 0) valid = BitsUpTo(wrong & (~wrong + 1)) >> 1;
      may_open = (edges | closing) >> 63;
      in_quotes = (inside >> 63) != 0 ? ~uint64_t{0} : 0;
    } else if (record_ends == 0) {
      may_open = t[i + 63] == grammar_.delimiter || t[i + 63] == '\r';
      continue;
    } else {
      may_open = t[i + 63] == grammar_.delimiter || t[i + 63] == '\n' || t[i + 63] == '\r';
    }
    record_ends &= valid;
    if (record_ends != 0) {
      uint64_t gaps = feeds | returns | b.blank;
      cut->rows += CountRows(text, first, i, record_ends, crlf, gaps);
      auto last = static_cast<size_t>(63 - std::countl_zero(record_ends));
      uint64_t done = ~uint64_t{0} >> (63 - last);
      cut->lines += lines_before + CountBits(line_ends & done);
      lines_before = CountBits(line_ends & ~done);
      cut->end = i + last + 1;
    } else {
      lines_before += CountBits(line_ends);
    }
    if (valid != ~uint64_t{0}) return;
  }
}

CsvScanner::Kind CsvScanner::EndAt(std::string_view text, size_t begin, size_t line_end, bool at_end, Cut* cut) const {
  size_t end = line_end;
  if (end < text.size()) {
    if (text[end] == '\r' && end + 1 == text.size() && !at_end) return Kind::kMore;
    end += text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n' ? 2 : 1;
  }
  cut->lines += CountLines(text.substr(begin, end - begin)) + (line_end == text.size() ? 1 : 0);
  cut->end = end;
  bool blank = line_end == begin;
  if (!blank && !grammar_.one_column)
    blank = std::all_of(text.data() + begin, text.data() + line_end, [&](char c) { return grammar_.IsBlank(c); });
  return blank ? Kind::kBlank : Kind::kRow;
}

CsvScanner::Kind CsvScanner::Broken(std::string_view text, uint64_t offset, size_t begin, size_t failed_at, bool at_end,
                                    Cut* cut) {
  uint64_t failed_end = offset + failed_at;
  if (failed_end != failed_end_) {
    failed_.clear();
    failed_base_ = offset + begin;
    failed_end_ = failed_end;
  }
  for (uint64_t open : opens_) {
    if (failed_.size() <= open - failed_base_) failed_.resize(open - failed_base_ + 1);
    failed_[open - failed_base_] = true;
  }
  cut->looked = std::max(cut->looked, failed_end);
  size_t i = begin;
  while (i < text.size() && text[i] != '\n' && text[i] != '\r') ++i;
  if (i == text.size() && !at_end) return Kind::kMore;
  // A broken line holds a quote, so it is never blank.
  return EndAt(text, begin, i, at_end, cut);
}

CsvScanner::Kind CsvScanner::OneRecord(std::string_view text, uint64_t offset, size_t begin, bool at_end, Cut* cut) {
  const size_t n = text.size();
  const Kind short_of = at_end ? Kind::kRow : Kind::kMore;
  opens_.clear();
  for (size_t i = begin;;) {  // a field a turn
    if (i < n && text[i] == '"') {
      uint64_t open = offset + i;
      if (open >= failed_base_ && open - failed_base_ < failed_.size() && failed_[open - failed_base_])
        return Broken(text, offset, begin, failed_end_ - offset, at_end, cut);
      opens_.push_back(open);
      const size_t limit = i + 1 + kQuoteBytes;
      for (++i;; ++i) {
        i = Find(text, '"', i, std::min(limit, n));
        if (i == kNone && limit > n && !at_end) return Kind::kMore;
        if (i == kNone) return Broken(text, offset, begin, std::min(limit, n), at_end, cut);
        if (++i == n || text[i] != '"') break;
      }
      while (i < n && grammar_.IsBlank(text[i])) ++i;
      if (i == n && !at_end) return Kind::kMore;
      if (i < n && text[i] != grammar_.delimiter && text[i] != '\n' && text[i] != '\r')
        return Broken(text, offset, begin, i + 1, at_end, cut);
    } else {
      while (i < n && text[i] != grammar_.delimiter && text[i] != '\n' && text[i] != '\r') ++i;
    }
    if (i == n && short_of == Kind::kMore) return Kind::kMore;
    if (i == n || text[i] != grammar_.delimiter) return EndAt(text, begin, i, at_end, cut);
    ++i;
  }
}

}  // namespace migrate::extract
