#include <fmt/core.h>

#include "json_view.h"
#include "migrate/report/page.h"
#include "text.h"
#include "verdict.h"

namespace migrate::report {
namespace {

using Table = std::vector<std::vector<std::string>>;

constexpr size_t kWidth = 80;     // of a terminal; only commands, which are copied, may be longer
constexpr size_t kMaxLines = 12;  // of one list; the page has all

std::string N(const Json& j, const char* key) { return Thousands(Int(j, key)); }

// "heading" and a table under it; nothing without rows beneath the table's header.
std::string Block(std::string_view heading, Table rows, std::string_view align) {
  if (rows.size() < 2) return "";
  size_t more = rows.size() > kMaxLines + 1 ? rows.size() - kMaxLines - 1 : 0;
  rows.resize(rows.size() - more);
  std::string out = fmt::format("\n{}\n", heading), table = TextTable(rows, align, "  ");
  for (size_t begin = 0; begin < table.size();) {
    size_t end = table.find('\n', begin);
    out += Clipped(std::string_view(table).substr(begin, end - begin), kWidth) + "\n";
    begin = end + 1;
  }
  return more == 0 ? out : out + fmt::format("  ... and {} more\n", more);
}

std::string Header(const Json& report) {
  Verdict verdict = Judge(report);
  std::string out = Wrapped(Plain(verdict.title), kWidth);
  for (const std::string& s : verdict.sentences) out += Wrapped(s, kWidth);
  std::string line = Plain(Text(Get(report, "plan"), "name"));
  auto add = [&line](const std::string& text) {
    if (!text.empty()) line += (line.empty() ? "" : ", ") + text;
  };
  if (Get(report, "import").is_number()) add(fmt::format("import {}", Int(report, "import")));
  add(Plain(UtcText(Text(report, "started_at"))));
  if (Has(report, "seconds")) add(Duration(Real(report, "seconds")));
  if (Int(report, "peak_rss_bytes") > 0) add("peak memory " + Bytes(Int(report, "peak_rss_bytes")));
  if (Get(report, "limit").is_number()) add("limited to " + N(report, "limit") + " rows a source");
  return line.empty() ? out : out + Wrapped(line, kWidth);
}

std::string Books(const Json& report) {
  std::string out;
  for (const Balance& b : Balances(FlowOf(report)))
    out += Wrapped(b.Text() + (b.holds ? " (ok)" : " (DOES NOT BALANCE)"), kWidth, "  ");
  return out.empty() ? "" : "\nThe books\n" + out;
}

std::string Sources(const Json& report) {
  Table rows{{"source", "counted", "quarantined", "inserted", "updated", "unchanged", "superseded"}};
  for (const Json& s : List(report, "sources"))
    rows.push_back({Plain(Text(s, "name")), N(s, "counted"), N(s, "quarantined"), N(s, "inserted"), N(s, "updated"),
                    N(s, "unchanged"), N(s, "superseded")});
  return Block("Sources", std::move(rows), "lrrrrrr");
}

std::string Quarantine(const Json& report) {
  Table rows{{"rows", "reason", "for example", ""}};
  for (const Json& q : List(report, "quarantine")) {
    const Json& examples = List(q, "examples");
    const Json first = examples.empty() ? Json() : examples[0];
    std::string place = Text(first, "file");
    if (Int(first, "line") > 0) place += ":" + std::to_string(Int(first, "line"));
    rows.push_back({N(q, "count"), Plain(Text(q, "reason")), Plain(place), Plain(Text(first, "detail"))});
  }
  return Block("Quarantine", std::move(rows), "r");
}

std::string Stages(const Json& report) {
  Table rows{{"stage", "time", "rows", "rate"}};
  for (const Json& s : List(report, "stages")) {
    double seconds = Real(s, "seconds");
    if (Flag(s, "skipped"))
      rows.push_back({Plain(Text(s, "stage")), "skipped", "", ""});
    else
      rows.push_back({Plain(Text(s, "stage")), Duration(seconds), N(s, "rows"), Rate(Real(s, "rows"), seconds)});
  }
  return Block("Stages", std::move(rows), "lrrr");
}

// Only what is wrong: the sentence above says that the rest is right.
std::string Differences(const Json& report) {
  const Json& r = Get(report, "reconciliation");
  Table books{{"source", "partition", "counted", "extracted", "loaded", "quarantined"}};
  for (const Json& b : List(r, "books"))
    if (!Flag(b, "ok"))
      books.push_back({Plain(Text(b, "source")),
                       Int(b, "partition", -1) < 0 ? "all" : std::to_string(Int(b, "partition")), N(b, "counted"),
                       N(b, "extracted"), N(b, "loaded"), N(b, "quarantined")});
  Table checks{{"check", "detail"}};
  for (const Json& c : List(r, "checks"))
    if (!Flag(c, "ok")) checks.push_back({Plain(Text(c, "name")), Plain(Text(c, "detail"))});
  Table damage{{"table", "key", "column", "what"}};
  for (const Json& d : List(r, "damage")) {
    const Json& key = Get(d, "key");
    damage.push_back({Plain(Text(d, "table")), Plain(key.is_string() ? key.get<std::string>() : key.dump()),
                      Plain(Text(d, "column")), Plain(Text(d, "what"))});
  }
  return Block("Books that differ", std::move(books), "lrrrrr") + Block("Checks that failed", std::move(checks), "") +
         Block("Damage", std::move(damage), "");
}

std::string Persons(const Json& report) {
  const Json& flow = FlowOf(report);
  const Json& match = Get(report, "match");
  std::string out;
  if (Has(flow, "persons_created"))
    out += fmt::format("  persons: {} new, {} merged, {} split\n", N(flow, "persons_created"),
                       N(flow, "persons_merged"), N(flow, "persons_split"));
  if (match.is_object())
    out += fmt::format("  pairs: {} compared, {} matched, {} for review\n", N(match, "pairs_proposed"),
                       N(match, "pairs_matched"), N(match, "review_pairs"));
  return out.empty() ? "" : "\nMatching\n" + out;
}

std::string Commands(const Json& report) {
  std::string out = "\nTo go on\n";
  for (const Command& c : NextCommands(report)) out += "  " + Plain(c.line) + "\n      " + c.what + "\n";
  return out;
}

}  // namespace

std::string RenderReportText(std::string_view report_json) {
  const Json report = Json::parse(report_json, nullptr, false);
  if (!report.is_object()) return "the report is damaged: not a JSON object\n";
  return Header(report) + Differences(report) + Books(report) + Sources(report) + Quarantine(report) + Persons(report) +
         Stages(report) + Commands(report);
}

}  // namespace migrate::report
