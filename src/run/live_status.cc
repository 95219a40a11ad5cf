#include "live_status.h"

#include <fmt/core.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "migrate/base/file.h"

namespace migrate::run {
namespace {

using nlohmann::json;

// How the stage goes: percent, speed and what is left, null where it cannot be known.
json PaceOf(const json& s) {
  const double rows = s.value("rows", 0.0), total = s.value("total", 0.0);
  const double rate = s.value("rows_per_second", 0.0);
  json pace = {{"percent", nullptr}, {"rows_per_second", std::floor(rate)}, {"eta_seconds", nullptr}};
  if (total > 0) pace["percent"] = std::min(100.0, std::floor(rows * 1000 / total) / 10);
  if (total > 0 && rate > 0) pace["eta_seconds"] = std::ceil(std::max(0.0, total - rows) / rate);
  return pace;
}

json NowJson(const json& s) {
  const double at = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  json now = {{"run", s.value("run", "")},
              {"pid", s.value("pid", 0)},
              {"host", s.value("host", "")},
              {"operator", s.value("operator", "")},
              {"seconds", std::floor(std::max(0.0, at - s.value("started_at", at)))},
              {"import", s.value("import", 0) == 0 ? json() : s["import"]},
              {"stage", s.value("stage", "").empty() ? json() : s["stage"]},
              {"step", s.value("step", "")},
              {"rows", s.value("rows", uint64_t{0})},
              {"total", s.value("total", uint64_t{0}) == 0 ? json() : s["total"]},
              {"stage_seconds", std::floor(s.value("seconds", 0.0))},
              {"stages_done", s.value("stages_done", json::array())},
              {"idle_seconds", std::floor(s.value("idle_seconds", 0.0))},
              {"stalled", s.contains("stalled") ? s["stalled"] : json()},
              {"memory_bytes", s.value("memory_bytes", uint64_t{0})},
              {"memory_peak_bytes", s.value("memory_peak_bytes", uint64_t{0})},
              {"cpu_seconds", std::floor(s.value("cpu_seconds", 0.0))},
              {"warnings", s.value("warnings", uint64_t{0})},
              {"workers", s.value("workers", json::array())}};
  now.update(PaceOf(s));
  return now;
}

}  // namespace

void AddLiveStatus(const std::string& workspace, bool held, const std::string& holder, json* j) {
  const std::string path = workspace + "/status.json";
  if (!PathExists(path)) return;
  auto text = ReadWholeFile(path);
  const json s = text.ok() ? json::parse(*text, nullptr, false) : json();
  if (!s.is_object()) return;
  try {
    // Another process may hold the workspace before it has written a line of its own.
    if (held && holder.starts_with(fmt::format("process {} ", s.value("pid", 0)))) (*j)["now"] = NowJson(s);
    if (!held)
      (*j)["died"] = {{"pid", s.value("pid", 0)},
                      {"host", s.value("host", "")},
                      {"stage", s.value("stage", "")},
                      {"step", s.value("step", "")}};
  } catch (const json::exception&) {
    // Not as this version writes it.
  }
}

}  // namespace migrate::run
