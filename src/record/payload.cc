#include "migrate/record/payload.h"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "migrate/base/bytes.h"

namespace migrate {
namespace {

// Does a byte need an escape in a JSON string?
constexpr std::array<bool, 256> kEscaped = [] {
  std::array<bool, 256> t{};
  for (size_t i = 0; i < 0x20; ++i) t[i] = true;
  t['"'] = t['\\'] = true;
  return t;
}();

size_t PlainPrefix(std::string_view s) {
  size_t i = 0;
  for (; i + 8 <= s.size(); i += 8) {
    uint64_t v;
    std::memcpy(&v, s.data() + i, 8);
    // Bytes below 0x20, '"' or '\\' set their high bit (Mycroft's zero-byte test). A byte that is none of these may do
    // so only behind one that is, so the first is exact.
    auto zero = [](uint64_t x) { return (x - 0x0101010101010101ULL) & ~x & 0x8080808080808080ULL; };
    uint64_t low = (v - 0x2020202020202020ULL) & ~v & 0x8080808080808080ULL;
    const uint64_t found = low | zero(v ^ 0x2222222222222222ULL) | zero(v ^ 0x5c5c5c5c5c5c5c5cULL);
    if (found == 0) continue;
    if constexpr (std::endian::native == std::endian::little)
      return i + static_cast<size_t>(std::countr_zero(found)) / 8;
    break;
  }
  while (i < s.size() && !kEscaped[static_cast<uint8_t>(s[i])]) ++i;
  return i;
}

void AppendEscape(std::string* out, char c) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out->append("\\\"");
      return;
    case '\\':
      out->append("\\\\");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    default:
      break;
  }
  out->append("\\u00");
  out->push_back(kHex[static_cast<uint8_t>(c) >> 4]);
  out->push_back(kHex[static_cast<uint8_t>(c) & 15]);
}

// A cursor over a payload; every method returns false on damage.
class Decoder {
 public:
  Decoder(std::string_view in, DecodedRow* row) : p_(in.data()), end_(p_ + in.size()), row_(row) {}

  bool Row() {
    if (!Eat('[')) return false;
    if (Eat(']')) return p_ == end_;
    do {
      if (!Value()) return false;
    } while (Eat(','));
    return Eat(']') && p_ == end_;
  }

 private:
  bool Eat(char c) {
    if (p_ == end_ || *p_ != c) return false;
    ++p_;
    return true;
  }
  bool EatWord(std::string_view w) {
    if (static_cast<size_t>(end_ - p_) < w.size() || std::string_view(p_, w.size()) != w) return false;
    p_ += w.size();
    return true;
  }
  bool Value() {
    Cell cell;
    if (p_ == end_) return false;
    if (*p_ == '"') {
      cell.type = CellType::kText;
      if (!String(&cell.bytes)) return false;
    } else if (*p_ == 'n') {
      if (!EatWord("null")) return false;
    } else if (*p_ == '{') {
      if (!Tagged(&cell)) return false;
    } else {
      if (!Number(&cell)) return false;
    }
    row_->cells.push_back(cell);
    return true;
  }
  bool Number(Cell* cell) {
    const char* begin = p_;
    cell->type = CellType::kInteger;
    for (; p_ < end_ && *p_ != ',' && *p_ != ']'; ++p_) {
      if (*p_ == '.' || *p_ == 'e')
        cell->type = CellType::kReal;
      else if ((*p_ < '0' || *p_ > '9') && *p_ != '-' && *p_ != '+')
        return false;
    }
    cell->bytes = {begin, static_cast<size_t>(p_ - begin)};
    return !cell->bytes.empty();
  }
  bool Tagged(Cell* cell) {
    std::string_view text;
    if (EatWord("{\"real\":")) {
      cell->type = CellType::kReal;
      if (!String(&text) || (text != "inf" && text != "-inf")) return false;
      cell->bytes = text;
      return Eat('}');
    }
    if (!EatWord("{\"base64\":") || !String(&text) || !Eat('}')) return false;
    auto bytes = Unbase64(text);
    if (!bytes) return false;
    cell->type = CellType::kBytes;
    size_t at = row_->arena.size();
    row_->arena.append(*bytes);
    cell->bytes = {row_->arena.data() + at, bytes->size()};
    return true;
  }
  bool String(std::string_view* text) {
    if (!Eat('"')) return false;
    const char* begin = p_;
    p_ += PlainPrefix({p_, static_cast<size_t>(end_ - p_)});
    if (p_ == end_) return false;
    if (*p_ == '"') {
      *text = {begin, static_cast<size_t>(p_ - begin)};
      ++p_;
      return true;
    }
    size_t at = row_->arena.size();
    row_->arena.append(begin, static_cast<size_t>(p_ - begin));
    while (p_ < end_ && *p_ != '"') {
      if (*p_ == '\\') {
        if (!Escape()) return false;
        continue;
      }
      size_t n = PlainPrefix({p_, static_cast<size_t>(end_ - p_)});
      if (n == 0) return false;
      row_->arena.append(p_, n);
      p_ += n;
    }
    if (!Eat('"')) return false;
    *text = {row_->arena.data() + at, row_->arena.size() - at};
    return true;
  }
  bool Escape() {
    if (end_ - p_ < 2) return false;
    char c = p_[1];
    p_ += 2;
    static constexpr std::string_view kFrom = "\"\\bfnrt", kTo = "\"\\\b\f\n\r\t";
    if (size_t i = kFrom.find(c); i != std::string_view::npos) {
      row_->arena.push_back(kTo[i]);
      return true;
    }
    if (c != 'u' || end_ - p_ < 4 || p_[0] != '0' || p_[1] != '0') return false;
    auto byte = Unhex({p_ + 2, 2});
    if (!byte) return false;
    row_->arena.append(*byte);
    p_ += 4;
    return true;
  }

  const char* p_;
  const char* end_;
  DecodedRow* row_;
};

}  // namespace

void PayloadWriter::Comma() {
  if (!first_) out_->push_back(',');
  first_ = false;
}

void PayloadWriter::Null() {
  Comma();
  out_->append("null");
}

void PayloadWriter::Text(std::string_view utf8) {
  Comma();
  AppendJsonString(out_, utf8);
}

void PayloadWriter::Integer(int64_t v) {
  Comma();
  char b[24];
  out_->append(b, static_cast<size_t>(std::to_chars(b, b + sizeof b, v).ptr - b));
}

void PayloadWriter::Real(double v) {
  Comma();
  if (std::isinf(v)) {
    out_->append(v > 0 ? R"({"real":"inf"})" : R"({"real":"-inf"})");
    return;
  }
  // The shortest digits are the same in both notations; which one is decided by size, as Python does it, and not by
  // length: a phone number in a column of reals stays 8005000000.0 and is no 8.005e+09.
  const double size = std::abs(v);
  const bool plain = size == 0 || (size >= 1e-4 && size < 1e16);
  char b[40];
  const auto end = std::to_chars(b, b + sizeof b, v, plain ? std::chars_format::fixed : std::chars_format::scientific);
  std::string_view text(b, static_cast<size_t>(end.ptr - b));
  out_->append(text);
  if (text.find_first_of(".e") == std::string_view::npos) out_->append(".0");
}

void PayloadWriter::Bytes(std::string_view bytes) {
  Comma();
  out_->append("{\"base64\":\"");
  out_->append(Base64(bytes));
  out_->append("\"}");
}

void PayloadWriter::Add(const Cell& cell) {
  switch (cell.type) {
    case CellType::kNull:
      return Null();
    case CellType::kText:
      return Text(cell.bytes);
    case CellType::kBytes:
      return Bytes(cell.bytes);
    case CellType::kInteger:
      break;
    case CellType::kReal:
      if (cell.bytes == "inf" || cell.bytes == "-inf") {
        Comma();
        out_->append("{\"real\":\"").append(cell.bytes).append("\"}");
        return;
      }
      break;
  }
  Comma();
  out_->append(cell.bytes);
}

void AppendJsonString(std::string* out, std::string_view s) {
  out->push_back('"');
  for (;;) {
    size_t n = PlainPrefix(s);
    out->append(s.data(), n);
    if (n == s.size()) break;
    AppendEscape(out, s[n]);
    s.remove_prefix(n + 1);
  }
  out->push_back('"');
}

Status DecodePayload(std::string_view payload, DecodedRow* row) {
  row->cells.clear();
  row->arena.clear();
  // Unescaped text is never longer than its escaped form, so the arena does not move while cells point into it.
  row->arena.reserve(payload.size());
  if (!Decoder(payload, row).Row()) return Status::Failed("payload is damaged: not a canonical JSON array");
  return {};
}

std::string OriginalBytes(std::string_view raw, std::string_view payload, std::string_view delimiter) {
  if (!raw.empty()) return std::string(raw);
  DecodedRow row;
  if (delimiter.empty() || !DecodePayload(payload, &row).ok()) return std::string(payload);
  std::string out;
  for (size_t i = 0; i < row.cells.size(); ++i) {
    if (i > 0) out += delimiter;
    out += row.cells[i].bytes;
  }
  return out;
}

}  // namespace migrate
