// Rows into a MySQL table: LOAD DATA LOCAL from memory, or statements of many rows where the server does not take that.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "load_data_text.h"
#include "migrate/store/mysql.h"

namespace migrate::store {

enum class RowTransport { kLoadData, kStatements };

// `packet`: the server's max_allowed_packet, which bounds a statement. `filled`: what earlier writers of the same
// columns have learned; columns that are NULL in every row are not sent, so their default must be NULL. Memory: up to 4
// MiB and a row.
std::unique_ptr<RowWriter> MakeMysqlRows(MysqlSession* session, const std::string& table,
                                         const std::vector<std::string>& columns, OnExisting on_existing, int partition,
                                         RowTransport transport, uint64_t packet, FilledColumns filled);

// From now on a server that asks for a file of this machine gets none.
void RefuseFiles(MysqlSession* session);

}  // namespace migrate::store
