// Completion scripts for bash, zsh and fish, made from the command tree: commands, sub-commands, options, fixed sets of
// values, plan files, files, folders, and the plan's source names, which the script asks `migrate __sources PLAN` for.
// None needs a completion framework beyond the shell itself.
#pragma once

#include <string>
#include <string_view>

#include "command_tree.h"

namespace migrate::cli {

inline constexpr std::string_view kShells[] = {"bash", "zsh", "fish"};

std::string BashCompletion(const Command& root);
std::string ZshCompletion(const Command& root);
std::string FishCompletion(const Command& root);

// What stands where an argument's value is expected.
enum class ValueKind { kNone, kChoices, kPlan, kFile, kFolder, kSource };
ValueKind KindOf(const Argument& argument);

}  // namespace migrate::cli
