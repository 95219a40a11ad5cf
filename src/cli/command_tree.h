// The commands with their arguments and options as plain values, read from the CLI11 tree: what `--help`, the man page,
// the completions and `help --json` are made of. A command that a cmd_*.cc adds appears in all of them by itself.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}  // namespace CLI

namespace migrate::cli {

// The group of the options that all commands have.
inline constexpr char kEveryCommand[] = "Every command";

struct Argument {
  std::vector<std::string> names;    // "--output", "-h"; of a positional one name without dashes: "PLAN"
  std::string value;                 // what stands for its value: "FILE", "N"; "" is a flag
  std::vector<std::string> choices;  // the values it takes, if they are a fixed set
  std::string text;                  // what it does
  std::string group;                 // heading in the help
  bool positional = false, required = false, repeatable = false;
  const std::string& name() const { return names.back(); }
};

struct Command {
  std::string path;     // "rejects list"; "" is the tool itself
  std::string purpose;  // one line
  std::vector<Argument> positionals, options;
  std::vector<Command> subcommands;  // without hidden ones
  std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

// Commands and options with an empty CLI11 group are hidden and left out.
Command ReadCommands(const CLI::App& app);

// The command of a path, or nullptr.
const Command* FindCommand(const Command& root, std::string_view path);

// "migrate export WHAT PLAN [options]"
std::string UsageLine(const Command& command);

// All commands that do something themselves, in order.
std::vector<const Command*> Leaves(const Command& root);

}  // namespace migrate::cli
