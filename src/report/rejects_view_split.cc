// The original bytes of a reject: cut into columns as far as they go, and made printable.
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "migrate/base/bytes.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"
#include "migrate/report/rejects_view.h"

namespace migrate::report {
namespace {

constexpr size_t kNone = RejectColumns::kNone;

// Length of the UTF-8 character that begins at `i`; 0 if none does.
size_t CharacterAt(std::string_view bytes, size_t i) {
  for (size_t n = 1; n <= 4 && i + n <= bytes.size(); ++n)
    if (IsUtf8(bytes.substr(i, n))) return n;
  return 0;
}

// "... at byte N ..." names a byte of the unpacked file.
size_t ByteOfDetail(const RejectRow& row, size_t size) {
  constexpr std::string_view kWords = "at byte ";
  size_t at = row.detail.find(kWords);
  // The value before it may be anything; the words stand last.
  for (size_t next = at; next != std::string::npos; next = row.detail.find(kWords, next + 1)) at = next;
  if (at == std::string::npos) return kNone;
  const uint64_t byte = std::strtoull(row.detail.c_str() + at + kWords.size(), nullptr, 10);
  if (byte < row.byte_offset || byte - row.byte_offset > size) return kNone;
  return static_cast<size_t>(byte - row.byte_offset);
}

// Cuts leniently: a quote that is broken ends the cutting, with the rest as the last value.
void SplitText(std::string_view raw, char delimiter, RejectColumns* out, std::vector<size_t>* begins) {
  for (size_t at = 0;;) {
    begins->push_back(at);
    std::string value;
    if (at < raw.size() && raw[at] == '"') {
      size_t i = at + 1;
      for (;;) {
        i = raw.find('"', i);
        if (i == std::string_view::npos) {
          out->values.emplace_back(raw.substr(at));
          out->broke_at = at;
          return;
        }
        if (i + 1 >= raw.size() || raw[i + 1] != '"') break;
        i += 2;
      }
      const std::string_view inside = raw.substr(at + 1, i - at - 1);
      for (size_t k = 0; k < inside.size(); ++k) {
        value.push_back(inside[k]);
        if (inside[k] == '"') ++k;
      }
      size_t end = i + 1;
      while (end < raw.size() && (raw[end] == ' ' || raw[end] == '\t') && raw[end] != delimiter) ++end;
      if (end < raw.size() && raw[end] != delimiter) {
        out->values.emplace_back(raw.substr(at));
        out->broke_at = end;
        return;
      }
      at = end;
    } else {
      const size_t end = std::min(raw.find(delimiter, at), raw.size());
      value = raw.substr(at, end - at);
      at = end;
    }
    out->values.push_back(std::move(value));
    if (at >= raw.size()) return;
    ++at;
  }
}

void SplitTable(const RejectDetail& reject, RejectColumns* out) {
  DecodedRow row;
  if (!DecodePayload(reject.raw, &row).ok()) return;
  for (const Cell& c : row.cells) out->values.emplace_back(c.type == CellType::kNull ? "NULL" : std::string(c.bytes));
}

// The column that a detail names in quotes: "key column 'id' is empty".
size_t ColumnOfDetail(const RejectDetail& reject) {
  for (size_t c = 0; c < reject.columns.size(); ++c)
    if (reject.row.detail.find("column '" + reject.columns[c] + "'") != std::string::npos) return c;
  return kNone;
}

}  // namespace

RejectColumns SplitReject(const RejectDetail& reject, char delimiter) {
  RejectColumns out;
  std::vector<size_t> begins;
  const std::string& reason = reject.row.reason;
  if (reject.row.line == 0) {
    SplitTable(reject, &out);
    out.broke_column = ColumnOfDetail(reject);
    return out;
  }
  SplitText(reject.raw, delimiter, &out, &begins);
  const bool byte_named =
      reason == reasons::kUndecodable || reason == reasons::kBadQuote || reason == reasons::kUnclosedQuote;
  if (size_t at = ByteOfDetail(reject.row, reject.raw.size()); byte_named && at != kNone) out.broke_at = at;
  const size_t header = reject.columns.size();
  if (reason == reasons::kTooFewFields && header > 0 && out.values.size() < header) {
    out.broke_at = reject.raw.size();
    out.broke_column = out.values.size();
  } else if (reason == reasons::kTooManyFields && header > 0 && begins.size() > header) {
    out.broke_at = begins[header];
    out.broke_column = header;
  } else if (reason == reasons::kNullKey) {
    out.broke_column = ColumnOfDetail(reject);
    if (out.broke_column < begins.size()) out.broke_at = begins[out.broke_column];
  } else if (byte_named && out.broke_at != kNone) {
    out.broke_column =
        static_cast<size_t>(std::upper_bound(begins.begin(), begins.end(), out.broke_at) - begins.begin());
    if (out.broke_column > 0) --out.broke_column;
  }
  return out;
}

std::string Escaped(std::string_view bytes) {
  std::string out;
  for (size_t i = 0; i < bytes.size();) {
    const auto c = static_cast<uint8_t>(bytes[i]);
    const size_t n = CharacterAt(bytes, i);
    const bool c1 = n == 2 && c == 0xC2 && static_cast<uint8_t>(bytes[i + 1]) < 0xA0;  // control characters of Latin-1
    if (c == '\\' || c == '\n' || c == '\r' || c == '\t') {
      out += c == '\\' ? "\\\\" : c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
      ++i;
    } else if (n == 0 || c < 0x20 || c == 0x7F || c1) {
      for (size_t k = 0; k < std::max<size_t>(n, 1); ++k)
        out += fmt::format("\\x{:02X}", static_cast<uint8_t>(bytes[i + k]));
      i += std::max<size_t>(n, 1);
    } else {
      out.append(bytes.substr(i, n));
      i += n;
    }
  }
  return out;
}

}  // namespace migrate::report
