#include "migrate/spool/segment.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "migrate/base/bytes.h"
#include "migrate/base/checksum.h"
#include "writer_tag.h"

namespace migrate::spool {
namespace {

// Two processes may make the same segment, of which each puts a whole one in its place.
std::string TemporaryOf(const std::string& path) { return path + "." + WriterTag() + ".tmp"; }

constexpr std::string_view kMagic = "MIGSEG2\n", kEnd = "MIGSEGE\n";
// A block is one record more than kBlockBytes at most, and a record 16 MiB: a length beyond that is damage.
constexpr uint64_t kMaxRaw = 256 << 20;

Status Damaged(const std::string& path, const std::string& why) {
  return Status::Failed(path + ": damaged segment: " + why,
                        "the source still has the rows: run the same plan with --from extract to make it anew");
}

}  // namespace

struct SegmentWriter::Zstd {
  ZSTD_CCtx* ctx = ZSTD_createCCtx();
  std::string out;
  explicit Zstd(int level) {
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() { ZSTD_freeCCtx(ctx); }
};

// Level 1 costs a third of level 3 and loses a few percent of the size on records.
SegmentWriter::SegmentWriter(File file, std::string path, Effort effort)
    : file_(std::move(file)), path_(std::move(path)), effort_(effort), zstd_(std::make_unique<Zstd>(1)) {}

SegmentWriter::~SegmentWriter() {
  if (!finished_) ::unlink(TemporaryOf(path_).c_str());
  if (pool_ != nullptr) pool_->Give(std::move(buffer_));
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::Create(const std::string& path, Effort effort) {
  MIGRATE_ASSIGN(File file, File::Create(TemporaryOf(path)));
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(file), path, effort));
  MIGRATE_TRY(writer->Put(kMagic));
  return writer;
}

Result<std::unique_ptr<SegmentWriter>> SegmentWriter::CreateDirect(const std::string& path, PageBufferPool* pool) {
  MIGRATE_ASSIGN(File file, File::Create(TemporaryOf(path)));
  AskForDirectWrites(file);
  std::unique_ptr<SegmentWriter> writer(new SegmentWriter(std::move(file), path, Effort::kFast));
  writer->pool_ = pool;
  writer->buffer_ = pool->Take();
  MIGRATE_TRY(writer->Put(kMagic));
  return writer;
}

Status SegmentWriter::Put(std::string_view bytes) {
  offset_ += bytes.size();
  if (pool_ == nullptr) return file_.Write(bytes);
  buffer_.Append(bytes);
  return buffer_.size() < kDirectBytes ? Status() : buffer_.WritePages(&file_);
}

Result<uint64_t> SegmentWriter::WriteFrame(std::string_view bytes) {
  zstd_->out.resize(ZSTD_compressBound(bytes.size()));
  size_t n = ZSTD_compress2(zstd_->ctx, zstd_->out.data(), zstd_->out.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(n)) return Status::Failed(path_ + ": cannot compress: " + ZSTD_getErrorName(n));
  MIGRATE_TRY(Put({zstd_->out.data(), n}));
  return n;
}

Status SegmentWriter::AddBlock(uint32_t partition, std::string_view bytes, uint64_t rows) {
  BlockInfo block{partition, offset_, bytes.size(), bytes.size(), rows, effort_ == Effort::kSmall, 0};
  if (block.packed) {
    MIGRATE_ASSIGN(block.stored, WriteFrame(bytes));
  } else {
    block.checksum = Xxh64(bytes);
    MIGRATE_TRY(Put(bytes));
  }
  blocks_.push_back(block);
  return {};
}

Status SegmentWriter::Close() {
  if (closed_) return {};
  closed_ = true;
  std::string footer;
  PutVarint(&footer, blocks_.size());
  for (const BlockInfo& b : blocks_) {
    for (uint64_t v : {uint64_t{b.partition}, b.offset, b.stored, b.raw, b.rows, uint64_t{!b.packed}})
      PutVarint(&footer, v);
    if (!b.packed) PutFixed64(&footer, b.checksum);
  }
  std::string trailer;
  PutFixed64(&trailer, offset_);
  trailer.append(kEnd);
  MIGRATE_TRY(WriteFrame(footer).status());
  MIGRATE_TRY(Put(trailer));
  if (pool_ != nullptr) {
    MIGRATE_TRY(buffer_.WriteEnd(&file_, offset_ - buffer_.size()));
    std::exchange(pool_, nullptr)->Give(std::move(buffer_));
    return {};
  }
  // Only a hint: fsync waits, and reports what went wrong.
  (void)::sync_file_range(file_.fd(), 0, 0, SYNC_FILE_RANGE_WRITE);
  return {};
}

Status SegmentWriter::SyncAndRename() {
  MIGRATE_TRY(file_.Sync());
  MIGRATE_TRY(file_.Close());
  if (std::rename(TemporaryOf(path_).c_str(), path_.c_str()) != 0)
    return PosixError(path_, "cannot rename " + TemporaryOf(path_) + " to it", errno);
  finished_ = true;
  return {};
}

Status SegmentWriter::Finish() {
  SegmentWriter* self = this;
  return FinishAll({&self, 1});
}

Status SegmentWriter::FinishAll(std::span<SegmentWriter* const> writers) {
  for (SegmentWriter* w : writers) MIGRATE_TRY(w->Close());
  for (SegmentWriter* w : writers) MIGRATE_TRY(w->SyncAndRename());
  return writers.empty() ? Status() : SyncFolderOf(writers.front()->path_);
}

Result<std::shared_ptr<SegmentReader>> SegmentReader::Open(const std::string& path) {
  if (!PathExists(path)) return Damaged(path, "it is missing");
  MIGRATE_ASSIGN(FileStat stat, StatFile(path));
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  std::shared_ptr<SegmentReader> reader(new SegmentReader(path));
  const size_t tail = 8 + kEnd.size();
  if (stat.size < kMagic.size() + tail) return Damaged(path, "cut short");
  std::string head(kMagic.size(), '\0'), trailer(tail, '\0');
  MIGRATE_ASSIGN(size_t a, file.ReadAt(0, head.data(), head.size()));
  MIGRATE_ASSIGN(size_t b, file.ReadAt(stat.size - tail, trailer.data(), tail));
  uint64_t at = ByteReader(trailer).Fixed64();
  if (a != head.size() || b != tail || head != kMagic || trailer.substr(8) != kEnd || at < kMagic.size() ||
      at > stat.size - tail)
    return Damaged(path, "its beginning or end is not a segment's");
  std::string footer;
  // The footer's own unpacked size stands in its frame.
  MIGRATE_TRY(reader->Read(BlockInfo{0, at, stat.size - tail - at, kMaxRaw, 0}, &footer));
  ByteReader in(footer);
  for (uint64_t n = in.Varint(); n > 0 && in.ok(); --n) {
    BlockInfo block;
    block.partition = static_cast<uint32_t>(in.Varint());
    block.offset = in.Varint();
    block.stored = in.Varint();
    block.raw = in.Varint();
    block.rows = in.Varint();
    const uint64_t form = in.Varint();
    block.packed = form == 0;
    if (!block.packed) block.checksum = in.Fixed64();
    if (form > 1 || (!block.packed && block.raw != block.stored)) return Damaged(path, "its footer cannot be read");
    if (block.offset > at || block.stored > at - block.offset || block.raw > kMaxRaw)
      return Damaged(path, "its footer points outside of it");
    reader->blocks_.push_back(block);
  }
  if (!in.ok() || !in.done()) return Damaged(path, "its footer cannot be read");
  return reader;
}

Status SegmentReader::Read(const BlockInfo& block, std::string* out) const {
  static thread_local std::string packed;
  std::string* stored = block.packed ? &packed : out;
  stored->resize(block.stored);
  // Opened for each block: a merge reads thousands of segments at once, more than a process may hold open.
  MIGRATE_ASSIGN(File file, File::OpenRead(path_));
  MIGRATE_ASSIGN(size_t got, file.ReadAt(block.offset, stored->data(), stored->size()));
  if (got != stored->size()) return Damaged(path(), fmt::format("the block at {} is cut short", block.offset));
  if (block.packed) return Unpack(block, packed, out);
  if (Xxh64(*out) != block.checksum)
    return Damaged(path(), fmt::format("the block at {}: its checksum does not fit", block.offset));
  return {};
}

Status SegmentReader::Unpack(const BlockInfo& block, std::string_view packed, std::string* out) const {
  unsigned long long size = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxRaw)
    return Damaged(path(), fmt::format("the block at {} has no valid header", block.offset));
  out->resize(size);
  size_t n = ZSTD_decompress(out->data(), out->size(), packed.data(), packed.size());
  if (ZSTD_isError(n)) return Damaged(path(), fmt::format("the block at {}: {}", block.offset, ZSTD_getErrorName(n)));
  if (block.raw != kMaxRaw && n != block.raw)
    return Damaged(path(), fmt::format("the block at {} has {} bytes, not {}", block.offset, n, block.raw));
  return {};
}

}  // namespace migrate::spool
