// Rejects of a chunk of load, beside its transaction: their numbers in quarantine follow files and rows, so they wait
// in files until all partitions are done. One file a chunk, written before the chunk's commit; a chunk that is done
// again writes it again.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "migrate/record/record.h"

namespace migrate::load {

using Rejects = std::vector<Reject>;

// In the form of a raw segment (spool/rows.h), in the order given; a block is tagged with the file of its rows, and a
// new one begins where that changes.
Status WriteRejects(const std::string& path, const Rejects& rejects);
Status ReadRejects(const std::string& path, const std::function<Status(const Reject&)>& take);

}  // namespace migrate::load
