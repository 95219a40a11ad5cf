// A text file as a stream of bytes, whatever it is packed in: plain, gzip (RFC 1952, several members), or Zstandard
// (RFC 8878, several frames), told by the magic bytes and not by the name. UTF-16 (by its byte order mark, its zero
// bytes, or declared) comes out as UTF-8. Memory: under 1 MiB a stream, however large the file.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::extract {

class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills `buffer`; fewer than n bytes only at the end. An archive that is truncated or damaged is an error (kFailed)
  // that names the path and the offset in the packed file. Not thread-safe.
  virtual Result<size_t> Read(char* buffer, size_t n) = 0;
  // How many bytes of the file as it lies were used for what was read so far (up to a buffer of 64 KiB more).
  virtual uint64_t Consumed() const = 0;
};

// What the plan says of UTF-16; a byte order mark settles it whatever it says.
enum class Utf16 : uint8_t { kFind, kDeclared, kOther };
// Of the encoding that a plan declares; "" is none.
Utf16 Utf16Of(std::string_view encoding);

struct TextStream {
  std::unique_ptr<ByteStream> bytes;
  // Offset of the stream's first byte in the unpacked file: 3 after a UTF-8 byte order mark, else 0. For UTF-16 offsets
  // count in the UTF-8 text that comes out, without the mark.
  uint64_t first_offset = 0;
  bool utf8_mark = false;             // a UTF-8 byte order mark was there (and was taken off)
  bool utf16 = false;                 // the file is UTF-16 and is transcoded
  std::vector<std::string> findings;  // packing and marks, one line a fact
};

// kFind: a file without a mark is UTF-16 if its first four bytes are two ASCII characters of it, in either byte order;
// kDeclared: also if not, little-endian unless its first byte is zero (a finding says so if it has no zero byte at
// all); kOther: never. Files that are known to be no text (zip and with it Excel, xz, bzip2, a SQLite database) are an
// error that says what to do. What is not valid UTF-16 stays visible, so that its row is quarantined: a lone surrogate
// comes out as the three bytes that UTF-8 would use for it (which no UTF-8 decoder accepts), an odd last byte as the
// byte 0xFF.
Result<TextStream> OpenTextStream(const std::string& path, Utf16 utf16);

}  // namespace migrate::extract
