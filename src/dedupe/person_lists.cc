#include "person_lists.h"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

namespace migrate::dedupe {
namespace {

constexpr size_t kOpenBytes = 8 << 20;  // of all partitions of a list
constexpr size_t kWaiting = 8;          // blocks that are to be packed

void PutReal(std::string* out, double v) { PutFixed64(out, std::bit_cast<uint64_t>(v)); }
double Real(ByteReader* in) { return std::bit_cast<double>(in->Fixed64()); }
void PutByte(std::string* out, bool v) { out->push_back(v ? '\1' : '\0'); }
bool Byte(ByteReader* in) { return in->Raw(1) == std::string_view("\1", 1); }

void PutImage(const ledger::Person& p, std::string* out) {
  PutVarint(out, p.record_count);
  PutReal(out, p.confidence);
  PutVarint(out, p.opt_out);
  for (const auto& v : p.values) PutBytes(out, v);
  PutVarint(out, p.attributes.size());
  for (const auto& v : p.attributes) PutBytes(out, v);
  PutBytes(out, p.provenance);
}

bool ReadImage(ByteReader* in, ledger::Person* p) {
  p->record_count = in->Varint();
  p->confidence = Real(in);
  p->opt_out = static_cast<uint8_t>(in->Varint());
  for (auto& v : p->values) v.assign(in->Bytes());
  const uint64_t n = in->Varint();
  if (n > (1u << 20)) return false;
  p->attributes.resize(n);
  for (auto& v : p->attributes) v.assign(in->Bytes());
  p->provenance.assign(in->Bytes());
  return in->ok();
}

}  // namespace

std::string FolderOfLists(const std::string& scratch) { return scratch + "/persons"; }

std::string ListPath(const std::string& scratch, List list) {
  static constexpr const char* kNames[kLists] = {"person_alias", "person", "members", "person_record",
                                                 "person_identifier"};
  return FolderOfLists(scratch) + "/" + kNames[static_cast<int>(list)] + ".seg";
}

Result<std::unique_ptr<ListWriter>> ListWriter::Create(const std::string& path, uint32_t partitions) {
  auto w = std::make_unique<ListWriter>();
  MIGRATE_ASSIGN(w->segment_, spool::SegmentWriter::Create(path, spool::SegmentWriter::Effort::kSmall));
  w->open_.resize(partitions);
  for (uint32_t p = 0; p < partitions; ++p) w->open_[p].partition = p;
  w->spare_.reserve(kWaiting + 1);
  w->block_bytes_ = std::min(spool::kBlockBytes, kOpenBytes / partitions);
  w->packer_ = std::thread([list = w.get()] { list->Pack(); });
  return w;
}

ListWriter::~ListWriter() { (void)End(); }

Status ListWriter::Add(uint32_t partition, std::string_view entry) {
  Block& open = open_[partition];
  PutBytes(&open.bytes, entry);
  ++open.rows;
  return open.bytes.size() < block_bytes_ ? Status() : Pass(&open);
}

Status ListWriter::Pass(Block* block) {
  if (block->rows == 0) return {};
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kWaiting || !status_.ok(); });
  if (!status_.ok()) return status_;
  waiting_.push_back({block->partition, std::move(block->bytes), std::exchange(block->rows, 0)});
  block->bytes.clear();
  if (!spare_.empty()) {
    block->bytes = std::move(spare_.back());
    spare_.pop_back();
  }
  changed_.notify_all();
  return {};
}

void ListWriter::Pack() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || ended_; });
    if (waiting_.empty()) return;
    Block block = std::move(waiting_.front());
    waiting_.pop_front();
    if (!status_.ok()) continue;
    lock.unlock();
    Status s;
    try {
      s = segment_->AddBlock(block.partition, block.bytes, block.rows);
    } catch (const std::bad_alloc&) {
      s = Status::Failed("dedupe: memory is not enough to pack golden records", "give the run more memory");
    }
    block.bytes.clear();
    lock.lock();
    status_ = std::move(s);
    spare_.push_back(std::move(block.bytes));
    changed_.notify_all();
  }
}

Status ListWriter::End() {
  {
    std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  if (packer_.joinable()) packer_.join();
  return status_;
}

Status ListWriter::Close() {
  for (Block& open : open_) MIGRATE_TRY(Pass(&open));
  std::vector<Block>().swap(open_);
  MIGRATE_TRY(End());
  std::vector<std::string>().swap(spare_);
  return segment_->Close();
}

ListReader::ListReader(std::shared_ptr<spool::SegmentReader> segment, uint32_t partition, uint64_t skip)
    : segment_(std::move(segment)), partition_(partition), skip_(skip) {}

Result<bool> ListReader::Next(std::string_view* entry) {
  for (;;) {
    while (in_.done()) {
      if (next_block_ == segment_->blocks().size()) return false;
      const spool::BlockInfo& block = segment_->blocks()[next_block_++];
      if (block.partition != partition_) continue;
      if (block.rows <= skip_) {
        skip_ -= block.rows;
        continue;
      }
      MIGRATE_TRY(segment_->Read(block, &block_));
      in_ = ByteReader(block_);
    }
    *entry = in_.Bytes();
    if (!in_.ok()) return Status::Failed(segment_->path() + ": an entry cannot be read", "run the stage dedupe again");
    if (skip_ == 0) return true;
    --skip_;
  }
}

const char* AliasEntry::KindName() const {
  return kind == kMergedInto ? "merged_into" : kind == kSplitFrom ? "split_from" : "came_back_as";
}

void AliasEntry::Encode(std::string* out) const {
  PutVarint(out, alias_id);
  PutVarint(out, person_id);
  out->push_back(kind);
}

bool AliasEntry::Decode(std::string_view entry) {
  ByteReader in(entry);
  alias_id = in.Varint();
  person_id = in.Varint();
  const std::string_view byte = in.Raw(1);
  if (byte.size() != 1 || byte[0] < kSplitFrom || byte[0] > kCameBackAs) return false;
  kind = static_cast<Kind>(byte[0]);
  return in.ok() && in.done();
}

void PersonEntry::Encode(Op op, const ledger::Person& now, std::string* out) {
  out->push_back(op);
  PutVarint(out, now.person_id);
  if (op != kRetire) PutImage(now, out);
}

void PersonEntry::EncodeOld(std::string* out) const {
  out->append(AsView(old_hash));
  PutByte(out, history);
  if (!history) return;
  PutVarint(out, static_cast<uint64_t>(old.import_id));
  PutImage(old, out);
  PutBytes(out, old_attributes);
}

bool PersonEntry::Decode(std::string_view entry) {
  ByteReader in(entry);
  const std::string_view o = in.Raw(1);
  if (o.empty() || o[0] < kInsert || o[0] > kRetire) return false;
  op = static_cast<Op>(o[0]);
  now.person_id = in.Varint();
  if (op != kRetire && !ReadImage(&in, &now)) return false;
  history = false;
  if (op == kInsert) return in.ok() && in.done();
  const std::string_view hash = in.Raw(old_hash.size());
  if (!in.ok()) return false;
  old_hash = Sha256FromBytes(hash);
  history = Byte(&in);
  if (history) {
    old.person_id = now.person_id;
    old.import_id = static_cast<int64_t>(in.Varint());
    if (!ReadImage(&in, &old)) return false;
    old_attributes.assign(in.Bytes());
  }
  return in.ok() && in.done();
}

void MembersEntry::Encode(std::string* out) const {
  PutVarint(out, person_id);
  PutBytes(out, members);
}

bool MembersEntry::Decode(std::string_view entry) {
  ByteReader in(entry);
  person_id = in.Varint();
  members = in.Bytes();
  return in.ok() && in.done();
}

void LinkEntry::Encode(std::string* out) const {
  PutVarint(out, record_id);
  PutVarint(out, person_id);
  PutReal(out, confidence);
  PutByte(out, replaces);
  if (!replaces) return;
  PutVarint(out, old_person);
  PutVarint(out, static_cast<uint64_t>(old_import));
  PutReal(out, old_confidence);
}

bool LinkEntry::Decode(std::string_view entry) {
  ByteReader in(entry);
  record_id = in.Varint();
  person_id = in.Varint();
  confidence = Real(&in);
  replaces = Byte(&in);
  if (replaces) {
    old_person = in.Varint();
    old_import = static_cast<int64_t>(in.Varint());
    old_confidence = Real(&in);
  }
  return in.ok() && in.done();
}

void IdentifierEntry::Encode(std::string* out) const {
  PutByte(out, add);
  PutVarint(out, hash);
  PutVarint(out, person_id);
  PutBytes(out, kind);
  PutBytes(out, value);
}

bool IdentifierEntry::Decode(std::string_view entry) {
  ByteReader in(entry);
  add = Byte(&in);
  hash = in.Varint();
  person_id = in.Varint();
  kind = in.Bytes();
  value = in.Bytes();
  return in.ok() && in.done();
}

}  // namespace migrate::dedupe
