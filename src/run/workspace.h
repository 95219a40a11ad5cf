// The workspace of a plan: folders, lock, identity.
#pragma once

#include <memory>
#include <string>

#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/plan/plan.h"

namespace migrate::run {

inline constexpr int kWorkspaceFormat = 1;

// Where the work of the import at hand lies.
inline std::string WorkPath(const plan::Plan& plan, const std::string& name) {
  return plan.workspace + "/work/" + name;
}

class Workspace {
 public:
  // Makes the folders (0700), takes the lock, checks that the workspace belongs to this plan and this format. Who holds
  // the lock is in the error.
  static Result<std::unique_ptr<Workspace>> Open(const plan::Plan& plan, const std::string& tool_version);
  ~Workspace();
  // Is a run at work in this workspace now?
  static bool Held(const std::string& folder);
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Work(const std::string& name) const { return folder_ + "/work/" + name; }
  // Throws away what an import that is over (or will not be resumed) left in work/.
  Status ClearWork();

 private:
  explicit Workspace(std::string folder) : folder_(std::move(folder)) {}
  Status Lock();
  Status Sweep();
  Status CheckIdentity(const plan::Plan& plan, const std::string& tool_version);
  std::string folder_;
  int lock_fd_ = -1;
};

}  // namespace migrate::run
