#include "migrate/survey/init.h"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "migrate/normalize/text.h"
#include "migrate/plan/load.h"

namespace migrate::survey {
namespace {

using nlohmann::json;

std::string NameOfPlan(const InitOptions& o, const SurveyResult& survey) {
  if (!o.name.empty()) return o.name;
  if (!o.output.empty()) {
    const std::string stem = std::filesystem::path(o.output).stem().string();
    std::string name;
    for (char c : stem)
      if (normalize::IsAlnum(c) || c == '_' || (c == '-' && !name.empty())) name.push_back(c);
    if (!name.empty() && name != "plan") return name.substr(0, 64);
  }
  return survey.sources.size() == 1 ? survey.sources.front().name : "people";
}

json GuessJson(const SurveyedSource& s, const ColumnGuess& g) {
  const ColumnProfile& p = s.profile.columns()[g.column];
  json alternatives = json::array();
  for (const auto& a : g.alternatives) alternatives.push_back({{"field", RoleName(a.role)}, {"confidence", a.score}});
  json guess = nullptr;
  if (g.role != Role::kNone)
    guess = {{"field", RoleName(g.role)},
             {"confidence", g.score},
             {"by_name", g.by_name},
             {"by_values", g.by_values},
             {"reason", ValueReason(p, g, g.role)}};
  return {{"column", p.name()},   {"declared_type", p.declared_type()}, {"rows", p.rows()},
          {"filled", p.filled()}, {"placeholders", p.junk()},           {"distinct", p.distinct()},
          {"unique", p.unique()}, {"looks_like", LooksLike(p, g)},      {"examples", p.examples()},
          {"guess", guess},       {"alternatives", alternatives}};
}

json FieldJson(const MappedField& f) {
  json j = {{"field", kFieldNames[static_cast<size_t>(f.mapping.slot)]},
            {"columns", f.mapping.columns},
            {"confidence", f.score},
            {"reasons", f.reasons},
            {"unsure", f.doubts}};
  if (!f.mapping.formats.empty()) j["formats"] = f.mapping.formats;
  if (f.mapping.kind == FieldMapping::Kind::kConstant) j["const"] = f.mapping.constant;
  if (f.mapping.kind == FieldMapping::Kind::kJoin) j["join_with"] = f.mapping.with;
  if (f.mapping.kind == FieldMapping::Kind::kOptOut)
    for (size_t c = 0; c < kOptOutChannels.size(); ++c)
      if (!f.mapping.channel_columns[c].empty())
        j["channels"][std::string(kOptOutChannels[c])] = f.mapping.channel_columns[c];
  return j;
}

json SourceJson(const SurveyedSource& s, const Mapping& m) {
  json columns = json::array(), fields = json::array(), unmapped = json::array();
  for (const auto& g : s.guesses) columns.push_back(GuessJson(s, g));
  for (const auto& f : m.fields) fields.push_back(FieldJson(f));
  for (const auto& u : m.unmapped)
    unmapped.push_back({{"column", u.column}, {"looks_like", u.looks_like}, {"attribute_type", u.attribute_type}});
  return {{"name", s.name},
          {"type", !s.url.empty() ? "mysql"
                   : s.sqlite     ? "sqlite"
                                  : "csv"},
          {"path", s.path},
          {"files", s.files},
          {"table", s.table.name},
          {"query", s.query},
          {"findings", s.findings},
          {"rows_first", s.head_rows},
          {"rows_spread", s.spread_rows},
          {"rows_broken", s.reject_rows},
          {"all_rows", s.whole},
          {"no_header", s.no_header},
          {"key", {{"columns", s.key.columns}, {"reason", s.key.why}, {"unsure", s.key.doubt}}},
          {"columns", columns},
          {"fields", fields},
          {"unmapped", unmapped}};
}

}  // namespace

Result<InitResult> MakePlan(const InitOptions& options) {
  InitResult r;
  MIGRATE_ASSIGN(r.survey, SurveySources(options.sources, options.access));
  r.settings = GuessSettings(r.survey.sources);
  for (const auto& s : r.survey.sources) r.mappings.push_back(BuildMapping(s, r.settings));
  r.plan_name = NameOfPlan(options, r.survey);
  r.target = options.target.empty() ? "sqlite:people.db" : options.target;
  r.plan = PlanText(options, r);
  for (size_t at = 0; (at = r.plan.find("# UNSURE:", at)) != std::string::npos; ++at) ++r.unsure;
  const std::string file = options.output.empty() ? "plan.yaml" : options.output;
  plan::LoadResult loaded = plan::LoadPlanText(r.plan, file, {.version = options.version, .environment = {}});
  if (loaded.ok()) return r;
  // A name or target of the operator's may be what is wrong; then it is his to mend.
  return Status::Plan(loaded.Text(), "mend --name or --target; without them this is a fault of migrate init");
}

std::string InitJson(const InitResult& r) {
  json sources = json::array(), left_out = json::array();
  for (size_t i = 0; i < r.survey.sources.size(); ++i)
    sources.push_back(SourceJson(r.survey.sources[i], r.mappings[i]));
  for (const auto& l : r.survey.left_out) {
    left_out.push_back({{"what", l.what}, {"reason", l.reason}});
    if (!l.argument.empty()) left_out.back()["argument"] = l.argument;
  }
  constexpr const char* kOrders[] = {"mdy", "dmy", "ymd"};
  json j = {{"schema", 1},
            {"ok", true},
            {"exit_code", 0},
            {"name", r.plan_name},
            {"target", r.target},
            {"country",
             {{"value", r.settings.normalize.country},
              {"reason", r.settings.country_why},
              {"unsure", r.settings.country_doubt}}},
            {"date_order",
             {{"value", kOrders[static_cast<size_t>(r.settings.normalize.date_order)]},
              {"reason", r.settings.order_why},
              {"unsure", r.settings.order_doubt}}},
            {"unsure", r.unsure},
            {"sources", sources},
            {"left_out", left_out},
            {"plan", r.plan}};
  return j.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace migrate::survey
