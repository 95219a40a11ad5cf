// The plan that reads what migrate-datagen wrote.
#include <fmt/format.h>

#include <filesystem>

#include "datagen_output.h"

namespace migrate::datagen {
namespace {

// A YAML scalar in double quotes in which `${...}` of the plan language means nothing.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    if (c == '$') out += '$';
    out += c;
  }
  return out + '"';
}

}  // namespace

std::string_view PlanFields(Layout layout) {
  switch (layout) {
    case Layout::kMain:
      return "    key: id\n"
             "    fields:\n"
             "      first_name: first_name\n"
             "      last_name: last_name\n"
             "      birth_date: dob\n"
             "      email: email\n"
             "      phone: phone\n"
             "      street: street\n"
             "      city: city\n"
             "      state: state\n"
             "      zip: zip\n"
             "      updated_at: updated_at\n";
    case Layout::kCampaign:
      return "    key: lead_id\n"
             "    fields:\n"
             "      full_name: name\n"
             "      sex: sex\n"
             "      birth_date: {column: birth_date, format: \"%m/%d/%Y\"}\n"
             "      email: e_mail\n"
             "      phone: [mobile, home_phone]\n"
             "      address: address\n"
             "      opt_out: opt_out\n"
             "      updated_at: created_at\n";
    case Layout::kSemicolon:
      return "    delimiter: \";\"\n"
             "    encoding: windows-1252\n"
             "    key: member_no\n"
             "    fields:\n"
             "      first_name: first\n"
             "      last_name: last\n"
             "      suffix: suffix\n"
             "      birth_date: {column: born, format: \"%d.%m.%Y\"}\n"
             "      email: mail\n"
             "      phone: tel\n"
             "      street: line1\n"
             "      unit: line2\n"
             "      city: town\n"
             "      state: st\n"
             "      zip: postcode\n"
             "      opt_out: {call: no_calls, mail: no_mail}\n"
             "      updated_at: last_change\n";
    case Layout::kTabs:
      return "    delimiter: \"\\t\"\n"
             "    encoding: utf-16\n"
             "    key: ref\n"
             "    fields:\n"
             "      full_name: name\n"
             "      birth_date: {column: birthday, format: \"%Y%m%d\"}\n"
             "      email: email\n"
             "      phone: cell\n"
             "      street: street\n"
             "      city: city\n"
             "      state: state\n"
             "      zip: zip\n"
             "      updated_at: modified\n";
    case Layout::kQuoted:
      return "    fields:\n"
             "      first_name: First Name\n"
             "      last_name: Last Name\n"
             "      sex: Gender\n"
             "      birth_date: {column: Date of Birth, format: \"%m/%d/%Y\"}\n"
             "      email: E-mail\n"
             "      phone: Phone\n"
             "      street: Street Address\n"
             "      city: City\n"
             "      state: State\n"
             "      zip: ZIP\n"
             "      updated_at: Last Update\n";
    case Layout::kMysql:
      return "    key: customer_id\n"
             "    fields:\n"
             "      first_name: first_name\n"
             "      last_name: last_name\n"
             "      suffix: suffix\n"
             "      sex: gender\n"
             "      birth_date: birth_date\n"
             "      email: email\n"
             "      phone: [cell_phone, home_phone]\n"
             "      street: address1\n"
             "      unit: address2\n"
             "      city: city\n"
             "      state: region\n"
             "      zip: postal_code\n"
             "      opt_out: {call: do_not_call, mail: do_not_mail}\n"
             "      updated_at: modified\n";
    case Layout::kTable:
      return "    key: id\n"
             "    fields:\n"
             "      first_name: fname\n"
             "      last_name: lname\n"
             "      suffix: suffix\n"
             "      sex: sex\n"
             "      birth_date: {column: born, format: \"%m/%d/%Y\"}\n"
             "      email: mail\n"
             "      phone: [phone, phone2]\n"
             "      street: addr1\n"
             "      unit: addr2\n"
             "      city: city\n"
             "      state: state\n"
             "      zip: zip\n"
             "      opt_out: do_not_contact\n"
             "      updated_at: changed\n";
  }
  return "";
}

Status WritePlan(const std::vector<Source>& sources, const std::string& path) {
  namespace fs = std::filesystem;
  std::string text =
      "# Written by migrate-datagen: reads the made-up people that were generated beside it.\n"
      "name: people\n"
      "target:\n"
      "  url: sqlite:people.db\n"
      "sources:\n";
  const fs::path folder = fs::absolute(path).parent_path();
  for (const Source& source : sources) {
    if (source.layout == Layout::kMysql) {
      text += fmt::format("  {}:\n    type: mysql\n    url: {}\n    table: {}\n", source.name, Quoted(source.url),
                          Quoted(source.table));
      text += PlanFields(source.layout);
      continue;
    }
    const bool table = source.layout == Layout::kTable;
    const fs::path file = fs::absolute(source.path).lexically_normal();
    const fs::path relative = file.lexically_relative(folder.lexically_normal());
    const bool below = !relative.empty() && *relative.begin() != "..";
    text += fmt::format("  {}:\n    type: {}\n    path: {}\n", source.name, table ? "sqlite" : "csv",
                        Quoted(below ? relative.string() : file.string()));
    if (table) text += fmt::format("    table: {}\n", Quoted(source.table));
    text += PlanFields(source.layout);
  }
  return WriteText(path, text);
}

}  // namespace migrate::datagen
