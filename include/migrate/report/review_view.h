// Lists for stewards, for people: texts of the objects that docs/schema/review-*.schema.json describe.
#pragma once

#include <string>
#include <string_view>

namespace migrate::report {

std::string RenderReviewText(std::string_view list_json);
std::string RenderDecisionsText(std::string_view decisions_json);

}  // namespace migrate::report
