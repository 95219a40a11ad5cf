#include "migrate/report/rejects_view.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migrate/base/bytes.h"
#include "migrate/record/digest.h"
#include "migrate/record/reasons.h"
#include "snapshot.h"
#include "text.h"

namespace migrate::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kExamples = 3;
constexpr size_t kMaskedFrom = 200;  // bytes of a row that are looked at; Masked() shows at most 40 characters

constexpr char kSelect[] =
    "SELECT q.quarantine_id, q.import_id, s.name, coalesce(f.path, ''), q.row_no, q.line, q.byte_offset, "
    "coalesce(q.source_key, ''), q.reason, q.detail, substr(q.raw, 1, 200), length(q.raw) FROM quarantine q "
    "JOIN source s ON s.source_id = q.source_id "
    "LEFT JOIN import_file f ON f.import_id = q.import_id AND f.file_no = q.file_no ";
constexpr char kOrder[] =
    " ORDER BY s.name, coalesce(f.path, ''), q.byte_offset, coalesce(q.source_key, ''), q.row_no, q.quarantine_id ";

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
  return r;
}

Status ReadRows(store::Statement* q, std::vector<RejectRow>* rows) {
  for (;;) {
    MIGRATE_ASSIGN(bool row, q->Step());
    if (!row) return {};
    rows->push_back(ReadRow(*q));
  }
}

std::string Place(const RejectRow& r) {
  if (r.line != 0) return fmt::format("{}:{}", r.file, r.line);
  return r.source_key.empty() ? fmt::format("{} row {}", r.file, r.row) : r.file;
}

Json RowJson(const RejectRow& r) {
  return {
      {"id", r.quarantine_id}, {"import", r.import_id}, {"source", r.source},           {"file", r.file},
      {"row", r.row},          {"line", r.line},        {"byte_offset", r.byte_offset}, {"source_key", r.source_key},
      {"reason", r.reason},    {"detail", r.detail},    {"masked", r.masked},           {"raw_bytes", r.raw_bytes}};
}

std::string Dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string ReasonMeaning(std::string_view reason) {
  struct Meaning {
    std::string_view reason, words;
  };
  static constexpr Meaning kMeanings[] = {
      {reasons::kTooFewFields, "the row has fewer fields than the header"},
      {reasons::kTooManyFields, "the row has more fields than the header"},
      {reasons::kUndecodable, "the bytes are no text in the file's encoding"},
      {reasons::kUnclosedQuote, "a quote opens and never closes"},
      {reasons::kBadQuote, "text follows a closing quote"},
      {reasons::kNullKey, "a key column is NULL or empty"},
      {reasons::kKeyTooLong, "the key is longer than 512 bytes"},
      {reasons::kDuplicateKey, "another row of this file or snapshot has the same key"},
      {reasons::kIdCollision, "another key has the same record_id"},
      {reasons::kUnknownLayout, "the file's header fits no layout of the plan"},
      {reasons::kTooLong, "the row is longer than 16 MiB"}};
  for (const Meaning& m : kMeanings)
    if (m.reason == reason) return std::string(m.words);
  return "";
}

Result<RejectList> ListRejects(store::Connection* db, size_t limit) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  RejectList list;
  MIGRATE_ASSIGN(auto groups, db->Prepare("SELECT reason, count(*) FROM quarantine WHERE state = 'open' "
                                          "GROUP BY reason ORDER BY count(*) DESC, reason"));
  for (;;) {
    MIGRATE_ASSIGN(bool row, groups->Step());
    if (!row) break;
    RejectGroup g;
    g.reason = groups->Text(0);
    g.meaning = ReasonMeaning(g.reason);
    g.count = static_cast<uint64_t>(groups->Integer(1));
    list.total += g.count;
    list.groups.push_back(std::move(g));
  }
  MIGRATE_ASSIGN(auto examples, db->Prepare(std::string(kSelect) + "WHERE q.state = 'open' AND q.reason = ?" + kOrder +
                                            fmt::format("LIMIT {}", kExamples)));
  for (RejectGroup& g : list.groups) {
    examples->BindText(1, g.reason);
    MIGRATE_TRY(ReadRows(examples.get(), &g.examples));
  }
  MIGRATE_ASSIGN(auto rows, db->Prepare(std::string(kSelect) + "WHERE q.state = 'open'" + kOrder + "LIMIT ?"));
  rows->Bind(1, static_cast<int64_t>(std::min<size_t>(limit, INT32_MAX)));
  MIGRATE_TRY(ReadRows(rows.get(), &list.rows));
  return list;
}

Result<RejectDetail> ShowReject(store::Connection* db, int64_t quarantine_id) {
  MIGRATE_ASSIGN(auto snapshot, Snapshot::Begin(db));
  RejectDetail d;
  MIGRATE_ASSIGN(auto q, db->Prepare(std::string(kSelect) + "WHERE q.quarantine_id = ?"));
  q->Bind(1, quarantine_id);
  MIGRATE_ASSIGN(bool found, q->Step());
  if (!found)
    return Status::Plan(fmt::format("no reject has the id {}", quarantine_id), "`migrate rejects list` shows the ids");
  d.row = ReadRow(*q);
  q->Reset();
  MIGRATE_ASSIGN(auto rest, db->Prepare("SELECT state, raw FROM quarantine WHERE quarantine_id = ?"));
  rest->Bind(1, quarantine_id);
  MIGRATE_ASSIGN(found, rest->Step());
  if (found) {
    d.state = rest->Text(0);
    d.raw = rest->Text(1);
  }
  return d;
}

std::string RenderText(const RejectList& list) {
  if (list.total == 0) return "no open rejects\n";
  std::string out =
      fmt::format("{} open reject{}\n\n", Thousands(static_cast<int64_t>(list.total)), list.total == 1 ? "" : "s");
  std::vector<std::vector<std::string>> rows{{"rows", "reason", "meaning", "for example"}};
  for (const auto& g : list.groups)
    rows.push_back({Thousands(static_cast<int64_t>(g.count)), g.reason, g.meaning,
                    g.examples.empty() ? "" : Plain(Place(g.examples[0])) + "  " + Plain(g.examples[0].masked)});
  out += TextTable(rows, "r");
  rows.assign({{"id", "source", "place", "byte", "key", "reason", "detail"}});
  for (const auto& r : list.rows)
    rows.push_back({std::to_string(r.quarantine_id), Plain(r.source), Plain(Place(r)), std::to_string(r.byte_offset),
                    Plain(r.source_key), r.reason, Plain(r.detail)});
  out += "\n" + TextTable(rows, "rllr");
  if (list.rows.size() < list.total)
    out += fmt::format("... and {} more\n", Thousands(static_cast<int64_t>(list.total - list.rows.size())));
  return out;
}

std::string RenderText(const RejectDetail& d) {
  const RejectRow& r = d.row;
  std::vector<std::vector<std::string>> rows{{"reject", fmt::format("{} ({})", r.quarantine_id, d.state)},
                                             {"source", Plain(r.source)},
                                             {"place", Plain(Place(r))},
                                             {"byte", std::to_string(r.byte_offset)},
                                             {"row", std::to_string(r.row)},
                                             {"key", Plain(r.source_key)},
                                             {"import", std::to_string(r.import_id)},
                                             {"reason", r.reason},
                                             {"detail", Plain(r.detail)}};
  std::string out = TextTable(rows, "");
  out += fmt::format("original, {} bytes:\n", r.raw_bytes);
  return out + (IsUtf8(d.raw) ? Plain(d.raw) : "base64:" + Base64(d.raw)) + "\n";
}

std::string RenderJson(const RejectList& list) {
  Json j{{"schema", 1}, {"total", list.total}, {"groups", Json::array()}, {"rows", Json::array()}};
  for (const auto& g : list.groups) {
    Json group{{"reason", g.reason}, {"meaning", g.meaning}, {"count", g.count}, {"examples", Json::array()}};
    for (const auto& e : g.examples) group["examples"].push_back(RowJson(e));
    j["groups"].push_back(std::move(group));
  }
  for (const auto& r : list.rows) j["rows"].push_back(RowJson(r));
  return Dump(j);
}

std::string RenderJson(const RejectDetail& d) {
  Json j = RowJson(d.row);
  j["schema"] = 1;
  j["state"] = d.state;
  j["raw_base64"] = Base64(d.raw);
  j["raw"] = IsUtf8(d.raw) ? Json(d.raw) : Json(nullptr);
  return Dump(j);
}

}  // namespace migrate::report
