#include "migrate/ledger/control.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "migrate/base/hash.h"
#include "migrate/ledger/buckets.h"
#include "migrate/ledger/has_table.h"
#include "migrate/ledger/ledger.h"
#include "migrate/ledger/versions.h"

namespace migrate::ledger {
namespace {

using nlohmann::json;

constexpr char kStage[] = "control";

// By number, ascending: rows of one import each, or rows that are only added to.
struct ControlTable {
  const char* name;
  const char* columns;  // the number first
  int count;
};
constexpr ControlTable kOfImport[] = {
    {"import",
     "import_id, plan_name, plan_hash, tool_version, operator, host, started_at, finished_at, row_limit, counts", 10},
    {"import_file",
     "import_id, file_no, source_id, path, what, bytes, sha256, schema_id, layout, state, same_as, counted, extracted, "
     "quarantined, digest, findings",
     16}};
constexpr ControlTable kAddedTo[] = {{"source_schema", "schema_id, source_id, columns", 3},
                                     {"decision", "decision_id, kind, record_a, record_b, who, reason, at", 7},
                                     {"decision_pin", "decision_id, field, value", 3}};

using Digests = std::map<int64_t, MultisetDigest>;  // by number

// `import_id` 0: of all.
Result<Digests> DigestsOf(store::Connection* db, const ControlTable& table, int64_t import_id = 0) {
  Digests digests;
  MIGRATE_ASSIGN(const bool there, HasTable(db, table.name));
  if (!there) return digests;
  const std::string where = import_id == 0 ? "" : fmt::format(" WHERE import_id = {}", import_id);
  MIGRATE_ASSIGN(auto q, db->Prepare(fmt::format("SELECT {} FROM {}{}", table.columns, table.name, where)));
  RowHasher hasher;
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return digests;
    const int64_t number = q->Integer(0);
    digests[number].Add(HashStoredRow(&hasher, *q, table.count));
  }
}

MultisetDigest UpTo(const Digests& digests, int64_t last) {
  MultisetDigest all;
  for (auto it = digests.begin(); it != digests.end() && it->first <= last; ++it) all.Merge(it->second);
  return all;
}

std::string TextOf(const json& j, const char* name) {
  const auto it = j.find(name);
  return it != j.end() && it->is_string() ? it->get<std::string>() : "";
}

int64_t NumberOf(const json& j, const char* name) {
  const auto it = j.find(name);
  return it != j.end() && it->is_number_integer() ? it->get<int64_t>() : 0;
}

// The imports that are done and have such a checkpoint, ascending.
Result<std::map<int64_t, json>> Kept(store::Connection* db) {
  std::map<int64_t, json> kept;
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT c.import_id, c.value FROM checkpoint c JOIN import i ON i.import_id = "
                                     "c.import_id WHERE c.stage = 'control' AND c.part = 0 AND i.state = 'done'"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return kept;
    kept[q->Integer(0)] = json::parse(q->Text(1), nullptr, false);
  }
}

// Versions whose row does not fit the others; kind, plan, root and order of an import are in its chain besides.
Result<std::vector<std::string>> DamagedVersions(store::Connection* db) {
  MIGRATE_ASSIGN(const VersionsById versions, Versions(db));
  MIGRATE_ASSIGN(const auto imports, Imports(db));
  std::vector<std::string> damaged;
  for (const auto& [id, v] : versions) {
    const bool there =
        std::any_of(imports.begin(), imports.end(), [id = id](const Import& i) { return i.import_id == id; });
    const auto undone = versions.find(v.undoes), by = versions.find(v.rolled_back_by);
    const bool undoes = v.rollback ? undone != versions.end() && v.undoes < id : v.undoes == 0 && !v.keep_later;
    const bool stands = v.rolled_back_by == 0 || (by != versions.end() && by->second.undoes == id);
    if (!there || !undoes || !stands) damaged.push_back(fmt::format("import_version of import {}", id));
  }
  return damaged;
}

}  // namespace

Status KeepControlDigests(store::Connection* db, int64_t import_id) {
  json j = json::object();
  for (const ControlTable& table : kOfImport) {
    MIGRATE_ASSIGN(Digests digests, DigestsOf(db, table, import_id));
    j[table.name] = digests[import_id].Text();
  }
  for (const ControlTable& table : kAddedTo) {
    MIGRATE_ASSIGN(const Digests digests, DigestsOf(db, table));
    const int64_t last = digests.empty() ? 0 : digests.rbegin()->first;
    j[table.name] = {{"max", last}, {"rows", UpTo(digests, last).Text()}};
  }
  return SetCheckpoint(db, import_id, kStage, 0, j.dump());
}

Result<std::vector<std::string>> DamagedControl(store::Connection* db) {
  MIGRATE_ASSIGN(std::vector<std::string> damaged, DamagedVersions(db));
  MIGRATE_ASSIGN(const auto kept, Kept(db));
  if (kept.empty()) return damaged;
  for (const auto& [import_id, j] : kept)
    if (!j.is_object()) {
      damaged.push_back(fmt::format("the checkpoint control of import {}", import_id));
      return damaged;
    }
  for (const ControlTable& table : kOfImport) {
    MIGRATE_ASSIGN(Digests now, DigestsOf(db, table));
    for (const auto& [import_id, j] : kept)
      if (TextOf(j, table.name) != now[import_id].Text())
        damaged.push_back(fmt::format("{} of import {}", table.name, import_id));
  }
  const auto& [last_import, last] = *kept.rbegin();
  for (const ControlTable& table : kAddedTo) {
    MIGRATE_ASSIGN(const Digests now, DigestsOf(db, table));
    const auto then = last.find(table.name);
    if (then == last.end() || !then->is_object() || TextOf(*then, "rows") != UpTo(now, NumberOf(*then, "max")).Text())
      damaged.push_back(fmt::format("{}, as import {} left it", table.name, last_import));
  }
  return damaged;
}

}  // namespace migrate::ledger
