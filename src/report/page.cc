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

// What `migrate rows` calls a number of `flow`; "" for one whose rows are not kept, or that is a sum of others.
std::string ListedAs(std::string_view key) {
  if (key == "counted") return "read";
  if (key == "records_total") return "records";
  if (key == "persons_total") return "persons";
  for (std::string_view same : {"quarantined", "inserted", "updated", "superseded"})
    if (key == same) return std::string(key);
  return "";
}

// The figures an operator asks for first. What is a sum of other numbers leads to the line that says so.
std::string Tiles(const Json& report, NumberLinks* links) {
  const Json& flow = FlowOf(report);
  std::string out;
  auto tile = [&out](std::string_view name, const std::string& value, const std::string& note) {
    out += fmt::format("<div class=\"tile\"><dt>{}</dt><dd>{}<span>{}</span></dd></div>\n", name, value, Escape(note));
  };
  auto number = [&](const char* key, std::string_view name, const std::string& note) {
    if (!Has(flow, key)) return;
    const std::string listed = ListedAs(key);
    tile(name,
         listed.empty() ? "<a href=\"#balances\">" + Thousands(Int(flow, key)) + "</a>"
                        : links->Link(Int(flow, key), listed),
         note);
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

// "1,000 counted = 2 quarantined + 998 loaded", each part that can be listed a link.
std::string BalanceHtml(const Balance& b, NumberLinks* links) {
  std::string out = Thousands(b.whole.rows) + " " + b.whole.name + " =";
  for (const Balance::Part& p : b.parts) {
    const std::string listed = ListedAs(p.name);
    out += (&p == &b.parts.front() ? " " : " + ") + (listed.empty() ? Thousands(p.rows) : links->Link(p.rows, listed)) +
           " " + p.name;
  }
  return out;
}

std::string FlowHtml(const Json& report, NumberLinks* links) {
  std::string out = FlowSvg(report, links);
  if (out.empty()) return "";
  if (!Has(report, "flow") || Get(report, "flow").empty())
    out = "<p class=\"note\">This is a forecast: nothing was written to the target.</p>" + out;
  out += "<ul class=\"balances\" id=\"balances\">";
  for (const Balance& b : Balances(FlowOf(report)))
    out += fmt::format("<li>{} {}</li>", BalanceHtml(b, links), Mark(b.holds, "does not balance"));
  out += "</ul>\n" + SourcesHtml(report, links);
  const Json& flow = FlowOf(report);
  if (Has(flow, "persons_created") || Has(flow, "persons_merged") || Has(flow, "persons_split"))
    out += fmt::format("<p class=\"note\">Persons in this run: {} new, {} merged into others, {} split.</p>\n",
                       links->Link(Int(flow, "persons_created"), "persons-created"),
                       links->Link(Int(flow, "persons_merged"), "persons-merged"),
                       links->Link(Int(flow, "persons_split"), "persons-split"));
  return out;
}

struct Part {
  const char *id, *title;
  std::string html;
};

std::string Contents(const std::vector<Part>& parts) {
  std::string out;
  for (const Part& p : parts) out += fmt::format("<li><a href=\"#{}\">{}</a></li>", p.id, p.title);
  return out.empty() ? "" : "<nav aria-label=\"Sections\"><ul>" + out + "</ul></nav>\n";
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
  out += fmt::format("<title>{}: {}</title>\n<style>\n{}</style></head>\n<body><div class=\"page\">\n",
                     Escape(Subject(report)), Escape(verdict.title), kPageCss);
  NumberLinks links(report);
  const std::string tiles = Tiles(report, &links);
  std::vector<Part> parts;
  auto add = [&parts](const char* id, const char* title, std::string html) {
    if (!html.empty()) parts.push_back({id, title, std::move(html)});
  };
  add("flow", "Where the rows went", FlowHtml(report, &links));
  // What needs a decision comes before what only informs.
  const bool mismatch = verdict.level == Verdict::Level::kBad;
  if (mismatch) add("reconciliation", "Reconciliation", ReconciliationHtml(report, &links));
  add("next", "Commands to go on with", CommandsHtml(report));
  add("quarantine", "Quarantine", QuarantineHtml(report, &links));
  if (!mismatch) add("reconciliation", "Reconciliation", ReconciliationHtml(report, &links));
  add("match", "Matching", MatchHtml(report));
  add("clusters", "Persons by number of records", ClustersHtml(report, &links));
  add("fill", "Fill rates", FillHtml(report, &links));
  add("stages", "Stages", StagesHtml(report));
  add("files", "Files", FilesHtml(report, &links));
  add("rows", "Commands behind the numbers", links.Html());
  out += "<a class=\"skip\" href=\"#content\">Skip to the report</a>\n" + Header(report, verdict) + Contents(parts) +
         "<main id=\"content\">\n" + tiles;
  for (const Part& p : parts) out += Section(p.id, p.title, p.html);
  out += "</main>\n" + Footer(report) + "</div></body></html>\n";
  return out;
}

}  // namespace migrate::report
