// Command lines that cannot be read, in the tool's own words: what is wrong, what was probably meant, an example.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "command_tree.h"
#include "migrate/base/status.h"

namespace migrate::cli {

// A kPlan status that says what is wrong with `args` (without the program's name), which `app` refused with `error`.
Status UsageError(const CLI::App& app, const std::vector<std::string>& args, const CLI::ParseError& error);

}  // namespace migrate::cli
