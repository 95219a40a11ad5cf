// ${VAR}, ${VAR:-default}, ${VAR:?message} and $$ in the parsed scalars of a plan (never in its text, so that a value
// cannot become structure).
//
//   ${VAR}           the value; a diagnostic if VAR is not set
//   ${VAR:-default}  the default if VAR is not set or empty; the default is interpolated in its turn
//   ${VAR:?message}  a diagnostic with that message if VAR is not set or empty
//   $$               one $
// A $ before anything else stands for itself (JSON paths in queries need it). Keys are not interpolated.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "migrate/plan/diagnostic.h"
#include "tree.h"

namespace migrate::plan {

using EnvironmentLookup = std::function<std::optional<std::string>(const std::string&)>;

// Interpolates every scalar below `node`; nodes that cannot be are marked bad. Appends to `variables` and `out`.
void Interpolate(Node* node, const SourceText& source, const EnvironmentLookup& environment,
                 std::vector<Variable>* variables, std::vector<Diagnostic>* out);

// Whether `s` is well-formed UTF-8 (no overlong forms, no surrogates).
bool IsUtf8(std::string_view s);

}  // namespace migrate::plan
