#include "sqlite_pages.h"

#include <algorithm>

#include "sqlite_rows.h"
#include "sqlite_varint.h"

namespace migrate::extract {
namespace {

constexpr uint32_t kWindowBytes = 64 << 10;
constexpr uint32_t kHeaderBytes = 100;  // of the database, before the header of page 1
constexpr uint8_t kInterior = 0x05, kLeaf = 0x0d;
constexpr size_t kMaxDepth = 20;  // SQLite's own bound (BTCURSOR_MAX_DEPTH)
constexpr uint64_t kMaxRecord = 1 << 30;

uint32_t Two(const uint8_t* p) { return static_cast<uint32_t>(p[0]) << 8 | p[1]; }
uint32_t Four(const uint8_t* p) { return Two(p) << 16 | Two(p + 2); }
const uint8_t* Bytes(std::string_view s) { return reinterpret_cast<const uint8_t*>(s.data()); }

}  // namespace

SqlitePages::SqlitePages(sqlite3* db) {
  uint8_t head[kHeaderBytes];
  if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file_) != SQLITE_OK || file_ == nullptr ||
      file_->pMethods == nullptr || file_->pMethods->xRead(file_, head, sizeof head, 0) != SQLITE_OK)
    return;
  const uint32_t bytes = Two(head + 16) == 1 ? 65536 : Two(head + 16);
  if (bytes < 512 || (bytes & (bytes - 1)) != 0 || bytes - head[20] < 480) return;
  page_bytes_ = bytes;
  usable_ = bytes - head[20];
}

const uint8_t* SqlitePages::Get(uint32_t page) {
  if (page - first_ >= count_) {
    if (page == 0 || page_bytes_ == 0) return nullptr;
    const bool onward = count_ > 0 && page == first_ + count_;
    const uint32_t wanted = onward ? std::max(1u, kWindowBytes / page_bytes_) : 1;
    window_.resize(static_cast<size_t>(wanted) * page_bytes_);
    const auto offset = static_cast<sqlite3_int64>(page - 1) * page_bytes_;
    count_ = 0;
    for (uint32_t n : {wanted, 1u}) {
      // Near the end of the file the window is not full; then the one page is read.
      if (file_->pMethods->xRead(file_, window_.data(), static_cast<int>(n * page_bytes_), offset) != SQLITE_OK)
        continue;
      first_ = page;
      count_ = n;
      break;
    }
    if (count_ == 0) return nullptr;
  }
  return Bytes(window_) + static_cast<size_t>(page - first_) * page_bytes_;
}

// Copies the page onto the path and looks at it. kRow: all is well.
SqliteTableCursor::Step SqliteTableCursor::Push(uint32_t page, int64_t least, int64_t most) {
  if (depth_ == kMaxDepth) return Step::kUnclear;
  const uint8_t* p = pages_->Get(page);
  if (p == nullptr) return Step::kUnclear;
  if (levels_.size() == depth_) levels_.emplace_back();
  Level& level = levels_[depth_];
  level.at = page == 1 ? kHeaderBytes : 0;
  level.leaf = p[level.at] == kLeaf;
  if (!level.leaf && p[level.at] != kInterior) return Step::kUnclear;
  level.cells = Two(p + level.at + 3);
  level.next = 0;
  level.least = least;
  level.most = most;
  if (level.at + (level.leaf ? 8 : 12) + level.cells * 2 > pages_->usable()) return Step::kUnclear;
  level.page.assign(reinterpret_cast<const char*>(p), pages_->usable());
  level.page.append(kRecordSlack, '\0');
  ++depth_;
  return level.leaf ? ReadLeaf(level) : ReadInterior(&level);
}

uint32_t SqliteTableCursor::Child(const Level& level, uint32_t cell) const {
  const uint8_t* p = Bytes(level.page);
  return Four(cell == level.cells ? p + level.at + 8 : p + Two(p + level.at + 12 + cell * 2));
}

// The greatest rowid that may lie in a child; the right-most one has no cell of its own.
bool SqliteTableCursor::Key(const Level& level, uint32_t cell, int64_t* key) const {
  const uint8_t* p = Bytes(level.page);
  const uint32_t offset = Two(p + level.at + 12 + cell * 2);
  if (offset + 4 > pages_->usable()) return false;
  uint64_t v = 0;
  if (ReadSqliteVarint(p + offset + 4, p + pages_->usable(), &v) == nullptr) return false;
  *key = static_cast<int64_t>(v);
  return true;
}

// Holds the keys against each other, and goes to the first child that may hold a row of the range.
SqliteTableCursor::Step SqliteTableCursor::ReadInterior(Level* level) const {
  int64_t least = level->least, key = 0;
  for (uint32_t i = 0; i < level->cells; ++i) {
    if (!Key(*level, i, &key)) return Step::kUnclear;
    if (key < least || key >= level->most) return Step::kDisorder;
    least = key + 1;
    if (key < low_) level->next = i + 1;
  }
  return Step::kRow;
}

SqliteTableCursor::Step SqliteTableCursor::ReadLeaf(const Level& level) {
  leaf_.clear();
  const uint8_t* const begin = Bytes(level.page);
  const uint8_t* const end = begin + pages_->usable();
  int64_t least = level.least;
  bool full = false;  // the greatest rowid there may be is taken
  for (uint32_t i = 0; i < level.cells; ++i) {
    const uint32_t offset = Two(begin + level.at + 8 + i * 2);
    if (offset < level.at + 8 + level.cells * 2 || offset >= pages_->usable()) return Step::kUnclear;
    uint64_t size = 0, rowid = 0;
    const uint8_t* p = ReadSqliteVarint(begin + offset, end, &size);
    if (p != nullptr) p = ReadSqliteVarint(p, end, &rowid);
    if (p == nullptr) return Step::kUnclear;
    const LeafCell cell{static_cast<int64_t>(rowid), size, static_cast<uint32_t>(p - begin)};
    if (full || cell.rowid < least || cell.rowid > level.most) return Step::kDisorder;
    full = cell.rowid == level.most;
    if (!full) least = cell.rowid + 1;
    leaf_.push_back(cell);
  }
  return Step::kRow;
}

// From an interior page to its next child; kEnd if the rest lies above the range.
SqliteTableCursor::Step SqliteTableCursor::Descend(Level* level) {
  const uint32_t i = level->next++;
  int64_t least = level->least, most = level->most;
  if (i > 0) {
    if (!Key(*level, i - 1, &least)) return Step::kUnclear;
    if (least >= high_) return Step::kEnd;
    ++least;
  }
  if (i < level->cells && !Key(*level, i, &most)) return Step::kUnclear;
  return Push(Child(*level, i), least, most);
}

SqliteTableCursor::Step SqliteTableCursor::Next() {
  if (!begun_) {
    begun_ = true;
    if (Step step = Push(root_, INT64_MIN, INT64_MAX); step != Step::kRow) return step;
  }
  while (depth_ > 0) {
    Level& level = levels_[depth_ - 1];
    if (level.next >= level.cells + (level.leaf ? 0 : 1)) {
      --depth_;
    } else if (!level.leaf) {
      if (Step step = Descend(&level); step != Step::kRow) return step;
    } else {
      const LeafCell& cell = leaf_[level.next++];
      if (cell.rowid < low_) continue;
      if (cell.rowid > high_) return Step::kEnd;
      rowid_ = cell.rowid;
      return ReadRecord(level, cell) ? Step::kRow : Step::kUnclear;
    }
  }
  return Step::kEnd;
}

// Section 1.6: a record lies in its cell, or begins there and goes on in overflow pages.
bool SqliteTableCursor::ReadRecord(const Level& level, const LeafCell& cell) {
  const uint64_t usable = pages_->usable(), most = usable - 35, room = usable - cell.offset;
  const char* const begin = level.page.data() + cell.offset;
  if (cell.size <= most) {
    record_ = {begin, cell.size};
    return cell.size <= room;
  }
  const uint64_t least = (usable - 12) * 32 / 255 - 23, wanted = least + (cell.size - least) % (usable - 4);
  const uint64_t here = wanted <= most ? wanted : least;
  if (cell.size > kMaxRecord || here + 4 > room) return false;
  overflowed_.assign(begin, here);
  return ReadOverflow(cell.size, Four(Bytes(level.page) + cell.offset + here));
}

bool SqliteTableCursor::ReadOverflow(uint64_t size, uint32_t page) {
  while (overflowed_.size() < size) {
    const uint8_t* p = pages_->Get(page);
    if (p == nullptr) return false;
    const auto n = std::min<uint64_t>(pages_->usable() - 4, size - overflowed_.size());
    overflowed_.append(reinterpret_cast<const char*>(p + 4), n);
    page = Four(p);
  }
  overflowed_.append(kRecordSlack, '\0');
  record_ = std::string_view(overflowed_).substr(0, size);
  return page == 0;
}

}  // namespace migrate::extract
