// The legacy table on a MySQL or MariaDB server, filled by LOAD DATA LOCAL: the lines come from a callback, so no file
// is written and nothing is held.
#pragma once

#include <cstdint>
#include <string>

#include "datagen_people.h"
#include "migrate/base/status.h"

namespace migrate::datagen {

struct Source;

// One line of LOAD DATA in its default format: fields parted by tabs, \N is NULL, a backslash escapes; UTF-8.
void AppendMysqlLine(uint64_t number, const Row& row, std::string& out);

// CREATE TABLE of the table, without the line end; `table` without quotes.
std::string CreateMysqlTable(const std::string& table);

// Drops the table if it is there, creates it and loads the source's rows, `connections` key ranges at a time. Rows
// arrive in transactions of 200,000. The password is read from MYSQL_PWD. Memory: about 1 MB a connection. Fails, and
// leaves what is loaded, if the server refuses, changes (a warning) or loses a row.
Status WriteMysql(const World& world, const Source& source, int connections);

}  // namespace migrate::datagen
