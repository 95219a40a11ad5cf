#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/base/file.h"
#include "migrate/report/page.h"
#include "migrate/run/shards_left.h"

namespace migrate::cli {
namespace {

struct Options {
  Common common;
  std::string output;
  uint64_t import_id = 0;
  bool text = false;
};

// The report of the import asked for, or the latest one.
Result<std::string> FindReport(const plan::Plan& plan, uint64_t import_id) {
  const std::string folder = plan.workspace + "/reports";
  if (import_id == 0 && PathExists(folder)) {
    MIGRATE_ASSIGN(auto names, ListFolder(folder));
    for (const auto& name : names)
      if (name.size() > 5 && name.substr(name.size() - 5) == ".json")
        import_id = std::max<uint64_t>(import_id, std::strtoull(name.c_str(), nullptr, 10));
  }
  if (import_id == 0)
    return Status::Plan(folder + ": no import has left a report here",
                        "each import leaves one when it ends; `migrate imports list` shows the imports of the target");
  const std::string path = fmt::format("{}/{}.json", folder, import_id);
  if (!PathExists(path))
    return Status::Plan(path + ": there is no such report", "`migrate imports list` shows the imports");
  return ReadWholeFile(path);
}

// The commands that a report proposes name the plan as it was typed now, not when the import ran in another folder.
std::string WithPlanFile(const std::string& json, const std::string& file) {
  auto j = nlohmann::ordered_json::parse(json, nullptr, false);
  if (!j.is_object() || !j["plan"].is_object()) return json;
  j["plan"]["file"] = file;
  return j.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Status WriteOutput(const std::string& file, const std::string& text) {
  MIGRATE_ASSIGN(auto out, OpenOutput(file));
  MIGRATE_TRY(out->Write(text));
  return out->Finish();
}

// An import that shards are at has no report yet, or none of its last stages.
void AddShards(const Options& o, const plan::Plan& plan, std::string* report) {
  const auto shards = run::ShardsLeftJson(plan, MIGRATE_VERSION, 0);
  if (o.import_id != 0 || !shards.ok() || shards->empty()) return;
  const auto left = nlohmann::json::parse(*shards);
  if (left["stages"].empty() || left["stages"].back()["complete"].get<bool>()) return;
  PrintWarnings(o.common, "an import by shards is under way: `migrate status " + o.common.plan_file +
                              "` names the shards that are missing");
  auto j = nlohmann::json::parse(*report, nullptr, false);
  if (!j.is_object()) return;
  j["shards"] = left;
  *report = j.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

int Main(const Options& o, const plan::Plan& plan) {
  auto json = FindReport(plan, o.import_id);
  if (!json.ok()) return Fail(o.common, json.status());
  AddShards(o, plan, &*json);
  if (o.common.json && o.output.empty()) return PrintResult(*json);
  const std::string report = WithPlanFile(*json, o.common.plan_file);
  Result<std::string> text = o.text ? report::RenderReportText(report) : report::RenderReportPage(report);
  if (!text.ok()) return Fail(o.common, text.status());
  if (o.output.empty()) return PrintResult(*text);
  if (Status s = WriteOutput(o.output, *text); !s.ok()) return Fail(o.common, s);
  return o.common.json ? PrintResult(*json) : 0;
}

}  // namespace

void AddReport(Syntax app, Action* action) {
  const auto [c, o] =
      AddPlanCommand(app, action, "report", "The report of an import: a page (default), text, or JSON", Main);
  c.Option("--import", o->import_id, "number of the import (default: the last one)").Must(Positive());
  c.Option("--output", o->output, "file to write (default: stdout); with --json besides the object on stdout")
      .Type("FILE");
  c.Flag("--text", o->text, "as text for a terminal");
}

}  // namespace migrate::cli
