#include "load_data_text.h"

#include <algorithm>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>

#include <bit>
#endif

namespace migrate::store {
namespace {

// What a byte becomes behind a backslash; 0: it needs none.
constexpr char Letter(char c) { return c == '\\' ? '\\' : c == '\t' ? 't' : c == '\n' ? 'n' : c == '\0' ? '0' : '\0'; }

char* EscapeByte(char c, char* out) {
  if (const char letter = Letter(c); letter != '\0') {
    *out++ = '\\';
    *out++ = letter;
  } else {
    *out++ = c;
  }
  return out;
}

constexpr size_t kStep = 16;

#if defined(__SSE2__)
// Copies 16 bytes; bit i of the result: byte i may need a backslash (all of the control characters up to \n do).
unsigned CopyStep(const char* p, char* out) {
  const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), v);
  const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8('\n')), v);
  return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(low, _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')))));
}
#endif

// Room for 2 * size + kStep bytes at `out`; the end of what was written.
char* Escape(std::string_view v, char* out) {
  const char *p = v.data(), *const end = p + v.size();
#if defined(__SSE2__)
  while (static_cast<size_t>(end - p) >= kStep) {
    const unsigned found = CopyStep(p, out);
    const auto plain = found == 0 ? kStep : static_cast<size_t>(std::countr_zero(found));
    p += plain;
    out += plain;
    if (found != 0) out = EscapeByte(*p++, out);
  }
  if (p == end) return out;
  char last[kStep];
  std::memset(last, 'x', sizeof last);
  std::memcpy(last, p, static_cast<size_t>(end - p));
  if (CopyStep(last, out) == 0) return out + (end - p);
#endif
  while (p < end) out = EscapeByte(*p++, out);
  return out;
}

}  // namespace

char* GrowingBytes::Room(size_t bytes) {
  if (capacity_ - size_ < bytes) {
    capacity_ = std::max(2 * capacity_, size_ + bytes + 1024);
    std::unique_ptr<char[]> larger(new char[capacity_]);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
  }
  return bytes_.get() + size_;
}

LoadDataText::LoadDataText(size_t columns, FilledColumns filled) : filled_(std::move(filled)), spans_(columns) {
  if (columns > 64) *filled_ = UINT64_MAX;
}

// A column that is given again replaces what it had.
void LoadDataText::Count(size_t column) {
  if (spans_[column].row == row_no_) return;
  spans_[column].row = row_no_;
  ++given_;
}

void LoadDataText::Give(size_t column, size_t begin) {
  Count(column);
  spans_[column].begin = begin;
  spans_[column].size = row_.size() - begin;
  spans_[column].null = false;
  if (column < 64) row_filled_ |= uint64_t{1} << column;
}

void LoadDataText::Null(size_t column) {
  Count(column);
  spans_[column].null = true;
}

void LoadDataText::Bytes(size_t column, std::string_view v) {
  const size_t begin = row_.size();
  row_.Grew(Escape(v, row_.Room(2 * v.size() + kStep)));
  Give(column, begin);
}

void LoadDataText::Plain(size_t column, std::string_view v) {
  const size_t begin = row_.size();
  char* out = row_.Room(v.size());
  std::memcpy(out, v.data(), v.size());
  row_.Grew(out + v.size());
  Give(column, begin);
}

void LoadDataText::AddRow() {
  if (rows_ == 0) batch_filled_ = *filled_ |= row_filled_;
  char* out = batch_.Room(row_.size() + 3 * spans_.size() + 1);
  char* const begin = out;
  for (size_t c = 0; c < spans_.size(); ++c) {
    if (!Has(batch_filled_, c)) continue;
    const Span& s = spans_[c];
    if (s.null) {
      *out++ = '\\';
      *out++ = 'N';
    } else {
      std::memcpy(out, row_.data() + s.begin, s.size);
      out += s.size;
    }
    *out++ = '\t';
  }
  if (out != begin) out[-1] = '\n';
  batch_.Grew(out);
  ++rows_;
  row_.Clear();
  row_filled_ = 0;
  given_ = 0;
  ++row_no_;
}

std::vector<size_t> LoadDataText::Columns() const {
  std::vector<size_t> columns;
  for (size_t c = 0; c < spans_.size(); ++c)
    if (Has(batch_filled_, c)) columns.push_back(c);
  return columns;
}

void LoadDataText::Clear() {
  batch_.Clear();
  rows_ = 0;
}

}  // namespace migrate::store
