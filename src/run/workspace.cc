#include "workspace.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "migrate/base/clock.h"
#include "migrate/base/doing.h"

namespace migrate::run {

using nlohmann::json;

Result<std::unique_ptr<Workspace>> Workspace::Open(const plan::Plan& plan, const std::string& tool_version) {
  std::unique_ptr<Workspace> w(new Workspace(plan.workspace));
  MIGRATE_TRY(MakeFolders(w->folder_));
  MIGRATE_TRY(w->Lock(false, ""));
  MIGRATE_TRY(w->CheckIdentity(plan, tool_version));
  MIGRATE_TRY(MakeFolders(w->Path("reports")));
  MIGRATE_TRY(MakeFolders(w->Path("work")));
  MIGRATE_TRY(w->Sweep());
  return w;
}

Result<std::unique_ptr<Workspace>> Workspace::OpenBeside(const plan::Plan& plan, const std::string& tool_version,
                                                         const std::string& shard) {
  std::unique_ptr<Workspace> w(new Workspace(plan.workspace));
  MIGRATE_TRY(w->Lock(true, shard));
  MIGRATE_TRY(w->CheckIdentity(plan, tool_version));
  MIGRATE_TRY(MakeFolders(w->Path("reports")));
  MIGRATE_TRY(MakeFolders(w->Path("work")));
  // Unfinished files may be others', who are writing them.
  if (w->alone_) MIGRATE_TRY(w->Sweep());
  return w;
}

Result<FileLock> Workspace::Section(const plan::Plan& plan, const Cancel* cancel, progress::Printer* printer) {
  MIGRATE_TRY(MakeFolders(plan.workspace));
  return FileLock::Wait(plan.workspace + "/shards.lock", cancel, [&] {
    if (printer != nullptr) printer->Note("waiting for another shard, which begins or finishes a stage");
  });
}

Status Workspace::LetOthersIn() {
  if (!alone_) return {};
  alone_ = false;
  // Not one step: a run may have come between.
  if (::flock(lock_fd_, LOCK_SH | LOCK_NB) == 0) return {};
  return Status::Failed(folder_ + ": a run without --shard has taken it",
                        "wait for it to end, and call the shard again");
}

Result<std::optional<FileLock>> FileLock::Try(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return PosixError(path, "cannot open", errno);
  FileLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return std::optional<FileLock>(std::move(lock));
  if (errno != EWOULDBLOCK) return PosixError(path, "cannot lock", errno);
  return std::optional<FileLock>();
}

Result<FileLock> FileLock::Wait(const std::string& path, const Cancel* cancel, const std::function<void()>& waits) {
  for (bool first = true;; first = false) {
    MIGRATE_ASSIGN(auto lock, Try(path));
    if (lock) return *std::move(lock);
    if (cancel != nullptr && cancel->requested()) return Status::Cancelled();
    if (first) waits();
    const Doing doing("waiting for", path);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Workspace::~Workspace() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

bool Workspace::Held(const std::string& folder) {
  int fd = ::open((folder + "/lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  // Exclusive, for shards hold it together.
  bool held = ::flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  ::close(fd);
  return held;
}

Status Workspace::Lock(bool beside, const std::string& shard) {
  const std::string path = Path("lock");
  lock_fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_fd_ < 0) return PosixError(path, "cannot open", errno);
  alone_ = ::flock(lock_fd_, LOCK_EX | LOCK_NB) == 0;
  bool held = alone_;
  int error = errno;
  // Whoever looks whether somebody is at work (Held) has it for a moment.
  for (int i = 0; !held && beside && error == EWOULDBLOCK && i < 20; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    held = ::flock(lock_fd_, LOCK_SH | LOCK_NB) == 0;
    error = errno;
  }
  if (!held) {
    if (error != EWOULDBLOCK) return PosixError(path, "cannot lock", error);
    auto holder = ReadWholeFile(path);
    return Status::Failed(
        folder_ + ": another run of this plan is at work: " + (holder.ok() ? *holder : std::string("?")),
        "wait for it to end, or stop it with Ctrl-C; `migrate status` shows how far it is");
  }
  std::string holder = fmt::format("process {} of {} on {}, since {}{}", ::getpid(), OperatorName(), HostName(),
                                   NowUtc(), shard.empty() ? "" : ", shard " + shard);
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
