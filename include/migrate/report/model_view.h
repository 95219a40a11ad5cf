// A matching model for people.
#pragma once

#include <string>
#include <string_view>

namespace migrate::report {

// Text of the object that docs/schema/model-show.schema.json describes.
std::string RenderModelText(std::string_view json);

}  // namespace migrate::report
