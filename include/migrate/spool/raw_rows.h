// The rows and rejects of one segment of raw rows, where speed does not ask for the blocks themselves.
#pragma once

#include <functional>
#include <string>

#include "migrate/spool/rows.h"

namespace migrate::spool {

// Gives each to `take` in the order of the segment: the reader on it, and whether it is a row or a reject. Ends at the
// first error, of the file or of `take`.
Status EachRawRow(const std::string& path,
                  const std::function<Status(const RawBlockReader& at, RawBlockReader::Kind kind)>& take);

}  // namespace migrate::spool
