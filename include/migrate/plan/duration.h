// Times as plans and options write them.
#pragma once

#include <optional>
#include <string_view>

namespace migrate::plan {

// "5s", "500ms", "1.5m", "2h" in seconds. A unit is needed. nullopt: it is none.
std::optional<double> ParseSeconds(std::string_view text);

}  // namespace migrate::plan
