// The text form of what run/explain.h finds out: for terminals and for reading.
#pragma once

#include <string>
#include <string_view>

namespace migrate::report {

// `json`: the object of ExplainJson. Keys that are missing (--offline) leave their section out.
std::string RenderExplainText(std::string_view json);

}  // namespace migrate::report
