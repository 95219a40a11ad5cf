// zsh (its _arguments) and fish (one `complete` line an option).
#include "completion.h"

#include <fmt/core.h>

namespace migrate::cli {
namespace {

// Within single quotes.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Text of a specification of _arguments: ':' ends it, brackets end a description.
std::string ZshText(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string Words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& w : words) out += (out.empty() ? "" : " ") + w;
  return out;
}

std::string ZshAction(const Argument& a) {
  switch (KindOf(a)) {
    case ValueKind::kChoices:
      return "(" + Words(a.choices) + ")";
    case ValueKind::kPlan:
      return "_migrate_plans";
    case ValueKind::kFile:
      return "_files";
    case ValueKind::kFolder:
      return "_files -/";
    case ValueKind::kSource:
      return "_migrate_sources";
    case ValueKind::kNone:
      break;
  }
  return " ";
}

// The specifications of a command's options and positionals, one a line.
std::string ZshSpecs(const Command& c, const std::string& indent) {
  std::string out;
  for (const Argument& a : c.options) {
    std::string rest = "[" + ZshText(a.text) + "]";
    if (!a.value.empty()) rest += ":" + ZshText(a.value) + ":" + ZshAction(a);
    std::string names = Words(a.names);
    for (const std::string& n : a.names) {
      std::string before = a.repeatable ? "*" : a.names.size() > 1 ? "(" + names + ")" : "";
      out += " \\\n" + indent + Quoted(before + n + rest);
    }
  }
  int position = 0;
  for (const Argument& a : c.positionals) {
    std::string where = a.repeatable ? "*" : std::to_string(++position);
    out += " \\\n" + indent + Quoted(where + ":" + ZshText(a.name()) + ":" + ZshAction(a));
  }
  return out;
}

std::string ZshCommands(const Command& c, const std::string& indent) {
  std::string out = indent + "local -a commands\n" + indent + "commands=(\n";
  for (const Command& s : c.subcommands) out += indent + "  " + Quoted(s.name() + ":" + ZshText(s.purpose)) + "\n";
  return out + indent + ")\n" + indent + "_describe command commands\n";
}

std::string Function(const Command& c) {
  std::string name = "_migrate";
  for (char ch : c.path.empty() ? "" : "_" + c.path) name.push_back(ch == ' ' ? '_' : ch);
  return name;
}

void AddZsh(const Command& c, std::string* out) {
  for (const Command& s : c.subcommands) AddZsh(s, out);
  *out += Function(c) + "() {\n";
  if (c.subcommands.empty()) {
    *out += "  _arguments -s" + ZshSpecs(c, "    ") + "\n}\n\n";
    return;
  }
  *out += "  local curcontext=$curcontext state line\n  typeset -A opt_args\n  _arguments -C" + ZshSpecs(c, "    ") +
          " \\\n    '1:command:->command' \\\n    '*::argument:->argument'\n  case $state in\n    command)\n" +
          ZshCommands(c, "      ") + "      ;;\n    argument)\n      case $line[1] in\n";
  for (const Command& s : c.subcommands) *out += "        " + s.name() + ") " + Function(s) + " ;;\n";
  *out += "      esac\n      ;;\n  esac\n}\n\n";
}

std::string FishCondition(const Command& c) { return Quoted("__migrate_at " + Quoted(c.path)); }

std::string FishValue(const Argument& a) {
  switch (KindOf(a)) {
    case ValueKind::kChoices:
      return " -x -a " + Quoted(Words(a.choices));
    case ValueKind::kPlan:
    case ValueKind::kFile:
      return " -r -F";
    case ValueKind::kFolder:
      return " -x -a '(__fish_complete_directories)'";
    case ValueKind::kSource:
      return " -x -a '(__migrate_sources)'";
    case ValueKind::kNone:
      break;
  }
  return " -x";
}

void AddFish(const Command& c, std::string* out) {
  for (const Argument& a : c.options) {
    *out += "complete -c migrate -n " + FishCondition(c);
    for (const std::string& n : a.names) *out += n.starts_with("--") ? " -l " + n.substr(2) : " -s " + n.substr(1);
    *out += (a.value.empty() ? "" : FishValue(a)) + " -d " + Quoted(a.text) + "\n";
  }
  for (const Argument& a : c.positionals) {
    if (KindOf(a) == ValueKind::kNone) continue;
    bool plan = KindOf(a) == ValueKind::kPlan;
    *out += "complete -c migrate -n " + FishCondition(c) +
            (plan ? " -k -a '(__fish_complete_suffix .yaml)'" : FishValue(a)) + " -d " + Quoted(a.text) + "\n";
  }
  for (const Command& s : c.subcommands) {
    *out += "complete -c migrate -n " + FishCondition(c) + " -f -a " + s.name() + " -d " + Quoted(s.purpose) + "\n";
    AddFish(s, out);
  }
}

std::string CaseOfPaths(const Command& c) {
  std::string out;
  for (const Command& s : c.subcommands) out += " " + Quoted(s.path) + CaseOfPaths(s);
  return out;
}

}  // namespace

std::string ZshCompletion(const Command& root) {
  std::string out =
      "#compdef migrate\n# zsh completion for migrate, made by `migrate completion zsh`.\n\n"
      "_migrate_plans() {\n  _files -g '*.(yaml|yml)(-.)'\n}\n\n"
      "# The plan's sources; the plan is the word that looks like one.\n"
      "_migrate_sources() {\n  local plan=${(Q)words[(r)*.(yaml|yml)]}\n  local -a names\n"
      "  [[ -n $plan ]] && names=(${(f)\"$(migrate __sources $plan 2>/dev/null)\"})\n  compadd -a names\n}\n\n";
  AddZsh(root, &out);
  return out + "if [[ $funcstack[1] == _migrate ]]; then\n  _migrate \"$@\"\nelse\n  compdef _migrate migrate\nfi\n";
}

std::string FishCompletion(const Command& root) {
  std::string out =
      "# fish completion for migrate, made by `migrate completion fish`.\n\n"
      "# Succeeds if the words so far name the command $argv[1]; '' is none yet.\n"
      "function __migrate_at\n  set -l path\n  for word in (commandline -opc)[2..-1]\n"
      "    string match -q -- '-*' $word; and continue\n"
      "    set -l longer (string trim -- \"$path $word\")\n    contains -- $longer" +
      CaseOfPaths(root) +
      "; or break\n    set path $longer\n  end\n  test \"$path\" = \"$argv[1]\"\nend\n\n"
      "# The plan's sources; the plan is the word that looks like one.\n"
      "function __migrate_sources\n  for word in (commandline -opc)[2..-1]\n"
      "    string match -qr -- '\\.ya?ml$' $word; and migrate __sources $word 2>/dev/null; and return\n  end\nend\n\n"
      "complete -c migrate -e\n";
  AddFish(root, &out);
  return out;
}

}  // namespace migrate::cli
