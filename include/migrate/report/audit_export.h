// The audit trail for other programs.
#pragma once

#include <cstdint>

#include "migrate/report/output.h"
#include "migrate/store/connection.h"

namespace migrate::report {

// All events, by number: JSON lines {"event_id", "at", "kind", "detail", "hash"}, detail being an object, or CSV with
// the columns event_id,at,kind,detail,hash, detail being the text that was hashed. The hash of an event is the SHA-256
// of: hash before ‖ at ‖ 0x00 ‖ kind ‖ 0x00 ‖ detail. Streamed. Returns how many there are.
Result<uint64_t> ExportAudit(store::Connection* db, bool csv, Output& out);

}  // namespace migrate::report
