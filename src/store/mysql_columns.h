// Names and kinds of the columns of a result of the client library.
#pragma once

#include <mysql.h>

#include <vector>

#include "migrate/store/mysql.h"

namespace migrate::store {

std::vector<MysqlColumn> ColumnsOf(MYSQL_RES* result);

}  // namespace migrate::store
