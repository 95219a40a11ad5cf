// Texts for people made from the command tree (command_tree.h) and the manual (manual.h): `--help` for terminals of 80
// columns and more, and the man page.
#pragma once

#include <string>
#include <string_view>

#include "command_tree.h"

namespace migrate::cli {

// `migrate --help` if command is the root, else `migrate COMMAND --help`. Ends with a newline.
std::string HelpText(const Command& root, const Command& command);

// The man page migrate(1) in the man macros of roff, all commands in one page. Depends on the tree alone: no date.
std::string ManPage(const Command& root, std::string_view version);

// All commands, arguments, options, examples and exit codes as one JSON object.
std::string CommandsJson(const Command& root, std::string_view version);

// `text` in lines of at most `width` characters, each after `indent` blanks.
std::string Wrapped(std::string_view text, size_t indent, size_t width = 80);

}  // namespace migrate::cli
