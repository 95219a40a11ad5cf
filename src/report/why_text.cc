#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "migrate/report/why_view.h"
#include "text.h"

namespace migrate::report {
namespace {

using Json = nlohmann::ordered_json;

std::string Bits(double x) { return fmt::format("{:+.2f}", x == 0 ? 0.0 : x); }

// As many digits as tell it from 0 and 1.
std::string Chance(double p) {
  if (p > 0.9999) return fmt::format("1 - {:.2g}", 1 - p);
  return p < 0.0001 ? fmt::format("{:.2g}", p) : fmt::format("{:.4f}", p);
}

std::string RecordLine(const char* name, const WhyRecord& r) {
  std::string out = fmt::format("{}  record {}   {} {}", name, r.record_id, Plain(r.source), Plain(r.source_key));
  if (r.person_id == 0) return out + "   of no person yet\n";
  return out + fmt::format("   person {} ({} record{}), confidence {:.4f}\n", r.person_id, r.person_records,
                           r.person_records == 1 ? "" : "s", r.confidence);
}

std::string Waterfall(const WhyView& w) {
  std::vector<std::vector<std::string>> rows{{"", "A", "B", "agreement", "level", "frequency", "weight", "sum"}};
  double sum = w.prior;
  rows.push_back({"prior", "", "", "", "", "", Bits(w.prior), Bits(sum)});
  for (const WhyStep& s : w.steps) {
    sum += s.weight;
    const bool missing = s.level == "missing" || s.level == "not counted";
    rows.push_back({s.field, Clipped(Plain(s.a), 28), Clipped(Plain(s.b), 28), s.level,
                    missing ? "" : Bits(s.level_weight),
                    missing || s.frequency_weight == 0 ? "" : Bits(s.frequency_weight), missing ? "" : Bits(s.weight),
                    missing ? "" : Bits(sum)});
  }
  rows.push_back({"household", "", "", "what relatives share", "", "", Bits(-w.household_loss), Bits(w.log_odds)});
  std::string out = TextTable(rows, "llllrrrr", "  ");
  out += fmt::format(
      "log2 odds {}: probability {} that the two records are of one person (match from {}, review from {})\n",
      Bits(w.log_odds), Chance(w.probability), w.match_probability, w.review_probability);
  return out;
}

Json RecordJson(const WhyRecord& r) {
  return {{"record_id", std::to_string(r.record_id)},
          {"source", r.source},
          {"source_key", r.source_key},
          {"person_id", r.person_id == 0 ? Json(nullptr) : Json(r.person_id)},
          {"person_records", r.person_records},
          {"confidence", r.confidence}};
}

}  // namespace

std::string RenderText(const WhyView& w) {
  std::string out = RecordLine("A", w.a) + RecordLine("B", w.b);
  out += w.one_person ? "one person:\n" : "not one person:\n";
  for (const WhyCause& c : w.causes) out += Wrapped("- " + Plain(c.text), 110, "  ");
  out += "\n" + Waterfall(w);
  if (w.chain.size() > 1) {
    out += "\nthe strongest chain between them:\n";
    std::vector<std::vector<std::string>> rows{{"record", "record", "log2 odds", "probability"}};
    for (const WhyLink& l : w.chain)
      rows.push_back({std::to_string(l.a), std::to_string(l.b), Bits(l.log_odds), Chance(l.probability)});
    out += TextTable(rows, "rrrr", "  ");
  }
  if (!w.blocks.empty()) {
    out += "\nvalues that both share under a blocking key:\n";
    std::vector<std::vector<std::string>> rows{{"key", "records", "cap", ""}};
    for (const WhyBlock& b : w.blocks)
      rows.push_back({b.key, std::to_string(b.records), std::to_string(b.cap), b.outcome});
    out += TextTable(rows, "lrrl", "  ");
  }
  if (!w.decisions.empty()) out += "\nstewards' decisions:\n";
  for (const WhyDecision& d : w.decisions)
    out += fmt::format("  {} {} of records {} and {} by {} at {}{}\n", d.decision, d.kind, d.record_a, d.record_b,
                       Plain(d.who), d.at, d.reason.empty() ? "" : ": " + Plain(d.reason));
  out += w.model_version == 0 ? "\nmodel: the file of the plan\n"
                              : fmt::format("\nmodel: version {} of the target\n", w.model_version);
  return out;
}

std::string RenderJson(const WhyView& w) {
  Json j{{"schema", 1},
         {"a", RecordJson(w.a)},
         {"b", RecordJson(w.b)},
         {"one_person", w.one_person},
         {"causes", Json::array()},
         {"prior", w.prior}};
  for (const WhyCause& c : w.causes) j["causes"].push_back({{"code", c.code}, {"text", c.text}});
  j["steps"] = Json::array();
  for (const WhyStep& s : w.steps)
    j["steps"].push_back({{"field", s.field},
                          {"a", s.a},
                          {"b", s.b},
                          {"level", s.level},
                          {"weight", s.weight},
                          {"level_weight", s.level_weight},
                          {"frequency_weight", s.frequency_weight},
                          {"household_weight", s.household},
                          {"m", s.m},
                          {"u", s.u}});
  j["household_loss"] = w.household_loss;
  j["log_odds"] = w.log_odds;
  j["probability"] = w.probability;
  j["match_probability"] = w.match_probability;
  j["review_probability"] = w.review_probability;
  j["blocks"] = w.blocks_counted ? Json::array() : Json(nullptr);
  for (const WhyBlock& b : w.blocks)
    j["blocks"].push_back({{"key", b.key}, {"records", b.records}, {"cap", b.cap}, {"outcome", b.outcome}});
  j["chain"] = Json::array();
  for (const WhyLink& l : w.chain)
    j["chain"].push_back({{"a", std::to_string(l.a)},
                          {"b", std::to_string(l.b)},
                          {"log_odds", l.log_odds},
                          {"probability", l.probability}});
  j["pooled_probability"] = w.pooled;
  j["decisions"] = Json::array();
  for (const WhyDecision& d : w.decisions)
    j["decisions"].push_back({{"decision", d.decision},
                              {"kind", d.kind},
                              {"record_a", std::to_string(d.record_a)},
                              {"record_b", std::to_string(d.record_b)},
                              {"who", d.who},
                              {"reason", d.reason},
                              {"at", d.at}});
  j["model_version"] = w.model_version == 0 ? Json(nullptr) : Json(w.model_version);
  return j.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace migrate::report
