// Small languages within the scalars of a plan.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/plan/duration.h"

namespace migrate::plan {

// Whether `version` ("0.1.0") meets all conditions of `conditions` (">=0.1, <2"; no operator is "="). Missing parts of
// a version are 0. Both are of the form that the schema's pattern allows.
bool VersionMeets(std::string_view version, std::string_view conditions);

// What is wrong with a strptime format for a date, or "". The directives are those that normalize reads:
// %Y %y %m %d %e %b %B %j %H %M %S %%; a format needs a year, and nothing twice.
std::string DateFormatError(std::string_view format);

// A number of bytes with a unit of 1000 ("20MB") or of 1024 ("64KiB"). A unit is needed. nullopt: it is none.
std::optional<uint64_t> ParseBytes(std::string_view text);

// True if "YYYY-MM-DD" is a day of the Gregorian calendar.
bool IsCalendarDay(std::string_view text);

// The ISO 3166-1 alpha-2 codes, in order.
const std::vector<std::string>& CountryCodes();

}  // namespace migrate::plan
