// Errors of statements on a target.
#pragma once

#include <string>

#include "migrate/store/mysql.h"

namespace migrate::store {

// A target's tables are this tool's own: what an SQL error says of them is no mistake of the plan, and a transaction
// that may not write is a writer that was demoted.
Status TargetError(const MysqlSession& session, const std::string& what);

}  // namespace migrate::store
