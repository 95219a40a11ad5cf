// What an entry of a decision's list means for its table: rows, old images and digests.
#pragma once

#include <memory>
#include <string_view>

#include "migrate/dedupe/persons.h"
#include "person_lists.h"

namespace migrate::dedupe {

// Writes one table through one connection, one partition at a time, within the caller's transactions. Not thread-safe.
class TableWriter {
 public:
  virtual ~TableWriter() = default;
  virtual Status Begin(uint32_t partition) = 0;
  virtual Status Apply(std::string_view entry) = 0;
  virtual Status Flush() = 0;  // rows that were kept back, and digests; before the commit
};

// `members`: the list of that name, for kPerson. Options must outlive the writer.
std::unique_ptr<TableWriter> MakeTableWriter(List list, const PersonOptions& options, store::Connection* db,
                                             std::shared_ptr<spool::SegmentReader> members);

}  // namespace migrate::dedupe
