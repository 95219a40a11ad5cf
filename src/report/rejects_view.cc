#include "migrate/report/rejects_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "migrate/record/digest.h"
#include "migrate/record/reason_table.h"
#include "snapshot.h"

namespace migrate::report {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kPlaces = 100;
constexpr size_t kMaskedFrom = 200;  // bytes of a row that are looked at; Masked() shows at most 40 characters

constexpr char kFrom[] =
    " FROM quarantine q JOIN source s ON s.source_id = q.source_id "
    "LEFT JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no ";
constexpr char kRow[] =
    "SELECT q.quarantine_id, q.import_id, s.name, coalesce(f.path, ''), q.row_no, q.line, q.byte_offset, "
    "coalesce(q.source_key, ''), q.reason, q.detail, substr(q.raw, 1, 200), length(q.raw), q.state";

// What the rows are sorted by: the order of the export, made total. `suffix` comes behind each column.
std::string Order(const char* suffix = "") {
  std::string out;
  for (const char* column :
       {"s.name", "coalesce(f.path, '')", "q.byte_offset", "coalesce(q.source_key, '')", "q.row_no", "q.quarantine_id"})
    out.append(out.empty() ? "" : ", ").append(column).append(suffix);
  return out;
}

RejectRow ReadRow(const store::Statement& q) {
  RejectRow r;
  r.quarantine_id = q.Integer(0);
  r.import_id = q.Integer(1);
  r.source = q.Text(2);
  r.file = q.Text(3);
  r.row = static_cast<uint64_t>(q.Integer(4));
  r.line = static_cast<uint64_t>(q.Integer(5));
  r.byte_offset = static_cast<uint64_t>(q.Integer(6));
  r.source_key = q.Text(7);
  r.reason = q.Text(8);
  r.detail = q.Text(9);
  r.masked = Masked(q.Text(10).substr(0, kMaskedFrom));
  r.raw_bytes = static_cast<uint64_t>(q.Integer(11));
  r.state = q.Text(12);
  return r;
}

Status ReadRows(store::Statement* q, std::vector<RejectRow>* rows) {
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return {};
    rows->push_back(ReadRow(*q));
  }
}

// The filter as a condition with the parameters 1 to 3, all of them always bound.
std::string Where(const RejectFilter& filter, store::Dialect dialect) {
  std::string where = fmt::format(
      "WHERE (?1 = '' OR q.reason = ?1) AND (?2 = '' OR s.name = ?2) AND (?3 = '' OR f.path = ?3 OR "
      "substr(f.path, -{}(?3) - 1) = '/' || ?3) ",
      store::CharLength(dialect));
  return where + (filter.all ? "" : "AND q.state = 'open' ");
}

void BindFilter(const RejectFilter& filter, store::Statement* q) {
  q->BindText(1, filter.reason);
  q->BindText(2, filter.source);
  q->BindText(3, filter.file);
}

// A filter that never matched anything is a slip of the pen.
Status CheckFilter(store::Connection* db, const RejectFilter& filter) {
  const std::pair<const char*, const std::string*> parts[] = {
      {"reason", &filter.reason}, {"source", &filter.source}, {"file", &filter.file}};
  for (const auto& [name, value] : parts) {
    if (value->empty()) continue;
    RejectFilter one;
    one.all = true;
    if (value == &filter.reason) one.reason = *value;
    if (value == &filter.source) one.source = *value;
    if (value == &filter.file) one.file = *value;
    MIGRATE_ASSIGN(auto q, db->Prepare(std::string("SELECT 1") + kFrom + Where(one, db->dialect()) + "LIMIT 1"));
    BindFilter(one, q.get());
    MIGRATE_ASSIGN(bool any, q->Step());
    if (any || (value == &filter.reason && FindReason(*value) != nullptr)) continue;
    return Status::Plan(fmt::format("--{} {}: no row of this {} has ever been in quarantine here", name, *value, name),
                        "`migrate rejects list PLAN --all` shows what there is");
  }
  return {};
}

Status ReadGroups(store::Connection* db, const RejectFilter& filter, RejectList* list) {
  MIGRATE_ASSIGN(auto groups,
                 db->Prepare(std::string("SELECT q.reason, count(*)") + kFrom + Where(filter, db->dialect()) +
                             "GROUP BY q.reason ORDER BY count(*) DESC, q.reason"));
  BindFilter(filter, groups.get());
  for (;;) {
    MIGRATE_ASSIGN(bool row, groups->Step());
    if (!row) break;
    RejectGroup g;
    g.reason = groups->Text(0);
    g.count = static_cast<uint64_t>(groups->Integer(1));
    if (const ReasonText* text = FindReason(g.reason)) {
      g.meaning = text->meaning;
      g.mend = text->mend;
    }
    list->total += g.count;
    list->groups.push_back(std::move(g));
  }
  MIGRATE_ASSIGN(auto places, db->Prepare(std::string("SELECT s.name, coalesce(f.path, ''), count(*)") + kFrom +
                                          Where(filter, db->dialect()) + "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2"));
  MIGRATE_ASSIGN(auto examples, db->Prepare(std::string(kRow) + kFrom + Where(filter, db->dialect()) + "ORDER BY " +
                                            Order() + fmt::format(" LIMIT {}", kExamples)));
  for (RejectGroup& g : list->groups) {
    RejectFilter one = filter;
    one.reason = g.reason;
    BindFilter(one, places.get());
    for (;;) {
      MIGRATE_ASSIGN(bool row, places->Step());
      if (!row) break;
      if (++g.place_count <= kPlaces)
        g.places.push_back(
            {std::string(places->Text(0)), std::string(places->Text(1)), static_cast<uint64_t>(places->Integer(2))});
    }
    BindFilter(one, examples.get());
    MIGRATE_TRY(ReadRows(examples.get(), &g.examples));
  }
  return {};
}

// The nearest reject before (or behind) this one in the order of the export, 0 if there is none.
Result<int64_t> Neighbour(store::Connection* db, int64_t id, bool open, bool before) {
  MIGRATE_ASSIGN(auto q, db->Prepare(fmt::format("SELECT q.quarantine_id{0}WHERE {1} ({2}) {3} (SELECT {2}{0}WHERE "
                                                 "q.quarantine_id = ?1) ORDER BY {4} LIMIT 1",
                                                 kFrom, open ? "q.state = 'open' AND" : "", Order(), before ? "<" : ">",
                                                 Order(before ? " DESC" : ""))));
  q->Bind(1, id);
  MIGRATE_ASSIGN(bool found, q->Step());
  return found ? q->Integer(0) : 0;
}

std::vector<std::string> Texts(std::string_view json_list, const char* member) {
  std::vector<std::string> out;
  auto j = nlohmann::json::parse(json_list, nullptr, false);
  if (!j.is_array()) return out;
  for (const auto& item : j) {
    const nlohmann::json& text = member != nullptr && item.is_object() && item.contains(member) ? item[member] : item;
    if (text.is_string()) out.push_back(text.get<std::string>());
  }
  return out;
}

}  // namespace

std::string ReasonMeaning(std::string_view reason) {
  const ReasonText* text = FindReason(reason);
  return text == nullptr ? "" : std::string(text->meaning);
}

Result<RejectList> ListRejects(store::Connection* db, const RejectFilter& filter) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  MIGRATE_TRY(CheckFilter(db, filter));
  RejectList list;
  list.offset = filter.offset;
  list.all = filter.all;
  MIGRATE_TRY(ReadGroups(db, filter, &list));
  MIGRATE_ASSIGN(auto rows, db->Prepare(std::string(kRow) + kFrom + Where(filter, db->dialect()) + "ORDER BY " +
                                        Order() + " LIMIT ?4 OFFSET ?5"));
  BindFilter(filter, rows.get());
  rows->Bind(4, static_cast<int64_t>(std::min<size_t>(filter.limit, INT32_MAX)));
  rows->Bind(5, static_cast<int64_t>(std::min<size_t>(filter.offset, INT32_MAX)));
  MIGRATE_TRY(ReadRows(rows.get(), &list.rows));
  return list;
}

Result<RejectDetail> ShowReject(store::Connection* db, int64_t quarantine_id) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  RejectDetail d;
  MIGRATE_ASSIGN(
      auto q, db->Prepare(std::string(kRow) +
                          ", q.raw, coalesce(f.what, 'csv'), coalesce(f.sha256, ''), coalesce(f.bytes, 0), "
                          "coalesce(c.columns, '[]'), coalesce(f.findings, '[]')" +
                          kFrom + "LEFT JOIN source_schema c ON c.schema_id = f.schema_id WHERE q.quarantine_id = ?"));
  q->Bind(1, quarantine_id);
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found)
    return Status::Plan(fmt::format("no reject has the id {}", quarantine_id),
                        "`migrate rejects list PLAN --limit 100` shows the ids");
  d.row = ReadRow(*q);
  d.raw = q->Text(13);
  d.what = q->Text(14);
  d.sha256 = q->Text(15);
  d.file_bytes = static_cast<uint64_t>(q->Integer(16));
  d.columns = Texts(q->Text(17), "name");
  d.findings = Texts(q->Text(18), nullptr);
  const bool open = d.row.state == "open";
  MIGRATE_ASSIGN(d.previous, Neighbour(db, quarantine_id, open, true));
  MIGRATE_ASSIGN(d.next, Neighbour(db, quarantine_id, open, false));
  return d;
}

}  // namespace migrate::report
