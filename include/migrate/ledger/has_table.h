// A target that an older version of this tool made lacks the tables that came since (versions of imports, fixes of
// rejects) until it is next written to; who only reads takes such a table for an empty one.
#pragma once

#include <string>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

Result<bool> HasTable(store::Connection* db, const std::string& name);

}  // namespace migrate::ledger
