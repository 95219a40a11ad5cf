// What must hold between tables and within the database's own structures, whatever the rows say.
#pragma once

#include <vector>

#include "migrate/reconcile/reconcile.h"
#include "sessions.h"

namespace migrate::reconcile {

// Every record in exactly one person, every person with its records, the audit chain, and PRAGMA integrity_check.
Result<std::vector<Check>> SqliteStructure(const Options& options);

// The same on a server, shared out among the sessions; CHECK TABLE comes last, since it ends a snapshot.
// `same_keys`: record and person_record were found to hold the same record_ids, so that nothing need be joined.
Result<std::vector<Check>> ServerStructure(const Options& options, Sessions* sessions, bool same_keys);

}  // namespace migrate::reconcile
