// Files that were put back: their content came in once, and after that the same path brought other content, which is
// what the target holds. Of a source that is only added to such a file is skipped, and read again it keeps its old
// place (load.h); so it changes nothing. The operator who has restored it thinks otherwise, and is told.
#pragma once

#include <string>
#include <vector>

#include "context.h"

namespace migrate::run {

// One text for each such input of c.inputs (hashed, and with their states), in their order: which import brought its
// content, which ones of the same path came after it, and what takes those back. Imports that were rolled back, or that
// another plan made, do not count. Empty without a target.
Result<std::vector<std::string>> OvertakenFiles(const Context& c);

}  // namespace migrate::run
