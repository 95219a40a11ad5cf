#include "migrate/report/audit_export.h"

#include <nlohmann/json.hpp>

#include "migrate/report/csv.h"
#include "snapshot.h"

namespace migrate::report {

Result<uint64_t> ExportAudit(store::Connection* db, bool csv, Output& out) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT event_id, at, kind, detail, hash FROM audit_event ORDER BY event_id"));
  CsvLine line;
  if (csv) {
    for (const char* name : {"event_id", "at", "kind", "detail", "hash"}) line.Add(name);
    MIGRATE_TRY(out.Write(line.Line()));
  }
  for (uint64_t n = 0;; ++n) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return n;
    if (csv) {
      line.Add(std::to_string(q->Integer(0)));
      for (int c = 1; c < 5; ++c) line.Add(q->Text(c));
      MIGRATE_TRY(out.Write(line.Line()));
      continue;
    }
    const std::string text(q->Text(3));
    auto detail = nlohmann::ordered_json::parse(text, nullptr, false);
    if (detail.is_discarded()) detail = text;
    const nlohmann::ordered_json j = {{"event_id", q->Integer(0)},
                                      {"at", std::string(q->Text(1))},
                                      {"kind", std::string(q->Text(2))},
                                      {"detail", detail},
                                      {"hash", std::string(q->Text(4))}};
    MIGRATE_TRY(out.Write(j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"));
  }
}

}  // namespace migrate::report
