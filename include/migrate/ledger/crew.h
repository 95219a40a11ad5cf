// Workers that write side by side, each on a connection of its own.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include "migrate/base/status.h"

namespace migrate::ledger {

// Calls work(0) on the calling thread and work(1) ... work(workers - 1) on others, and waits for all. Whoever fails
// sets the flag, which the others look at between two pieces of work. An exception becomes an error under `who`.
// Returns the first error that lasts, else the first one that may pass.
Status RunCrew(size_t workers, const std::string& who,
               const std::function<Status(size_t worker, const std::atomic<bool>& stop)>& work);

}  // namespace migrate::ledger
