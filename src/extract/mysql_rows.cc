#include "mysql_rows.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "migrate/extract/names.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"

namespace migrate::extract {

using store::MysqlKind;

namespace {

template <class Word>
Word Load(const char* p) {
  Word w;
  std::memcpy(&w, p, sizeof w);
  return w;
}

// A byte of `w` that is no ASCII, below 0x20, a quote or a backslash (Mycroft's zero-byte test); maybe also of one that
// is behind such a byte. Never 0 if there is one.
uint64_t Odd(uint64_t w) {
  constexpr uint64_t kOnes = 0x0101010101010101ULL, kHigh = 0x8080808080808080ULL;
  const auto zero = [](uint64_t x) { return (x - kOnes) & ~x; };
  return (w | (w - 0x20 * kOnes) | zero(w ^ ('"' * kOnes)) | zero(w ^ ('\\' * kOnes))) & kHigh;
}

// Is a text the same in JSON, and UTF-8 for sure? Words that overlap at the end spare a loop over single bytes: most
// values are shorter than three words.
bool IsPlain(std::string_view v) {
  const char* p = v.data();
  const size_t n = v.size();
  if (n >= 8) {
    uint64_t odd = Odd(Load<uint64_t>(p + n - 8));
    for (size_t i = 0; i + 8 < n; i += 8) odd |= Odd(Load<uint64_t>(p + i));
    return odd == 0;
  }
  constexpr uint64_t kBlanks = 0x2020202020202020ULL;
  if (n >= 4) return Odd(uint64_t{Load<uint32_t>(p + n - 4)} << 32 | Load<uint32_t>(p)) == 0;
  uint64_t w = kBlanks;
  for (size_t i = 0; i < n; ++i) w = w << 8 | static_cast<uint8_t>(p[i]);
  return Odd(w) == 0;
}

}  // namespace

MysqlRows::MysqlRows(const std::string& source, const std::vector<Column>& columns, const std::vector<uint32_t>& key,
                     const std::vector<MysqlKind>& kinds)
    : columns_(columns),
      kinds_(kinds),
      in_key_(kinds.size()),
      cells_(kinds.size()),
      numbers_(kinds.size()),
      payload_(4096, '\0'),
      row_(source, columns, key) {
  for (uint32_t k : key) in_key_[k] = true;
}

Cell MysqlRows::Make(size_t i, std::string_view v) {
  switch (kinds_[i]) {
    case MysqlKind::kInteger:
      // The zero year is written 0000, which is no number of JSON.
      return {v.size() > 1 && v[0] == '0' ? CellType::kText : CellType::kInteger, v};
    case MysqlKind::kFloat:
      return Number<float>(i, v);
    case MysqlKind::kDouble:
      return Number<double>(i, v);
    case MysqlKind::kBits: {
      uint64_t bits = 0;
      for (char c : v) bits = bits << 8 | static_cast<uint8_t>(c);
      numbers_[i] = std::to_string(bits);
      return {CellType::kInteger, numbers_[i]};
    }
    case MysqlKind::kBinary:
      return {CellType::kBytes, v};
    case MysqlKind::kDecimal:
    case MysqlKind::kText:
    case MysqlKind::kTime:
      break;
  }
  if (IsUtf8(v)) return {CellType::kText, v};
  if (damaged_ < 0) damaged_ = static_cast<int>(i);
  return {CellType::kBytes, v};
}

// A FLOAT comes as the double that it is exactly; its own shortest form is that of single precision.
template <class T>
Cell MysqlRows::Number(size_t i, std::string_view v) {
  double d = 0;
  std::from_chars(v.data(), v.data() + v.size(), d);
  std::string shortest = fmt::format("{}", static_cast<T>(d));
  double again = 0;
  std::from_chars(shortest.data(), shortest.data() + shortest.size(), again);
  std::string& text = numbers_[i];
  text.clear();
  PayloadWriter writer(&text);
  writer.Real(again);
  return {CellType::kReal, std::string_view(text).substr(1)};
}

char* MysqlRows::Room(size_t n) {
  if (payload_.size() - size_ < n) payload_.resize(std::max(2 * payload_.size(), size_ + n));
  return payload_.data() + size_;
}

void MysqlRows::Append(size_t i, std::string_view v) {
  const MysqlKind kind = kinds_[i];
  const bool text = kind == MysqlKind::kText || kind == MysqlKind::kTime || kind == MysqlKind::kDecimal;
  if (text && !in_key_[i] && IsPlain(v)) {
    char* out = Room(v.size() + 3);
    *out++ = '"';
    std::memcpy(out, v.data(), v.size());
    out[v.size()] = '"';
    out[v.size() + 1] = ',';
    size_ += v.size() + 3;
    return;
  }
  cells_[i] = Make(i, v);
  scratch_.clear();
  PayloadWriter writer(&scratch_);
  writer.Add(cells_[i]);
  scratch_.push_back(',');
  std::memcpy(Room(scratch_.size()), scratch_.data() + 1, scratch_.size() - 1);
  size_ += scratch_.size() - 1;
}

void MysqlRows::Make(const store::MysqlStream& stream) {
  MakeOf([&stream](size_t i) { return stream.Value(i); });
}

void MysqlRows::Make(const std::function<std::optional<std::string_view>(size_t)>& values) { MakeOf(values); }

template <class Values>
void MysqlRows::MakeOf(const Values& values) {
  damaged_ = -1;
  size_ = 1;
  payload_[0] = '[';
  for (size_t i = 0; i < kinds_.size(); ++i) {
    if (const auto v = values(i)) {
      Append(i, *v);
      continue;
    }
    cells_[i] = Cell{};
    std::memcpy(Room(5), "null,", 5);
    size_ += 5;
  }
  payload_[size_ - 1] = ']';  // in the place of the last comma
  row_.Take(std::string_view(payload_).substr(0, size_), cells_);
  if (damaged_ >= 0)
    row_.Refuse(reasons::kUndecodable,
                fmt::format("the server sent bytes that are no text in column '{}', which is one of text",
                            columns_[static_cast<size_t>(damaged_)].name));
}

}  // namespace migrate::extract
