#include "html.h"

#include <fmt/core.h>

#include <algorithm>

#include "text.h"

namespace migrate::report {

std::string Escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
          out += c == '\n' || c == '\t' ? " " : "\xef\xbf\xbd";
        else
          out.push_back(c);
    }
  }
  return out;
}

HtmlCell NumberCell(int64_t n) { return {Thousands(n), n == 0 ? "n zero" : "n"}; }
HtmlCell LinkCell(NumberLinks* links, int64_t n, std::string_view number, const std::string& filters) {
  return {links->Link(n, number, filters), n == 0 ? "n zero" : "n"};
}
HtmlCell TextCell(std::string_view text) { return {Escape(text), ""}; }
HtmlCell CodeCell(std::string_view text) { return {"<code>" + Escape(text) + "</code>", ""}; }

HtmlTable::HtmlTable(std::string_view caption, std::initializer_list<std::string_view> headers) {
  html_ = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table role=\"table\">"
      "<caption>{0}</caption><thead role=\"rowgroup\"><tr role=\"row\">",
      Escape(caption));
  for (std::string_view h : headers) {
    bool number = h.ends_with('#');
    if (number) h.remove_suffix(1);
    html_ += fmt::format("<th scope=\"col\" role=\"columnheader\"{}>{}</th>", number ? " class=\"n\"" : "", Escape(h));
    headers_.push_back(Escape(h));
  }
  html_ += "</tr></thead><tbody role=\"rowgroup\">\n";
}

void HtmlTable::Row(const std::vector<HtmlCell>& cells) {
  html_ += "<tr role=\"row\">";
  for (size_t i = 0; i < cells.size(); ++i) {
    const HtmlCell& c = cells[i];
    std::string css = c.css.empty() ? "" : fmt::format(" class=\"{}\"", c.css);
    html_ += i == 0 ? fmt::format("<th scope=\"row\" role=\"rowheader\"{}>{}</th>", css, c.html)
                    : fmt::format("<td role=\"cell\" data-label=\"{}\"{}>{}</td>",
                                  i < headers_.size() ? headers_[i] : "", css, c.html);
  }
  html_ += "</tr>\n";
}

void HtmlTable::Wide(std::string_view html) {
  html_ += fmt::format("<tr class=\"wide\" role=\"row\"><td role=\"cell\" colspan=\"{}\">{}</td></tr>\n",
                       headers_.size(), html);
}

std::string Section(std::string_view id, std::string_view title, std::string_view html) {
  if (html.empty()) return "";
  return fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-h\"><h2 id=\"{0}-h\">{1}</h2>\n{2}</section>\n", id,
                     Escape(title), html);
}

std::string Bar(double share, std::string_view css, double above) {
  auto rect = [](double v, double y, double height, std::string_view name) {
    // What is not nothing is seen.
    double width = v <= 0 ? 0 : std::clamp(v * 100, 0.6, 100.0);
    return fmt::format("<rect class=\"{}\" y=\"{}\" width=\"{:.2f}\" height=\"{}\"/>", name, y, width, height);
  };
  std::string bars = above < 0 ? rect(share, 0, 10, css) : rect(above, 0, 4, "pale") + rect(share, 5, 5, css);
  return "<svg class=\"bar\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
         "<rect class=\"track\" width=\"100\" height=\"10\"/>" +
         bars + "</svg>";
}

std::string Mark(bool ok, std::string_view bad) {
  return ok ? "<span class=\"ok\">ok</span>" : fmt::format("<span class=\"bad\">{}</span>", Escape(bad));
}

}  // namespace migrate::report
