// What lies in segment blocks: raw rows and rejects (from extract), records (from normalize).
//
//   raw block    := (row | reject)*
//   row          := 0x00 step bytes(source_key) bytes(payload) sha256 bytes(raw)
//   reject       := 0x01 step bytes(source_key) bytes(reason) bytes(detail) bytes(raw)
//   step         := the place less the place before it in the block, modulo 2^64: varint row, varint line, varint
//                   byte_offset (in the first row of a block the place itself)
//   place        := varint row, varint line, varint byte_offset
//   bytes(x)     := varint length, the bytes
//   record block := record*, ascending by record_id within a partition
//   record       := fixed64 record_id, place, bytes(source_key), varint mask of the fields that follow, bytes(value)*,
//                   varint n, bytes(e-mail)*n, varint n, bytes(phone)*n, varint n, bytes(attribute)*n,
//                   varint opt_out, varint flags, bytes(payload), sha256, bytes(raw)
//
// A record in a segment costs about 130 bytes packed for 11 columns.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "migrate/base/bytes.h"
#include "migrate/record/record.h"
#include "migrate/spool/segment.h"

namespace migrate::spool {

void AppendRecord(const Record& record, std::string* block);

// Puts a raw block together. Memory: the block, at most twice its size.
class RawBlockWriter {
 public:
  void Add(const RawRow& row);
  void Add(const Reject& reject);
  std::string_view bytes() const { return {bytes_.data(), size_}; }
  uint64_t rows() const { return rows_; }  // rejects included
  void Clear();                            // keeps the memory

 private:
  char* Room(size_t bytes);
  char* PutStep(const Place& place, char* out);

  std::vector<char> bytes_;
  size_t size_ = 0;
  uint64_t rows_ = 0;
  Place last_;
};

// Walks a raw block. Views point into the block.
class RawBlockReader {
 public:
  explicit RawBlockReader(std::string_view block) : in_(block) {}
  enum class Kind { kRow, kReject, kEnd };
  Result<Kind> Next();
  const RawRow& row() const { return row_; }        // after kRow
  const Reject& reject() const { return reject_; }  // after kReject

 private:
  void ReadStep();

  ByteReader in_;
  Place last_;
  RawRow row_;
  Reject reject_;
};

// Decodes one record; `file` and `source` are the segment's (they are not stored with each row).
bool DecodeRecord(ByteReader* in, Record* record);
// Passes over one record and keeps only its row_sha256: a fifth of the work.
bool SkimRecord(ByteReader* in, Sha256* row_sha256);

// One segment of records, as normalize made it from one chunk of one file.
struct RecordSegment {
  std::string path;
  uint32_t file = 0;
  uint32_t source = 0;
};

// All records of one partition over many segments, ascending by record_id; equal ids in the order of the segments, then
// of the rows. Memory: one unpacked block a segment. Not thread-safe.
class RecordMerger {
 public:
  static Result<std::unique_ptr<RecordMerger>> Open(const std::vector<RecordSegment>& segments, uint32_t partition);
  ~RecordMerger();
  // The next record (moved into *record; reuse it), false at the end.
  Result<bool> Next(Record* record);

 private:
  struct Cursor;
  RecordMerger();
  std::vector<std::unique_ptr<Cursor>> cursors_;
  std::vector<Cursor*> heap_;
};

}  // namespace migrate::spool
