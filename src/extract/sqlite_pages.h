// A table's rows straight from the pages of a SQLite database file, by its documented format
// (https://www.sqlite.org/fileformat2.html, sections 1.3, 1.5 to 1.6), without SQLite's virtual machine: about a fifth
// of the time. Pages are read through the file object of a connection that holds a read transaction, so SQLite's locks
// protect them, and no descriptor of ours can give those locks up (POSIX drops all of a process's locks on a file when
// any descriptor of it is closed).
//
// Only right where the database file alone is the snapshot: not beside a write-ahead log that holds rows.
//
// What does not look as the format says is "unclear" here, never an error and never a guess: the caller lets SQLite
// read on from there, which reads it or says what is wrong.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::extract {

// The pages of one database file. Not thread-safe. Memory: 64 KiB.
class SqlitePages {
 public:
  // `db` must be in a read transaction as long as pages are read.
  explicit SqlitePages(sqlite3* db);
  // False if the header is not one that this class can read; then no page can be had.
  bool ok() const { return page_bytes_ != 0; }
  // Bytes of a page that hold content: without those that an extension has reserved.
  uint32_t usable() const { return usable_; }
  // The page's bytes (page_bytes of them) until the next call; nullptr if it cannot be read. Pages count from 1. Pages
  // asked for in ascending order without gaps are read many at a time.
  const uint8_t* Get(uint32_t page);

 private:
  sqlite3_file* file_ = nullptr;
  uint32_t page_bytes_ = 0, usable_ = 0;
  uint32_t first_ = 0, count_ = 0;  // of the pages in the window
  std::string window_;
};

// The rows of one table b-tree with rowids in a range, ascending. On the way every page is held against the keys of its
// parents: so ranges that tile all rowids hold every row of the table, each once, or the disorder is told, of which
// SQLite says nothing unless it is asked for an integrity check.
class SqliteTableCursor {
 public:
  enum class Step { kRow, kEnd, kUnclear, kDisorder };
  SqliteTableCursor(SqlitePages* pages, uint32_t root, int64_t low, int64_t high)
      : pages_(pages), root_(root), low_(low), high_(high) {}
  // After kRow: rowid() and record(), the latter until the next call and with kRecordSlack bytes behind it. After the
  // others no more calls.
  Step Next();
  int64_t rowid() const { return rowid_; }
  std::string_view record() const { return record_; }

 private:
  // A page on the way from the root: a copy, the rowids that may lie below it, and its next cell.
  struct Level {
    std::string page;
    int64_t least = 0, most = 0;
    uint32_t at = 0;  // offset of the page's header
    uint32_t cells = 0, next = 0;
    bool leaf = false;
  };
  // A cell of the leaf at hand.
  struct LeafCell {
    int64_t rowid = 0;
    uint64_t size = 0;    // of the record
    uint32_t offset = 0;  // of its beginning
  };
  Step Push(uint32_t page, int64_t least, int64_t most);
  Step ReadInterior(Level* level) const;
  Step ReadLeaf(const Level& level);
  Step Descend(Level* level);
  uint32_t Child(const Level& level, uint32_t cell) const;
  bool Key(const Level& level, uint32_t cell, int64_t* key) const;
  bool ReadRecord(const Level& level, const LeafCell& cell);
  bool ReadOverflow(uint64_t size, uint32_t page);

  SqlitePages* pages_;
  uint32_t root_;
  int64_t low_, high_;
  std::vector<Level> levels_;
  size_t depth_ = 0;  // levels in use; the others keep their memory
  std::vector<LeafCell> leaf_;
  bool begun_ = false;
  int64_t rowid_ = 0;
  std::string_view record_;
  std::string overflowed_;
};

}  // namespace migrate::extract
