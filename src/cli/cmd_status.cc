#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "command.h"
#include "migrate/base/plural.h"
#include "migrate/run/run.h"

namespace migrate::cli {
namespace {

int Main(const Common& common) {
  int code = 2;
  auto plan = LoadPlanOrFail(common, &code);
  if (!plan) return code;
  auto status = run::StatusJson(*plan);
  if (!status.ok()) return Fail(common, status.status());
  if (common.json) return PrintResult(*status);
  auto j = nlohmann::json::parse(*status);
  std::string text =
      fmt::format("plan       {}\nworkspace  {}\ntarget     {}\n", plan->name, plan->workspace, plan->target.url);
  text += j["running"].is_null() ? "running    no\n" : "running    " + j["running"].get<std::string>() + "\n";
  if (j.contains("held")) {
    const auto& h = j["held"];
    text +=
        fmt::format("held by    {}, since {}, lease {} {}\n", h["by"].get<std::string>(), h["since"].get<std::string>(),
                    h["lapsed"].get<bool>() ? "lapsed" : "until", h["until"].get<std::string>());
  }
  if (j.contains("work"))
    text += fmt::format("work       {} extracted ({} quarantined), {} normalized\n",
                        Counted(j["work"]["rows_extracted"].get<uint64_t>(), "row"),
                        j["work"]["rows_rejected"].get<uint64_t>(),
                        Counted(j["work"]["records_normalized"].get<uint64_t>(), "record"));
  if (j.contains("target_busy")) {
    text += "import     the target is being written and cannot be read now\n";
  } else if (j["import"].is_null()) {
    text += "import     none yet\n";
  } else {
    const auto& i = j["import"];
    text +=
        fmt::format("import     {} {}, begun {}{}, reconciliation: {}\n", i["import"].get<int64_t>(),
                    i["state"].get<std::string>(), i["started_at"].get<std::string>(),
                    i["finished_at"].get<std::string>().empty() ? "" : ", done " + i["finished_at"].get<std::string>(),
                    i["reconciliation"].get<std::string>());
    text += fmt::format("holds      {}, {}, {} in quarantine\n", Counted(j["records"].get<uint64_t>(), "record"),
                        Counted(j["persons"].get<uint64_t>(), "person"),
                        Counted(j["open_rejects"].get<uint64_t>(), "open row"));
  }
  return PrintResult(text);
}

}  // namespace

void AddStatus(CLI::App& app, Action* action) {
  auto common = std::make_shared<Common>();
  CLI::App* c = app.add_subcommand("status", "State of the last import, or of the one that is running");
  AddCommon(c, common.get());
  c->callback([common, action] { *action = [common] { return Main(*common); }; });
}

}  // namespace migrate::cli
