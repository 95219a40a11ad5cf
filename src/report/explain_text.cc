#include "migrate/report/explain_text.h"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>

#include "json_view.h"
#include "migrate/base/plural.h"
#include "text.h"

namespace migrate::report {
namespace {

std::string Number(const Json& j, const char* key) { return Thousands(Int(j, key)); }

// "1,234", "about 1,234 (± 2 %)"
std::string RowsText(const Json& j, const char* rows, const char* error) {
  const double e = Real(j, error);
  if (e <= 0) return Number(j, rows);
  // As many digits as are known.
  const double n = static_cast<double>(Int(j, rows));
  const double unit = n > 0 ? std::pow(10, std::max(0.0, std::floor(std::log10(n * e)))) : 1;
  return fmt::format("about {} (± {:.1f} %)", Thousands(std::llround(n / unit) * std::llround(unit)), 100 * e);
}

std::string Columns(const Json& list) {
  constexpr int kShown = 12;
  std::string out;
  int n = 0;
  for (const Json& c : list) {
    if (n++ < kShown) out += (n > 1 ? ", " : "") + Plain(c.is_string() ? c.get<std::string>() : "");
  }
  return n > kShown ? out + fmt::format(" and {} more", n - kShown) : out;
}

std::string Inputs(const Json& j) {
  if (!Has(j, "inputs")) return "";
  std::string out = "\n# Inputs\n";
  for (const Json& i : List(j, "inputs")) {
    const bool csv = Text(i, "type") == "csv";
    out += fmt::format("{}: {}{}, {}\n", Plain(Text(i, "source")), Plain(Text(i, "file")),
                       csv ? "" : " (" + Plain(Text(i, "what")) + ")", Bytes(Int(i, "bytes")));
    std::string state = Text(i, "state");
    if (Has(i, "same_as")) state = "skipped: same content as " + Plain(Text(i, "same_as"));
    if (state == "imported before") state += ": nothing to read";
    out += fmt::format("    {}, {} {} ({})\n", state, RowsText(i, "rows", "rows_error"),
                       Plural(static_cast<uint64_t>(Int(i, "rows")), "row", "rows"), Text(i, "counted_by"));
    if (Int(i, "in_target") > 0)
      out += fmt::format("    the target holds {} of an earlier content of it\n",
                         Counted(static_cast<uint64_t>(Int(i, "in_target")), "row"));
    std::string key;
    for (const Json& k : List(i, "key")) key += (key.empty() ? "" : " + ") + Plain(k.get<std::string>());
    out += fmt::format("    key {}, {}", key.empty() ? "position in the file" : key, Text(i, "mode"));
    if (Int(i, "layouts") > 1)
      out += Int(i, "layout") > 0 ? fmt::format(", layout {} of {}", Int(i, "layout"), Int(i, "layouts"))
                                  : std::string(", fits no layout: all rows are quarantined");
    out += "\n    columns: " + Columns(List(i, "columns")) + "\n";
    for (const Json& f : List(i, "findings")) out += "    found: " + Plain(f.get<std::string>()) + "\n";
  }
  return out;
}

// An estimate is not known to the hundredth.
std::string Foretold(double seconds) {
  if (seconds < 1) return "less than a second";
  return "about " + (seconds < 60 ? fmt::format("{:.0f} s", seconds) : Duration(seconds));
}

std::string Stages(const Json& j) {
  std::string out = "\n# What each stage will do\n";
  int n = 0;
  for (const Json& s : List(j, "stages")) {
    out += fmt::format("{}. {}", ++n, Text(s, "stage"));
    if (Has(s, "seconds"))
      out += Int(s, "rows") > 0 ? fmt::format(": {} {}, {}", Number(s, "rows"),
                                              Plural(static_cast<uint64_t>(Int(s, "rows")), "row", "rows"),
                                              Foretold(Real(s, "seconds")))
                                : std::string(": nothing to do");
    out += "\n";
    for (const Json& line : List(s, "does")) out += "    " + Plain(line.get<std::string>()) + "\n";
  }
  return out;
}

// "server   innodb_buffer_pool_size 128.0 MiB, 6.0 GiB recommended"
std::string ServerSetting(const Json& s) {
  const int64_t now = Int(s, "now"), wanted = Int(s, "recommended");
  const std::string name = fmt::format("server   {} {}", Text(s, "variable"), Bytes(now));
  if (Has(s, "most") && now > Int(s, "most"))
    return fmt::format("{}, this machine has room for {}:\n         {}\n", name, Bytes(Int(s, "most")), Text(s, "why"));
  if (now >= wanted) return name + ": enough\n";
  return fmt::format("{}, {} recommended:\n         {}\n", name, Bytes(wanted), Text(s, "why"));
}

std::string Costs(const Json& j) {
  if (!Has(j, "rows")) return "";
  const Json& rows = Get(j, "rows");
  std::string out = "\n# What it will take\n";
  if (Int(rows, "read") == 0) return out + "nothing: no input is new, so a run makes no import\n";
  out += fmt::format("rows     {} to read, about {} of them new records", RowsText(rows, "read", "error"),
                     Number(rows, "inserted"));
  if (Int(rows, "quarantined") > 0) out += fmt::format(", about {} to quarantine", Number(rows, "quarantined"));
  out += "\n";
  for (const Json& d : List(j, "disk")) {
    std::string parts;
    for (const Json& p : List(d, "parts"))
      parts += (parts.empty() ? "" : ", ") + Text(p, "what") + " " + Bytes(Int(p, "bytes"));
    out += fmt::format("disk     {}: about {}{}; {} free\n         {}\n", Text(d, "place"), Bytes(Int(d, "bytes")),
                       parts.empty() ? "" : " (" + parts + ")", Has(d, "free") ? Bytes(Int(d, "free")) : "not known",
                       Plain(Text(d, "path")));
  }
  const Json& m = Get(j, "memory");
  out += fmt::format("memory   about {} at the peak; ", Bytes(Int(m, "peak")));
  std::string stages;
  for (const Json& s : List(j, "stages")) {
    const std::string name = Text(s, "stage");
    stages += (stages.empty() ? "" : ", ") + name + " " + Bytes(Int(Get(m, "stages"), name.c_str()));
  }
  out += stages + "\n";
  for (const Json& s : List(Get(j, "server"), "settings")) out += ServerSetting(s);
  out += fmt::format("time     {} with {}\n", Foretold(Real(j, "seconds")),
                     Counted(static_cast<uint64_t>(Int(j, "threads")), "thread"));
  std::vector<std::vector<std::string>> table{{"stage", "rows/s", "threads", "as in"}};
  for (const Json& s : List(j, "stages"))
    table.push_back({Text(s, "stage"), Number(s, "rows_per_second"), Number(s, "rate_threads"), Text(s, "rate_from")});
  return out + TextTable(table, "lrr", "         ");
}

}  // namespace

std::string RenderExplainText(std::string_view json) {
  const Json j = Json::parse(json, nullptr, false);
  const Json& plan = Get(j, "plan");
  std::string out = fmt::format("# Plan {} as it is resolved ({}, hash {})\n", Plain(Text(plan, "name")),
                                Plain(Text(plan, "file")), Text(plan, "hash").substr(0, 16));
  out += Text(j, "yaml");
  if (!List(j, "variables").empty()) out += "\n# Variables\n";
  for (const Json& v : List(j, "variables"))
    out += fmt::format(
        "{} {}\n", Plain(Text(v, "name")),
        Text(v, "from") == "environment" ? "from the environment" : "is not set: the plan's default was taken");
  out += Inputs(j) + Stages(j) + Costs(j);
  for (const Json& w : List(j, "warnings")) out += "warning: " + Plain(w.get<std::string>()) + "\n";
  return out;
}

}  // namespace migrate::report
