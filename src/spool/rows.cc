#include "migrate/spool/rows.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace migrate::spool {
namespace {

constexpr size_t kVarintBytes = 10;
constexpr uint64_t kMostOfList = 10'000;  // what is beyond is damage

// The writers of base/bytes.h, into memory that is known to be there.
char* VarintAt(uint64_t v, char* out) {
  for (; v >= 0x80; v >>= 7) *out++ = static_cast<char>(v | 0x80);
  *out++ = static_cast<char>(v);
  return out;
}

char* BytesAt(std::string_view bytes, char* out) {
  out = VarintAt(bytes.size(), out);
  if (!bytes.empty()) std::memcpy(out, bytes.data(), bytes.size());
  return out + bytes.size();
}

void ReadPlace(ByteReader* in, Place* place) {
  place->row = in->Varint();
  place->line = in->Varint();
  place->byte_offset = in->Varint();
}

bool ReadList(ByteReader* in, std::vector<std::string>* list) {
  uint64_t n = in->Varint();
  if (!in->ok() || n > kMostOfList) return false;
  list->resize(n);
  for (auto& v : *list) v.assign(in->Bytes());
  return in->ok();
}

Status BlockDamaged() {
  return Status::Failed("a segment's block unpacks, but its rows cannot be read",
                        "it was written by another version of migrate: run with --from extract");
}

}  // namespace

char* RawBlockWriter::Room(size_t bytes) {
  if (bytes_.size() - size_ < bytes) bytes_.resize(std::max(bytes_.size() * 2, size_ + bytes));
  return bytes_.data() + size_;
}

char* RawBlockWriter::PutStep(const Place& place, char* out) {
  out = VarintAt(place.row - last_.row, out);
  out = VarintAt(place.line - last_.line, out);
  out = VarintAt(place.byte_offset - last_.byte_offset, out);
  last_ = place;
  return out;
}

void RawBlockWriter::Add(const RawRow& row) {
  char* out = Room(1 + 6 * kVarintBytes + row.source_key.size() + row.payload.size() + 32 + row.raw.size());
  *out++ = '\0';
  out = PutStep(row.place, out);
  out = BytesAt(row.source_key, out);
  out = BytesAt(row.payload, out);
  std::memcpy(out, row.row_sha256.data(), row.row_sha256.size());
  out = BytesAt(row.raw, out + row.row_sha256.size());
  size_ = static_cast<size_t>(out - bytes_.data());
  ++rows_;
}

void RawBlockWriter::Add(const Reject& reject) {
  char* out = Room(1 + 7 * kVarintBytes + reject.source_key.size() + reject.reason.size() + reject.detail.size() +
                   reject.raw.size());
  *out++ = '\1';
  out = PutStep(reject.place, out);
  for (std::string_view v : {std::string_view(reject.source_key), std::string_view(reject.reason),
                             std::string_view(reject.detail), std::string_view(reject.raw)})
    out = BytesAt(v, out);
  size_ = static_cast<size_t>(out - bytes_.data());
  ++rows_;
}

void RawBlockWriter::Clear() {
  size_ = 0;
  rows_ = 0;
  last_ = {};
}

void RawBlockReader::ReadStep() {
  last_.row += in_.Varint();
  last_.line += in_.Varint();
  last_.byte_offset += in_.Varint();
}

Result<RawBlockReader::Kind> RawBlockReader::Next() {
  if (in_.done()) return Kind::kEnd;
  std::string_view kind = in_.Raw(1);
  if (kind == std::string_view("\0", 1)) {
    ReadStep();
    row_.place = last_;
    row_.source_key = in_.Bytes();
    row_.payload = in_.Bytes();
    row_.row_sha256 = Sha256FromBytes(in_.Raw(32));
    row_.raw = in_.Bytes();
    if (!in_.ok()) return BlockDamaged();
    return Kind::kRow;
  }
  if (kind != "\1") return BlockDamaged();
  ReadStep();
  reject_.place = last_;
  reject_.source_key = in_.Bytes();
  reject_.reason = in_.Bytes();
  reject_.detail = in_.Bytes();
  reject_.raw = in_.Bytes();
  if (!in_.ok()) return BlockDamaged();
  return Kind::kReject;
}

void AppendRecord(const Record& r, std::string* block) {
  // The id, the digest, and the varints that are always there.
  size_t bytes = 8 + 32 + 12 * kVarintBytes + r.source_key.size() + r.payload.size() + r.raw.size();
  uint64_t mask = 0;
  for (size_t i = 0; i < r.values.size(); ++i)
    if (!r.values[i].empty()) {
      mask |= 1ULL << i;
      bytes += kVarintBytes + r.values[i].size();
    }
  const auto lists = {&r.more_emails, &r.more_phones, &r.attributes};
  for (const auto* list : lists)
    for (const auto& v : *list) bytes += kVarintBytes + v.size();
  const size_t before = block->size();
  block->resize(before + bytes);
  char* out = block->data() + before;
  for (int i = 0; i < 8; ++i) *out++ = static_cast<char>(r.record_id >> 8 * i);
  for (uint64_t v : {r.place.row, r.place.line, r.place.byte_offset}) out = VarintAt(v, out);
  out = BytesAt(r.source_key, out);
  out = VarintAt(mask, out);
  for (const auto& v : r.values)
    if (!v.empty()) out = BytesAt(v, out);
  for (const auto* list : lists) {
    out = VarintAt(list->size(), out);
    for (const auto& v : *list) out = BytesAt(v, out);
  }
  out = VarintAt(r.opt_out, out);
  out = VarintAt(r.flags, out);
  out = BytesAt(r.payload, out);
  out = std::copy(r.row_sha256.begin(), r.row_sha256.end(), out);
  out = BytesAt(r.raw, out);
  block->resize(static_cast<size_t>(out - block->data()));
}

bool DecodeRecord(ByteReader* in, Record* r) {
  r->record_id = in->Fixed64();
  ReadPlace(in, &r->place);
  r->source_key.assign(in->Bytes());
  uint64_t mask = in->Varint();
  for (size_t i = 0; i < r->values.size(); ++i) {
    if (mask >> i & 1)
      r->values[i].assign(in->Bytes());
    else
      r->values[i].clear();
  }
  if (!ReadList(in, &r->more_emails) || !ReadList(in, &r->more_phones) || !ReadList(in, &r->attributes)) return false;
  r->opt_out = static_cast<uint8_t>(in->Varint());
  r->flags = static_cast<uint32_t>(in->Varint());
  r->payload.assign(in->Bytes());
  r->row_sha256 = Sha256FromBytes(in->Raw(32));
  r->raw.assign(in->Bytes());
  return in->ok();
}

bool SkimRecord(ByteReader* in, Sha256* row_sha256) {
  in->Fixed64();
  Place place;
  ReadPlace(in, &place);
  in->Bytes();
  for (int values = std::popcount(in->Varint()); values > 0; --values) in->Bytes();
  for (int lists = 0; lists < 3; ++lists) {
    const uint64_t n = in->Varint();
    if (n > kMostOfList) return false;
    for (uint64_t i = 0; i < n && in->ok(); ++i) in->Bytes();
  }
  in->Varint();
  in->Varint();
  in->Bytes();
  *row_sha256 = Sha256FromBytes(in->Raw(32));
  in->Bytes();
  return in->ok();
}

struct RecordMerger::Cursor {
  std::shared_ptr<SegmentReader> segment;
  std::vector<BlockInfo> blocks;
  size_t next_block = 0;
  std::string block;
  ByteReader in{""};
  uint64_t record_id = 0;  // of the next record
  uint32_t order = 0, file = 0, source = 0;

  // Looks at the next record's id; false at the end.
  Result<bool> Peek() {
    while (in.done()) {
      if (next_block == blocks.size()) return false;
      MIGRATE_TRY(segment->Read(blocks[next_block++], &block));
      in = ByteReader(block);
    }
    ByteReader ahead = in;
    record_id = ahead.Fixed64();
    return true;
  }
  Status Read(Record* record) {
    if (!DecodeRecord(&in, record)) return BlockDamaged().Within(segment->path());
    record->place.file = file;
    record->source = source;
    return {};
  }
  // Heap order: std::*_heap keep the greatest on top.
  static bool After(const Cursor* a, const Cursor* b) {
    return a->record_id != b->record_id ? a->record_id > b->record_id : a->order > b->order;
  }
};

RecordMerger::RecordMerger() = default;
RecordMerger::~RecordMerger() = default;

Result<std::unique_ptr<RecordMerger>> RecordMerger::Open(const std::vector<RecordSegment>& segments,
                                                         uint32_t partition) {
  std::unique_ptr<RecordMerger> merger(new RecordMerger);
  for (size_t i = 0; i < segments.size(); ++i) {
    auto cursor = std::make_unique<Cursor>();
    MIGRATE_ASSIGN(cursor->segment, SegmentReader::Open(segments[i].path));
    for (const BlockInfo& b : cursor->segment->blocks())
      if (b.partition == partition) cursor->blocks.push_back(b);
    cursor->order = static_cast<uint32_t>(i);
    cursor->file = segments[i].file;
    cursor->source = segments[i].source;
    MIGRATE_ASSIGN(bool any, cursor->Peek());
    if (!any) continue;
    merger->heap_.push_back(cursor.get());
    merger->cursors_.push_back(std::move(cursor));
  }
  std::make_heap(merger->heap_.begin(), merger->heap_.end(), Cursor::After);
  return merger;
}

Result<bool> RecordMerger::Next(Record* record) {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), Cursor::After);
  Cursor* cursor = heap_.back();
  MIGRATE_TRY(cursor->Read(record));
  MIGRATE_ASSIGN(bool more, cursor->Peek());
  if (more)
    std::push_heap(heap_.begin(), heap_.end(), Cursor::After);
  else
    heap_.pop_back();
  return true;
}

}  // namespace migrate::spool
