#include "take_back.h"

#include <fmt/core.h>

#include <algorithm>

#include "migrate/ledger/versions.h"
#include "migrate/run/rollback.h"

namespace migrate::run {

Result<int64_t> TakeBackUnderWay(const plan::Plan& plan, store::Connection* db) {
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  for (const auto& i : imports) {
    const ledger::Version& v = versions[i.import_id];
    if (i.state != "loading" || !v.rollback || i.plan_name != plan.name) continue;
    const auto subject =
        std::find_if(imports.begin(), imports.end(), [&](const auto& s) { return s.import_id == v.undoes; });
    if (subject != imports.end() && subject->state == "abandoned") return v.undoes;
  }
  return int64_t{0};
}

Result<int64_t> ImportToTakeBack(const Context& c) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return int64_t{0};
  MIGRATE_ASSIGN(auto mine, ImportOfWork(c, db.get()));
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db.get()));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db.get()));
  for (const auto& i : imports) {
    const ledger::Version& v = versions[i.import_id];
    if (i.state != "loading" || i.plan_name != c.plan.name || v.rollback || v.matching) continue;
    if (mine && mine->import_id == i.import_id) continue;
    // Each is committed before the first row of its kind.
    MIGRATE_ASSIGN(int64_t left,
                   db->QueryInteger(fmt::format(
                       "SELECT count(*) FROM checkpoint WHERE import_id = {} AND stage IN ('load_begun', 'rejects')",
                       i.import_id)));
    if (left != 0) return i.import_id;
  }
  return int64_t{0};
}

Status TakeBack(const plan::Plan& plan, const RunOptions& options, int64_t import_id) {
  {
    MIGRATE_ASSIGN(auto db, LookAtTarget(plan.target));
    if (!db) return {};
    MIGRATE_ASSIGN(auto versions, ledger::Versions(db.get()));
    if (versions[import_id].rolled_back_by != 0) return {};  // by another run, meanwhile
  }
  if (options.printer != nullptr)
    options.printer->Note(fmt::format(
        "import {} did not end, and what is to be imported is not the same any more: it is taken back first",
        import_id));
  RollbackOptions o;
  o.tool_version = options.tool_version;
  o.import_id = import_id;
  o.abandon = true;
  o.threads = options.threads;
  o.memory_bytes = options.memory_bytes;
  o.cancel = options.cancel;
  o.printer = options.printer;
  return Rollback(plan, o).status();
}

}  // namespace migrate::run
