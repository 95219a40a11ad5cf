#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "command.h"
#include "migrate/base/plural.h"
#include "migrate/progress/watchdog.h"
#include "migrate/run/run.h"
#include "migrate/run/shards_left.h"

namespace migrate::cli {
namespace {

using nlohmann::json;
using progress::DurationText;

struct Options {
  Common common;
  bool watch = false;
  double every = 2;
  uint32_t shards = 0;
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

// Who runs now, and the watch that does, or will again.
std::string RunningText(const json& j) {
  std::string text = j["running"].is_null() ? "" : "running    " + j["running"].get<std::string>() + "\n";
  if (!j.contains("watch")) return text.empty() ? "running    no\n" : text;
  const json& w = j["watch"];
  if (text.empty()) text = "running    no: a watch waits for what comes\n";
  return text +
         fmt::format("watch      process {} of {} on {}, since {}, every {} s{}\n", w["pid"].get<int64_t>(),
                     w["operator"].get<std::string>(), w["host"].get<std::string>(), w["since"].get<std::string>(),
                     w["interval_seconds"].get<double>(),
                     w["next_at"].is_null() ? "; it looks now" : ", looks at " + w["next_at"].get<std::string>());
}

// What is to be started still, as commands.
std::string ShardsText(const std::string& plan_file, const json& shards) {
  constexpr size_t kMost = 3;
  const auto n = shards["n"].get<uint64_t>();
  std::string text;
  for (const json& s : shards["stages"]) {
    const std::string stage = s["stage"];
    text += fmt::format("{}{:<10} {} of {}", text.empty() ? "shards     " : "           ", stage,
                        s["done"].get<uint64_t>(), Counted(s["parts"].get<uint64_t>(), "part"));
    if (s["complete"].get<bool>()) {
      text += ", complete\n";
      continue;
    }
    const json& missing = s["missing"];
    text += missing.empty() ? ", to be put together by any shard:\n"
                            : fmt::format(", {} of {} {} missing:\n", missing.size(), Counted(n, "shard"),
                                          Plural(missing.size(), "is", "are"));
    for (size_t i = 0; i < std::min(std::max<size_t>(missing.size(), 1), kMost); ++i)
      text += fmt::format("             migrate run {} --stage {} --shard {}/{}\n", plan_file, stage,
                          missing.empty() ? 1 : missing[i].get<uint64_t>(), n);
    if (missing.size() > kMost) text += fmt::format("             and {} more\n", missing.size() - kMost);
  }
  return text;
}

std::string StatusText(const plan::Plan& plan, const std::string& plan_file, const json& j) {
  std::string text =
      fmt::format("plan       {}\nworkspace  {}\ntarget     {}\n", plan.name, plan.workspace, plan.target.url);
  text += RunningText(j);
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
  if (j.contains("shards")) text += ShardsText(plan_file, j["shards"]);
  return text + ImportText(j);
}

int Main(const Options& o) {
  int code = 2;
  auto plan = LoadPlanOrFail(o.common, &code);
  if (!plan) return code;
  for (bool first = true;; first = false) {
    auto status = run::StatusJson(*plan);
    if (!status.ok()) return Fail(o.common, status.status());
    json j = json::parse(*status);
    // While a run commits to a SQLite file it cannot be read: then that is said already.
    const auto shards = run::ShardsLeftJson(*plan, MIGRATE_VERSION, o.shards);
    if (shards.ok() && !shards->empty()) j["shards"] = json::parse(*shards);
    std::string text = o.common.json ? j.dump(2) + "\n" : StatusText(*plan, o.common.plan_file, j);
    if (o.watch && o.common.json) text = j.dump();
    // A terminal shows one picture that changes; elsewhere the pictures follow each other.
    if (o.watch && !o.common.json && ::isatty(STDOUT_FILENO) == 1) text = "\033[H\033[2J" + text;
    if (o.watch && !o.common.json && !first && ::isatty(STDOUT_FILENO) != 1) text = "\n" + text;
    if (code = PrintResult(text); code != 0) return code;
    if (!o.watch || (j["running"].is_null() && !j.contains("watch"))) return 0;
    std::this_thread::sleep_for(std::chrono::duration<double>(o.every));
  }
}

}  // namespace

void AddStatus(Syntax app, Action* action) {
  auto o = std::make_shared<Options>();
  Syntax c = app.Subcommand("status", "State of the last import, or of the one that is running");
  AddCommon(c, &o->common);
  c.Flag("--watch", o->watch,
         "show it again and again until nothing runs, no watch either; with --json one object a line");
  c.Option("--every", o->every, "seconds between two looks of --watch (default: 2)")
      .Type("SECONDS")
      .Must(Within(0.1, 3600.0))
      .Needs("--watch");
  c.Option("--shards", o->shards,
           "of how many shards those are named that are missing (default: as the last was called)")
      .Type("N")
      .Must(Within(uint32_t{1}, run::kMaxShards));
  c.WhenChosen([o, action] { *action = [o] { return Main(*o); }; });
}

}  // namespace migrate::cli
