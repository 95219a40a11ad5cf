#include "migrate/report/page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <nlohmann/json.hpp>

#include "../../src/report/html.h"
#include "../../src/report/text.h"
#include "../../src/report/verdict.h"
#include "migrate/base/file.h"

namespace migrate::report {
namespace {

Json Sample() {
  auto text = ReadWholeFile(MIGRATE_SOURCE_DIR "/tests/report/sample_report.json");
  EXPECT_TRUE(text.ok()) << text.status().message();
  return Json::parse(*text);
}

std::string Page(const Json& report) {
  auto page = RenderReportPage(report.dump());
  EXPECT_TRUE(page.ok()) << page.status().message();
  return page.ok() ? *page : "";
}

// The elements that are open when `html` ends, and "" if every tag closes the one that was opened last.
std::string Unbalanced(const std::string& html) {
  std::vector<std::string> open;
  for (size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
    bool closes = html[at + 1] == '/';
    size_t begin = at + (closes ? 2 : 1), end = begin;
    while (std::isalnum(static_cast<unsigned char>(html[end])) != 0) ++end;
    std::string name = html.substr(begin, end - begin);
    if (name.empty()) continue;  // <!DOCTYPE
    bool quoted = false;
    while (end < html.size() && (quoted || html[end] != '>')) quoted ^= html[end++] == '"';
    if (end == html.size()) return "<" + name + " has no end";
    if (html[end - 1] == '/' || name == "meta" || name == "br") continue;
    if (!closes) {
      open.push_back(name);
    } else {
      if (open.empty() || open.back() != name) return "</" + name + "> after <" + (open.empty() ? "" : open.back());
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> stays open";
}

// The values of attribute `name` of the flow picture's nodes, which alone have rounded corners.
std::vector<std::string> OfNodes(const std::string& svg, const std::string& name) {
  std::vector<std::string> all;
  for (size_t at = svg.find("<rect"); at != std::string::npos; at = svg.find("<rect", at + 1)) {
    std::string tag = svg.substr(at, svg.find('>', at) - at);
    if (tag.find(" rx=") == std::string::npos) continue;
    size_t begin = tag.find(" " + name + "=\"") + name.size() + 3;
    all.push_back(tag.substr(begin, tag.find('"', begin) - begin));
  }
  return all;
}

bool Holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(Page, ShowsTheNumbersOfTheSample) {
  std::string page = Page(Sample());
  for (const char* part : {"<title>people, import 3: Done, 1,207 rows in quarantine</title>",
                           "<h1>Done, 1,207 rows in quarantine</h1>",
                           "1,132,915 counted = <a href=\"#n2\">1,207</a> quarantined + 1,131,708 loaded",
                           "migrate rows people.yaml quarantined --import 3",
                           "migrate rows people.yaml inserted --source campaigns --import 3",
                           "migrate rows people.yaml persons --records 6-10 --import 3",
                           "<a href=\"#n1\">1,132,915</a>",
                           "migrate rows people.yaml flagged --field phone --import 3",
                           ">1,440,208<",
                           ">995,886<",
                           "too_few_fields",
                           "the row has fewer fields than the header",
                           "in/campaign_2024.csv:20418",
                           "R***** A****",
                           "match from 24.2",
                           "review from 14.8",
                           "migrate rejects list people.yaml",
                           "migrate export links people.yaml",
                           "campaigns: 8 partitions",
                           "Source and target agree, by count and by SHA-256.",
                           "235,533/s",
                           "2026-03-14 02:11:07 UTC, took 48.3 s",
                           "40 blocks held too many records",
                           "&lt;0.1 %",
                           "migrate 0.1.0",
                           "prefers-color-scheme:dark",
                           "@media print"})
    EXPECT_TRUE(Holds(page, part)) << part;
  EXPECT_TRUE(Holds(page, Sample()["plan"]["hash"].get<std::string>()));
}

TEST(Page, IsBalancedAndStandsAlone) {
  std::string page = Page(Sample());
  EXPECT_EQ(Unbalanced(page), "");
  for (const char* outside : {"http:", "https:", "//", "<script", "<link", "<iframe", "<img", "@import", "src="})
    EXPECT_FALSE(Holds(page, outside)) << outside;
  EXPECT_NE(Unbalanced("<p><b></p>"), "");
  EXPECT_NE(Unbalanced("<p>"), "");
}

// Values of an attribute, in the order in which they stand.
std::vector<std::string> Values(const std::string& html, const std::string& attribute) {
  std::vector<std::string> all;
  const std::string begin = " " + attribute + "=\"";
  for (size_t at = html.find(begin); at != std::string::npos; at = html.find(begin, at + 1)) {
    size_t from = at + begin.size();
    all.push_back(html.substr(from, html.find('"', from) - from));
  }
  return all;
}

TEST(Page, EveryLinkLeadsToOneElement) {
  std::string page = Page(Sample());
  std::vector<std::string> ids = Values(page, "id");
  std::vector<std::string> sorted = ids;
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(std::adjacent_find(sorted.begin(), sorted.end()), sorted.end()) << "an id stands twice";
  std::vector<std::string> links = Values(page, "href");
  EXPECT_GT(links.size(), 30u);
  for (const std::string& link : links) {
    ASSERT_EQ(link[0], '#');
    EXPECT_TRUE(std::binary_search(sorted.begin(), sorted.end(), link.substr(1))) << link;
  }
  for (const std::string& label : Values(page, "aria-labelledby"))
    for (size_t begin = 0; begin < label.size();) {
      size_t end = std::min(label.find(' ', begin), label.size());
      EXPECT_TRUE(std::binary_search(sorted.begin(), sorted.end(), label.substr(begin, end - begin))) << label;
      begin = end + 1;
    }
}

TEST(Page, NumbersThatCannotBeListedAreNoLinks) {
  Json report = Sample();
  report["import"] = nullptr;
  EXPECT_FALSE(Holds(Page(report), "migrate rows people.yaml inserted"));
  report["import"] = 3;
  report["dry_run"] = true;
  EXPECT_FALSE(Holds(Page(report), "migrate rows people.yaml inserted"));
  report = Sample();
  report["plan"]["file"] = "my plans/it's.yaml";
  EXPECT_TRUE(Holds(Page(report), Escape("migrate rows 'my plans/it'\\''s.yaml' inserted --import 3")));
}

TEST(Page, EscapesEverything) {
  EXPECT_EQ(Escape("<a href=\"x\">&'\x01\n</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\xef\xbf\xbd &lt;/a&gt;");
  EXPECT_TRUE(Holds(Page(Sample()), "in/&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;co&quot;.csv"));
  // Put a tag into every text of the report: none may come out as a tag.
  const std::string kEvil = "<evil a='\"'>&amp;";
  std::function<void(Json*)> poison = [&](Json* j) {
    if (j->is_string()) *j = kEvil;
    if (j->is_structured())
      for (auto& v : *j) poison(&v);
  };
  Json report = Sample();
  poison(&report);
  std::string page = Page(report);
  EXPECT_FALSE(Holds(page, "<evil"));
  EXPECT_TRUE(Holds(page, "&lt;evil a=&#39;&quot;&#39;&gt;&amp;amp;"));
  EXPECT_EQ(Unbalanced(page), "");
}

TEST(Page, ToleratesAnythingMissing) {
  EXPECT_TRUE(Holds(Page(Json::object()), "<h1>Done</h1>"));
  Json sample = Sample();
  for (const auto& [key, value] : sample.items()) {
    Json without = sample;
    without.erase(key);
    EXPECT_EQ(Unbalanced(Page(without)), "") << key;
    EXPECT_FALSE(RenderReportText(without.dump()).empty());
    for (Json odd : {Json(nullptr), Json("text"), Json(-1.5), Json::array({1, "x", nullptr}), Json::object()}) {
      Json with = sample;
      with[key] = odd;
      EXPECT_EQ(Unbalanced(Page(with)), "") << key << " " << odd;
      EXPECT_FALSE(RenderReportText(with.dump()).empty());
    }
  }
  // Numbers no run ever writes.
  std::function<void(Json*)> spoil = [&](Json* j) {
    if (j->is_number()) *j = -1e300;
    if (j->is_structured())
      for (auto& v : *j) spoil(&v);
  };
  Json spoiled = sample;
  spoil(&spoiled);
  EXPECT_EQ(Unbalanced(Page(spoiled)), "");
  EXPECT_FALSE(RenderReportText(spoiled.dump()).empty());
  EXPECT_FALSE(RenderReportPage("[1]").ok());
  EXPECT_FALSE(RenderReportPage("{").ok());
  EXPECT_EQ(RenderReportText("x"), "the report is damaged: not a JSON object\n");
}

TEST(Page, EveryVerdict) {
  struct {
    const char* json;
    const char* title;
    const char* css;
  } const kTable[] = {
      {R"({"exit_code":0})", "Done", "good"},
      {R"({"exit_code":3,"flow":{"quarantined":1}})", "Done, 1 row in quarantine", "warn"},
      {R"({"exit_code":3,"flow":{"quarantined":0}})", "Done, rows of earlier imports are in quarantine", "warn"},
      {R"({"exit_code":4})", "Mismatch: source and target are not equal", "bad"},
      {R"({"reconciliation":{"verdict":"mismatch"}})", "Mismatch: source and target are not equal", "bad"},
      {R"({"exit_code":5,"flow":{"quarantined":2000}})", "Stopped: 2,000 rows in quarantine, more than the plan allows",
       "bad"},
      {R"({"exit_code":1})", "Failed: the same command resumes once the cause is mended", "bad"},
      {R"({"exit_code":130})", "Cancelled: the same command resumes", "warn"},
      {R"({"exit_code":2})", "Plan error: nothing was touched", "bad"},
      {R"({"exit_code":0,"dry_run":true})", "Dry run: Done", "good"}};
  for (const auto& t : kTable) {
    std::string page = Page(Json::parse(t.json));
    EXPECT_TRUE(Holds(page, std::string("<h1>") + t.title + "</h1>")) << t.json;
    EXPECT_TRUE(Holds(page, std::string("verdict ") + t.css + "\"")) << t.json;
    EXPECT_EQ(RenderReportText(t.json).find(std::string(t.title) + "\n"), 0u) << t.json;
  }
}

TEST(Page, AMismatchShowsWhatDiffers) {
  Json report = Sample();
  report["exit_code"] = 4;
  report["reconciliation"]["verdict"] = "mismatch";
  report["reconciliation"]["books"][2]["ok"] = false;
  report["reconciliation"]["damage"] = {{{"table", "record"}, {"key", 77}, {"column", "email"}, {"what", "changed"}}};
  std::string page = Page(report);
  EXPECT_TRUE(Holds(page, "<details open><summary>campaigns: 8 partitions, <span class=\"bad\">1 differ</span>"));
  EXPECT_TRUE(Holds(page, "<code>77</code>"));
  EXPECT_LT(page.find("id=\"reconciliation\""), page.find("id=\"quarantine\""));
  EXPECT_TRUE(Holds(page, "migrate run people.yaml --stage reconcile"));
  std::string text = RenderReportText(report.dump());
  EXPECT_TRUE(Holds(text, "Books that differ\n  source     partition")) << text;
  EXPECT_TRUE(Holds(text, "  record  77   email   changed\n")) << text;
}

TEST(Page, ABalanceThatDoesNotHoldIsSaid) {
  Json report = Sample();
  report["flow"]["loaded"] = 1;
  EXPECT_TRUE(Holds(Page(report), "does not balance"));
  EXPECT_TRUE(Holds(RenderReportText(report.dump()), "DOES NOT BALANCE"));
  EXPECT_FALSE(Holds(Page(Sample()), "does not balance"));
}

TEST(Page, ARerunWithoutChangesSaysSo) {
  const std::string kWords = "Nothing had changed: no import was made.";
  EXPECT_TRUE(Holds(Page(Json{{"import", nullptr}, {"exit_code", 0}}), kWords));
  EXPECT_FALSE(Holds(Page(Json{{"import", nullptr}, {"exit_code", 1}}), kWords));
  EXPECT_FALSE(Holds(Page(Sample()), kWords));
}

TEST(Page, ADryRunShowsItsForecast) {
  Json report = Sample();
  report["forecast"] = report["flow"];
  report["flow"] = Json::object();
  report["dry_run"] = true;
  std::string page = Page(report);
  EXPECT_TRUE(Holds(page, "This is a forecast"));
  EXPECT_TRUE(Holds(page, "The target would hold 1,440,208 records of 995,886 persons."));
  report["forecast"] = Json{{"flow", report["forecast"]}};
  EXPECT_TRUE(Holds(Page(report), "The target would hold 1,440,208 records"));
}

TEST(Flow, BandsAreAsWideAsTheirRows) {
  Json report = {
      {"sources", {{{"name", "a"}, {"counted", 75}}, {{"name", "b"}, {"counted", 25}}}},
      {"flow", {{"counted", 100}, {"loaded", 100}, {"inserted", 100}, {"records_total", 100}, {"persons_total", 50}}}};
  NumberLinks links(report);
  std::string svg = FlowSvg(report, &links);
  // 260 units for 100 rows: the nodes' heights.
  EXPECT_EQ(OfNodes(svg, "height"), (std::vector<std::string>{"195.0", "65.0", "260.0", "260.0", "260.0", "130.0"}));
  EXPECT_EQ(Unbalanced(svg), "");
  // An increment into a large target is drawn, and what was there is cut short.
  report["flow"]["records_total"] = 84'000'000;
  report["flow"]["persons_total"] = 60'000'000;
  svg = FlowSvg(report, &links);
  EXPECT_TRUE(Holds(svg, "already there, not to scale"));
  EXPECT_TRUE(Holds(svg, "83,999,900"));
}

TEST(Histogram, DrawsBinsAndThresholds) {
  Json match = {{"match_weight", 8.0},
                {"review_weight", 3.0},
                {"histogram",
                 {{{"weight", 9.0}, {"pairs", 1}},
                  {{"weight", -2.0}, {"pairs", 1000}},
                  {{"weight", 4.0}, {"pairs", 10}},
                  {{"weight", 5.0}, {"pairs", 0}}}}};
  std::string svg = HistogramSvg(match);
  auto count = [&svg](const std::string& part) {
    size_t n = 0;
    for (size_t at = svg.find(part); at != std::string::npos; at = svg.find(part, at + 1)) ++n;
    return n;
  };
  EXPECT_EQ(count("class=\"h-no\""), 1u);
  EXPECT_EQ(count("class=\"h-review\""), 1u);
  EXPECT_EQ(count("class=\"h-match\""), 1u);
  EXPECT_EQ(Unbalanced(svg), "");
  EXPECT_EQ(HistogramSvg(Json::object()), "");
}

TEST(Text, NumbersForPeople) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(-1234567), "-1,234,567");
  EXPECT_EQ(Thousands(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(Percent(1, 1e6), "<0.1 %");
  EXPECT_EQ(Percent(999'999, 1e6), ">99.9 %");
  EXPECT_EQ(Percent(1, 1), "100.0 %");
  EXPECT_EQ(Percent(1, 0), "–");
  EXPECT_EQ(Bytes(1023), "1023 bytes");
  EXPECT_EQ(Bytes(1536), "1.5 KiB");
  EXPECT_EQ(Duration(0.4167), "0.42 s");
  EXPECT_EQ(Duration(245), "4 min 05 s");
  EXPECT_EQ(Duration(59.96), "60.0 s");
  EXPECT_EQ(Duration(11'220), "3 h 07 min");
  EXPECT_EQ(Rate(1000, 0), "");
  EXPECT_EQ(Rate(1000, 0.5), "2,000/s");
  EXPECT_EQ(ShellWord("a/b.yaml"), "a/b.yaml");
  EXPECT_EQ(ShellWord("it's"), "'it'\\''s'");
  EXPECT_EQ(ShellWord(""), "''");
}

TEST(Text, ReportForTerminals) {
  std::string text = RenderReportText(Sample().dump());
  EXPECT_EQ(
      text.find("Done, 1,207 rows in quarantine\n1,132,915 rows counted in the sources, 1,131,708 loaded, 1,207 in "
                "quarantine.\n"),
      0u)
      << text;
  for (const char* line : {"\n  source       counted  quarantined  inserted  updated  unchanged  superseded\n",
                           "\n  campaigns    800,497        1,204   741,120   12,004     44,117       2,052\n",
                           "\n   811  too_few_fields  in/campaign_2024.csv:20418  7 fields, the header has 11\n",
                           "\n  dedupe     19.4 s  1,440,208   74,161/s\n", "  migrate rejects list people.yaml"})
    EXPECT_TRUE(Holds(text, line)) << line << "\n" << text;
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 80);
  EXPECT_FALSE(Holds(text, "Damage"));
}

}  // namespace
}  // namespace migrate::report
