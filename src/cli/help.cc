#include "help.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "manual.h"

namespace migrate::cli {
namespace {

// Where texts begin: beside options, commands, and exit codes.
constexpr size_t kOptions = 24, kCommands = 20, kCodes = 7;

// A name and beside it its text; below it, if the name is too long.
std::string Entry(const std::string& name, std::string_view text, size_t column) {
  std::string body = Wrapped(text, column);
  std::string head = "  " + name;
  if (text.empty()) return head + "\n";
  if (head.size() + 2 > column) return head + "\n" + body;
  return head + body.substr(head.size());
}

std::string Names(const Argument& a) {
  std::string out;
  for (const std::string& n : a.names) out += (out.empty() ? "" : ", ") + n;
  if (a.positional) return out + (a.repeatable ? "..." : "");
  return a.value.empty() ? out : out + " " + a.value;
}

// The text, and the values if it does not name them all.
std::string Text(const Argument& a) {
  std::string values;
  for (const std::string& c : a.choices) {
    if (a.text.find(c) == std::string::npos || !values.empty()) values += (values.empty() ? "" : ", ") + c;
  }
  if (values.empty()) return a.text;
  values.clear();
  for (const std::string& c : a.choices) values += (values.empty() ? "" : ", ") + c;
  return a.text + ": " + values;
}

// Options under their headings in the order in which the headings come; those that all commands have last.
std::string OptionsText(const Command& c) {
  std::vector<std::string> groups;
  for (const Argument& a : c.options)
    if (std::find(groups.begin(), groups.end(), a.group) == groups.end()) groups.push_back(a.group);
  std::stable_partition(groups.begin(), groups.end(), [](const std::string& g) { return g != kEveryCommand; });
  std::string out;
  for (const std::string& g : groups) {
    out += "\n" + g + ":\n";
    for (const Argument& a : c.options)
      if (a.group == g) out += Entry(Names(a), Text(a), kOptions);
  }
  return out;
}

// " list|show"
std::string Sub(const Command& c) {
  std::string out;
  for (const Command& s : c.subcommands) out += (out.empty() ? "" : "|") + s.name();
  return out.empty() ? "" : " " + out;
}

std::string RootHelp(const Command& root) {
  std::string out = Wrapped(root.purpose, 0) + "\nUsage: " + UsageLine(root) + "\n";
  auto list = [&](const Command& c) { out += Entry(c.name() + Sub(c), c.purpose, kCommands); };
  std::string listed;
  for (const CommandGroup& g : CommandGroups()) {
    std::string heading = "\n" + std::string(g.title) + ":\n";
    for (std::string_view name : g.commands) {
      const Command* c = FindCommand(root, name);
      if (c == nullptr) continue;
      out += heading;
      heading.clear();
      list(*c);
      listed += "," + c->path + ",";
    }
  }
  // A command that no group names is never hidden.
  std::string heading = "\nMore:\n";
  for (const Command& c : root.subcommands) {
    if (listed.find("," + c.path + ",") != std::string::npos) continue;
    out += heading;
    heading.clear();
    list(c);
  }
  out += OptionsText(root) + "\nExit codes:\n";
  for (const ExitCode& e : ExitCodes()) out += Entry(std::to_string(e.code), e.means, kCodes);
  return out + "\n" +
         Wrapped(
             "Results go to stdout, messages to stderr. `migrate COMMAND --help` tells more about a command; "
             "`migrate completion SHELL` teaches them to your shell.",
             0);
}

std::string SeeAlso(const Command& root, const Manual& m) {
  std::string out;
  for (std::string_view path : m.see_also)
    if (FindCommand(root, path) != nullptr) out += (out.empty() ? "migrate " : ", migrate ") + std::string(path);
  return out;
}

}  // namespace

std::string Wrapped(std::string_view text, size_t indent, size_t width) {
  std::string out, line;
  auto flush = [&] {
    if (!line.empty()) out += std::string(indent, ' ') + line + "\n";
    line.clear();
  };
  // Widths are of ASCII texts: the tool's own words.
  while (!text.empty()) {
    size_t end = text.find(' ');
    std::string_view word = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (!line.empty() && indent + line.size() + 1 + word.size() > width) flush();
    line += (line.empty() ? "" : " ") + std::string(word);
  }
  flush();
  return out;
}

std::string HelpText(const Command& root, const Command& c) {
  if (c.path.empty()) return RootHelp(root);
  const Manual& m = ManualOf(c.path);
  std::string out = Wrapped("migrate " + c.path + ": " + c.purpose, 0) + "\nUsage: " + UsageLine(c) + "\n";
  if (!m.about.empty()) out += "\n" + Wrapped(m.about, 0);
  std::string arguments;
  for (const Argument& a : c.positionals) arguments += Entry(Names(a), Text(a), kOptions);
  for (const Command& s : c.subcommands) arguments += Entry(s.name(), s.purpose, kCommands);
  if (!arguments.empty()) out += "\n" + arguments;
  out += OptionsText(c);
  if (!m.examples.empty()) out += "\nExamples:\n";
  for (const Example& e : m.examples) out += fmt::format("  migrate {}\n{}", e.line, Wrapped(e.does, 6));
  if (!m.exit_codes.empty()) out += "\nExit codes:\n";
  for (const ExitCode& e : m.exit_codes) out += Entry(std::to_string(e.code), e.means, kCodes);
  if (std::string see = SeeAlso(root, m); !see.empty()) out += "\n" + Wrapped("See also: " + see, 0);
  return out;
}

std::string CommandsJson(const Command& root, std::string_view version) {
  using Json = nlohmann::ordered_json;
  auto arguments = [](const std::vector<Argument>& all) {
    Json list = Json::array();
    for (const Argument& a : all)
      list.push_back({{"names", a.names},
                      {"value", a.value.empty() ? Json(nullptr) : Json(a.value)},
                      {"choices", a.choices},
                      {"required", a.required},
                      {"repeatable", a.repeatable},
                      {"group", a.group},
                      {"text", a.text}});
    return list;
  };
  Json commands = Json::array();
  for (const Command* c : Leaves(root)) {
    const Manual& m = ManualOf(c->path);
    Json examples = Json::array(), codes = Json::array();
    for (const Example& e : m.examples)
      examples.push_back({{"command", "migrate " + std::string(e.line)}, {"does", e.does}});
    for (const ExitCode& e : m.exit_codes) codes.push_back({{"code", e.code}, {"means", e.means}});
    commands.push_back({{"command", c->path},
                        {"purpose", c->purpose},
                        {"usage", UsageLine(*c)},
                        {"arguments", arguments(c->positionals)},
                        {"options", arguments(c->options)},
                        {"examples", examples},
                        {"exit_codes", codes}});
  }
  return Json({{"schema", 1}, {"ok", true}, {"exit_code", 0}, {"version", version}, {"commands", commands}}).dump(2) +
         "\n";
}

}  // namespace migrate::cli
