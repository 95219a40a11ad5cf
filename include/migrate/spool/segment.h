// Segment files: what one stage leaves on disk for the next. A segment is a list of blocks, each tagged with a
// partition, and a footer that lists them.
//
//   segment := magic block* footer trailer
//   magic   := "MIGSEG2\n"
//   block   := a zstd frame with content checksum (form 0), or the bytes as they are (form 1)
//   footer  := a zstd frame with content checksum, over
//              varint count, then per block: varint partition, varint offset, varint stored, varint raw, varint rows,
//              varint form, and for form 1 fixed64 XXH64 of the bytes
//   trailer := fixed64 offset of the footer, "MIGSEGE\n"
//
// A segment is written to PATH.WRITER.tmp, synced and renamed when it is complete, so a file under its final name is
// whole; what a disk does to it later (cut short, a flipped bit) is found by the checksums and reported as a damaged
// segment.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/spool/page_buffer.h"

namespace migrate::spool {

inline constexpr size_t kBlockBytes = 128 << 10;  // aim for the size of a block before compression
inline constexpr size_t kDirectBytes = 16 << 20;  // what a direct writer gathers before it writes

struct BlockInfo {
  uint32_t partition = 0;
  uint64_t offset = 0;
  uint64_t stored = 0;  // bytes in the file
  uint64_t raw = 0;     // bytes when unpacked
  uint64_t rows = 0;
  bool packed = true;     // form 0
  uint64_t checksum = 0;  // form 1
};

// Memory: one block packed (kSmall), up to kDirectBytes and a block (direct). Not thread-safe. Destroyed without
// Finish(), it removes its file.
class SegmentWriter {
 public:
  // kSmall packs (zstd level 1); kFast does not, for what is read once and thrown away: rows with their digests, which
  // no packer makes smaller, take 1.7 times the space and a twentieth of the time.
  enum class Effort { kFast, kSmall };
  static Result<std::unique_ptr<SegmentWriter>> Create(const std::string& path, Effort effort = Effort::kSmall);
  // kFast, past the page cache: blocks gather in a buffer of the pool (which must outlive the writer), up to
  // kDirectBytes, and Close() writes what is left of them.
  static Result<std::unique_ptr<SegmentWriter>> CreateDirect(const std::string& path, PageBufferPool* pool);
  ~SegmentWriter();
  // Blocks of one partition must be added one after the other.
  Status AddBlock(uint32_t partition, std::string_view bytes, uint64_t rows);
  // After the last block: writes the footer and lets the system begin to write the file out, without waiting for it.
  Status Close();
  Status Finish();  // Close() if that was not done, sync, rename
  // Finish() of several segments of one folder: their writes overlap, and the folder is synced once. After an error
  // some may be finished; the others remove their files.
  static Status FinishAll(std::span<SegmentWriter* const> writers);
  uint64_t bytes_written() const { return offset_; }

 private:
  struct Zstd;
  SegmentWriter(File file, std::string path, Effort effort);
  Status Put(std::string_view bytes);
  Result<uint64_t> WriteFrame(std::string_view bytes);
  Status SyncAndRename();
  File file_;
  std::string path_;
  uint64_t offset_ = 0;
  const Effort effort_;
  std::vector<BlockInfo> blocks_;
  std::unique_ptr<Zstd> zstd_;
  PageBufferPool* pool_ = nullptr;
  PageBuffer buffer_;
  bool closed_ = false, finished_ = false;
};

// Thread-safe once open; holds no file open between two reads. Memory: 56 bytes a block.
class SegmentReader {
 public:
  static Result<std::shared_ptr<SegmentReader>> Open(const std::string& path);
  const std::vector<BlockInfo>& blocks() const { return blocks_; }
  // Unpacks a block into *out.
  Status Read(const BlockInfo& block, std::string* out) const;
  const std::string& path() const { return path_; }

 private:
  explicit SegmentReader(std::string path) : path_(std::move(path)) {}
  Status Unpack(const BlockInfo& block, std::string_view packed, std::string* out) const;
  std::string path_;
  std::vector<BlockInfo> blocks_;
};

}  // namespace migrate::spool
