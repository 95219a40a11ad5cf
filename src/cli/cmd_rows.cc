// `rows`: the rows that a number of the report counts (report/numbers.h).
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "audited_output.h"
#include "command.h"
#include "migrate/report/numbers.h"
#include "migrate/run/work_rows.h"

namespace migrate::cli {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  Common common;
  report::NumberQuery query;
  std::string records, output;
  uint64_t limit = 0;
  bool count = false;
};

// Takes rows and drops them: for --count.
class Nowhere : public report::Output {
 public:
  Status Write(std::string_view) override { return {}; }
  Status Finish() override { return {}; }
};

int ListNames(const Options& o) {
  Json numbers = Json::array();
  std::string text = "The rows behind a number: migrate rows PLAN NUMBER\n";
  for (const auto& n : report::NumberNames()) {
    text += fmt::format("  {:<16}  {}\n", n.name, n.means);
    numbers.push_back({{"name", n.name}, {"means", n.means}});
  }
  if (!o.common.json) return PrintResult(text);
  return PrintResult(Json({{"schema", 1}, {"ok", true}, {"exit_code", 0}, {"numbers", numbers}}).dump(2));
}

Status Write(const Options& o, const plan::Plan& plan, std::string* text) {
  report::NumberQuery query = o.query;
  if (o.limit > 0) query.limit = o.limit;
  if (!o.records.empty()) {
    auto range = report::ParseRange(o.records);
    if (!range)
      return Status::Plan("--records " + o.records + ": not a number of records", "write it like 2, 6-10 or 101-");
    std::tie(query.least, query.most) = *range;
  }
  MIGRATE_ASSIGN(auto db, OpenTargetToRead(plan));
  std::unique_ptr<report::Output> to = std::make_unique<Nowhere>();
  // With --json and no file the count is the result: rows are for CSV.
  const bool give_out = !o.count && !(o.common.json && o.output.empty());
  const NoPipeSignal no_signal;
  if (give_out) {
    MIGRATE_ASSIGN(to, OpenOutput(o.output));
  }
  MIGRATE_ASSIGN(auto number, report::CheckNumber(query));
  AuditedOutput out(std::move(to));
  const auto result = number.in_workspace ? run::WriteWorkNumber(plan, db.get(), query, out)
                                          : report::WriteNumber(db.get(), query, out);
  Status written = result.status();
  if (written.ok()) written = out.Finish();
  db.reset();
  if (give_out) out.Note(o.common, plan, "rows " + query.name, query.source, o.output, written.ok());
  MIGRATE_TRY(written);
  if (o.common.json)
    *text = Json({{"schema", 1},
                  {"ok", true},
                  {"exit_code", 0},
                  {"number", query.name},
                  {"import", result->import_id},
                  {"count", result->count},
                  {"output", o.output.empty() ? Json(nullptr) : Json(o.output)}})
                .dump(2, ' ', false, Json::error_handler_t::replace);
  else if (o.count)
    *text = std::to_string(result->count);
  return {};
}

int Main(const Options& o, const plan::Plan& plan) {
  if (o.query.name.empty()) return ListNames(o);
  std::string text;
  Status s = Write(o, plan, &text);
  return s.ok() ? PrintResult(text) : Fail(o.common, s);
}

}  // namespace

void AddRows(Syntax app, Action* action) {
  const auto [c, o] = AddPlanCommand(app, action, "rows", "The rows that a number of the report counts, as CSV", Main);
  std::vector<std::string> names;
  for (const auto& n : report::NumberNames()) names.emplace_back(n.name);
  c.Option("NUMBER", o->query.name, "its name; without it the names are listed").Must(OneOf(names));
  const char* which = "Which rows";
  c.Option("--import", o->query.import_id, "as the import N left them (default: the last one)")
      .Must(Positive())
      .Group(which);
  c.Option("--source", o->query.source, "only of this source").Type("SOURCE").Group(which);
  c.Option("--file", o->query.file, "only of this file").Type("FILE").Group(which);
  c.Option("--field", o->query.field, "usable, flagged: the field or attribute").Type("FIELD").Group(which);
  c.Option("--reason", o->query.reason, "only in quarantine for this reason").Type("REASON").Group(which);
  c.Option("--records", o->records, "only persons of so many records: 2, 6-10, 101-").Type("RANGE").Group(which);
  const char* how = "How they are listed";
  c.Flag("--count", o->count, "only how many there are").Group(how);
  c.Option("--limit", o->limit, "the first N rows").Must(Positive()).Group(how);
  c.Option("--output", o->output, "file to write (default: stdout)").Type("FILE").Group(how);
}

}  // namespace migrate::cli
