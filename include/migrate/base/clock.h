// Time for people and ledgers: UTC, ISO 8601. Durations are measured with std::chrono::steady_clock where they are
// needed.
#pragma once

#include <string>

namespace migrate {

std::string NowUtc();  // "2026-03-01T04:05:06Z"
std::string HostName();
std::string OperatorName();  // the login that runs this process, "uid 0" if it has no name

}  // namespace migrate
