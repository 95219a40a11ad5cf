#include "migrate/extract/csv_index.h"

#include <algorithm>
#include <bit>

namespace migrate::extract {
namespace {

// Positions are written eight at a time, so up to eight beyond the last one.
constexpr size_t kSpare = 8;

}  // namespace

CsvIndex::CsvIndex(const CsvGrammar& grammar, std::string_view text)
    : grammar_(grammar),
      text_(text),
      masks_(kBlocks),
      delimiter_at_(kBlocks * 64 + kSpare),
      line_end_at_(kBlocks * 64) {}

void CsvIndex::NoteBlock(size_t block, uint64_t delimiters, uint64_t line_ends) {
  const auto base = static_cast<uint32_t>(block * 64);
  for (uint64_t m = line_ends; m != 0; m &= m - 1) {
    const uint64_t before = (m & (~m + 1)) - 1;
    line_end_at_[line_ends_++] = {
        base + static_cast<uint32_t>(std::countr_zero(m)),
        static_cast<uint32_t>(delimiters_) + static_cast<uint32_t>(CountBits(delimiters & before))};
  }
  uint32_t* out = delimiter_at_.data() + delimiters_;
  delimiters_ += CountBits(delimiters);
  // A fixed number of turns is foretold by the processor, the number of bits is not. Zero has bit 64: never read.
  for (uint64_t m = delimiters; m != 0; out += 8)
    for (size_t i = 0; i < 8; ++i, m &= m - 1) out[i] = base + static_cast<uint32_t>(std::countr_zero(m));
}

// Looks at the whole blocks from text[at] on.
void CsvIndex::Index(size_t at) {
  const size_t blocks = std::min(kBlocks, (text_.size() - at) / 64);
  window_ = at;
  delimiter_ = line_end_ = delimiters_ = line_ends_ = 0;
  FindMasks(text_.data() + at, blocks, grammar_.delimiter, masks_.data());
  uint64_t quotes = 0, unclean = 0, high = 0;
  for (size_t i = 0; i < blocks; ++i) {
    BlockMasks& m = masks_[i];
    m.unclean &= ~(m.delimiter | m.feed | m.carriage_return);
    quotes |= m.quote;
    unclean |= m.unclean;
    high |= m.high;
    // The LF of a CR LF belongs to the line end before it; where it begins a block, Next steps over it.
    NoteBlock(i, m.delimiter, m.carriage_return | (m.feed & ~(m.carriage_return << 1)));
  }
  quotes_ = quotes != 0;
  unclean_ = unclean != 0;
  high_ = high != 0;
}

bool CsvIndex::Any(uint64_t BlockMasks::*kind, size_t begin, size_t end) const {
  if (begin == end) return false;
  const size_t first = begin / 64, last = (end - 1) / 64;
  const uint64_t head = ~uint64_t{0} << begin % 64, tail = ~uint64_t{0} >> (63 - (end - 1) % 64);
  if (first == last) return (masks_[first].*kind & head & tail) != 0;
  uint64_t found = (masks_[first].*kind & head) | (masks_[last].*kind & tail);
  for (size_t i = first + 1; i < last; ++i) found |= masks_[i].*kind;
  return found != 0;
}

bool CsvIndex::Next(size_t at, ParsedRecord* record) {
  const size_t begin = at - window_;
  while (line_end_ < line_ends_ && line_end_at_[line_end_].at < begin) ++line_end_;
  if (line_end_ == line_ends_) {
    if (text_.size() - at < 64) return false;
    Index(at);
    return line_ends_ > 0 && Next(at, record);
  }
  while (delimiter_ < delimiters_ && delimiter_at_[delimiter_] < begin) ++delimiter_;
  const LineEnd line_end = line_end_at_[line_end_];
  const size_t end = line_end.at, count = line_end.delimiters - delimiter_ + 1;
  if (window_ + end + 1 >= text_.size() || (quotes_ && Any(&BlockMasks::quote, begin, end))) return false;
  if (record->fields.size() < count) record->fields.resize(count);
  const char* const t = text_.data() + window_;
  const char* field = t + begin;
  std::string_view* out = record->fields.data();
  const uint32_t* const delimiters = delimiter_at_.data() + delimiter_;
  for (size_t i = 0; i + 1 < count; ++i) {
    const char* d = t + delimiters[i];
    *out++ = {field, static_cast<size_t>(d - field)};
    field = d + 1;
  }
  *out = {field, static_cast<size_t>(t + end - field)};
  delimiter_ = line_end.delimiters;
  ++line_end_;
  record->raw = {t + begin, end - begin};
  record->size = end - begin + (t[end] == '\r' && t[end + 1] == '\n' ? 2 : 1);
  record->lines = 1;
  record->field_count = count;
  record->plain = true;
  record->spanned = false;
  record->bad_at = at;
  record->ascii = !high_ || !Any(&BlockMasks::high, begin, end);
  record->json_clean = !unclean_ || !Any(&BlockMasks::unclean, begin, end);
  record->kind = count == 1 && IsBlankLine(grammar_, record->raw) ? RecordKind::kBlank : RecordKind::kRow;
  return true;
}

}  // namespace migrate::extract
