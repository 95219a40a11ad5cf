// What a reconciliation found, as the report and reconciliation.jsonl have it (docs/formats.md).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "context.h"

namespace migrate::run {

// kShort: without digests, and of the partitions only those whose books do not balance.
enum class Books { kShort, kWhole };

// verdict, books, checks, damage, damaged, and source_rows where they were read again. There is a c.reconciled.
nlohmann::json VerdictJson(const Context& c, Books how);

}  // namespace migrate::run
