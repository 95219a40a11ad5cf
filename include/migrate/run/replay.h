// The quarantine's way back: rows that somebody mends, and rows that are read again by the plan as it is now.
//
// A replay is an import of its own whose inputs are the open rows that can be read now: after a change of the plan (its
// encoding, its key, its layouts) or with the bytes or values that somebody has put beside them. They go through all
// stages; when they are loaded, they are not open any more (state "replayed"). What still cannot be read, and what
// repeats another row's key as it did, stays open and is no part of it; so a replay that is given twice finds nothing.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "migrate/ledger/fixes.h"
#include "migrate/run/run.h"
#include "migrate/store/connection.h"

namespace migrate::run {

struct Input;

struct ReplayRequest {
  std::vector<int64_t> ids;  // quarantine_ids; empty: all that are open
  std::string reason;        // of this reason only, "": of any
};

// The open rows that were asked for, read by the plan.
struct ReplayRows {
  std::vector<Input> inputs;                       // of those that can be read, one a file of an import
  uint64_t rows = 0;                               // in them
  std::map<std::string, uint64_t> still_rejected;  // the others, by reason
};
// kPlan for an id that is not there or is not open. Memory: the rows with their bytes.
Result<ReplayRows> FindReplayRows(const plan::Plan& plan, store::Connection* db, const ReplayRequest& request);

struct ReplayOutcome {
  RunOutcome run;         // exit code 3 while rows that were asked for stay open
  uint64_t replayed = 0;  // rows
  std::map<std::string, uint64_t> still_rejected;
};
ReplayOutcome Replay(const plan::Plan& plan, const ReplayRequest& request, const RunOptions& options);

struct FixOutcome {
  bool readable = false;       // by the plan as it is now
  std::string reason, detail;  // why not
};
// Keeps `fix` beside an open row. kPlan for an id that is not open, or a column that the row does not have.
Result<FixOutcome> FixReject(const plan::Plan& plan, store::Connection* db, int64_t id, const ledger::Fix& fix);

}  // namespace migrate::run
