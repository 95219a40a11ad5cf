// Whole CSV files of arbitrary bytes, from the disk to rows: packing, UTF-16, delimiter and encoding as found or as
// declared, header, chunks, rows and rejects. The first byte chooses the encoding and the packing, the second the size
// of chunks and whether the first column is the key; the rest is the file. Checked: the books of every chunk balance;
// rows do not depend on the size of chunks, nor on the packing; a payload has a cell a column; and of a file that is
// not transcoded every row and reject gives back its bytes as they lie in the file, in order and with nothing but line
// ends and repeated headers between them.
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "migrate/extract/source.h"
#include "migrate/record/payload.h"

namespace {

using migrate::fuzz::Check;

struct Seen {
  bool reject;
  uint64_t row, line, at;
  std::string key, payload, raw, sha256;
  bool operator==(const Seen&) const = default;
};

class Sink : public migrate::extract::RowSink {
 public:
  Sink(std::string_view delimiter, size_t columns) : delimiter_(delimiter), columns_(columns) {}
  migrate::Status OnRow(const migrate::RawRow& r) override {
    Check(migrate::DecodePayload(r.payload, &decoded_).ok(), "a payload is one");
    Check(decoded_.cells.size() == columns_, "with a cell a column");
    seen.push_back({false, r.place.row, r.place.line, r.place.byte_offset, std::string(r.source_key),
                    std::string(r.payload), migrate::OriginalBytes(r.raw, r.payload, delimiter_),
                    std::string(migrate::AsView(r.row_sha256))});
    return {};
  }
  migrate::Status OnReject(const migrate::Reject& r) override {
    Check(!r.reason.empty(), "a reject has a reason");
    seen.push_back({true, r.place.row, r.place.line, r.place.byte_offset, r.source_key, r.reason, r.raw, r.detail});
    return {};
  }
  std::vector<Seen> seen;

 private:
  const std::string_view delimiter_;
  const size_t columns_;
  migrate::DecodedRow decoded_;
};

struct File {
  bool opened = false, as_it_lies = true;
  std::vector<std::string> columns;
  std::vector<Seen> rows;
};

File Read(const std::string& bytes, const migrate::extract::CsvOptions& options) {
  migrate::fuzz::MemoryFile file(bytes);
  File out;
  auto reader = migrate::extract::OpenCsv(file.path(), options);
  if (!reader.ok()) return Check(!reader.status().message().empty(), "a refusal says why"), out;
  out.opened = true;
  for (const auto& column : (*reader)->columns()) out.columns.push_back(column.name);
  for (const std::string& finding : (*reader)->Findings())
    if (finding.starts_with("packed") || finding.starts_with("UTF-16")) out.as_it_lies = false;
  Sink sink((*reader)->RawDelimiter(), out.columns.size());
  for (;;) {
    auto chunk = (*reader)->Next();
    // Of what fits into memory only a damaged archive fails here.
    if (!chunk.ok())
      return Check(!out.as_it_lies, "a file that was opened is read to its end"), out.opened = false, out;
    if (!*chunk) break;
    const size_t before = sink.seen.size();
    Check((*reader)->Read(**chunk, sink).ok(), "a chunk is read");
    Check(sink.seen.size() - before == (*chunk)->counted, "the books of a chunk balance");
  }
  Check((*reader)->Finish().ok(), "the file did not change");
  out.rows = std::move(sink.seen);
  return out;
}

std::string Gzip(const std::string& bytes) {
  z_stream z{};
  Check(deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK, "gzip");
  std::string out(deflateBound(&z, bytes.size()) + 32, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  z.avail_in = static_cast<uInt>(bytes.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  Check(deflate(&z, Z_FINISH) == Z_STREAM_END, "gzip");
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string Zstd(const std::string& bytes) {
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

void CheckBytes(const std::string& file, const std::vector<Seen>& rows) {
  uint64_t end = 0, row = 0;
  for (const Seen& r : rows) {
    Check(r.at >= end && r.at <= file.size(), "rows lie in the file, one behind the other");
    Check(r.row > row, "and are numbered in its order");
    Check(r.line > 0, "with a line");
    Check(file.compare(r.at, r.raw.size(), r.raw) == 0, "and give back their bytes");
    end = r.at + r.raw.size();
    Check(end == file.size() || file[end] == '\n' || file[end] == '\r', "up to the line end");
    row = r.row;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  static constexpr const char* kEncodings[] = {"", "", "utf-8", "latin-1", "windows-1252", "utf-16", "", ""};
  const std::string file(migrate::fuzz::View(data + 2, size - 2));
  migrate::extract::CsvOptions options;
  options.source = "s";
  options.encoding = kEncodings[data[0] & 7];
  File whole = Read(file, options);
  if (!whole.opened) return 0;
  if ((data[1] & 0x80) != 0 && !whole.columns.empty()) {
    options.key = {whole.columns[0]};
    whole = Read(file, options);
    Check(whole.opened, "a column that is there can be the key");
  }
  if (whole.as_it_lies) CheckBytes(file, whole.rows);
  options.chunk_bytes = 1 + (data[1] & 0x7f) * 3;
  const bool packs = whole.as_it_lies || !file.starts_with("\x1f\x8b");
  const unsigned packing = data[0] >> 3 & 3;
  const std::string packed = packing == 1 && packs ? Gzip(file) : packing == 2 && packs ? Zstd(file) : file;
  const File parts = Read(packed, options);
  // An archive in an archive is unpacked once, and then is no text.
  if (packed != file && (file.starts_with("\x28\xb5\x2f\xfd") || file.starts_with("\x1f\x8b"))) return 0;
  Check(parts.opened && parts.columns == whole.columns, "the same columns in chunks, and unpacked");
  Check(parts.rows == whole.rows, "the same rows in chunks, and unpacked");
  return 0;
}
