// What became of the rows: quarantine, fill rates, clusters, matching, stages.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "html.h"
#include "migrate/base/plural.h"
#include "migrate/report/rejects_view.h"
#include "text.h"

namespace migrate::report {
namespace {

constexpr size_t kOpenReasons = 3;  // whose examples are unfolded

HtmlCell ShareCell(double part, double whole) { return {Escape(Percent(part, whole)), "n soft"}; }

std::string Place(const Json& e) {
  std::string place = Escape(Text(e, "file"));
  if (int64_t line = Int(e, "line"); line > 0) place += ":" + std::to_string(line);
  std::string out = "<code>" + place + "</code>";
  if (int64_t byte = Int(e, "byte_offset"); byte > 0)
    out += " <span class=\"soft\">byte " + Thousands(byte) + "</span>";
  return out;
}

std::string Examples(const Json& reason, bool open) {
  if (List(reason, "examples").empty()) return "";
  std::string items;
  for (const Json& e : List(reason, "examples")) {
    items += "<li>" + Place(e);
    if (std::string source = Text(e, "source"); !source.empty())
      items += " <span class=\"soft\">source</span> " + Escape(source);
    if (std::string detail = Text(e, "detail"); !detail.empty()) items += "<br>" + Escape(detail);
    if (std::string masked = Text(e, "masked"); !masked.empty())
      items += "<br><code class=\"masked\">" + Escape(masked) + "</code>";
    items += "</li>";
  }
  return fmt::format("<details{}><summary>examples, masked</summary><ul class=\"examples\">{}</ul></details>",
                     open ? " open" : "", items);
}

// Sizes in classes, so that a long tail stays a short table.
struct SizeClass {
  int64_t first, last;
};
constexpr SizeClass kSizes[] = {{1, 1},  {2, 2},   {3, 3},   {4, 4},    {5, 5},
                                {6, 10}, {11, 20}, {21, 50}, {51, 100}, {101, INT64_MAX}};

std::string SizeName(const SizeClass& s) {
  if (s.first == s.last) return std::to_string(s.first);
  return s.last == INT64_MAX ? "over 100" : fmt::format("{}–{}", s.first, s.last);
}

// As `migrate rows --records` takes it.
std::string SizeRange(const SizeClass& s) {
  if (s.first == s.last) return std::to_string(s.first);
  return s.last == INT64_MAX ? fmt::format("{}-", s.first) : fmt::format("{}-{}", s.first, s.last);
}

std::string KeysTable(const Json& match) {
  if (List(match, "keys").empty()) return "";
  HtmlTable table("Blocking keys", {"blocking key", "pairs#", "new pairs#", "share of new", "blocks capped#"});
  double all = 0;
  int64_t capped = 0;
  for (const Json& k : List(match, "keys")) all += Real(k, "new_pairs");
  for (const Json& k : List(match, "keys")) {
    table.Row({TextCell(Text(k, "key")),
               NumberCell(Int(k, "pairs")),
               NumberCell(Int(k, "new_pairs")),
               {Bar(all > 0 ? Real(k, "new_pairs") / all : 0, "f-ins"), "barcell"},
               NumberCell(Int(k, "capped_blocks"))});
    capped += Int(k, "capped_blocks");
  }
  std::string note;
  if (capped > 0)
    note = fmt::format(
        "<p class=\"note\">{} block{} held too many records with one value: not all of their pairs were "
        "compared under that key.</p>",
        Thousands(capped), capped == 1 ? "" : "s");
  return table.Html() + note;
}

// The picture once more, for those who cannot see it and for narrow screens.
std::string HistogramTable(const Json& match) {
  HtmlTable table("Pairs by match weight", {"match weight", "pairs#", "what became of them"});
  const double match_at = Real(match, "match_weight", INFINITY), review_at = Real(match, "review_weight", INFINITY);
  for (const Json& b : List(match, "histogram")) {
    const double weight = Real(b, "weight");
    table.Row({TextCell(fmt::format("{:g} to {:g}", weight, weight + 1)), NumberCell(Int(b, "pairs")),
               TextCell(weight >= match_at    ? "matched"
                        : weight >= review_at ? "for review"
                                              : "not matched")});
  }
  return "<details class=\"long\"><summary>pairs by match weight, as a table</summary>" + table.Html() + "</details>\n";
}

std::string Probability(double lambda) {
  return lambda > 0 && lambda < 1 ? fmt::format("1 pair in {}", Thousands(std::llround(1 / lambda))) : "–";
}

}  // namespace

std::string QuarantineHtml(const Json& report, NumberLinks* links) {
  const Json& reasons = List(report, "quarantine");
  if (reasons.empty()) return Has(report, "quarantine") ? "<p>No row is in quarantine.</p>" : "";
  double all = 0;
  for (const Json& r : reasons) all += Real(r, "count");
  HtmlTable table("Rows in quarantine by reason", {"reason", "meaning", "rows#", "share"});
  bool open = reasons.size() <= kOpenReasons;
  for (const Json& r : reasons) {
    std::string reason = Text(r, "reason");
    table.Row({{"<code class=\"nowrap\">" + Escape(reason) + "</code>"},
               TextCell(ReasonMeaning(reason)),
               LinkCell(links, Int(r, "count"), "quarantined", Filter("--reason", reason)),
               {Bar(all > 0 ? Real(r, "count") / all : 0, "f-bad"), "barcell"}});
    if (std::string examples = Examples(r, open); !examples.empty()) table.Wide(examples);
  }
  return table.Html();
}

std::string FillHtml(const Json& report, NumberLinks* links) {
  const Json& fields = List(report, "fill");
  if (fields.empty()) return "";
  double n = Real(report, "records");
  for (const Json& f : fields) n = std::max({n, Real(f, "before"), Real(f, "after")});
  HtmlTable table("Fill rates before and after normalization",
                  {"field", "in the source#", "share#", "usable#", "share#", "of all records", "flagged#"});
  for (const Json& f : fields) {
    double before = Real(f, "before"), after = Real(f, "after");
    table.Row({TextCell(Text(f, "field")),
               NumberCell(Int(f, "before")),
               ShareCell(before, n),
               LinkCell(links, Int(f, "after"), "usable", Filter("--field", Text(f, "field"))),
               ShareCell(after, n),
               {Bar(n > 0 ? after / n : 0, "f-ins", n > 0 ? before / n : 0), "barcell"},
               LinkCell(links, Int(f, "flagged"), "flagged", Filter("--field", Text(f, "field")))});
  }
  return fmt::format(
             "<p class=\"note\">Of {} {}: pale, those with something in the mapped columns; strong, those "
             "with a value after normalization. Flagged values could not be used and stay in the payload.</p>",
             Thousands(std::llround(n)), Plural(static_cast<uint64_t>(std::llround(n)), "record", "records")) +
         table.Html();
}

std::string ClustersHtml(const Json& report, NumberLinks* links) {
  std::map<size_t, int64_t> persons;
  int64_t total = 0, most = 0, largest = 0;
  for (const Json& c : List(report, "clusters")) {
    int64_t size = Int(c, "size"), n = Int(c, "persons");
    if (size <= 0 || n <= 0) continue;
    size_t i = 0;
    while (kSizes[i].last < size) ++i;
    persons[i] += n;
    total += n;
    largest = std::max(largest, size);
  }
  if (total == 0) return "";
  for (const auto& [i, n] : persons) most = std::max(most, n);
  HtmlTable table("Persons by number of records", {"records", "persons#", "share#", "logarithmic"});
  for (const auto& [i, n] : persons)
    table.Row({TextCell(SizeName(kSizes[i])),
               LinkCell(links, n, "persons", Filter("--records", SizeRange(kSizes[i]))),
               ShareCell(static_cast<double>(n), static_cast<double>(total)),
               {Bar(std::log1p(static_cast<double>(n)) / std::log1p(static_cast<double>(most)), "f-per"), "barcell"}});
  return table.Html() + fmt::format("<p class=\"note\">The largest person has {} {}.</p>", Thousands(largest),
                                    Plural(static_cast<uint64_t>(largest), "record", "records"));
}

std::string MatchHtml(const Json& report) {
  const Json& match = Get(report, "match");
  if (!match.is_object()) return "";
  auto item = [](std::string_view name, const std::string& value) {
    return fmt::format("<div><dt>{}</dt><dd>{}</dd></div>", name, value);
  };
  std::string figures = "<dl class=\"figures\">" + item("pairs compared", Thousands(Int(match, "pairs_proposed"))) +
                        item("pairs matched", Thousands(Int(match, "pairs_matched"))) +
                        item("pairs for review", Thousands(Int(match, "review_pairs"))) +
                        item("prior of a match", Probability(Real(match, "lambda"))) + "</dl>\n";
  std::string legend =
      "<p class=\"legend\"><span class=\"key h-match\"></span>matched <span class=\"key h-review\"></span>for review "
      "<span class=\"key h-no\"></span>not matched</p>";
  std::string histogram = HistogramSvg(match);
  return figures + (histogram.empty() ? "" : histogram + legend + HistogramTable(match)) + KeysTable(match);
}

std::string StagesHtml(const Json& report) {
  const Json& stages = List(report, "stages");
  if (stages.empty()) return "";
  double all = 0;
  for (const Json& s : stages) all += Real(s, "seconds");
  HtmlTable table("Stages", {"stage", "time#", "share of the time", "rows#", "rate#"});
  for (const Json& s : stages) {
    double seconds = Real(s, "seconds");
    if (Flag(s, "skipped"))
      table.Row({TextCell(Text(s, "stage")), {"skipped", "n soft"}, {"", "barcell"}, {"", "n"}, {"", "n"}});
    else
      table.Row({TextCell(Text(s, "stage")),
                 {Duration(seconds), "n"},
                 {Bar(all > 0 ? seconds / all : 0, "f-rec"), "barcell"},
                 NumberCell(Int(s, "rows")),
                 {Rate(Real(s, "rows"), seconds), "n soft"}});
  }
  std::string note;
  if (int64_t bytes = Int(report, "peak_rss_bytes"); bytes > 0)
    note = fmt::format("<p class=\"note\">Peak memory: {}.</p>", Bytes(bytes));
  return table.Html() + note;
}

}  // namespace migrate::report
