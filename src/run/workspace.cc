#include "workspace.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "migrate/base/clock.h"

namespace migrate::run {

using nlohmann::json;

Result<std::unique_ptr<Workspace>> Workspace::Open(const plan::Plan& plan, const std::string& tool_version) {
  std::unique_ptr<Workspace> w(new Workspace(plan.workspace));
  MIGRATE_TRY(MakeFolders(w->folder_));
  MIGRATE_TRY(w->Lock());
  MIGRATE_TRY(w->CheckIdentity(plan, tool_version));
  MIGRATE_TRY(MakeFolders(w->Path("reports")));
  MIGRATE_TRY(MakeFolders(w->Path("work")));
  MIGRATE_TRY(w->Sweep());
  return w;
}

Workspace::~Workspace() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

bool Workspace::Held(const std::string& folder) {
  int fd = ::open((folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

Status Workspace::Lock() {
  const std::string path = Path("lock");
  lock_fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0) return PosixError(path, "cannot open", errno);
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return PosixError(path, "cannot lock", errno);
    auto holder = ReadWholeFile(path);
    return Status::Failed(
        folder_ + ": another run of this plan is at work: " + (holder.ok() ? *holder : std::string("?")),
        "wait for it to end, or stop it with Ctrl-C; `migrate status` shows how far it is");
  }
  std::string holder =
      fmt::format("process {} of {} on {}, since {}", ::getpid(), OperatorName(), HostName(), NowUtc());
  if (::ftruncate(lock_fd_, 0) != 0 || ::pwrite(lock_fd_, holder.data(), holder.size(), 0) < 0)
    return PosixError(path, "cannot write", errno);
  return {};
}

Status Workspace::CheckIdentity(const plan::Plan& plan, const std::string& tool_version) {
  const std::string path = Path("workspace.json");
  if (PathExists(path)) {
    MIGRATE_ASSIGN(std::string text, ReadWholeFile(path));
    json j = json::parse(text, nullptr, false);
    int format = j.is_object() ? j.value("format", 0) : 0;
    if (format == 0)
      return Status::Plan(path + ": cannot be read as a workspace's description",
                          "name another workspace in the plan, or move this one away");
    if (format > kWorkspaceFormat)
      return Status::Plan(fmt::format("{}: has format {}, written by migrate {}; this is migrate {} with format {}",
                                      path, format, j.value("tool", "?"), tool_version, kWorkspaceFormat),
                          "use that version of migrate, or name another workspace");
    if (j.value("plan", "") != plan.name)
      return Status::Plan(
          fmt::format("{}: belongs to the plan '{}', not to '{}'", folder_, j.value("plan", ""), plan.name),
          "give each plan a workspace of its own");
    return {};
  }
  json j = {{"format", kWorkspaceFormat}, {"plan", plan.name}, {"tool", tool_version}};
  return WriteFileAtomic(path, j.dump(2) + "\n");
}

// Half files and sort runs of a process that was killed.
Status Workspace::Sweep() {
  MIGRATE_ASSIGN(auto names, ListFolder(Path("work")));
  for (const auto& name : names)
    if (name.ends_with(".tmp") || name.ends_with(".run")) MIGRATE_TRY(RemoveTree(Work(name)));
  return {};
}

Status Workspace::ClearWork() {
  // The manifest first: without it nothing else in work/ counts, however far the removal comes.
  const std::string manifest = Work("manifest.jsonl");
  if (::unlink(manifest.c_str()) == 0) MIGRATE_TRY(SyncFolderOf(manifest));
  MIGRATE_TRY(RemoveTree(Path("work")));
  return MakeFolders(Path("work"));
}

}  // namespace migrate::run
