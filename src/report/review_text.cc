#include <fmt/core.h>

#include "json_view.h"
#include "migrate/report/review_view.h"
#include "text.h"

namespace migrate::report {
namespace {

std::string Of(const Json& j, const char* key, size_t width) { return Clipped(Plain(Text(j, key)), width); }

}  // namespace

std::string RenderReviewText(std::string_view text) {
  const Json j = Json::parse(text, nullptr, false);
  if (Int(j, "total") == 0) return "nothing to review\n";
  std::vector<std::vector<std::string>> rows{
      {"gain", "records", "persons", "why", "person", "of", "name", "born", "email", "phone", "address"}};
  for (const Json& p : List(j, "pairs")) {
    bool first = true;
    for (const char* side : {"a", "b"}) {
      const Json& s = Get(p, side);
      rows.push_back({first ? fmt::format("{:.2f}", Real(p, "gain")) : "",
                      first ? fmt::format("{:.3f}", Real(p, "probability")) : "",
                      first ? fmt::format("{:.3f}", Real(p, "pooled_probability")) : "", first ? Text(p, "reason") : "",
                      std::to_string(Int(s, "person_id")), std::to_string(Int(s, "records")), Of(s, "name", 28),
                      Text(s, "birth_date"), Of(s, "email", 28), Of(s, "phone", 16), Of(s, "address", 40)});
      first = false;
    }
  }
  std::string out = TextTable(rows, "rrrlrr");
  out += fmt::format(
      "{} of {} pairs of persons; records, persons: probability that they are one, by the two records, by "
      "all of theirs\n",
      List(j, "pairs").size(), Thousands(Int(j, "total")));
  return out;
}

std::string RenderDecisionsText(std::string_view text) {
  const Json j = Json::parse(text, nullptr, false);
  if (Int(j, "total") == 0) return "no decisions\n";
  std::vector<std::vector<std::string>> rows{{"decision", "kind", "what", "in force", "who", "at", "reason"}};
  for (const Json& d : List(j, "decisions")) {
    const std::string kind = Text(d, "kind");
    std::string what = kind == "undo" ? fmt::format("decision {}", Int(d, "undoes"))
                       : kind == "pin"
                           ? fmt::format("record {}: {} = {}", Text(d, "record_a"), Text(d, "field"), Text(d, "value"))
                           : fmt::format("records {} and {}", Text(d, "record_a"), Text(d, "record_b"));
    const std::string force = kind == "undo"        ? ""
                              : Has(d, "undone_by") ? fmt::format("no, by {}", Int(d, "undone_by"))
                                                    : "yes";
    rows.push_back({std::to_string(Int(d, "decision")), kind, Plain(what), force, Of(d, "who", 20), Text(d, "at"),
                    Of(d, "reason", 60)});
  }
  return TextTable(rows, "r");
}

}  // namespace migrate::report
