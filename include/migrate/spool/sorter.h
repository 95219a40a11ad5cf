// External sort: values with a 128-bit key, ascending, within a memory budget; what does not fit spills to sorted runs.
//
//   Sorter sorter(folder, 256 << 20);
//   MIGRATE_TRY(sorter.Add(person_id, record_id, bytes));   // any number, any order
//   MIGRATE_TRY(sorter.Sort());
//   while (true) { MIGRATE_ASSIGN(bool more, sorter.Next(&item)); if (!more) break; ... }
//
// Memory: 32 bytes and the value a record in the buffer, which is written out when it reaches the budget; while merging
// one block (128 KiB) a run. Equal keys come in the order in which they were added, or by their values as bytes. Files
// go when the Sorter does.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::spool {

class Sorter {
 public:
  struct Item {
    uint64_t high = 0, low = 0;
    std::string_view value;  // until the next call
  };
  enum class Ties { kAsAdded, kByValue };
  Sorter(std::string folder, uint64_t memory_bytes, Ties ties = Ties::kAsAdded);
  ~Sorter();
  Status Add(uint64_t high, uint64_t low, std::string_view value);
  Status Sort();
  Result<bool> Next(Item* item);

 private:
  struct Entry {
    uint64_t high, low, at;  // at: offset of the value in arena_, which is length-prefixed
  };
  struct Run;
  struct After;
  std::string_view ValueOf(const Entry& e) const;
  void SortBuffer();
  Status Spill();
  std::string folder_;
  uint64_t memory_bytes_;
  Ties ties_;
  std::string arena_;
  std::vector<Entry> entries_;
  size_t next_ = 0;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<Run*> heap_;
  Run* last_ = nullptr;
};

}  // namespace migrate::spool
