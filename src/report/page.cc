#include "migrate/report/page.h"
#include "migrate/base/plural.h"

#include <fmt/core.h>

#include "html.h"
#include "text.h"
#include "verdict.h"

namespace migrate::report {
namespace {

std::string_view LevelName(Verdict::Level level) {
  return level == Verdict::Level::kGood ? "good" : level == Verdict::Level::kWarn ? "warn" : "bad";
}

// A tick, an exclamation mark, a cross: told apart by shape as well as by colour.
std::string_view Icon(Verdict::Level level) {
  switch (level) {
    case Verdict::Level::kGood:
      return "<path d=\"M12 25l8 8 16-18\"/>";
    case Verdict::Level::kWarn:
      return "<path d=\"M24 12v15M24 34v2\"/>";
    case Verdict::Level::kBad:
      break;
  }
  return "<path d=\"M14 14l20 20M34 14l-20 20\"/>";
}

std::string Subject(const Json& report) {
  std::string name = Text(Get(report, "plan"), "name");
  std::string subject = name.empty() ? "migrate" : name;
  if (Get(report, "import").is_number()) subject += fmt::format(", import {}", Int(report, "import"));
  return subject;
}

std::string Header(const Json& report, const Verdict& verdict) {
  std::string sentences;
  for (const std::string& s : verdict.sentences) sentences += (sentences.empty() ? "" : " ") + s;
  std::string when = UtcText(Text(report, "started_at"));
  if (Has(report, "seconds")) when += (when.empty() ? "took " : ", took ") + Duration(Real(report, "seconds"));
  std::string limit;
  if (Get(report, "limit").is_number())
    limit = fmt::format("<p class=\"limit\">Limited to {} {} a source (<code>--limit</code>).</p>",
                        Thousands(Int(report, "limit")),
                        Plural(static_cast<uint64_t>(Int(report, "limit")), "row", "rows"));
  return fmt::format(
      "<header><p class=\"subject\">{}<span class=\"when\">{}</span></p>\n"
      "<div class=\"verdict {}\"><svg viewBox=\"0 0 48 48\" aria-hidden=\"true\"><circle cx=\"24\" cy=\"24\" "
      "r=\"23\"/>{}</svg><div><h1>{}</h1><p>{}</p>{}</div></div></header>\n",
      Escape(Subject(report)), Escape(when), LevelName(verdict.level), Icon(verdict.level), Escape(verdict.title),
      Escape(sentences), limit);
}

// The figures an operator asks for first.
std::string Tiles(const Json& report) {
  const Json& flow = FlowOf(report);
  std::string out;
  auto tile = [&out](std::string_view name, const std::string& value, const std::string& note) {
    out += fmt::format("<div class=\"tile\"><dt>{}</dt><dd>{}<span>{}</span></dd></div>\n", name, value, Escape(note));
  };
  auto number = [&](const char* key, std::string_view name, const std::string& note) {
    if (Has(flow, key)) tile(name, Thousands(Int(flow, key)), note);
  };
  double counted = Real(flow, "counted"), seconds = Real(report, "seconds"), persons = Real(flow, "persons_total");
  number("counted", "rows counted", "");
  number("loaded", "rows loaded", Percent(Real(flow, "loaded"), counted));
  number("quarantined", "in quarantine", Percent(Real(flow, "quarantined"), counted));
  number("records_total", "records", "in the target");
  std::string ratio = persons > 0 ? fmt::format("{:.2f} records each", Real(flow, "records_total") / persons) : "";
  number("persons_total", "persons", ratio);
  // Alone it would say no more than the header does.
  if (!out.empty() && Has(report, "seconds")) tile("time", Duration(seconds), Rate(counted, seconds));
  return out.empty() ? "" : "<dl class=\"tiles\">" + out + "</dl>\n";
}

std::string FlowHtml(const Json& report) {
  std::string out = FlowSvg(report);
  if (out.empty()) return "";
  if (!Has(report, "flow") || Get(report, "flow").empty())
    out = "<p class=\"note\">This is a forecast: nothing was written to the target.</p>" + out;
  out += "<ul class=\"balances\">";
  for (const Balance& b : Balances(FlowOf(report)))
    out += fmt::format("<li>{} {}</li>", Escape(b.text), Mark(b.holds, "does not balance"));
  out += "</ul>\n";
  const Json& flow = FlowOf(report);
  if (Has(flow, "persons_created") || Has(flow, "persons_merged") || Has(flow, "persons_split"))
    out += fmt::format("<p class=\"note\">Persons in this run: {} new, {} merged into others, {} split.</p>\n",
                       Thousands(Int(flow, "persons_created")), Thousands(Int(flow, "persons_merged")),
                       Thousands(Int(flow, "persons_split")));
  return out;
}

std::string Footer(const Json& report) {
  std::string out;
  auto item = [&out](std::string_view name, const std::string& value) {
    if (!value.empty()) out += fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, Escape(value));
  };
  const Json& plan = Get(report, "plan");
  item("made by", Text(report, "tool"));
  item("plan", Text(plan, "file"));
  item("plan hash", Text(plan, "hash"));
  item("started", UtcText(Text(report, "started_at")));
  item("finished", UtcText(Text(report, "finished_at")));
  if (Has(report, "exit_code")) item("exit code", std::to_string(Int(report, "exit_code")));
  return "<footer><dl>" + out + "</dl></footer>\n";
}

}  // namespace

Result<std::string> RenderReportPage(std::string_view report_json) {
  const Json report = Json::parse(report_json, nullptr, false);
  if (!report.is_object())
    return Status::Failed("the report is damaged: not a JSON object", "`migrate run` writes a new one");
  Verdict verdict = Judge(report);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n";
  out += fmt::format("<title>{}: {}</title>\n<style>\n{}</style></head>\n<body><main>\n", Escape(Subject(report)),
                     Escape(verdict.title), kPageCss);
  out += Header(report, verdict) + Tiles(report);
  out += Section("flow", "Where the rows went", FlowHtml(report));
  // What needs a decision comes before what only informs.
  std::string reconciliation = Section("reconciliation", "Reconciliation", ReconciliationHtml(report));
  bool mismatch = verdict.level == Verdict::Level::kBad;
  if (mismatch) out += reconciliation;
  out += Section("next", "Commands to go on with", CommandsHtml(report));
  out += Section("quarantine", "Quarantine", QuarantineHtml(report));
  if (!mismatch) out += reconciliation;
  out += Section("match", "Matching", MatchHtml(report));
  out += Section("clusters", "Persons by number of records", ClustersHtml(report));
  out += Section("fill", "Fill rates", FillHtml(report));
  out += Section("stages", "Stages", StagesHtml(report));
  out += Section("files", "Files", FilesHtml(report));
  out += Footer(report) + "</main></body></html>\n";
  return out;
}

}  // namespace migrate::report
