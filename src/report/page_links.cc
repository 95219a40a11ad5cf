#include "page_links.h"

#include <fmt/core.h>

#include "html.h"
#include "migrate/report/numbers.h"
#include "text.h"
#include "verdict.h"

namespace migrate::report {

NumberLinks::NumberLinks(const Json& report) : plan_(PlanWord(report)) {
  if (!Flag(report, "dry_run")) import_ = Int(report, "import");
}

std::string NumberLinks::Address(int64_t n, std::string_view number, const std::string& filters) {
  if (n <= 0 || import_ <= 0) return "";
  Line line{fmt::format("migrate rows {} {}{} --import {}", plan_, number, filters, import_), "", n};
  for (size_t i = 0; i < lines_.size(); ++i)
    if (lines_[i].command == line.command) return fmt::format("#n{}", i + 1);
  for (const NumberName& name : NumberNames())
    if (name.name == number) line.means = std::string(name.means);
  lines_.push_back(std::move(line));
  return fmt::format("#n{}", lines_.size());
}

std::string NumberLinks::Link(int64_t n, std::string_view number, const std::string& filters) {
  std::string address = Address(n, number, filters);
  return address.empty() ? Thousands(n) : fmt::format("<a href=\"{}\">{}</a>", address, Thousands(n));
}

std::string NumberLinks::Html() const {
  if (lines_.empty()) return "";
  std::string out =
      "<p class=\"note\">Each number above that is a link leads to the command here that lists its rows. Rows as they "
      "were read (read, usable, flagged) are kept until the next import begins, all others for good. Numbers without a "
      "link count what is not kept one by one: rows that were in the target already, cells that were filled, pairs "
      "that "
      "were compared.</p>\n<dl class=\"commands\">";
  for (size_t i = 0; i < lines_.size(); ++i)
    out += fmt::format("<div id=\"n{}\" data-rows=\"{}\"><dt><code>{}</code></dt><dd><b>{}</b> {}</dd></div>\n", i + 1,
                       lines_[i].rows, Escape(lines_[i].command), Thousands(lines_[i].rows), Escape(lines_[i].means));
  return out + "</dl>\n";
}

std::string Filter(std::string_view option, std::string_view value) {
  return value.empty() ? "" : fmt::format(" {} {}", option, ShellWord(value));
}

}  // namespace migrate::report
