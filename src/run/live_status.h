// What a run at work says of itself in the workspace's status.json, for `status`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace migrate::run {

// Adds "now" to `j` if the process that holds the workspace (`holder` is the text of its lock) says where it stands, or
// "died" if nobody holds it and the file was left by a process that did not end by itself. A file that cannot be read
// adds nothing: one is written each second.
void AddLiveStatus(const std::string& workspace, bool held, const std::string& holder, nlohmann::json* j);

}  // namespace migrate::run
