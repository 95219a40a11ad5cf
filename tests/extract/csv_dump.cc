// csv_dump FILE [DELIMITER [CHUNK_BYTES]]: one JSON line a row of a CSV file, {"line":2,"offset":9,"row":[...]} or
// {"line":2,"offset":9,"reject":"bad_quote","raw":"<base64>"}, after {"columns":[...]}. csv_differential.py compares
// this with Python's csv module. Exit 1 if the scanner's count differs from the parser's.
#include <fmt/core.h>

#include <cstdlib>

#include "migrate/base/bytes.h"
#include "migrate/extract/source.h"
#include "migrate/record/payload.h"

namespace {

struct Printer : migrate::extract::RowSink {
  uint64_t rows = 0;
  migrate::Status OnRow(const migrate::RawRow& row) override {
    ++rows;
    fmt::print("{{\"line\":{},\"offset\":{},\"row\":{}}}\n", row.place.line, row.place.byte_offset, row.payload);
    return {};
  }
  migrate::Status OnReject(const migrate::Reject& reject) override {
    ++rows;
    fmt::print("{{\"line\":{},\"offset\":{},\"reject\":\"{}\",\"raw\":\"{}\"}}\n", reject.place.line,
               reject.place.byte_offset, reject.reason, migrate::Base64(reject.raw));
    return {};
  }
};

migrate::Status Dump(const std::string& path, const migrate::extract::CsvOptions& options) {
  MIGRATE_ASSIGN(auto reader, migrate::extract::OpenCsv(path, options));
  std::string names;
  migrate::PayloadWriter writer(&names);
  for (const auto& column : reader->columns()) writer.Text(column.name);
  writer.Finish();
  fmt::print("{{\"columns\":{}}}\n", names);
  Printer printer;
  uint64_t counted = 0;
  for (;;) {
    MIGRATE_ASSIGN(auto chunk, reader->Next());
    if (!chunk) break;
    counted += chunk->counted;
    MIGRATE_TRY(reader->Read(*chunk, printer));
  }
  if (counted != printer.rows)
    return migrate::Status::Failed(fmt::format("scanner counts {} rows, parser {}", counted, printer.rows));
  return reader->Finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    fmt::print(stderr, "usage: csv_dump FILE [DELIMITER [CHUNK_BYTES]]\n");
    return 2;
  }
  migrate::extract::CsvOptions options;
  options.encoding = "utf-8";
  if (argc > 2) options.delimiter = argv[2];
  if (argc > 3) options.chunk_bytes = std::strtoull(argv[3], nullptr, 10);
  migrate::Status status = Dump(argv[1], options);
  if (status.ok()) return 0;
  fmt::print(stderr, "{}\n", status.message());
  return 1;
}
