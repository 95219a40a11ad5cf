#include "increments.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>

#include "column_order.h"
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
constexpr double kDefaultSeconds = 70 * 60;  // local clocks are put back by an hour

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

json ToJson(const std::string& column, const Mark& mark) {
  return {{"column", column}, {"kind", mark.number ? "number" : "text"}, {"value", mark.value}, {"form", mark.form}};
}

Status PlanError(const Context& c, const Source& source, const Status& s) {
  return Status::Plan(
      c.plan.source_text->Make(source.incremental_at, fmt::format("source {}: {}", source.name, s.message()), s.hint())
          .Text());
}

Result<ColumnKind> KindOf(const Context& c, const Input& input) {
  const Source& source = c.plan.sources[input.source];
  if (source.type != SourceType::kMysql) return ColumnKind::kAny;
  const auto found = std::find_if(input.columns.begin(), input.columns.end(),
                                  [&](const auto& column_of) { return column_of.name == source.incremental.column; });
  const std::string type = found == input.columns.end() ? "" : found->type;
  if (type == "binary" || type == "bits")
    return PlanError(c, source,
                     Status::Plan(fmt::format("column {} holds bytes ({}), which are no numbers or times",
                                              source.incremental.column, type),
                                  "a column of numbers, or of times"));
  return type == "time" ? ColumnKind::kTime : type == "text" ? ColumnKind::kText : ColumnKind::kNumber;
}

// The watermark that reading now leaves; an error if the column has no order that its source sorts by.
Result<Mark> Greatest(const Context& c, const Input& input, ColumnKind kind, Servers* servers) {
  const Source& source = c.plan.sources[input.source];
  const Sql sql(source);
  const int64_t now = EarliestClock();
  const std::string query = OrderQuery(kind, sql.Name(source.incremental.column), sql.From(), now);
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
  Result<Mark> mark = Mark();
  MIGRATE_TRY(
      survey::ReadRows(
          reader.get(), 1,
          [&](const RawRow&, const std::vector<Cell>& cells) { mark = MarkOf(source.incremental.column, cells, now); },
          [](const Reject&) {})
          .status());
  if (!mark.ok()) return PlanError(c, source, mark.status());
  if (!mark->future.empty())
    c.meter->printer()->Warning(
        fmt::format("source {}: column {} holds {}, a time in the future: such rows are read each time, and {}",
                    source.name, source.incremental.column, mark->future,
                    mark->value.empty() ? "so is the whole table while there is no other time"
                                        : "the next part begins at " + mark->value));
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

std::string PartQuery(const Source& source, const Input& input, ColumnKind kind, bool number, const std::string& from) {
  const Sql sql(source);
  const std::string column = sql.Name(source.incremental.column), none = NoValue(kind, number, column);
  return fmt::format("SELECT {} FROM {} WHERE {} >= {} OR {} IS NULL{}", sql.Columns(input.columns), sql.From(), column,
                     number ? from : sql.Text(from), column, none.empty() ? "" : " OR " + none);
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
  if (!seconds)
    return Status::Plan(
        fmt::format("column {} holds texts that are no times of the form YYYY-MM-DD HH:MM:SS", rule.column),
        "take a column of numbers or of times; or take extract.incremental out, then the whole table is "
        "read each time");
  if (rule.number) return TimeLike(value, *seconds);  // overlap: 0; fractions of a second do not all sort as texts
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
  MIGRATE_ASSIGN(const ColumnKind kind, KindOf(*c, *input));
  MIGRATE_ASSIGN(Mark mark, Greatest(*c, *input, kind, servers));
  MIGRATE_ASSIGN(json before, Watermark(*c, source));
  const bool anew = !c->options.shard && (!c->options.stages.empty() || c->options.from.has_value());
  if (!before.is_null() && !anew) {
    const bool number = before.value("kind", "") == "number";
    const std::string value = before.value("value", "");
    const int form = before.value("form", -1);
    if (mark.value.empty() && mark.form == 0) mark = {value, number, form, ""};
    // Another form sorts elsewhere; marks without one are of versions that did not look at it, and a mark of the future
    // is of a clock that was put back since.
    const bool time_holds = form > 0 && form == mark.form && SecondsOf(value).value_or(INT64_MAX) <= std::time(nullptr);
    const bool holds = !value.empty() && number == mark.number && (number || time_holds);
    if (holds) {
      auto from = BelowWatermark(source.incremental, number, value);
      if (!from.ok()) return PlanError(*c, source, from.status());
      input->part = PartQuery(source, *input, kind, number, *from);
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
  MIGRATE_ASSIGN(auto id, db->Prepare("SELECT source_id FROM source WHERE name = ?"));
  id->BindText(1, source.name);
  MIGRATE_ASSIGN(const bool known, id->Step());
  if (!known) return held;
  const std::string of_source = fmt::format(" WHERE source_id = {} AND ", id->Integer(0));
  id.reset();
  // Streamed: there may be as many as the table has rows.
  MIGRATE_ASSIGN(auto q, db->Scan("SELECT record_id, row_sha256 FROM record_undone" + of_source +
                                  "gone_import IS NULL AND undone_import IN (" + list + ")"));
  for (;;) {
    MIGRATE_ASSIGN(bool more, q->Step());
    if (!more) break;
    held.rows_.push_back(HeldRow(static_cast<uint64_t>(q->Integer(0)), q->Text(1)));
  }
  q.reset();
  MIGRATE_ASSIGN(q, db->Scan("SELECT reason, raw FROM quarantine" + of_source + "import_id IN (" + list + ")"));
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
