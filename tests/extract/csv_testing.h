// Reading a whole CSV text through the Reader, for tests: the text goes to a file, comes back as rows and rejects in
// the order of the file, and every invariant of the chunks is checked on the way.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/hash.h"
#include "migrate/extract/source.h"

namespace migrate::extract {

// A file that lives as long as the object.
class TempFile {
 public:
  explicit TempFile(std::string_view bytes, const std::string& suffix = ".csv") {
    static int number = 0;
    path_ = (std::filesystem::temp_directory_path() /
             ("migrate_extract_" + std::to_string(::getpid()) + "_" + std::to_string(number++) + suffix))
                .string();
    File file = *File::Create(path_);
    EXPECT_TRUE(file.Write(bytes).ok());
  }
  ~TempFile() { ::unlink(path_.c_str()); }
  TempFile(const TempFile&) = delete;
  TempFile& operator=(const TempFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct Collected : RowSink {
  struct Item {
    bool reject = false;
    Place place;
    std::string key, payload, raw, reason, detail;
    Sha256 hash{};
    bool operator==(const Item& o) const {
      return reject == o.reject && place.row == o.place.row && place.line == o.place.line &&
             place.byte_offset == o.place.byte_offset && key == o.key && payload == o.payload && raw == o.raw &&
             reason == o.reason && detail == o.detail && hash == o.hash;
    }
  };
  std::vector<Item> items;
  Status OnRow(const RawRow& row) override {
    Item item;
    item.place = row.place;
    item.key = row.source_key;
    item.payload = row.payload;
    item.raw = row.raw;
    item.hash = row.row_sha256;
    items.push_back(item);
    return {};
  }
  Status OnReject(const Reject& reject) override {
    Item item;
    item.reject = true;
    item.place = reject.place;
    item.key = reject.source_key;
    item.raw = reject.raw;
    item.reason = reject.reason;
    item.detail = reject.detail;
    items.push_back(item);
    return {};
  }
};

struct ReadResult {
  Status status;
  std::vector<Column> columns;
  std::vector<std::string> findings;
  std::vector<Collected::Item> items;
  uint64_t chunks = 0, counted = 0;
};

// Checks: chunks tile the file after the header, each chunk's count is the number of its rows, rows are numbered
// without a gap, lines and offsets go on from chunk to chunk.
inline ReadResult ReadAll(Reader& reader) {
  ReadResult out;
  out.columns = reader.columns();
  out.findings = reader.Findings();
  uint64_t end = 0, row = 1;
  for (;;) {
    auto next = reader.Next();
    out.status = next.status();
    if (!next.ok() || !*next) break;
    const Chunk& chunk = **next;
    if (out.chunks > 0) {
      EXPECT_EQ(chunk.begin.byte_offset, end);
    }
    EXPECT_EQ(chunk.index, out.chunks);
    EXPECT_EQ(chunk.begin.row, row);
    Collected sink;
    out.status = reader.Read(chunk, sink);
    if (!out.status.ok()) break;
    EXPECT_EQ(chunk.counted, sink.items.size()) << "the scanner counts otherwise than the parser";
    for (const auto& item : sink.items) EXPECT_EQ(item.place.row, row++);
    out.items.insert(out.items.end(), sink.items.begin(), sink.items.end());
    out.counted += chunk.counted;
    end = chunk.byte_end;
    ++out.chunks;
  }
  if (out.status.ok()) out.status = reader.Finish();
  return out;
}

inline ReadResult ReadCsvFile(const std::string& path, CsvOptions options = {}) {
  if (options.source.empty()) options.source = "people";
  auto reader = OpenCsv(path, options);
  if (!reader.ok()) {
    ReadResult failed;
    failed.status = reader.status();
    return failed;
  }
  return ReadAll(**reader);
}

inline ReadResult ReadCsvText(std::string_view text, const CsvOptions& options = {}) {
  TempFile file(text);
  return ReadCsvFile(file.path(), options);
}

}  // namespace migrate::extract
