// What the target held when an import ended: records and persons as of then, what differs between two moments, and the
// history of one record or person. Read-only, one snapshot each. Results are JSON (docs/schema) and, of it, text.
//
// As of import K a record's image is the one that began with K or before and that no import up to K ended; one that a
// later rollback took out counts until that rollback. So the past shows what was rolled back since, too.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/record.h"
#include "migrate/report/person_view.h"
#include "migrate/store/connection.h"

namespace migrate::report {

// `text` is the number of an import, or a date or UTC time (2026-11-22, 2026-11-22T12:00:00Z): the last import that had
// ended then; a date alone is the end of that day. kPlan if it is neither, or nothing had ended.
Result<int64_t> ImportAsOf(store::Connection* db, std::string_view text);

// The person as it was when import `as_of` had ended; `id` as in Show. Members have the images that they had then.
Result<PersonView> ShowAsOf(store::Connection* db, const std::vector<Attribute>& attributes, std::string_view id,
                            int64_t as_of);

// Every image of a person or a record, by import: when, who, what changed field by field, from which source rows; the
// ids that came and went, and what stewards decided. `id`: a person_id, an id that was one, a record_id, or SOURCE:KEY.
Result<std::string> HistoryJson(store::Connection* db, const std::vector<Attribute>& attributes, std::string_view id);
std::string RenderHistory(const std::string& json);

// Records and persons that differ between the ends of two imports: all are counted, the first `limit` of each listed
// with their fields. Memory: what is listed.
Result<std::string> DiffJson(store::Connection* db, const std::vector<Attribute>& attributes, int64_t from, int64_t to,
                             uint64_t limit);
std::string RenderDiff(const std::string& json);

// All imports, or one with its inputs and counts.
Result<std::string> ImportsJson(store::Connection* db);
Result<std::string> ImportJson(store::Connection* db, int64_t import_id);
std::string RenderImports(const std::string& json);
std::string RenderImport(const std::string& json);

}  // namespace migrate::report
