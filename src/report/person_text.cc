#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "migrate/report/person_view.h"
#include "text.h"

namespace migrate::report {
namespace {

using Json = nlohmann::ordered_json;

std::string Place(const MemberView& m) {
  if (m.file.empty()) return "";
  return m.line == 0 ? m.file : fmt::format("{}:{}", m.file, m.line);
}

std::string AliasLine(const AliasStep& a) {
  if (a.kind == "merged_into")
    return fmt::format("{} was merged into {} by import {}", a.alias_id, a.person_id, a.import_id);
  if (a.kind == "split_from")
    return fmt::format("{} was split from {} by import {}", a.alias_id, a.person_id, a.import_id);
  if (a.kind == "came_back_as")
    return fmt::format("{} was rolled back; its records came back as {} with import {}", a.alias_id, a.person_id,
                       a.import_id);
  return fmt::format("{} {} {} by import {}", a.alias_id, a.kind, a.person_id, a.import_id);
}

std::string Heading(const PersonView& p) {
  std::string out;
  if (p.asked == PersonView::Asked::kRecord) out += fmt::format("record {} belongs to:\n", p.asked_id);
  for (const AliasStep& a : p.followed) out += AliasLine(a) + "\n";
  for (uint64_t other : p.other_persons) out += fmt::format("records of {} are also in person {}\n", p.asked_id, other);
  out += fmt::format("person {}   {} record{}, confidence {:.4f}, as of import {}\n", p.person_id,
                     Thousands(static_cast<int64_t>(p.record_count)), p.record_count == 1 ? "" : "s", p.confidence,
                     p.import_id);
  return out;
}

// Lines of "name  value", names padded to one width.
void AppendValues(const std::vector<NamedValue>& values, std::string_view indent, std::string* out) {
  size_t width = 0;
  for (const auto& v : values) width = std::max(width, Width(v.name));
  for (const auto& v : values) *out += fmt::format("{}{}  {}\n", indent, Padded(Plain(v.name), width), Plain(v.value));
}

std::string MemberText(const MemberView& m, size_t number, bool with_row) {
  std::string out = fmt::format("\n[{}] record {}   {} {}", number, m.record_id, Plain(m.source), Plain(m.source_key));
  if (std::string place = Place(m); !place.empty()) out += "   " + Plain(place);
  out += fmt::format("   import {}, confidence {:.4f}", m.import_id, m.confidence);
  if (m.gone_import != 0) out += fmt::format(", gone since import {}", m.gone_import);
  out += "\n";
  AppendValues(m.values, "    ", &out);
  if (!m.flags.empty()) {
    out += "    not usable:";
    for (const auto& f : m.flags) out += " " + f;
    out += "\n";
  }
  if (with_row && !m.row.empty()) {
    out += "    source row:\n";
    AppendValues(m.row, "      ", &out);
  }
  return out;
}

Json Values(const std::vector<NamedValue>& values) {
  Json out = Json::array();
  for (const auto& v : values) out.push_back({{"name", v.name}, {"value", v.value}});
  return out;
}

Json Alias(const AliasStep& a) {
  return {{"alias_id", a.alias_id}, {"person_id", a.person_id}, {"kind", a.kind}, {"import", a.import_id}};
}

Json Aliases(const std::vector<AliasStep>& steps) {
  Json out = Json::array();
  for (const auto& a : steps) out.push_back(Alias(a));
  return out;
}

// Values come from sources and may hold bytes that are no UTF-8 only in a damaged target; they become U+FFFD.
std::string Dump(const Json& j) { return j.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string RenderText(const PersonView& p, bool with_rows) {
  std::string out = Heading(p);
  size_t name_width = 0, value_width = 0;
  for (const auto& v : p.values) {
    name_width = std::max(name_width, Width(v.name));
    value_width = std::max(value_width, std::min<size_t>(Width(v.value), 40));
  }
  for (const auto& v : p.values) {
    out += fmt::format("  {}  ", Padded(v.name, name_width));
    auto member = std::find_if(p.members.begin(), p.members.end(),
                               [&v](const MemberView& m) { return v.record_id && m.record_id == *v.record_id; });
    if (member == p.members.end())
      out += Plain(v.value) + "\n";
    else
      out += fmt::format("{}  from [{}] {}{}\n", Padded(Plain(v.value), value_width), member - p.members.begin() + 1,
                         Plain(member->source), v.of > 1 ? fmt::format(", {} of {} agree", v.agree, v.of) : "");
  }
  for (size_t i = 0; i < p.members.size(); ++i) out += MemberText(p.members[i], i + 1, with_rows);
  if (!p.aliases.empty()) out += "\nids:\n";
  for (const auto& a : p.aliases) out += "  " + AliasLine(a) + "\n";
  return out;
}

std::string RenderText(const FindResult& found) {
  if (found.persons.empty()) return "no person found\n";
  std::vector<std::vector<std::string>> rows{{"person_id", "records", "name", "born", "email", "phone", "address"}};
  for (const auto& p : found.persons)
    rows.push_back({std::to_string(p.person_id), std::to_string(p.record_count), Plain(p.name), Plain(p.birth_date),
                    Plain(p.email), Plain(p.phone), Plain(p.address)});
  std::string out = TextTable(rows, "rr");
  out += fmt::format("{}{} person{}\n", found.more ? "the first " : "", found.persons.size(),
                     found.persons.size() == 1 ? "" : "s");
  return out;
}

std::string RenderJson(const PersonView& p) {
  static constexpr std::string_view kAsked[] = {"person", "alias", "record"};
  Json j{{"schema", 1},
         {"asked_id", std::to_string(p.asked_id)},
         {"asked", kAsked[static_cast<size_t>(p.asked)]},
         {"person_id", p.person_id},
         {"record_count", p.record_count},
         {"confidence", p.confidence},
         {"import", p.import_id},
         {"followed", Aliases(p.followed)},
         {"other_persons", p.other_persons},
         {"aliases", Aliases(p.aliases)}};
  j["values"] = Json::array();
  for (const auto& v : p.values) {
    Json value{{"name", v.name},   {"value", v.value}, {"record_id", nullptr},
               {"agree", v.agree}, {"of", v.of},       {"confidence", v.confidence}};
    if (v.record_id) value["record_id"] = std::to_string(*v.record_id);
    j["values"].push_back(std::move(value));
  }
  j["members"] = Json::array();
  for (const auto& m : p.members)
    j["members"].push_back({{"record_id", std::to_string(m.record_id)},
                            {"source", m.source},
                            {"source_key", m.source_key},
                            {"file", m.file},
                            {"line", m.line},
                            {"import", m.import_id},
                            {"gone_import", m.gone_import == 0 ? Json(nullptr) : Json(m.gone_import)},
                            {"confidence", m.confidence},
                            {"values", Values(m.values)},
                            {"row", Values(m.row)},
                            {"flags", m.flags}});
  return Dump(j);
}

std::string RenderJson(const FindResult& found) {
  Json j{{"schema", 1}, {"persons", Json::array()}, {"more", found.more}};
  for (const auto& p : found.persons)
    j["persons"].push_back({{"person_id", p.person_id},
                            {"record_count", p.record_count},
                            {"confidence", p.confidence},
                            {"name", p.name},
                            {"birth_date", p.birth_date},
                            {"email", p.email},
                            {"phone", p.phone},
                            {"address", p.address},
                            {"matched", p.matched}});
  return Dump(j);
}

}  // namespace migrate::report
