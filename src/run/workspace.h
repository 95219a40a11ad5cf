// The workspace of a plan: folders, locks, identity.
//
// A run has `lock` for itself alone (flock, exclusive). Shards of one import have it together (flock, shared), so that
// a run and shards keep each other out; what one of them at a time may do (begin and finish a stage) they do with
// `shards.lock`. Locks go with their process. On a folder that machines share the file system must pass flock on
// (NFS does since Linux 2.6.12).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "migrate/base/cancel.h"
#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/plan/plan.h"
#include "migrate/progress/progress.h"

namespace migrate::run {

inline constexpr int kWorkspaceFormat = 1;

// Where the work of the import at hand lies.
inline std::string WorkPath(const plan::Plan& plan, const std::string& name) {
  return plan.workspace + "/work/" + name;
}

// An exclusive lock on a file, which is made; gone with the object.
class FileLock {
 public:
  // nullopt: somebody else has it.
  static Result<std::optional<FileLock>> Try(const std::string& path);
  // Waits for it; kCancelled. `waits` is called once if it has to.
  static Result<FileLock> Wait(const std::string& path, const Cancel* cancel, const std::function<void()>& waits);
  FileLock(FileLock&& o) noexcept : fd_(std::exchange(o.fd_, -1)) {}
  FileLock& operator=(FileLock&& o) noexcept {
    std::swap(fd_, o.fd_);
    return *this;
  }
  ~FileLock();

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_;
};

class Workspace {
 public:
  // Makes the folders (0700), takes the lock, checks that the workspace belongs to this plan and this format. Who holds
  // the lock is in the error.
  static Result<std::unique_ptr<Workspace>> Open(const plan::Plan& plan, const std::string& tool_version);
  // For a shard: beside others, or alone() if there are none. The caller has Section(). `shard` is for people.
  static Result<std::unique_ptr<Workspace>> OpenBeside(const plan::Plan& plan, const std::string& tool_version,
                                                       const std::string& shard);
  // What one shard at a time does; waits for it. Before the workspace is opened, and while it is open.
  static Result<FileLock> Section(const plan::Plan& plan, const Cancel* cancel, progress::Printer* printer);
  ~Workspace();
  bool alone() const { return alone_; }
  // From now on others may come in beside; within the section.
  Status LetOthersIn();
  // Is a run at work in this workspace now?
  static bool Held(const std::string& folder);
  std::string Path(const std::string& name) const { return folder_ + "/" + name; }
  std::string Work(const std::string& name) const { return folder_ + "/work/" + name; }
  // Throws away what an import that is over (or will not be resumed) left in work/.
  Status ClearWork();

 private:
  explicit Workspace(std::string folder) : folder_(std::move(folder)) {}
  Status Lock(bool beside, const std::string& shard);
  Status Sweep();
  Status CheckIdentity(const plan::Plan& plan, const std::string& tool_version);
  std::string folder_;
  int lock_fd_ = -1;
  bool alone_ = true;
};

}  // namespace migrate::run
