// Audit events of commands that change nothing else in the target: exports, and runs that only looked or were refused.
//
// Such an event is a transaction of its own and needs no lease, so it is written beside a run, too: the end of the
// trail is a row that writers lock (ledger::AppendAudit), so they follow each other. Where the target cannot be written
// (a reader's account, a run that holds a SQLite file for longer than a few seconds), the event is kept in the
// workspace, audit/TIME-RANDOM.json, and the next run or export of this workspace that can write adds it, with the time
// and the user that it was kept with.
#pragma once

#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

// Adds an event, behind those that were kept. Nothing without a target. An error if it is not in the trail, or not yet;
// it says which: the command's own result is good all the same.
Status AuditCommand(const plan::Plan& plan, const std::string& kind, const std::string& detail_json);

// Adds the events that were kept; nothing if there is none. May be tried again: none is added twice.
Status AddKeptEvents(const plan::Plan& plan);

}  // namespace migrate::run
