// What becomes of rejects when an import loads: its own go to quarantine, those of earlier imports give way, and what
// somebody has mended before stays mended (ledger/fixes.h).
#pragma once

#include "context.h"
#include "migrate/load/load.h"

namespace migrate::run {

// The rejects of extract into quarantine, once, in one transaction; rejects of an earlier import of the same file give
// way.
Status LoadRejects(Context* c);

// Rows with a repeated key that were mended have another key, under which no source knows them: a snapshot does not
// call them gone.
Status TakeMended(Context* c, load::Options* options);

// After load: of the repeated keys that it put aside, those that were mended before.
Status InheritRepeated(Context* c);

// The rows that a replay loaded are no longer open. Within the transaction that ends the import: until then the same
// command finds them again and resumes.
Status LeaveQuarantine(Context* c);

}  // namespace migrate::run
