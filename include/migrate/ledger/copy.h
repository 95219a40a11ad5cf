// A target's tables copied from a server into a SQLite file, so that a dry run can be the same code on a copy.
#pragma once

#include <cstdint>

#include "migrate/base/status.h"
#include "migrate/record/digest.h"
#include "migrate/store/connection.h"

namespace migrate::ledger {

// `to` is an empty SQLite database; its tables are made. All rows of all tables are copied; buckets and source digests
// are made anew for the partitions of `to`, from the rows as they came, so a damage in `from` is not noticed here.
// Memory: one row, and 48 bytes a change of up to 262,144.
Status CopyIntoSqlite(store::Connection* from, store::Connection* to, const Partitioner& partitioner);

}  // namespace migrate::ledger
