// Rejects of a chunk of load, beside its transaction: their numbers in quarantine follow the order of partitions, which
// workers do not keep, so they wait in files until all partitions are done. One file a chunk, written before the
// chunk's commit; a chunk that is done again writes it again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "migrate/record/record.h"

namespace migrate::load {

struct SourceReject {
  int64_t source_id = 0;
  Reject reject;
};
using Rejects = std::vector<SourceReject>;

// In the form of a raw segment (spool/rows.h), in the order given; a block is tagged with the file of its rows, and a new
// one begins where that changes.
Status WriteRejects(const std::string& path, const Rejects& rejects);
// `source_of` gives the source_id of a file number.
Status ReadRejects(const std::string& path, const std::function<int64_t(uint32_t)>& source_of,
                   const std::function<Status(int64_t source_id, const Reject&)>& take);

}  // namespace migrate::load
