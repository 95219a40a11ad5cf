// The encodings of CSV files and their way to UTF-8. All are supersets of ASCII, so delimiters, quotes and line ends
// are found before decoding (UTF-16 is transcoded by the byte stream).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace migrate::extract {

enum class Encoding : uint8_t {
  kUtf8,         // RFC 3629
  kLatin1,       // ISO-8859-1: every byte is the character of that number
  kWindows1252,  // Microsoft's; 81 8D 8F 90 9D are undefined
};
std::string_view EncodingName(Encoding encoding);
// "utf-8", "utf8", "latin-1", "iso-8859-1", "windows-1252", "cp1252", in any case; nullopt for others.
std::optional<Encoding> EncodingByName(std::string_view name);

// Position of the first byte that is no text in the encoding; npos if all is well.
size_t FirstUndecodable(Encoding encoding, std::string_view bytes);
// Appends the bytes as UTF-8; they must be decodable.
void AppendUtf8(Encoding encoding, std::string_view bytes, std::string* out);

// What speaks for and against UTF-8 in a sample. A sequence that the sample's end cuts off counts for neither.
struct Utf8Evidence {
  uint64_t valid = 0;    // multi-byte sequences
  uint64_t invalid = 0;  // bytes that belong to none
};
Utf8Evidence WeighUtf8(std::string_view sample);

}  // namespace migrate::extract
