#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "command.h"
#include "migrate/base/plural.h"
#include "migrate/progress/watchdog.h"
#include "migrate/run/run.h"

namespace migrate::cli {
namespace {

using nlohmann::json;
using progress::DurationText;

struct Options {
  Common common;
  bool watch = false;
  double every = 2;
};

std::string MiB(const json& bytes) { return fmt::format("{:.0f} MiB", bytes.get<double>() / 1048576); }

// Where the run stands: one line for its stage, one for its process.
std::string NowText(const json& n) {
  std::string text;
  if (n["stage"].is_null()) {
    text = "stage      none: between two, or before the first\n";
  } else {
    text = fmt::format("stage      {}", n["stage"].get<std::string>());
    if (!n["step"].get<std::string>().empty()) text += ", " + n["step"].get<std::string>();
    text += fmt::format(": {}", Counted(n["rows"].get<uint64_t>(), "row"));
    if (!n["percent"].is_null()) text += fmt::format(", {:.1f} %", n["percent"].get<double>());
    text += fmt::format(", {:.0f} rows/s", n["rows_per_second"].get<double>());
    if (!n["eta_seconds"].is_null()) text += fmt::format(", {} to go", DurationText(n["eta_seconds"].get<double>()));
    text += fmt::format(", since {}\n", DurationText(n["stage_seconds"].get<double>()));
  }
  std::string done;
  for (const json& s : n["stages_done"])
    done += fmt::format("{}{} ({})", done.empty() ? "" : ", ", s["stage"].get<std::string>(),
                        DurationText(s["seconds"].get<double>()));
  if (!done.empty()) text += "finished   " + done + "\n";
  text += fmt::format("process    for {}, {} of memory (at most {}), {} of CPU, {}\n",
                      DurationText(n["seconds"].get<double>()), MiB(n["memory_bytes"]), MiB(n["memory_peak_bytes"]),
                      DurationText(n["cpu_seconds"].get<double>()), Counted(n["warnings"].get<uint64_t>(), "warning"));
  for (const json& w : n["workers"])
    text += fmt::format("worker {:<3} {}, for {}\n", w["worker"].get<uint64_t>(), w["doing"].get<std::string>(),
                        DurationText(w["seconds"].get<double>()));
  if (!n["stalled"].is_null()) text += "STALLED    " + n["stalled"].get<std::string>() + "\n";
  return text;
}

std::string ImportText(const json& j) {
  if (j.contains("target_busy")) return "import     the target is being written and cannot be read now\n";
  std::string text;
  if (j.contains("finding")) text = "NOTE       " + j["finding"].get<std::string>() + "\n";
  if (j["import"].is_null()) return text + "import     none yet\n";
  const json& i = j["import"];
  text +=
      fmt::format("import     {} {}, begun {}{}, reconciliation: {}\n", i["import"].get<int64_t>(),
                  i["state"].get<std::string>(), i["started_at"].get<std::string>(),
                  i["finished_at"].get<std::string>().empty() ? "" : ", done " + i["finished_at"].get<std::string>(),
                  i["reconciliation"].get<std::string>());
  return text + fmt::format("holds      {}, {}, {} in quarantine\n", Counted(j["records"].get<uint64_t>(), "record"),
                            Counted(j["persons"].get<uint64_t>(), "person"),
                            Counted(j["open_rejects"].get<uint64_t>(), "open row"));
}

std::string StatusText(const plan::Plan& plan, const json& j) {
  std::string text =
      fmt::format("plan       {}\nworkspace  {}\ntarget     {}\n", plan.name, plan.workspace, plan.target.url);
  text += j["running"].is_null() ? "running    no\n" : "running    " + j["running"].get<std::string>() + "\n";
  if (j.contains("held")) {
    const auto& h = j["held"];
    text +=
        fmt::format("held by    {}, since {}, lease {} {}\n", h["by"].get<std::string>(), h["since"].get<std::string>(),
                    h["lapsed"].get<bool>() ? "lapsed" : "until", h["until"].get<std::string>());
  }
  if (j.contains("died"))
    text += fmt::format(
        "died       process {} on {} did not end by itself{}: run the same command again to resume\n",
        j["died"]["pid"].get<int64_t>(), j["died"]["host"].get<std::string>(),
        j["died"]["stage"].get<std::string>().empty() ? "" : ", it was at " + j["died"]["stage"].get<std::string>());
  if (j.contains("now")) text += NowText(j["now"]);
  if (j.contains("work"))
    text += fmt::format("work       {} extracted ({} quarantined), {} normalized\n",
                        Counted(j["work"]["rows_extracted"].get<uint64_t>(), "row"),
                        j["work"]["rows_rejected"].get<uint64_t>(),
                        Counted(j["work"]["records_normalized"].get<uint64_t>(), "record"));
  return text + ImportText(j);
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  for (bool first = true;; first = false) {
    auto status = run::StatusJson(*plan);
    if (!status.ok()) return Fail(o.common, status.status());
    const json j = json::parse(*status);
    std::string text = o.common.json ? *status : StatusText(*plan, j);
    if (o.watch && o.common.json) text = j.dump();
    // A terminal shows one picture that changes; elsewhere the pictures follow each other.
    if (o.watch && !o.common.json && ::isatty(STDOUT_FILENO) == 1) text = "\033[H\033[2J" + text;
    if (o.watch && !o.common.json && !first && ::isatty(STDOUT_FILENO) != 1) text = "\n" + text;
    if (code = PrintResult(text); code != 0) return code;
    if (!o.watch || j["running"].is_null()) return 0;
    std::this_thread::sleep_for(std::chrono::duration<double>(o.every));
  }
}

}  // namespace

void AddStatus(CLI::App& app, Action* action) {
  auto o = std::make_shared<Options>();
  CLI::App* c = app.add_subcommand("status", "State of the last import, or of the one that is running");
  AddCommon(c, &o->common);
  c->add_flag("--watch", o->watch, "show it again and again until nothing runs; with --json one object a line");
  c->add_option("--every", o->every, "seconds between two looks of --watch (default: 2)")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->needs("--watch");
  c->callback([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
