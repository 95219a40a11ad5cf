#include "command_tree.h"

#include <CLI/CLI.hpp>

namespace migrate::cli {
namespace {

// CLI11 writes a set of values as "TEXT:{a,b}", a range as "UINT:INT in [1 - 9]".
std::vector<std::string> Choices(const std::string& type) {
  size_t open = type.find('{'), close = type.find('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  std::vector<std::string> all;
  for (size_t begin = open + 1; begin < close;) {
    size_t end = std::min(type.find(',', begin), close);
    all.push_back(type.substr(begin, end - begin));
    begin = end + 1;
  }
  return all;
}

std::string ValueName(const std::string& type) {
  std::string name = type.substr(0, type.find(':'));
  if (name == "UINT" || name == "INT" || name == "FLOAT") return "N";
  return name.empty() ? "TEXT" : name;
}

Argument ReadOption(const CLI::Option& o) {
  Argument a;
  a.positional = o.get_positional();
  if (a.positional) {
    a.names.push_back(o.get_name(true, false));
  } else {
    for (const auto& s : o.get_snames()) a.names.push_back("-" + s);
    for (const auto& l : o.get_lnames()) a.names.push_back("--" + l);
  }
  const std::string type = o.get_type_name();
  a.choices = Choices(type);
  if (o.get_items_expected_max() > 0) a.value = ValueName(type);
  a.text = o.get_description();
  a.group = o.get_group();
  for (const char* common : {"--json", "--quiet", "--verbose", "--help"})
    if (a.names.back() == common) a.group = kEveryCommand;
  a.required = o.get_required();
  a.repeatable = o.get_items_expected_max() > 1;
  return a;
}

}  // namespace

Command ReadCommands(const CLI::App& app) {
  Command c;
  for (const CLI::App* a = &app; a->get_parent() != nullptr; a = a->get_parent())
    c.path = a->get_name() + (c.path.empty() ? "" : " " + c.path);
  c.purpose = app.get_description();
  for (const CLI::Option* o : app.get_options()) {
    if (o->get_group().empty()) continue;
    Argument a = ReadOption(*o);
    (a.positional ? c.positionals : c.options).push_back(std::move(a));
  }
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App* s) { return !s->get_group().empty(); }))
    c.subcommands.push_back(ReadCommands(*sub));
  return c;
}

const Command* FindCommand(const Command& root, std::string_view path) {
  if (root.path == path) return &root;
  for (const Command& sub : root.subcommands)
    if (path == sub.path || path.starts_with(sub.path + " ")) return FindCommand(sub, path);
  return nullptr;
}

std::string UsageLine(const Command& c) {
  std::string line = "migrate" + (c.path.empty() ? "" : " " + c.path);
  if (!c.subcommands.empty()) line += c.path.empty() ? " COMMAND" : " WHAT";
  for (const Argument& a : c.positionals) {
    std::string name = a.name() + (a.repeatable ? "..." : "");
    line += " " + (a.required ? name : "[" + name + "]");
  }
  return line + " [options]";
}

std::vector<const Command*> Leaves(const Command& root) {
  std::vector<const Command*> all;
  for (const Command& sub : root.subcommands) {
    if (sub.subcommands.empty()) {
      all.push_back(&sub);
    } else {
      auto below = Leaves(sub);
      all.insert(all.end(), below.begin(), below.end());
    }
  }
  return all;
}

}  // namespace migrate::cli
