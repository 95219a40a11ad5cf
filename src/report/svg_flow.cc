// The flow picture: five columns of nodes, bands between them as wide as their rows. One scale for all rows of this
// run; only the block of records that this run did not touch, which may be a thousand times larger, is cut short.
#include <fmt/core.h>

#include <algorithm>

#include "html.h"
#include "text.h"
#include "verdict.h"

namespace migrate::report {
namespace {

constexpr double kScaleHeight = 260;  // of all rows counted
constexpr double kNodeWidth = 12;
constexpr double kTop = 44;
constexpr double kGap = 12;
constexpr double kSlot = 34;          // room for two lines of label
constexpr double kLeastHeight = 2.5;  // so that one row of a million is seen
constexpr double kMostUntouched = 90;
constexpr double kUntouchedWidth = 46;
constexpr double kColumnX[] = {176, 330, 520, 766, 936};
constexpr size_t kMostSources = 10;
constexpr size_t kMostLetters = 20;  // of a source's name

struct Node {
  std::string label, note;
  int64_t rows = 0;
  std::string css;
  double y = 0, height = 0;
  std::string_view listed = "";  // its name for `migrate rows`
  std::string filter = "";       // and its filters
};

class FlowPicture {
 public:
  FlowPicture(const Json& report, NumberLinks* links) : flow_(FlowOf(report)), links_(links) {
    counted_ = Int(flow_, "counted");
    scale_ = kScaleHeight / static_cast<double>(std::max<int64_t>(counted_, 1));
    AddSources(List(report, "sources"));
    AddOutcomes();
    AddRecords();
    Place();
  }
  std::string Svg() {
    for (const Node& s : sources_) Text(kColumnX[0] - 10, s, "end");
    DrawSources();
    DrawOutcomes();
    DrawRecords();
    double height = std::max(kTop + height_ + 16, records_.y + records_.height + (untouched_ > 0 ? 44 : 0));
    return fmt::format(
        "<figure class=\"flow\"><svg viewBox=\"0 0 1010 {:.0f}\" role=\"group\" aria-labelledby=\"flow-t flow-d\">"
        "<title id=\"flow-t\">Where the rows went</title><desc id=\"flow-d\">{}</desc>"
        "<defs><pattern id=\"cut\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" "
        "patternTransform=\"rotate(45)\"><rect class=\"f-old\" width=\"3.5\" height=\"7\"/></pattern></defs>\n"
        "<g class=\"bands\">{}</g>\n<g class=\"nodes\">{}</g>\n<g class=\"labels\">{}</g></svg></figure>\n",
        height, Escape(Description()), bands_, nodes_, labels_);
  }

 private:
  double Height(int64_t rows) const {
    return rows <= 0 ? 0 : std::max(kLeastHeight, static_cast<double>(rows) * scale_);
  }
  Node NewNode(std::string label, std::string note, int64_t rows, std::string css) const {
    return {std::move(label), std::move(note), rows, std::move(css), 0, Height(rows)};
  }

  void AddSources(const Json& sources) {
    Node rest = NewNode("", "", 0, "f-row");
    for (const Json& s : sources) {
      if (Int(s, "counted") == 0) continue;
      if (sources_.size() == kMostSources) {
        rest.rows += Int(s, "counted");
        continue;
      }
      const std::string name = migrate::report::Text(s, "name");
      sources_.push_back(NewNode(name, "", Int(s, "counted"), "f-row"));
      sources_.back().listed = "read";
      sources_.back().filter = Filter("--source", name);
    }
    if (rest.rows > 0) sources_.push_back(NewNode("other sources", "", rest.rows, "f-row"));
    if (sources_.empty()) sources_.push_back(NewNode("sources", "", counted_, "f-row"));
  }

  void AddOutcomes() {
    struct Kind {
      const char *key, *note, *css;
    };
    static constexpr Kind kKinds[] = {{"inserted", "new records", "f-ins"},
                                      {"updated", "newer", "f-upd"},
                                      {"unchanged", "as they were", "f-same"},
                                      {"superseded", "kept as history", "f-sup"},
                                      {"quarantined", "", "f-bad"}};
    for (const Kind& k : kKinds)
      if (int64_t n = Int(flow_, k.key); n > 0) {
        outcomes_.push_back(NewNode(k.key, k.note, n, k.css));
        if (std::string_view(k.key) != "unchanged") outcomes_.back().listed = k.key;
      }
  }

  void AddRecords() {
    int64_t total = Int(flow_, "records_total");
    int64_t touched = Int(flow_, "inserted") + Int(flow_, "updated") + Int(flow_, "unchanged");
    untouched_ = std::max<int64_t>(0, total - touched);
    untouched_height_ = std::min(Height(untouched_), kMostUntouched);
    cut_ = Height(untouched_) > kMostUntouched;
    records_ = NewNode("records", "", total, "f-rec");
    records_.listed = "records";
    records_.height = untouched_height_;
    for (const Node& o : outcomes_)
      if (Reaches(o)) records_.height += o.height;
    persons_ = NewNode("persons", "", Int(flow_, "persons_total"), "f-per");
    persons_.listed = "persons";
    double share = total <= 0 ? 0 : static_cast<double>(persons_.rows) / static_cast<double>(total);
    persons_.height = persons_.rows <= 0 ? 0 : std::max(kLeastHeight, records_.height * std::min(share, 1.0));
  }

  static bool Reaches(const Node& outcome) { return outcome.css != "f-sup" && outcome.css != "f-bad"; }

  static double Stack(std::vector<Node>* nodes, double from) {
    double y = from;
    for (Node& n : *nodes) {
      double slot = std::max(n.height, kSlot);
      n.y = y + (slot - n.height) / 2;
      y += slot + kGap;
    }
    return nodes->empty() ? 0 : y - kGap - from;
  }

  void Place() {
    middle_ = NewNode("rows counted", "", counted_, "f-row");
    middle_.listed = "read";
    height_ = std::max({Stack(&sources_, 0), Stack(&outcomes_, 0), middle_.height, records_.height, kSlot});
    Stack(&sources_, kTop + (height_ - Stack(&sources_, 0)) / 2);
    Stack(&outcomes_, kTop + (height_ - Stack(&outcomes_, 0)) / 2);
    for (Node* n : {&middle_, &records_, &persons_}) n->y = kTop + (height_ - n->height) / 2;
  }

  void Band(double x1, double y1, double h1, double x2, double y2, double h2, std::string_view css) {
    double m = (x1 + x2) / 2;
    bands_ += fmt::format(
        "<path class=\"{8}\" d=\"M{0:.1f} {1:.1f}C{2:.1f} {1:.1f} {2:.1f} {3:.1f} {4:.1f} {3:.1f}V{5:.1f}"
        "C{2:.1f} {5:.1f} {2:.1f} {6:.1f} {0:.1f} {6:.1f}Z\"><title>{7}</title></path>",
        x1, y1, m, y2, x2, y2 + h2, y1 + h1, band_title_, css);
  }
  void Box(double x, const Node& n) {
    nodes_ += fmt::format("<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\" rx=\"1.5\"/>",
                          n.css, x, n.y, kNodeWidth, n.height);
  }
  // Two lines beside a node: number and name.
  void Text(double x, const Node& n, std::string_view anchor) {
    double y = n.y + n.height / 2;
    labels_ += fmt::format(
        "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}"
        "<tspan class=\"sub\" x=\"{:.1f}\" dy=\"15\">{}</tspan></text>",
        x, y - 3, anchor, Number(n), x, Escape(Short(n.label) + (n.note.empty() ? "" : ", " + n.note)));
  }
  void TextAbove(double x, const Node& n, std::string_view sub) {
    labels_ += fmt::format(
        "<text x=\"{0:.1f}\" y=\"{1:.1f}\" text-anchor=\"middle\">{2}"
        "<tspan class=\"sub\" x=\"{0:.1f}\" dy=\"15\">{3}</tspan></text>",
        x + kNodeWidth / 2, n.y - 26, Number(n), Escape(sub));
  }
  static std::string Short(const std::string& name) {
    size_t cut = 0, width = 0;
    while (cut < name.size() && width < kMostLetters) {
      ++cut;
      while (cut < name.size() && (static_cast<uint8_t>(name[cut]) & 0xC0) == 0x80) ++cut;
      ++width;
    }
    return cut == name.size() ? name : name.substr(0, cut) + "…";
  }

  void DrawSources() {
    double y = middle_.y;
    for (const Node& s : sources_) {
      double share = static_cast<double>(s.rows) * scale_;
      band_title_ = Escape(s.label) + ": " + Thousands(s.rows);
      Box(kColumnX[0], s);
      Band(kColumnX[0] + kNodeWidth, s.y, s.height, kColumnX[1], y, share, "f-row");
      y += share;
    }
    Box(kColumnX[1], middle_);
    TextAbove(kColumnX[1], middle_, "rows counted");
  }

  void DrawOutcomes() {
    double from = middle_.y, to = records_.y;
    for (const Node& o : outcomes_) {
      double share = static_cast<double>(o.rows) * scale_;
      band_title_ = o.label + ": " + Thousands(o.rows);
      Box(kColumnX[2], o);
      Band(kColumnX[1] + kNodeWidth, from, share, kColumnX[2], o.y, o.height, o.css);
      Text(kColumnX[2] + kNodeWidth + 9, o, "start");
      from += share;
      if (!Reaches(o) || records_.rows == 0) continue;
      Band(kColumnX[2] + kNodeWidth, o.y, o.height, kColumnX[3], to, o.height, o.css);
      to += o.height;
    }
  }

  void DrawRecords() {
    if (records_.rows <= 0 || records_.height <= 0) return;
    if (untouched_ > 0) {
      double y = records_.y + records_.height - untouched_height_;
      band_title_ = "records this run did not touch: " + Thousands(untouched_);
      Band(kColumnX[3] - kUntouchedWidth, y, untouched_height_, kColumnX[3], y, untouched_height_,
           cut_ ? "f-cut" : "f-old");
      labels_ += fmt::format(
          "<text x=\"{0:.1f}\" y=\"{1:.1f}\" text-anchor=\"start\"><tspan class=\"num\">{2}</tspan>"
          "<tspan class=\"sub\" x=\"{0:.1f}\" dy=\"15\">already there{3}</tspan></text>",
          kColumnX[3] - kUntouchedWidth, y + untouched_height_ + 20, Thousands(untouched_),
          cut_ ? ", not to scale" : "");
    }
    Box(kColumnX[3], records_);
    TextAbove(kColumnX[3], records_, "records in the target");
    if (persons_.rows <= 0) return;
    band_title_ = Thousands(records_.rows) + " records of " + Thousands(persons_.rows) + " persons";
    Band(kColumnX[3] + kNodeWidth, records_.y, records_.height, kColumnX[4], persons_.y, persons_.height, "f-per");
    Box(kColumnX[4], persons_);
    TextAbove(kColumnX[4], persons_, "persons");
  }

  std::string Description() const {
    std::string text = Thousands(counted_) + " rows counted";
    for (const Node& o : outcomes_) text += "; " + Thousands(o.rows) + " " + o.label;
    if (records_.rows > 0) text += "; " + Thousands(records_.rows) + " records in the target";
    if (persons_.rows > 0) text += "; " + Thousands(persons_.rows) + " persons";
    return text + ".";
  }

  // The number of a node, which is a link where its rows can be listed.
  std::string Number(const Node& n) {
    std::string address = n.listed.empty() ? "" : links_->Address(n.rows, n.listed, n.filter);
    std::string text = "<tspan class=\"num\">" + Thousands(n.rows) + "</tspan>";
    return address.empty() ? text : fmt::format("<a href=\"{}\">{}</a>", address, text);
  }

  const Json& flow_;
  NumberLinks* links_;
  int64_t counted_ = 0, untouched_ = 0;
  double scale_ = 0, height_ = 0, untouched_height_ = 0;
  bool cut_ = false;
  std::vector<Node> sources_, outcomes_;
  Node middle_, records_, persons_;
  std::string bands_, nodes_, labels_, band_title_;
};

}  // namespace

std::string FlowSvg(const Json& report, NumberLinks* links) {
  const Json& flow = FlowOf(report);
  if (Int(flow, "counted") <= 0) return "";
  return FlowPicture(report, links).Svg();
}

}  // namespace migrate::report
