// Pairs by match weight: bars on a logarithmic scale, coloured by what the two thresholds make of them.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "html.h"
#include "text.h"

namespace migrate::report {
namespace {

constexpr double kWidth = 1010, kHeight = 300, kLeft = 86, kRight = 16, kTop = 36, kBottom = 40;
constexpr double kMaxSpan = 400;  // of weights; beyond it the input is damaged

struct Axis {
  double first = 0, last = 1;  // weights
  double decades = 1;          // powers of ten
  double X(double weight) const { return kLeft + (weight - first) / (last - first) * (kWidth - kLeft - kRight); }
  // One pair is seen: the scale begins half a decade below 1.
  double Y(double pairs) const {
    double share = (std::log10(std::max(pairs, 1.0)) + 0.5) / (decades + 0.5);
    return kHeight - kBottom - share * (kHeight - kTop - kBottom);
  }
};

std::string Label(double x, double y, std::string_view anchor, std::string_view css, std::string_view text) {
  return fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>", css, x, y, anchor,
                     Escape(text));
}

std::string Grid(const Axis& a) {
  std::string out;
  for (double d = 0; d <= a.decades; ++d) {
    double y = a.Y(std::pow(10, d));
    out += fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", kLeft, y, kWidth - kRight);
    out += Label(kLeft - 8, y + 4, "end", "tick", Thousands(std::llround(std::pow(10, d))));
  }
  double step = a.last - a.first > 60 ? 20 : a.last - a.first > 24 ? 10 : 5;
  for (double w = std::ceil(a.first / step) * step; w <= a.last; w += step)
    out += Label(a.X(w), kHeight - kBottom + 18, "middle", "tick", fmt::format("{:.0f}", w));
  return out + Label((kLeft + kWidth - kRight) / 2, kHeight - 4, "middle", "tick", "match weight, log2 of the odds");
}

std::string Threshold(const Axis& a, double weight, std::string_view css, std::string_view name, bool right) {
  double x = std::clamp(a.X(weight), kLeft, kWidth - kRight);
  return fmt::format("<path class=\"{}\" d=\"M{:.1f} {}V{}\"/>", css, x, kTop - 14, kHeight - kBottom) +
         Label(x + (right ? 6 : -6), kTop - 16, right ? "start" : "end", "mark",
               fmt::format("{} from {:.1f}", name, weight));
}

}  // namespace

std::string HistogramSvg(const Json& match) {
  struct Bin {
    double weight, pairs;
  };
  std::vector<Bin> bins;
  for (const Json& b : List(match, "histogram"))
    if (Real(b, "pairs") > 0 && std::abs(Real(b, "weight")) < kMaxSpan)
      bins.push_back({Real(b, "weight"), Real(b, "pairs")});
  if (bins.empty()) return "";
  std::sort(bins.begin(), bins.end(), [](const Bin& l, const Bin& r) { return l.weight < r.weight; });

  double match_at = Real(match, "match_weight", INFINITY), review_at = Real(match, "review_weight", INFINITY);
  Axis a;
  a.first = std::floor(bins.front().weight);
  a.last = std::min(bins.back().weight + 1, a.first + kMaxSpan);
  for (double t : {match_at, review_at})
    if (std::isfinite(t) && std::abs(t) < kMaxSpan)
      a.first = std::min(a.first, std::floor(t)), a.last = std::max(a.last, t + 1);
  double most = 1;
  for (const Bin& b : bins) most = std::max(most, b.pairs);
  a.decades = std::max(1.0, std::ceil(std::log10(most)));

  std::string bars;
  for (const Bin& b : bins) {
    if (b.weight >= a.last) break;
    double x = a.X(b.weight), y = a.Y(b.pairs), width = std::max(1.0, a.X(b.weight + 1) - x - 1.5);
    const char* css = b.weight >= match_at ? "h-match" : b.weight >= review_at ? "h-review" : "h-no";
    bars += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{:g} to {:g}: {} "
        "pairs</title></rect>",
        css, x, y, width, kHeight - kBottom - y, b.weight, b.weight + 1, Thousands(std::llround(b.pairs)));
  }
  std::string lines;
  if (std::isfinite(review_at)) lines += Threshold(a, review_at, "line-review", "review", false);
  if (std::isfinite(match_at)) lines += Threshold(a, match_at, "line-match", "match", true);
  return fmt::format(
      "<figure class=\"chart\"><svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"hist-t hist-d\">"
      "<title id=\"hist-t\">Pairs by match weight</title><desc id=\"hist-d\">Compared pairs in bins of width 1 from "
      "weight {:.0f} to {:.0f}, logarithmic scale.</desc>{}{}{}</svg></figure>\n",
      kWidth, kHeight, a.first, a.last, Grid(a), bars, lines);
}

}  // namespace migrate::report
