// The Source seam: every kind of input (a CSV file, a SQLite table, later a MySQL query) is opened as a Reader, which
// cuts it into chunks and turns the rows of a chunk into RawRows.
//
//   MIGRATE_ASSIGN(auto reader, OpenCsv(path, options));         // header read, dialect found
//   while (true) {                                               // any number of threads may run this loop
//     MIGRATE_ASSIGN(std::optional<Chunk> chunk, reader->Next()); // in order; serialised inside
//     if (!chunk) break;
//     MIGRATE_TRY(reader->Read(*chunk, sink));                   // each thread has a sink of its own
//   }
//   MIGRATE_TRY(reader->Finish());                               // did the input change while it was read?
//
// Chunks depend on the input alone (size about kChunkBytes), never on threads: so artifacts are the same for any number
// of threads, and a chunk that was finished before a crash is skipped by its index. Each chunk carries `counted`, the
// number of rows by a path that is independent of the one that parses them (the books' "counted").
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/record/record.h"

namespace migrate::extract {

inline constexpr uint64_t kChunkBytes = 4 << 20;

struct Column {
  std::string name;  // trimmed; as the source spells it
  std::string type;  // declared type, "" for CSV
};

struct Chunk {
  uint32_t index = 0;     // from 0, in order
  Place begin;            // where it begins: row is the number of its first row, line and byte_offset are
                          // of its first byte (maybe of a blank line); file is the caller's to set
  uint64_t byte_end = 0;  // CSV: one past its last byte in the unpacked file; chunks tile the file after
                          // the header
  uint64_t counted = 0;   // rows in it, by the independent count
  std::string bytes;      // CSV: the chunk's bytes as they lie (source encoding), then the look-ahead of its
                          // broken quotes; views and queries: the rows, encoded
  int64_t key_low = 0, key_high = 0;  // tables: range of rowids or row numbers
  // Tables of a server: the keys behind which it begins and with which it ends, as the reader writes them ("" is: the
  // first, the last), for a reader that goes on later; and the snapshot that it belongs to. Both keys are "" where a
  // reader cannot go on.
  std::string low = {}, high = {}, snapshot = {};
};

// Receives the rows of one chunk in order. The views of a row live until the call returns.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Status OnRow(const RawRow& row) = 0;
  virtual Status OnReject(const Reject& reject) = 0;
};

class Reader {
 public:
  virtual ~Reader() = default;
  virtual const std::vector<Column>& columns() const = 0;
  // What was found, with its evidence, one line a fact ("delimiter ';' (in the header and 200 of 200 rows)").
  virtual std::vector<std::string> Findings() const = 0;
  // The next chunk, nullopt at the end. Thread-safe. After an error every call gives that error.
  virtual Result<std::optional<Chunk>> Next() = 0;
  // The rows of a chunk: every row goes to exactly one of OnRow and OnReject. Thread-safe for different chunks.
  virtual Status Read(const Chunk& chunk, RowSink& sink) const = 0;
  // After the last chunk: error if the input changed while it was read.
  virtual Status Finish() = 0;
  // How a RawRow whose `raw` is "" is put together again: its texts joined by this ("" for tables: raw is the payload).
  virtual std::string_view RawDelimiter() const = 0;
};

struct CsvOptions {
  std::string source;                  // its name, for keys and digests
  Sha256 file_sha256{};                // of the file as it lies: first 16 hex digits make the key of keyless rows
  std::vector<std::string> key;        // key columns; empty: position in the file
  std::string encoding;                // "" is: found
  std::string delimiter;               // "" is: found
  uint64_t chunk_bytes = kChunkBytes;  // a chunk ends with the record that reaches this size
  // What the file was when the caller looked at it first (and hashed it): opening it is an error if it is another now.
  std::optional<FileStat> expected = std::nullopt;
};

// Opens a CSV file (plain, .gz or .zst, told by its magic bytes): finds encoding, delimiter and header; the grammar is
// in csv_grammar.h. Column names are trimmed, and made unique by "_2", "_3". A file without any line has no columns and
// no chunks. Errors: missing, unreadable, a folder, a truncated archive, a header with a broken quote, a record that
// does not end within 64 MiB; a key column that the header lacks (kPlan).
// Rejects (record/reasons.h): broken quotes, wrong number of fields, bytes that are not in the encoding, a repeated
// header line, a record over 16 MiB, a key that is empty or over 512 bytes. The source_key of a reject is given where
// it is sure: by position, or from a row of the right width, or from the first columns of a ragged one. Memory:
// chunk_bytes a chunk; of a broken or long record up to 64 MiB more.
Result<std::unique_ptr<Reader>> OpenCsv(const std::string& path, const CsvOptions& options);

struct SqliteOptions {
  std::string source;
  std::string table, query;      // one of them; a table may be a view
  std::vector<std::string> key;  // needed for rows; without it the columns can be looked at
  int busy_ms = 5000;            // how long a writer that holds the database is waited for
  uint32_t chunk_rows = 16384;
};

// Opens a SQLite database read-only, with one snapshot for all its readers. Errors: not a database (kPlan), corrupt,
// locked by a writer (after busy_ms), no such table or column (kPlan, with the names that exist).
// A table with rowids is cut into stretches of chunk_rows rows that tile all rowids there can be. Each is counted by
// SQLite (COUNT(*) over its range) and read, by a connection of its own, either page by page in the documented file
// format (ordinary tables of a UTF-8 database that is one file) or by SQLite (generated columns, UTF-16, beside a
// write-ahead log, and from the first row on that is not as the format says). Views, queries and tables without rowids
// are read in one pass ordered by the key columns; each chunk then holds its rows, and one COUNT(*) over the same query
// stands against all of them: every chunk but the last counts what it holds, the last what is missing from the total.
// No file is created beside the database: one in WAL mode whose -wal file is gone is opened as immutable.
Result<std::unique_ptr<Reader>> OpenSqlite(const std::string& path, const SqliteOptions& options);

// Appends the source_key of a row: the text of the one key cell, or a JSON array of the texts of several. False if one
// of them is NULL or empty.
bool AppendSourceKey(const std::vector<Cell>& row, const std::vector<uint32_t>& key_columns, std::string* key);

}  // namespace migrate::extract
