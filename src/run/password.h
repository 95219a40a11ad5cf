// Reading a password from where the plan says it is.
#pragma once

#include <functional>
#include <string>

#include "migrate/base/status.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

// A function that reads the password anew each time (run/servers.h says what "anew" means for each kind); empty if the
// plan names none. `user`, `host` and `port` are whom it is for. Thread-safe.
std::function<Result<std::string>()> PasswordReader(const plan::Secret& secret, const std::string& user,
                                                    const std::string& host, int port);

}  // namespace migrate::run
