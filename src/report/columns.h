// Column names of a source's rows, as kept in source_schema.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::report {

// Names in order, from [{"name": ..., "type": ...}, ...] (a plain list of names is read too). Error if it is damaged.
Result<std::vector<std::string>> ColumnNames(std::string_view columns_json);

// Of every schema of a source, by schema_id.
using SchemaColumns = std::map<int64_t, std::vector<std::string>>;
Result<SchemaColumns> ReadSchemas(store::Connection* db, int64_t source_id);

}  // namespace migrate::report
