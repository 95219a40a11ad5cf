#include "columns.h"

#include <nlohmann/json.hpp>

namespace migrate::report {

Result<std::vector<std::string>> ColumnNames(std::string_view columns_json) {
  auto json = nlohmann::json::parse(columns_json, nullptr, false);
  if (!json.is_array()) return Status::Failed("source_schema: columns are damaged: not a JSON array");
  std::vector<std::string> names;
  for (const auto& column : json) {
    const auto name = column.is_object() ? column.value("name", nlohmann::json()) : column;
    if (!name.is_string()) return Status::Failed("source_schema: columns are damaged: a column has no name");
    names.push_back(name.get<std::string>());
  }
  return names;
}

Result<SchemaColumns> ReadSchemas(store::Connection* db, int64_t source_id) {
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT schema_id, columns FROM source_schema WHERE source_id = ?"));
  q->Bind(1, source_id);
  SchemaColumns all;
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return all;
    MIGRATE_ASSIGN(all[q->Integer(0)], ColumnNames(q->Text(1)));
  }
}

}  // namespace migrate::report
