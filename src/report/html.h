// Pieces of HTML and SVG for the report page. All text parameters are plain text and are escaped here, but those that
// are named `html`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json_view.h"
#include "page_links.h"

namespace migrate::report {

extern const char kPageCss[];

// & < > " ' as entities; control characters (which HTML forbids) as U+FFFD.
std::string Escape(std::string_view text);

// A cell of a table: its HTML and its class ("n" for numbers, "" for text).
struct HtmlCell {
  std::string html;
  std::string_view css = "";
};
HtmlCell NumberCell(int64_t n);
// A number that links to the command that lists its rows.
HtmlCell LinkCell(NumberLinks* links, int64_t n, std::string_view number, const std::string& filters = "");
HtmlCell TextCell(std::string_view text);
HtmlCell CodeCell(std::string_view text);

// <table> with a caption for screen readers; a header whose name ends in '#' is a column of numbers. On a narrow screen
// a row becomes a block of lines, each with its column's name before it; the roles keep it a table for screen readers.
class HtmlTable {
 public:
  HtmlTable(std::string_view caption, std::initializer_list<std::string_view> headers);
  // The first cell is the row's header.
  void Row(const std::vector<HtmlCell>& cells);
  // A row of one cell as wide as the table.
  void Wide(std::string_view html);
  std::string Html() const { return html_ + "</tbody></table></div>\n"; }

 private:
  std::string html_;
  std::vector<std::string> headers_;
};

// <section id=...><h2>title</h2>html</section>; nothing if html is empty.
std::string Section(std::string_view id, std::string_view title, std::string_view html);

// A bar of `share` (0 to 1) of the width of its cell; `css` names its colour. With `above`, a second, paler bar lies
// over it.
std::string Bar(double share, std::string_view css, double above = -1);

// "ok" in green, or `bad` in red.
std::string Mark(bool ok, std::string_view bad = "differs");

// svg_flow.cc: sources -> rows -> outcomes -> records -> persons. "" without numbers.
std::string FlowSvg(const Json& report, NumberLinks* links);
// svg_charts.cc: pairs by match weight with the two thresholds. "" without bins.
std::string HistogramSvg(const Json& match);

// page_sections.cc: HTML of a section's inside, "" if the report has nothing for it.
std::string QuarantineHtml(const Json& report, NumberLinks* links);
std::string FillHtml(const Json& report, NumberLinks* links);
std::string ClustersHtml(const Json& report, NumberLinks* links);
std::string MatchHtml(const Json& report);
std::string StagesHtml(const Json& report);
// page_tables.cc
std::string ReconciliationHtml(const Json& report, NumberLinks* links);
std::string FilesHtml(const Json& report, NumberLinks* links);
std::string SourcesHtml(const Json& report, NumberLinks* links);
std::string CommandsHtml(const Json& report);

}  // namespace migrate::report
