#include "migrate/spool/sorter.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>

#include "migrate/base/bytes.h"
#include "migrate/spool/segment.h"

namespace migrate::spool {

struct Sorter::Run {
  std::string path;
  std::shared_ptr<SegmentReader> segment;
  size_t next_block = 0, order = 0;
  std::string block;
  ByteReader in{""};
  Item item;
  ~Run() { ::unlink(path.c_str()); }

  Result<bool> Advance() {
    while (in.done()) {
      if (next_block == segment->blocks().size()) return false;
      MIGRATE_TRY(segment->Read(segment->blocks()[next_block++], &block));
      in = ByteReader(block);
    }
    item.high = in.Fixed64();
    item.low = in.Fixed64();
    item.value = in.Bytes();
    if (!in.ok()) return Status::Failed(path + ": damaged sort run", "run the same command again");
    return true;
  }
};

struct Sorter::After {
  Ties ties;
  bool operator()(const Run* a, const Run* b) const {
    if (a->item.high != b->item.high) return a->item.high > b->item.high;
    if (a->item.low != b->item.low) return a->item.low > b->item.low;
    if (ties == Ties::kByValue)
      if (const int c = a->item.value.compare(b->item.value); c != 0) return c > 0;
    return a->order > b->order;
  }
};

Sorter::Sorter(std::string folder, uint64_t memory_bytes, Ties ties)
    : folder_(std::move(folder)), memory_bytes_(std::max<uint64_t>(memory_bytes, 1 << 16)), ties_(ties) {}
Sorter::~Sorter() = default;

Status Sorter::Add(uint64_t high, uint64_t low, std::string_view value) {
  if (arena_.size() + value.size() + (entries_.size() + 1) * sizeof(Entry) > memory_bytes_ && !entries_.empty())
    MIGRATE_TRY(Spill());
  entries_.push_back({high, low, arena_.size()});
  PutBytes(&arena_, value);
  return {};
}

std::string_view Sorter::ValueOf(const Entry& e) const {
  return ByteReader(std::string_view(arena_).substr(e.at)).Bytes();
}

void Sorter::SortBuffer() {
  // `at` grows with the order of Add, so it makes the sort stable.
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    if (a.high != b.high) return a.high < b.high;
    if (a.low != b.low) return a.low < b.low;
    if (ties_ == Ties::kByValue)
      if (const int c = ValueOf(a).compare(ValueOf(b)); c != 0) return c < 0;
    return a.at < b.at;
  });
}

Status Sorter::Spill() {
  static std::atomic<uint64_t> counter{0};
  SortBuffer();
  auto run = std::make_unique<Run>();
  run->path = folder_ + "/sort-" + std::to_string(::getpid()) + "-" + std::to_string(counter++) + ".run";
  run->order = runs_.size();
  MIGRATE_ASSIGN(auto writer, SegmentWriter::Create(run->path, SegmentWriter::Effort::kSmall));
  std::string block;
  uint64_t rows = 0;
  for (const Entry& e : entries_) {
    PutFixed64(&block, e.high);
    PutFixed64(&block, e.low);
    PutBytes(&block, ValueOf(e));
    ++rows;
    if (block.size() < kBlockBytes) continue;
    MIGRATE_TRY(writer->AddBlock(0, block, rows));
    block.clear();
    rows = 0;
  }
  if (rows > 0) MIGRATE_TRY(writer->AddBlock(0, block, rows));
  MIGRATE_TRY(writer->Finish());
  runs_.push_back(std::move(run));
  entries_.clear();
  arena_.clear();
  return {};
}

Status Sorter::Sort() {
  if (runs_.empty()) {
    SortBuffer();
    return {};
  }
  if (!entries_.empty()) MIGRATE_TRY(Spill());
  std::vector<Entry>().swap(entries_);
  std::string().swap(arena_);
  for (auto& run : runs_) {
    MIGRATE_ASSIGN(run->segment, SegmentReader::Open(run->path));
    MIGRATE_ASSIGN(bool any, run->Advance());
    if (any) heap_.push_back(run.get());
  }
  std::make_heap(heap_.begin(), heap_.end(), After{ties_});
  return {};
}

Result<bool> Sorter::Next(Item* item) {
  if (runs_.empty()) {
    if (next_ == entries_.size()) return false;
    const Entry& e = entries_[next_++];
    *item = {e.high, e.low, ValueOf(e)};
    return true;
  }
  if (last_ != nullptr) {
    // Advanced only now, so that the value of the item before stayed valid.
    MIGRATE_ASSIGN(bool more, last_->Advance());
    if (more) {
      heap_.push_back(last_);
      std::push_heap(heap_.begin(), heap_.end(), After{ties_});
    }
    last_ = nullptr;
  }
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), After{ties_});
  last_ = heap_.back();
  heap_.pop_back();
  *item = last_->item;
  return true;
}

}  // namespace migrate::spool
