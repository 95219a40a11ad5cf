#include "increments.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "migrate/base/plural.h"
#include "migrate/ledger/versions.h"
#include "migrate/plan/diagnostic.h"
#include "migrate/record/digest.h"
#include "migrate/record/reasons.h"
#include "migrate/spool/rows.h"
#include "migrate/spool/segment.h"
#include "migrate/store/mysql.h"
#include "migrate/survey/sample.h"

namespace migrate::run {
namespace {

using nlohmann::json;
using plan::Source;
using plan::SourceType;

constexpr uint64_t kDefaultNumber = 1000, kPartLookedAt = 200'000;
constexpr double kDefaultSeconds = 600;

std::string Dump(const json& j) { return j.dump(-1, ' ', false, json::error_handler_t::replace); }
std::string SettingName(const plan::Plan& plan, const Source& source) {
  return fmt::format("watermark {} {}", plan.name, source.name);
}
constexpr char kWholeTable[] = "whole";  // in the place of a watermark

// Names and literals of a source's SQL.
class Sql {
 public:
  explicit Sql(const Source& source) : source_(source), mysql_(source.type == SourceType::kMysql) {}
  std::string Name(const std::string& name) const {
    return mysql_ ? store::QuoteMysqlName(name) : store::QuoteName(name);
  }
  std::string From() const {
    if (!source_.query.empty()) {
      std::string query = source_.query;
      while (!query.empty() && (query.back() == ';' || query.back() == '\n' || query.back() == ' ')) query.pop_back();
      return "(" + query + "\n) AS migrate_part";  // the line end ends a comment
    }
    return mysql_ ? Name(source_.database) + "." + Name(source_.table) : Name(source_.table);
  }
  // Listed by name, for `*` leaves a server's invisible columns out.
  std::string Columns(const std::vector<extract::Column>& columns) const {
    if (!mysql_ || source_.table.empty()) return "*";
    std::string list;
    for (const auto& c : columns) list += (list.empty() ? "" : ", ") + Name(c.name);
    return list;
  }
  std::string Text(const std::string& text) const {
    if (mysql_) return store::QuoteMysqlText(text);
    std::string out = "'";
    for (char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
    return out + "'";
  }

 private:
  const Source& source_;
  bool mysql_;
};

struct Mark {
  std::string value;  // "": the column holds none
  bool number = false;
};

json ToJson(const std::string& column, const Mark& mark) {
  return {{"column", column}, {"kind", mark.number ? "number" : "text"}, {"value", mark.value}};
}

Status Mixed(const Context& c, const Source& source) {
  const auto where = c.plan.source_text->Make(
      source.incremental_at,
      fmt::format("source {}: column {} holds values of several types, which have no common order", source.name,
                  source.incremental.column),
      "a column of one type: numbers, or texts that sort as their times do");
  return Status::Plan(where.Text());
}

// The greatest value of the column now.
Result<Mark> Greatest(const Context& c, const Input& input, Servers* servers) {
  const Source& source = c.plan.sources[input.source];
  const Sql sql(source);
  const std::string column = sql.Name(source.incremental.column);
  const std::string kinds = source.type == SourceType::kMysql
                                ? "1"
                                : fmt::format(
                                      "count(DISTINCT CASE typeof({0}) WHEN 'real' THEN 'integer' ELSE "
                                      "typeof({0}) END)",
                                      column);
  const std::string query = fmt::format("SELECT 1 AS one, {} AS kinds, max({}) AS top FROM {} WHERE {} IS NOT NULL",
                                        kinds, column, sql.From(), column);
  std::unique_ptr<extract::Reader> reader;
  if (source.type == SourceType::kMysql) {
    MIGRATE_ASSIGN(auto server, servers->Of(source));
    MIGRATE_ASSIGN(
        reader,
        extract::OpenMysql(
            server, {.source = source.name, .database = source.database, .table = "", .query = query, .key = {"one"}}));
  } else {
    MIGRATE_ASSIGN(reader, extract::OpenSqlite(input.path, {source.name, "", query, {"one"}}));
  }
  Mark mark;
  bool mixed = false;
  const auto found = std::find_if(input.columns.begin(), input.columns.end(),
                                  [&](const auto& column_of) { return column_of.name == source.incremental.column; });
  const std::string type = found == input.columns.end() ? "" : found->type;
  const bool times = type == "time" || type == "text";
  if (source.type == SourceType::kMysql && (type == "binary" || type == "bits"))
    return Status::Plan(
        c.plan.source_text
            ->Make(source.incremental_at,
                   fmt::format("source {}: column {} holds bytes ({}), which are no numbers, times or texts",
                               source.name, source.incremental.column, type),
                   "a column of numbers, or of times or texts that sort as their times do")
            .Text());
  MIGRATE_TRY(survey::ReadRows(
                  reader.get(), 1,
                  [&](const RawRow&, const std::vector<Cell>& cells) {
                    mixed = cells[1].bytes != "0" && cells[1].bytes != "1";
                    mark.value = std::string(cells[2].bytes);
                    mark.number = source.type == SourceType::kMysql
                                      ? !times
                                      : cells[2].type == CellType::kInteger || cells[2].type == CellType::kReal;
                  },
                  [](const Reject&) {})
                  .status());
  if (mixed) return Mixed(c, source);
  return mark;
}

// The watermark that holds for this plan; null: the whole table is to be read.
Result<json> Watermark(const Context& c, const Source& source) {
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return json();
  MIGRATE_ASSIGN(std::string text, ledger::Setting(db.get(), SettingName(c.plan, source)));
  const json mark = json::parse(text, nullptr, false);
  if (!mark.is_object() || mark.value("column", "") != source.incremental.column ||
      mark.value("plan_hash", "") != c.plan.hash)
    return json();
  MIGRATE_ASSIGN(auto mine, ImportOfWork(c, db.get()));
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db.get()));
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db.get()));
  bool done = false;
  for (const auto& i : imports) {
    if (versions[i.import_id].matching) continue;  // no rows
    if (i.plan_name != c.plan.name || (mine && mine->import_id == i.import_id)) continue;
    if (i.import_id == mark.value("import", int64_t{0})) done = i.state == "done";
    if (i.import_id <= mark.value("import", int64_t{0})) continue;
    MIGRATE_ASSIGN(auto files, ledger::ImportFiles(db.get(), i.import_id));
    if (i.state != "done" ||
        std::any_of(files.begin(), files.end(), [](const auto& f) { return f.state != kReplayed; }))
      return json();
  }
  return done ? mark : json();
}

std::string PartQuery(const Source& source, const Input& input, bool number, const std::string& from) {
  const Sql sql(source);
  const std::string column = sql.Name(source.incremental.column);
  return fmt::format("SELECT {} FROM {} WHERE {} >= {} OR {} IS NULL", sql.Columns(input.columns), sql.From(), column,
                     number ? from : sql.Text(from), column);
}

}  // namespace

namespace {

// "YYYY-MM-DD HH:MM:SS" and what follows: how many seconds since 1970, and where its parts stand. Fractions and zones
// stay out: reading begins a little earlier for it.
std::optional<int64_t> SecondsOf(const std::string& value) {
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
  char t = 0;
  const int n = std::sscanf(value.c_str(), "%4d-%2d-%2d%c%2d:%2d:%2d", &y, &mo, &d, &t, &h, &mi, &s);
  const bool date_only = n == 3 && value.size() == 10;
  if (!date_only && (n != 7 || (t != ' ' && t != 'T'))) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(y), std::chrono::month(static_cast<unsigned>(mo)),
                                        std::chrono::day(static_cast<unsigned>(d))};
  if (!day.ok()) return std::nullopt;
  return std::chrono::sys_days(day).time_since_epoch().count() * int64_t{86400} + h * 3600 + mi * 60 + s;
}

std::string TimeLike(const std::string& value, int64_t seconds) {
  const std::chrono::sys_days day{std::chrono::days((seconds - ((seconds % 86400) + 86400) % 86400) / 86400)};
  const std::chrono::year_month_day date(day);
  const int64_t of_day = ((seconds % 86400) + 86400) % 86400;
  const std::string text = fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (value.size() == 10) return text;
  return fmt::format("{}{}{:02}:{:02}:{:02}", text, value[10], of_day / 3600, of_day / 60 % 60, of_day % 60);
}

}  // namespace

Result<std::string> BelowWatermark(const plan::Incremental& rule, bool is_number, const std::string& value) {
  if (is_number) {
    if (rule.seconds)
      return Status::Plan(
          fmt::format("column {} holds numbers ({}), but extract.overlap is a time", rule.column, value),
          "write the overlap as a number, in the column's own unit");
    const uint64_t less = rule.number.value_or(kDefaultNumber);
    int64_t whole = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), whole);
    const auto down = static_cast<int64_t>(std::min<uint64_t>(less, INT64_MAX));
    if (error == std::errc() && end == value.data() + value.size())
      return std::to_string(whole < INT64_MIN + down ? INT64_MIN : whole - down);
    return fmt::format("{} - {}", value, less);
  }
  if (rule.number && *rule.number > 0)
    return Status::Plan(fmt::format("column {} holds texts, but extract.overlap is a number", rule.column),
                        "write the overlap as a time such as 10m, or 0");
  const std::optional<int64_t> seconds = SecondsOf(value);
  const bool none = rule.number.has_value();  // overlap: 0
  if (none) return value;
  if (!seconds && !rule.seconds) return value;  // texts that grow, but are no times
  if (!seconds)
    return Status::Plan(fmt::format("column {} holds texts that are no times of the form YYYY-MM-DD HH:MM:SS, but "
                                    "extract.overlap is a time",
                                    rule.column),
                        "write overlap: 0, or take a column of times");
  // A date is a whole day: less than one would be none.
  const double least = value.size() == 10 ? 86400 : 0;
  return TimeLike(value, *seconds - static_cast<int64_t>(std::max(rule.seconds.value_or(kDefaultSeconds), least)));
}

Status ReadAsAWhole(store::Connection* db, const plan::Plan& plan, const Source& source) {
  return ledger::SetSetting(db, SettingName(plan, source), kWholeTable);
}

Result<bool> IsReadAsAWhole(store::Connection* db, const plan::Plan& plan, const Source& source) {
  if (source.incremental.column.empty()) return false;
  MIGRATE_ASSIGN(std::string mark, ledger::Setting(db, SettingName(plan, source)));
  return mark == kWholeTable;
}

Status SetBound(Context* c, Input* input, Servers* servers, bool again) {
  const Source& source = c->plan.sources[input->source];
  input->part.clear();
  if (source.incremental.column.empty() || input->held) return {};
  const spool::ManifestLine* line = c->manifest->Find("bound", input->file_no, 0);
  if (again && line != nullptr) {
    input->part = line->Text("part");
    return {};
  }
  MIGRATE_ASSIGN(Mark mark, Greatest(*c, *input, servers));
  MIGRATE_ASSIGN(json before, Watermark(*c, source));
  const bool anew = !c->options.shard && (!c->options.stages.empty() || c->options.from.has_value());
  if (!before.is_null() && !anew) {
    const bool number = before.value("kind", "") == "number";
    const std::string value = before.value("value", "");
    if (mark.value.empty()) mark = {value, number};
    auto from = BelowWatermark(source.incremental, number, value);
    if (!from.ok())
      return Status::Plan(
          c->plan.source_text->Make(source.incremental_at, from.status().message(), from.status().hint()).Text());
    if (!value.empty() && number == mark.number) {
      input->part = PartQuery(source, *input, number, *from);
      c->meter->printer()->Note(fmt::format("{}: only rows with {} from {} on, and those without", source.name,
                                            source.incremental.column, *from));
    }
  }
  MIGRATE_TRY(c->manifest->Drop("bound", input->file_no));
  return c->manifest->Append(
      {"bound", input->file_no, 0, {{"part", input->part}, {"mark", Dump(ToJson(source.incremental.column, mark))}}});
}

Result<bool> PartIsKnown(Context* c, const Input& input) {
  const spool::ManifestLine* line = c->manifest->Find("bound", input.file_no, 0);
  if (line == nullptr || line->Text("part").empty()) return false;
  MIGRATE_ASSIGN(InputBook book, BookOf(*c->manifest, input.file_no));
  if (book.rows + book.rejects > kPartLookedAt) return false;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c->plan.target));
  if (!db) return false;
  const std::string& source = c->plan.sources[input.source].name;
  MIGRATE_ASSIGN(auto record, db->Prepare("SELECT row_sha256 FROM record WHERE record_id = ?"));
  MIGRATE_ASSIGN(auto reject,
                 db->Prepare("SELECT count(*) FROM quarantine q JOIN source s ON s.source_id = q.source_id "
                             "WHERE s.name = ? AND q.state IN ('open', 'replayed') AND q.reason = ? AND q.raw = ?"));
  std::string block;
  for (const auto& raw : c->manifest->Lines("raw")) {
    if (raw.file != input.file_no) continue;
    MIGRATE_ASSIGN(auto segment, spool::SegmentReader::Open(c->Work(raw.Text("path"))));
    for (const auto& info : segment->blocks()) {
      MIGRATE_TRY(segment->Read(info, &block));
      spool::RawBlockReader rows(block);
      for (;;) {
        MIGRATE_ASSIGN(auto kind, rows.Next());
        if (kind == spool::RawBlockReader::Kind::kEnd) break;
        bool known = false;
        if (kind == spool::RawBlockReader::Kind::kReject) {
          const Reject& r = rows.reject();
          reject->BindText(1, source);
          reject->BindText(2, r.reason);
          reject->BindBlob(3, r.raw);
          MIGRATE_ASSIGN(bool found, reject->Step());
          known = found && reject->Integer(0) > 0;
          reject->Reset();
        } else {
          record->Bind(1, static_cast<int64_t>(RecordId(source, rows.row().source_key)));
          MIGRATE_ASSIGN(bool found, record->Step());
          known = found && record->Text(0) == AsView(rows.row().row_sha256);
          record->Reset();
        }
        if (!known) return false;
      }
    }
  }
  return true;
}

namespace {

std::array<uint64_t, 2> HeldRow(uint64_t record_id, std::string_view row_sha256) {
  uint64_t begin = 0;
  std::memcpy(&begin, row_sha256.data(), std::min(sizeof(begin), row_sha256.size()));
  return {record_id, begin};
}

std::array<uint64_t, 2> HeldReject(std::string_view reason, std::string_view raw) {
  std::string text(reason);
  text.append(1, '\0').append(raw);
  const Sha256 sha = Sha256Of(text);
  std::array<uint64_t, 2> print{};
  std::memcpy(print.data(), AsView(sha).data(), sizeof(print));
  return print;
}

// The imports of this plan whose inputs are held, as a list; "": none.
Result<std::string> HeldImports(const Context& c, store::Connection* db) {
  MIGRATE_ASSIGN(auto versions, ledger::Versions(db));
  MIGRATE_ASSIGN(auto imports, ledger::Imports(db));
  std::string list;
  for (const auto& i : imports)
    if (i.plan_name == c.plan.name && versions[i.import_id].held())
      list += (list.empty() ? "" : ",") + std::to_string(i.import_id);
  return list;
}

}  // namespace

bool HeldRows::Holds(uint64_t record_id, const Sha256& row_sha256) const {
  return std::binary_search(rows_.begin(), rows_.end(), HeldRow(record_id, AsView(row_sha256)));
}

bool HeldRows::Holds(std::string_view reason, std::string_view raw) const {
  return std::binary_search(rejects_.begin(), rejects_.end(), HeldReject(reason, raw));
}

bool HeldRows::HoldsRepeated(std::string_view raw) const {
  return Holds(reasons::kDuplicateKey, raw) || Holds(reasons::kIdCollision, raw);
}

Result<HeldRows> RowsHeldBack(const Context& c, const Input& input) {
  HeldRows held;
  const Source& source = c.plan.sources[input.source];
  if (source.incremental.column.empty() || input.held) return held;
  MIGRATE_ASSIGN(auto db, LookAtTarget(c.plan.target));
  if (!db) return held;
  MIGRATE_ASSIGN(const std::string list, HeldImports(c, db.get()));
  if (list.empty()) return held;
  const std::string of_source = " JOIN source s ON s.source_id = u.source_id WHERE s.name = ? AND ";
  MIGRATE_ASSIGN(auto q, db->Prepare("SELECT u.record_id, u.row_sha256 FROM record_undone u" + of_source +
                                     "u.gone_import IS NULL AND u.undone_import IN (" + list + ")"));
  q->BindText(1, source.name);
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    held.rows_.push_back(HeldRow(static_cast<uint64_t>(q->Integer(0)), q->Text(1)));
  }
  MIGRATE_ASSIGN(q,
                 db->Prepare("SELECT u.reason, u.raw FROM quarantine u" + of_source + "u.import_id IN (" + list + ")"));
  q->BindText(1, source.name);
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    held.rejects_.push_back(HeldReject(q->Text(0), q->Text(1)));
    held.repeated_ |= q->Text(0) == reasons::kDuplicateKey || q->Text(0) == reasons::kIdCollision;
  }
  std::sort(held.rows_.begin(), held.rows_.end());
  std::sort(held.rejects_.begin(), held.rejects_.end());
  return held;
}

Status KeepWatermarks(Context* c) {
  if (c->options.limit || c->replay()) return {};
  for (const Input& input : c->inputs) {
    const spool::ManifestLine* line = c->manifest->Find("bound", input.file_no, 0);
    if (line == nullptr) continue;
    json mark = json::parse(line->Text("mark"), nullptr, false);
    const Source& source = c->plan.sources[input.source];
    if (!mark.is_object() || mark.value("value", "").empty()) {
      MIGRATE_TRY(ledger::SetSetting(c->db.get(), SettingName(c->plan, source), ""));
      continue;
    }
    mark["plan_hash"] = c->plan.hash;
    mark["import"] = c->import_id;
    MIGRATE_TRY(ledger::SetSetting(c->db.get(), SettingName(c->plan, source), Dump(mark)));
  }
  return {};
}

}  // namespace migrate::run
