// Holds a tree against the plan language: kinds, needed, unknown and repeated keys, choices, ranges, patterns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "migrate/plan/schema.h"
#include "tree.h"

namespace migrate::plan {

// Appends a diagnostic for everything below `root` that does not fit; nodes with one are marked bad, so that what is
// read afterwards is of the right form or left out. A node that is bad already (a variable that is not set) is only
// checked for repeated keys.
void CheckTree(Node* root, const Shape& shape, const SourceText& source, std::vector<Diagnostic>* out);

// Decimal digits without sign and leading zeros. nullopt: something else, or beyond 2^63 - 1.
std::optional<int64_t> ParseInteger(std::string_view text);
// Decimal digits with at most one point, "0.95", "1", ".5"; no sign, no exponent.
std::optional<double> ParseDecimal(std::string_view text);
// `100` (rows) or `0.1%` (a share of 0 to 1).
std::optional<Limit> ParseLimit(std::string_view text);

// A value as messages show it: URL passwords masked, control characters as blanks, at most 60 bytes or so, in quotes.
std::string Quoted(std::string_view value);

}  // namespace migrate::plan
