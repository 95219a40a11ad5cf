// The report of a run for people: one HTML page that needs nothing but itself, and text for terminals.
//
// Input is the report JSON that `run` writes to reports/N.json: docs/schema/report.schema.json, docs/formats.md
// "Report".
// Missing keys are tolerated (a run of single stages has only some of them), unknown keys are ignored. Every text of
// the input is escaped. Output depends on the input alone.
#pragma once

#include <string>
#include <string_view>

#include "migrate/base/status.h"

namespace migrate::report {

// HTML5 with inline CSS and SVG, no script, no reference to anything outside; light and dark by the reader's setting.
// Error if the input is no JSON object.
Result<std::string> RenderReportPage(std::string_view report_json);

// The same report in at most about 80 lines of UTF-8 text, the verdict first. An input that is no JSON object gives
// one line that says so.
std::string RenderReportText(std::string_view report_json);

}  // namespace migrate::report
