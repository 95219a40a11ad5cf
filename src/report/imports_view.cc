#include <fmt/core.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "migrate/ledger/has_table.h"
#include "migrate/ledger/versions.h"
#include "migrate/report/history_view.h"
#include "past.h"
#include "snapshot.h"
#include "text.h"

namespace migrate::report {
namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& j) { return j.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

Json OrNull(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }
Json OrNull(int64_t n) { return n == 0 ? Json(nullptr) : Json(n); }

Result<Json> AllImports(store::Connection* db) {
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT import_id, state, plan_name, plan_hash, tool_version, operator, host, "
                                     "started_at, finished_at, row_limit, counts FROM import ORDER BY import_id"));
  Json all = Json::array();
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return all;
    const ledger::Version& v = versions[q->Integer(0)];
    Json counts = Json::parse(q->Text(10), nullptr, false);
    all.push_back({{"import", q->Integer(0)},
                   {"kind", ledger::KindOf(v)},
                   {"state", std::string(q->Text(1))},
                   {"undoes", OrNull(v.undoes)},
                   {"rolled_back_by", OrNull(v.rolled_back_by)},
                   {"held", v.held()},
                   {"plan", std::string(q->Text(2))},
                   {"plan_hash", std::string(q->Text(3))},
                   {"tool_version", std::string(q->Text(4))},
                   {"operator", std::string(q->Text(5))},
                   {"host", std::string(q->Text(6))},
                   {"started_at", std::string(q->Text(7))},
                   {"finished_at", OrNull(std::string(q->Text(8)))},
                   {"limit", q->IsNull(9) ? Json(nullptr) : Json(q->Integer(9))},
                   {"root", OrNull(v.root)},
                   {"chain", OrNull(v.chain)},
                   {"counts", counts.is_object() ? counts : Json(nullptr)}});
  }
}

// Counts all rows and keeps the first ones.
class Listed {
 public:
  explicit Listed(uint64_t limit) : limit_(limit) {}
  void Count(const std::string& what) { ++counts_[what]; }
  bool room() const { return rows_.size() < limit_; }
  void Add(Json row) {
    if (room()) rows_.push_back(std::move(row));
  }
  Json counts(const std::vector<const char*>& names) const {
    Json out = Json::object();
    for (const char* n : names) out[n] = counts_.count(n) > 0 ? counts_.at(n) : 0;
    return out;
  }
  const Json& rows() const { return rows_; }

 private:
  uint64_t limit_;
  std::map<std::string, uint64_t> counts_;
  Json rows_ = Json::array();
};

Json Changes(const std::vector<FieldChange>& changes) {
  Json out = Json::array();
  for (const auto& c : changes)
    out.push_back({{"field", c.name}, {"before", OrNull(c.before)}, {"after", OrNull(c.after)}});
  return out;
}

Status EachId(store::Connection* db, const std::string& sql, const std::function<Status(uint64_t)>& take) {
  MIGRATE_ASSIGN(auto q, db->Scan(sql));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return {};
    MIGRATE_TRY(take(static_cast<uint64_t>(q->Integer(0))));
  }
}

Result<Json> RecordsOfDiff(store::Connection* db, const std::vector<Attribute>& attributes, int64_t from, int64_t to,
                           uint64_t limit) {
  PastReader past(db, attributes);
  Listed list(limit);
  auto in = [&](const char* column) { return column + fmt::format(" > {} AND {} <= {}", from, column, to); };
  MIGRATE_ASSIGN(bool undone, ledger::HasTable(db, "record_undone"));
  const std::string sql = "SELECT record_id FROM record WHERE (" + in("import_id") + ") OR (" + in("gone_import") +
                          ") UNION SELECT record_id FROM record_history WHERE (" + in("ended_import") + ") OR (" +
                          in("import_id") + ")" +
                          (undone ? " UNION SELECT record_id FROM record_undone WHERE (" + in("undone_import") +
                                        ") OR (" + in("rollback_import") + ")"
                                  : std::string()) +
                          " ORDER BY record_id";
  MIGRATE_TRY(EachId(db, sql, [&](uint64_t id) -> Status {
    MIGRATE_ASSIGN(RecordPast images, past.Record(id));
    const PastImage *a = AsOf(images, from), *b = AsOf(images, to);
    if (a == b) return {};
    std::vector<FieldChange> changes;
    if (a != nullptr && b != nullptr) {
      changes = ChangesOf(FieldsOf(a->row, attributes), FieldsOf(b->row, attributes));
      if (changes.empty() && a->row.record.row_sha256 == b->row.record.row_sha256) return {};
    }
    const char* what = a == nullptr ? "new" : b == nullptr ? "gone" : "changed";
    list.Count(what);
    if (!list.room()) return {};
    MIGRATE_ASSIGN(std::string name, past.NameOf(id));
    list.Add({{"record_id", std::to_string(id)}, {"record", name}, {"what", what}, {"changes", Changes(changes)}});
    return {};
  }));
  return Json{{"counts", list.counts({"new", "changed", "gone"})}, {"rows", list.rows()}};
}

Result<Json> PersonsOfDiff(store::Connection* db, const std::vector<Attribute>& attributes, int64_t from, int64_t to,
                           uint64_t limit) {
  PastReader past(db, attributes);
  Listed list(limit);
  auto in = [&](const char* column) { return column + fmt::format(" > {} AND {} <= {}", from, column, to); };
  auto alias = [&](const char* column, const char* kind, const char* other, uint64_t id) {
    return db->QueryInteger(fmt::format("SELECT max({}) FROM person_alias WHERE {} = {} AND kind = '{}' AND {}", other,
                                        column, id, kind, in("import_id")));
  };
  const std::string sql = "SELECT person_id FROM person WHERE " + in("import_id") +
                          " UNION SELECT person_id FROM person_history WHERE (" + in("ended_import") + ") OR (" +
                          in("import_id") + ") ORDER BY person_id";
  MIGRATE_TRY(EachId(db, sql, [&](uint64_t id) -> Status {
    MIGRATE_ASSIGN(PersonPast images, past.Person(id, false));
    const PastPerson *a = AsOf(images, from), *b = AsOf(images, to);
    if (a == b) return {};
    std::string what = a == nullptr ? "new" : b == nullptr ? "gone" : "changed";
    int64_t other = 0;
    if (b == nullptr) {
      MIGRATE_ASSIGN(other, alias("alias_id", "merged_into", "person_id", id));
      if (other != 0) what = "merged";
    } else if (a == nullptr) {
      MIGRATE_ASSIGN(other, alias("person_id", "split_from", "alias_id", id));
      if (other != 0) what = "split";
    }
    std::vector<FieldChange> changes;
    if (a != nullptr && b != nullptr) {
      changes = ChangesOf(FieldsOf(a->person, attributes), FieldsOf(b->person, attributes));
      if (a->person.record_count != b->person.record_count)
        changes.push_back(
            {"record_count", std::to_string(a->person.record_count), std::to_string(b->person.record_count)});
    }
    list.Count(what);
    list.Add({{"person_id", id}, {"what", what}, {"other_person", OrNull(other)}, {"changes", Changes(changes)}});
    return {};
  }));
  return Json{{"counts", list.counts({"new", "changed", "gone", "merged", "split"})}, {"rows", list.rows()}};
}

std::string DiffRows(const Json& part, const char* id) {
  std::string out;
  for (const auto& r : part["rows"]) {
    out += fmt::format("  {:<8} {}", r["what"].get<std::string>(),
                       r[id].is_string() ? Plain(r[id].get<std::string>()) : r[id].dump());
    if (r.contains("other_person") && !r["other_person"].is_null())
      out += fmt::format(" {} {}", r["what"] == "merged" ? "into" : "from", r["other_person"].dump());
    out += "\n";
    for (const auto& c : r["changes"]) {
      auto s = [](const Json& v) { return v.is_null() ? std::string("-") : Plain(v.get<std::string>()); };
      out += fmt::format("           {} {} -> {}\n", c["field"].get<std::string>(), s(c["before"]), s(c["after"]));
    }
  }
  uint64_t all = 0;
  for (const auto& [what, n] : part["counts"].items()) all += n.get<uint64_t>();
  if (all > part["rows"].size()) out += fmt::format("  and {} more (--limit)\n", all - part["rows"].size());
  return out;
}

std::string CountsLine(const Json& counts) {
  std::string out;
  for (const auto& [what, n] : counts.items()) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", n.dump(), what);
  return out;
}

Status CheckImport(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(int64_t n,
                 db->QueryInteger(fmt::format("SELECT count(*) FROM import WHERE import_id = {}", import_id)));
  if (n != 0 || import_id == 0) return {};
  return Status::Plan(fmt::format("there is no import {}", import_id), "`migrate imports list` shows the imports");
}

}  // namespace

Result<std::string> ImportsJson(store::Connection* db) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  MIGRATE_ASSIGN(Json all, AllImports(db));
  return Dump({{"schema", 1}, {"imports", all}});
}

Result<std::string> ImportJson(store::Connection* db, int64_t import_id) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  MIGRATE_TRY(CheckImport(db, import_id));
  MIGRATE_ASSIGN(Json all, AllImports(db));
  Json j = {{"schema", 1}, {"import", nullptr}, {"inputs", Json::array()}};
  for (auto& i : all)
    if (i["import"] == import_id) j["import"] = i;
  MIGRATE_ASSIGN(auto q,
                 db->Prepare("SELECT s.name, f.path, f.what, f.state, f.bytes, f.sha256, f.counted, f.extracted, "
                             "f.quarantined, f.digest FROM import_file f JOIN source s ON s.source_id = "
                             "f.source_id WHERE f.import_id = ? ORDER BY f.file_no"));
  q->Bind(1, import_id);
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) return Dump(j);
    j["inputs"].push_back({{"source", std::string(q->Text(0))},
                           {"path", std::string(q->Text(1))},
                           {"what", std::string(q->Text(2))},
                           {"state", std::string(q->Text(3))},
                           {"bytes", q->Integer(4)},
                           {"sha256", std::string(q->Text(5))},
                           {"counted", q->Integer(6)},
                           {"extracted", q->Integer(7)},
                           {"quarantined", q->Integer(8)},
                           {"digest", std::string(q->Text(9))}});
  }
}

Result<std::string> DiffJson(store::Connection* db, const std::vector<Attribute>& attributes, int64_t from, int64_t to,
                             uint64_t limit) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  MIGRATE_TRY(CheckImport(db, from));
  MIGRATE_TRY(CheckImport(db, to));
  if (from >= to)
    return Status::Plan(fmt::format("imports diff: {} is not before {}", from, to), "name the earlier import first");
  MIGRATE_ASSIGN(Json records, RecordsOfDiff(db, attributes, from, to, limit));
  MIGRATE_ASSIGN(Json persons, PersonsOfDiff(db, attributes, from, to, limit));
  return Dump({{"schema", 1}, {"from", from}, {"to", to}, {"records", records}, {"persons", persons}});
}

std::string RenderDiff(const std::string& text) {
  const Json j = Json::parse(text);
  return fmt::format("between the ends of imports {} and {}\nrecords: {}\n{}persons: {}\n{}", j["from"].dump(),
                     j["to"].dump(), CountsLine(j["records"]["counts"]), DiffRows(j["records"], "record"),
                     CountsLine(j["persons"]["counts"]), DiffRows(j["persons"], "person_id"));
}

std::string RenderImports(const std::string& text) {
  const Json j = Json::parse(text);
  std::string out = "import  state      begun                 inserted  updated     gone  persons  plan and its hash\n";
  for (const auto& i : j["imports"]) {
    auto n = [&](const char* name) { return i["counts"].is_object() ? i["counts"].value(name, 0ULL) : 0ULL; };
    const bool rollback = i["kind"] == "rollback";
    out += fmt::format("{:>6}  {:<9}  {:<20}  {:>8}  {:>7}  {:>7}  {:>7}  {}", i["import"].get<int64_t>(),
                       i["state"].get<std::string>(), i["started_at"].get<std::string>(),
                       n(rollback ? "added" : "inserted"), n(rollback ? "restored" : "updated"),
                       n(rollback ? "removed" : "gone"), n("persons"),
                       Plain(i["plan"].get<std::string>()) + " " + i["plan_hash"].get<std::string>().substr(0, 12));
    if (rollback) out += fmt::format("  rollback of {}", i["undoes"].dump());
    if (i["kind"] == "matching") out += "  matching anew";
    if (!i["rolled_back_by"].is_null())
      out += fmt::format("  rolled back by {}{}", i["rolled_back_by"].dump(),
                         i["held"].get<bool>() ? ", its inputs are held" : "");
    out += "\n";
  }
  return out;
}

std::string RenderImport(const std::string& text) {
  const Json j = Json::parse(text);
  std::string out;
  for (const auto& [name, value] : j["import"].items()) {
    if (value.is_null() || name == "counts") continue;
    out += fmt::format("{:<15} {}\n", name, value.is_string() ? Plain(value.get<std::string>()) : value.dump());
  }
  if (j["import"]["counts"].is_object())
    for (const auto& [name, value] : j["import"]["counts"].items())
      out += fmt::format("{:<15} {}\n", name, value.is_string() ? value.get<std::string>() : value.dump());
  for (const auto& f : j["inputs"]) {
    const bool read = f["state"] == "imported" || f["state"] == "replayed";
    out += fmt::format("\n{}: {} ({})\n  {}, sha256 {}\n", Plain(f["source"].get<std::string>()),
                       Plain(f["path"].get<std::string>()), f["state"].get<std::string>(),
                       Bytes(f["bytes"].get<int64_t>()), f["sha256"].get<std::string>());
    out += read ? fmt::format("  {} rows counted = {} read, {} of them quarantined\n", f["counted"].dump(),
                              f["extracted"].dump(), f["quarantined"].dump())
                : fmt::format("  {} rows, not read again\n", f["counted"].dump());
  }
  return out;
}

}  // namespace migrate::report
