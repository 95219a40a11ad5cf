// What the command tree alone does not say: of each command its place in `migrate --help`, a paragraph, examples, what
// its exit codes mean, and where to go on. `--help`, the man page and the completions are made from the tree and this.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace migrate::cli {

struct Example {
  std::string_view line;  // without "migrate ": "run people.yaml"
  std::string_view does;
};

struct ExitCode {
  int code;
  std::string_view means;
};

struct Manual {
  std::string_view path;   // "run", "rejects list"
  std::string_view about;  // one paragraph; "" if the purpose says it all
  std::vector<Example> examples;
  std::vector<ExitCode> exit_codes;
  std::vector<std::string_view> see_also;  // paths
};

// Of a command; an empty one for a command that has none (`tests/cli` fails then).
const Manual& ManualOf(std::string_view path);

// The groups of `migrate --help` in their order, with their commands (top level) in order.
struct CommandGroup {
  std::string_view title;
  std::vector<std::string_view> commands;
};
const std::vector<CommandGroup>& CommandGroups();

// Exit codes of the whole tool.
const std::vector<ExitCode>& ExitCodes();

}  // namespace migrate::cli
