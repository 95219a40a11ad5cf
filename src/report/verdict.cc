#include "verdict.h"

#include <fmt/core.h>

#include "migrate/base/plural.h"
#include "text.h"

namespace migrate::report {
namespace {

constexpr int kNoExitCode = -1;

std::string Rows(int64_t n) { return Thousands(n) + (n == 1 ? " row" : " rows"); }

int64_t Quarantined(const Json& report) {
  const Json& flow = FlowOf(report);
  if (Has(flow, "quarantined")) return Int(flow, "quarantined");
  int64_t n = 0;
  for (const Json& q : List(report, "quarantine")) n += Int(q, "count");
  return n;
}

void SetTitle(const Json& report, Verdict* v) {
  using Level = Verdict::Level;
  int64_t code = Int(report, "exit_code", kNoExitCode), quarantined = Quarantined(report);
  bool mismatch = Text(Get(report, "reconciliation"), "verdict") == "mismatch";
  auto set = [v](Level level, std::string title) {
    v->level = level;
    v->title = std::move(title);
  };
  if (code == 130)
    set(Level::kWarn, "Cancelled: the same command resumes");
  else if (code == 1)
    set(Level::kBad, "Failed: the same command resumes once the cause is mended");
  else if (code == 2)
    set(Level::kBad, "Plan error: nothing was touched");
  else if (code == 4 || mismatch)
    set(Level::kBad, "Mismatch: source and target are not equal");
  else if (code == 5)
    set(Level::kBad, fmt::format("Stopped: {} in quarantine, more than the plan allows", Rows(quarantined)));
  else if (code == 3 && quarantined == 0)
    set(Level::kWarn, "Done, rows of earlier imports are in quarantine");
  else if (code == 3 || quarantined > 0)
    set(Level::kWarn, fmt::format("Done, {} in quarantine", Rows(quarantined)));
  else
    set(Level::kGood, "Done");
  if (Flag(report, "dry_run")) v->title = "Dry run: " + v->title;
}

std::string ReconciliationSentence(const Json& report) {
  std::string verdict = Text(Get(report, "reconciliation"), "verdict");
  if (verdict == "match") return "Source and target agree, by count and by SHA-256.";
  if (verdict == "mismatch") return "Reconciliation found differences: they are listed below.";
  return Flag(report, "dry_run") ? "A dry run writes nothing to the target." : "Reconciliation was not run.";
}

}  // namespace

const Json& FlowOf(const Json& report) {
  const Json& flow = Get(report, "flow");
  const Json& forecast = Get(report, "forecast");
  if ((flow.is_object() && !flow.empty()) || !forecast.is_object()) return flow;
  return Has(forecast, "flow") ? Get(forecast, "flow") : forecast;
}

Verdict Judge(const Json& report) {
  Verdict v;
  SetTitle(report, &v);
  const Json& flow = FlowOf(report);
  int64_t code = Int(report, "exit_code");
  bool no_import = report.contains("import") && Get(report, "import").is_null();
  if (no_import && !Flag(report, "dry_run") && (code == 0 || code == 3))
    v.sentences.emplace_back("Nothing had changed: no import was made.");
  if (Has(flow, "counted"))
    v.sentences.push_back(fmt::format("{} counted in the sources, {} loaded, {} in quarantine.",
                                      Rows(Int(flow, "counted")), Thousands(Int(flow, "loaded")),
                                      Thousands(Quarantined(report))));
  if (Has(flow, "records_total"))
    v.sentences.push_back(fmt::format("The target {} {} {} of {} {}.", Flag(report, "dry_run") ? "would hold" : "holds",
                                      Thousands(Int(flow, "records_total")),
                                      Plural(static_cast<uint64_t>(Int(flow, "records_total")), "record", "records"),
                                      Thousands(Int(flow, "persons_total")),
                                      Plural(static_cast<uint64_t>(Int(flow, "persons_total")), "person", "persons")));
  v.sentences.push_back(ReconciliationSentence(report));
  return v;
}

std::string PlanWord(const Json& report) {
  std::string file = Text(Get(report, "plan"), "file");
  return file.empty() ? "PLAN" : ShellWord(file);
}

std::vector<Command> NextCommands(const Json& report) {
  const std::string plan = PlanWord(report);
  std::vector<Command> all;
  auto add = [&](const std::string& command, const std::string& rest, const std::string& what) {
    all.push_back({"migrate " + command + " " + plan + (rest.empty() ? "" : " " + rest), what});
  };
  if (Judge(report).level == Verdict::Level::kBad && Text(Get(report, "reconciliation"), "verdict") == "mismatch")
    add("run", "--stage reconcile", "looks at the target again; the runbook says what to do about a mismatch");
  if (Quarantined(report) > 0) {
    add("rejects list", "", "the rows in quarantine, by reason");
    add("export rejects", "--output rejects.csv", "the same with their original bytes");
  }
  add("export links", "--output links.csv", "every record and the person it belongs to");
  add("export persons", "--output persons.csv", "every person with its golden values");
  add("rows", "", "the rows behind a number of this report");
  add("show", "ID", "one person: members, and where each value came from");
  add("imports list", "", "the imports: when, which plan, what came of them");
  return all;
}

std::vector<Balance> Balances(const Json& flow) {
  std::vector<Balance> all;
  auto add = [&](const char* whole, std::initializer_list<const char*> parts) {
    if (!Has(flow, whole)) return;
    Balance b{{whole, Int(flow, whole)}, {}, true};
    int64_t sum = 0;
    for (const char* part : parts) {
      b.parts.push_back({part, Int(flow, part)});
      sum += Int(flow, part);
    }
    b.holds = sum == Int(flow, whole);
    all.push_back(std::move(b));
  };
  add("counted", {"quarantined", "loaded"});
  add("loaded", {"inserted", "updated", "unchanged", "superseded"});
  return all;
}

std::string Balance::Text() const {
  std::string text = Thousands(whole.rows) + " " + whole.name + " =";
  for (const Part& p : parts) text += (&p == &parts.front() ? " " : " + ") + Thousands(p.rows) + " " + p.name;
  return text;
}

std::string UtcText(const std::string& iso) {
  std::string out = iso;
  if (size_t t = out.find('T'); t != std::string::npos) out[t] = ' ';
  if (out.ends_with("Z")) out.replace(out.size() - 1, 1, " UTC");
  return out;
}

}  // namespace migrate::report
