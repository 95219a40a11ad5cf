// What can be found out about one reject beyond the target: the neighbouring lines of its source file, and the one
// thing that would mend it, with the line of the plan where it is the plan.
#pragma once

#include <string>
#include <vector>

#include "migrate/plan/plan.h"
#include "migrate/report/rejects_view.h"

namespace migrate::run {

// Opens the source file for reading if it is still there; .gz, .zst and UTF-16 are unpacked up to the row (some hundred
// MB a second). Never fails: what cannot be had is said in `no_lines`. The lines are given only if the file has the
// size it had and the row's bytes stand where they stood; a file of up to 64 MiB is compared by its SHA-256 besides.
// Memory: the row and 64 KiB.
report::RejectContext ContextOf(const plan::Plan& plan, const report::RejectDetail& reject);

// The word behind `what` in the findings of a file: "';'" of "delimiter ';' (...)"; "" if there is none.
std::string WordOfFinding(const std::vector<std::string>& findings, const std::string& what);
// The delimiter that was found, else the plan's, else a comma. `source` may be null.
char DelimiterOf(const plan::Source* source, const std::vector<std::string>& findings);

}  // namespace migrate::run
