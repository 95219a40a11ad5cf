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
HtmlCell TextCell(std::string_view text) { return {Escape(text), ""}; }
HtmlCell CodeCell(std::string_view text) { return {"<code>" + Escape(text) + "</code>", ""}; }

HtmlTable::HtmlTable(std::string_view caption, std::initializer_list<std::string_view> headers)
    : columns_(headers.size()) {
  html_ = fmt::format(
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"{0}\"><table><caption>{0}</caption><thead><tr>",
      Escape(caption));
  for (std::string_view h : headers) {
    bool number = h.ends_with('#');
    if (number) h.remove_suffix(1);
    html_ += fmt::format("<th scope=\"col\"{}>{}</th>", number ? " class=\"n\"" : "", Escape(h));
  }
  html_ += "</tr></thead><tbody>\n";
}

void HtmlTable::Row(const std::vector<HtmlCell>& cells) {
  html_ += "<tr>";
  for (const HtmlCell& c : cells) {
    bool head = &c == &cells.front();
    std::string css = c.css.empty() ? "" : fmt::format(" class=\"{}\"", c.css);
    html_ += head ? fmt::format("<th scope=\"row\"{}>{}</th>", css, c.html) : fmt::format("<td{}>{}</td>", css, c.html);
  }
  html_ += "</tr>\n";
}

void HtmlTable::Wide(std::string_view html) {
  html_ += fmt::format("<tr class=\"wide\"><td colspan=\"{}\">{}</td></tr>\n", columns_, html);
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
