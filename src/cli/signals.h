// SIGINT and SIGTERM for commands that work in chunks.
#pragma once

#include "migrate/base/cancel.h"

namespace migrate::cli {

// From now on the first one asks to stop after the chunk at hand, and says so on stderr (as an event with `json`); the
// second one ends the process at once with exit code 130, which is a crash like any other. Returns the flag that the
// first one sets.
const Cancel* StopOnSignals(bool json);

// The signal that set it, 0: none has.
int StoppedBy();

}  // namespace migrate::cli
