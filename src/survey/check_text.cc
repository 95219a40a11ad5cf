#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migrate/survey/check.h"
#include "migrate/survey/mapping.h"

namespace migrate::survey {
namespace {

using nlohmann::json;
constexpr size_t kWidth = 100;

// Characters, not bytes: combining marks and wide letters are rare in names of columns.
size_t WidthOf(std::string_view s) {
  return static_cast<size_t>(std::count_if(s.begin(), s.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

// Cut to `width` characters and filled up with blanks.
std::string Padded(std::string_view s, size_t width) {
  std::string out;
  size_t used = 0;
  const bool cut = WidthOf(s) > width;
  for (size_t i = 0; i < s.size(); ++i) {
    const bool begins = (s[i] & 0xC0) != 0x80;
    if (begins && cut && used + 1 >= width) break;
    used += begins;
    out.push_back(static_cast<unsigned char>(s[i]) < 0x20 ? ' ' : s[i]);
  }
  if (cut) {
    out.push_back('~');
    ++used;
  }
  out.append(width - used, ' ');
  return out;
}

std::string Wrapped(const std::string& head, const std::string& text) {
  std::string out, line = head;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (WidthOf(line) + 1 + WidthOf(word) > kWidth && WidthOf(line) > head.size()) {
      out += line + "\n";
      line = std::string(head.size(), ' ');
    }
    line += (line.size() > head.size() ? " " : "") + word;
    at = end + 1;
  }
  return out + line + "\n";
}

std::string PercentOf(uint64_t n, uint64_t of) {
  return of == 0 ? "-" : Percent(static_cast<double>(n) / static_cast<double>(of));
}

}  // namespace

std::string CheckText(const CheckResult& r) {
  std::string head =
      fmt::format("{}: {} rows of {} {}", r.source, Thousands(r.rows), r.files, r.files == 1 ? "input" : "inputs");
  if (r.layout < 0)
    head += ", of no layout";
  else if (r.layouts > 1)
    head += fmt::format(", layout {} of {}", r.layout + 1, r.layouts);
  std::string out = head + "\n";
  if (!r.fields.empty())
    out += fmt::format("  {} {} {:>6} {:>8} {:>6}  {}\n", Padded("field", 12), Padded("columns", 26), "filled",
                       "readable", "junk", "examples");
  for (const auto& f : r.fields) {
    std::string examples;
    for (const auto& e : f.examples)
      examples += (examples.empty() ? "" : "  ") + Padded(e, std::min<size_t>(WidthOf(e), 16));
    std::string line = fmt::format("  {} {} {:>6} {:>8} {:>6}  {}", Padded(f.field, 12), Padded(f.columns, 26),
                                   PercentOf(f.filled, r.rows), PercentOf(f.readable, f.filled - f.placeholders),
                                   f.placeholders == 0 ? "-" : Thousands(f.placeholders), examples);
    out += line + "\n";
  }
  for (const auto& f : r.fields) {
    if (f.odd.empty()) continue;
    out += fmt::format("  odd in {}: {} {}\n", f.field, Thousands(f.odd_count), f.odd_count == 1 ? "value" : "values");
    for (const auto& o : f.odd) out += Wrapped("    ", fmt::format("{}  {}  {}", o.place, o.masked, o.why));
  }
  for (const auto& q : r.quarantined)
    out += Wrapped("  quarantine: ", fmt::format("{} {} as {}, first at {}: {}", Thousands(q.count),
                                                 q.count == 1 ? "row" : "rows", q.reason, q.place, q.detail));
  for (const auto& w : r.warnings) out += Wrapped("  warning: ", w);
  return out;
}

std::string CheckJson(const CheckResult& r) {
  json fields = json::array(), quarantined = json::array();
  for (const auto& f : r.fields) {
    json odd = json::array();
    for (const auto& o : f.odd) odd.push_back({{"place", o.place}, {"value", o.masked}, {"why", o.why}});
    fields.push_back({{"field", f.field},
                      {"columns", f.columns},
                      {"filled", f.filled},
                      {"readable", f.readable},
                      {"placeholders", f.placeholders},
                      {"examples", f.examples},
                      {"odd_count", f.odd_count},
                      {"odd", odd}});
  }
  for (const auto& q : r.quarantined)
    quarantined.push_back({{"reason", q.reason}, {"rows", q.count}, {"first", q.place}, {"detail", q.detail}});
  json j = {{"source", r.source},         {"layout", r.layout < 0 ? json(nullptr) : json(r.layout + 1)},
            {"inputs", r.files},          {"rows", r.rows},
            {"opted_out", r.opted_out},   {"fields", fields},
            {"quarantined", quarantined}, {"warnings", r.warnings}};
  return j.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace migrate::survey
