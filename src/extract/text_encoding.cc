#include "migrate/extract/text_encoding.h"

#include <algorithm>
#include <array>

namespace migrate::extract {
namespace {

// Bytes 80..9F of windows-1252 as code points, 0 for the undefined ones (Unicode's CP1252.TXT).
constexpr std::array<uint16_t, 32> kWindowsHigh = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                                   0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

enum class Found { kSequence, kCutOff, kInvalid };

// The sequence at bytes[i] (0x80 or above), by table 3-7 of the Unicode Standard. *size is what to step over: for an
// invalid one its maximal valid beginning, at least one byte.
Found Utf8Sequence(std::string_view bytes, size_t i, size_t* size) {
  auto lead = static_cast<uint8_t>(bytes[i]);
  uint8_t low = 0x80, high = 0xBF;
  size_t need = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  *size = 1;
  if (need == 0) return Found::kInvalid;
  for (; *size < need; ++*size) {
    if (i + *size == bytes.size()) return Found::kCutOff;
    auto next = static_cast<uint8_t>(bytes[i + *size]);
    if (next < low || next > high) return Found::kInvalid;
    low = 0x80;
    high = 0xBF;
  }
  return Found::kSequence;
}

void AppendCodePoint(uint32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 63)));
  } else {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 63)));
    out->push_back(static_cast<char>(0x80 | (c & 63)));
  }
}

}  // namespace

std::string_view EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kUtf8:
      return "utf-8";
    case Encoding::kLatin1:
      return "latin-1";
    case Encoding::kWindows1252:
      break;
  }
  return "windows-1252";
}

std::optional<Encoding> EncodingByName(std::string_view name) {
  std::string lower(name);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower == "utf-8" || lower == "utf8") return Encoding::kUtf8;
  if (lower == "latin-1" || lower == "latin1" || lower == "iso-8859-1") return Encoding::kLatin1;
  if (lower == "windows-1252" || lower == "cp1252") return Encoding::kWindows1252;
  return std::nullopt;
}

size_t FirstUndecodable(Encoding encoding, std::string_view bytes) {
  if (encoding == Encoding::kLatin1) return std::string_view::npos;
  for (size_t i = 0; i < bytes.size();) {
    auto b = static_cast<uint8_t>(bytes[i]);
    size_t size = 1;
    if (encoding == Encoding::kWindows1252) {
      if (b >= 0x80 && b < 0xA0 && kWindowsHigh[b - 0x80u] == 0) return i;
    } else if (b >= 0x80 && Utf8Sequence(bytes, i, &size) != Found::kSequence) {
      return i;
    }
    i += size;
  }
  return std::string_view::npos;
}

void AppendUtf8(Encoding encoding, std::string_view bytes, std::string* out) {
  if (encoding == Encoding::kUtf8) {
    out->append(bytes);
    return;
  }
  for (char c : bytes) {
    auto b = static_cast<uint8_t>(c);
    bool mapped = encoding == Encoding::kWindows1252 && b >= 0x80 && b < 0xA0;
    AppendCodePoint(mapped ? kWindowsHigh[b - 0x80u] : b, out);
  }
}

Utf8Evidence WeighUtf8(std::string_view sample) {
  Utf8Evidence found;
  for (size_t i = 0; i < sample.size();) {
    size_t size = 1;
    if ((sample[i] & 0x80) != 0) {
      switch (Utf8Sequence(sample, i, &size)) {
        case Found::kSequence:
          ++found.valid;
          break;
        case Found::kInvalid:
          ++found.invalid;
          break;
        case Found::kCutOff:
          return found;
      }
    }
    i += size;
  }
  return found;
}

}  // namespace migrate::extract
