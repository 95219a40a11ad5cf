// What a watch says of itself while it lives: WORKSPACE/watch, one JSON object, in a file that it holds locked (flock).
// The lock goes with the process, so a watch that was killed is never taken for one that waits. Nothing depends on the
// sign: a workspace that cannot be written, or another watch that has the file, is no error.
//
//   {"pid", "host", "operator", "since" (UTC), "interval_seconds", "state": "waiting" | "looking", "next_at" (UTC, of
//    the next look; null while it looks)}
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>

namespace migrate::run {

class WatchSign {
 public:
  explicit WatchSign(double interval_seconds);
  WatchSign(const WatchSign&) = delete;
  WatchSign& operator=(const WatchSign&) = delete;
  ~WatchSign();
  // Of this workspace from now on; at first, and when the plan names another one.
  void Looking(const std::string& workspace);
  void Waiting(double seconds);

 private:
  void Write(const char* state, double seconds);
  void Leave();
  const double interval_seconds_;
  const std::string since_;
  std::string path_;
  int fd_ = -1;
};

// Adds "watch" to `j` if one holds the workspace's sign.
void AddWatchSign(const std::string& workspace, nlohmann::json* j);

}  // namespace migrate::run
