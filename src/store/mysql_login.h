// How a session is secured, and by which ways it may log in (MysqlOptions says what each mode means).
#pragma once

#include <mysql.h>

#include <string>

#include "migrate/base/status.h"
#include "migrate/store/mysql.h"

namespace migrate::store {

// options.tls_mode, or what it is by default; never "".
std::string TlsModeOf(const MysqlOptions& options);

// What can be said before anything is sent: an IAM login without a checked server, a file of authorities that is none.
Status CheckLogin(const MysqlOptions& options);

// Sets TLS and the allowed ways of logging in on a handle that is not connected yet.
void SetLogin(MYSQL* handle, const MysqlOptions& options);

// What to do about an error of connecting, where that depends on how it was tried; "" where it does not. `code` is the
// client library's.
std::string LoginHint(const MysqlOptions& options, unsigned code);

}  // namespace migrate::store
