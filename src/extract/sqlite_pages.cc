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

// Copies the page onto the path and looks at its header.
bool SqliteTableCursor::Push(uint32_t page) {
  if (depth_ == kMaxDepth) return false;
  const uint8_t* p = pages_->Get(page);
  if (p == nullptr) return false;
  if (levels_.size() == depth_) levels_.emplace_back();
  Level& level = levels_[depth_];
  level.at = page == 1 ? kHeaderBytes : 0;
  level.leaf = p[level.at] == kLeaf;
  if (!level.leaf && p[level.at] != kInterior) return false;
  level.cells = Two(p + level.at + 3);
  level.next = 0;
  if (level.at + (level.leaf ? 8 : 12) + level.cells * 2 > pages_->usable()) return false;
  level.page.assign(reinterpret_cast<const char*>(p), pages_->usable());
  level.page.append(kRecordSlack, '\0');
  ++depth_;
  return true;
}

// The child left of cell `cell`, and the greatest rowid that may lie in it; of the last one, the right-most child.
bool SqliteTableCursor::Child(const Level& level, uint32_t cell, uint32_t* page, int64_t* key) const {
  const uint8_t* p = Bytes(level.page);
  if (cell == level.cells) {
    *page = Four(p + level.at + 8);
    *key = INT64_MAX;
    return true;
  }
  const uint32_t offset = Two(p + level.at + 12 + cell * 2);
  if (offset + 4 > pages_->usable()) return false;
  *page = Four(p + offset);
  uint64_t v = 0;
  const bool whole = ReadSqliteVarint(p + offset + 4, p + pages_->usable(), &v) != nullptr;
  *key = static_cast<int64_t>(v);
  return whole;
}

// Moves an interior page to the first child that may hold the range's first rowid.
bool SqliteTableCursor::SkipBelow(Level* level) {
  uint32_t low = 0, high = level->cells;
  while (low < high) {
    const uint32_t middle = (low + high) / 2;
    uint32_t page = 0;
    int64_t key = 0;
    if (!Child(*level, middle, &page, &key)) return false;
    if (key < low_)
      low = middle + 1;
    else
      high = middle;
  }
  level->next = low;
  return true;
}

SqliteTableCursor::Step SqliteTableCursor::Next() {
  if (!begun_) {
    begun_ = true;
    if (!Push(root_) || (!levels_[0].leaf && !SkipBelow(&levels_[0]))) return Step::kUnclear;
  }
  while (depth_ > 0) {
    Level& level = levels_[depth_ - 1];
    if (level.leaf) {
      while (level.next < level.cells) {
        const int64_t before = rowid_;
        if (!ReadCell(level)) return Step::kUnclear;
        ++level.next;
        if (rowid_ < low_) continue;
        if (any_ && rowid_ <= before) return Step::kUnclear;
        if (rowid_ > high_) return Step::kEnd;
        any_ = true;
        return Step::kRow;
      }
      --depth_;
      continue;
    }
    if (level.next > level.cells) {
      --depth_;
      continue;
    }
    uint32_t page = 0;
    int64_t key = 0;
    if (!Child(level, level.next++, &page, &key) || !Push(page)) return Step::kUnclear;
    if (Level& child = levels_[depth_ - 1]; !child.leaf && !any_ && !SkipBelow(&child)) return Step::kUnclear;
  }
  return Step::kEnd;
}

// A cell of a leaf: size and rowid as varints, the record's beginning, and where it goes on.
bool SqliteTableCursor::ReadCell(const Level& level) {
  const uint8_t* const begin = Bytes(level.page);
  const uint8_t* const end = begin + pages_->usable();
  const uint32_t offset = Two(begin + level.at + 8 + level.next * 2);
  if (offset < level.at + 8 + level.cells * 2 || offset >= pages_->usable()) return false;
  uint64_t size = 0, rowid = 0;
  const uint8_t* p = ReadSqliteVarint(begin + offset, end, &size);
  if (p != nullptr) p = ReadSqliteVarint(p, end, &rowid);
  if (p == nullptr) return false;
  rowid_ = static_cast<int64_t>(rowid);
  const uint64_t usable = pages_->usable(), most = usable - 35;
  if (size <= most) {
    if (size > static_cast<uint64_t>(end - p)) return false;
    record_ = {reinterpret_cast<const char*>(p), size};
    return true;
  }
  if (rowid_ < low_ || rowid_ > high_) return true;
  // Section 1.6: how much of a record that does not fit stays in its cell.
  const uint64_t least = (usable - 12) * 32 / 255 - 23, wanted = least + (size - least) % (usable - 4);
  const uint64_t here = wanted <= most ? wanted : least;
  if (size > kMaxRecord || here + 4 > static_cast<uint64_t>(end - p)) return false;
  overflowed_.assign(reinterpret_cast<const char*>(p), here);
  return ReadOverflow(size, Four(p + here));
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
