#include "migrate/run/half_done.h"

#include <fmt/core.h>

#include "migrate/ledger/versions.h"

namespace migrate::run {

Result<HalfDone> HalfDoneImport(store::Connection* db) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  const auto has = [db](int64_t import_id, const char* stage) -> Result<bool> {
    MIGRATE_ASSIGN(auto value, ledger::Checkpoint(db, import_id, stage, 0));
    return value.has_value();
  };
  for (const auto& i : imports) {
    if (i.state != "loading") continue;
    const ledger::Version& v = versions[i.import_id];
    MIGRATE_ASSIGN(const bool matched, has(i.import_id, "dedupe"));
    if (matched) continue;
    // Each is committed before the first row of its kind.
    MIGRATE_ASSIGN(bool written, has(i.import_id, "load_begun"));
    if (v.rollback || v.matching) written = true;
    if (!written) continue;
    return HalfDone{
        i.import_id,
        fmt::format("import {} ({} of the plan {}) has not ended: what is read now may hold records without "
                    "their persons; read again when it has",
                    i.import_id, ledger::KindOf(v), i.plan_name)};
  }
  return HalfDone{};
}

}  // namespace migrate::run
