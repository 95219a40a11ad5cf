// Column names: making them unique, finding the keys, and saying which name was probably meant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/extract/source.h"

namespace migrate::extract {

// Without blanks (space, tab) at both ends.
std::string_view Trimmed(std::string_view text);

// Appends "_2", "_3", ... to a name that was there before, so that all differ. Returns one line for each change.
std::vector<std::string> MakeUnique(std::vector<Column>* columns);

// " (did you mean 'email'?)" or "": the nearest of `names` by edit distance, if it is near (a third of the length).
std::string DidYouMean(std::string_view wanted, const std::vector<std::string>& names);

// Indexes of the key columns; an error (kPlan) that names `where` and the columns that exist if one is missing.
Result<std::vector<uint32_t>> FindKeys(const std::string& where, const std::vector<std::string>& key,
                                       const std::vector<Column>& columns);

}  // namespace migrate::extract
