// Lists of a fixed layout: small CSV files that the tool ships (nicknames, area codes) or an operator supplies
// (suppression lists), read whole by libfccp's csv.h. For person data use OpenCsv, which loses nothing.
#pragma once

#include <string>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::extract {

// The rows of the file with the wanted columns in the order of `columns` (1 to 8 of them), blanks around the values
// taken off. The header must name them all, in any order; other columns are passed over. Lines that begin with '#' and
// empty lines are skipped. Errors (kFailed) as "path:line: what": missing file or column, a row with too many or too
// few fields, a quote that is not closed, a line over 16 MiB.
Result<std::vector<std::vector<std::string>>> ReadFixedList(const std::string& path,
                                                            const std::vector<std::string>& columns);

}  // namespace migrate::extract
