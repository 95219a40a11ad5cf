// A folder for a dry run, which goes when its owner does.
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <string>
#include <utility>

#include "migrate/base/file.h"
#include "migrate/base/status.h"

namespace migrate::run {

class ScratchFolder {
 public:
  static Result<ScratchFolder> Make(const std::string& where) {
    const char* tmp = std::getenv("TMPDIR");
    const std::string folder = !where.empty() ? where : tmp != nullptr ? tmp : "/tmp";
    SweepAbandoned(folder);
    std::string name = fmt::format("{}/{}{}-XXXXXX", folder, kPrefix, ::getpid());
    if (::mkdtemp(name.data()) == nullptr) return PosixError(name, "cannot make the folder", errno);
    return ScratchFolder(name);
  }
  ScratchFolder(ScratchFolder&& o) noexcept : path_(std::exchange(o.path_, "")) {}
  ~ScratchFolder() {
    if (!path_.empty()) (void)RemoveTree(path_);
  }
  const std::string& path() const { return path_; }

 private:
  static constexpr const char* kPrefix = "migrate-dry-run-";
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

  // What a dry run that was killed left holds a copy of the target: it goes as soon as anybody can see that nobody owns
  // it.
  static void SweepAbandoned(const std::string& folder) {
    auto names = ListFolder(folder);
    if (!names.ok()) return;
    for (const auto& name : *names) {
      if (name.rfind(kPrefix, 0) != 0) continue;
      auto pid = static_cast<pid_t>(std::strtol(name.c_str() + std::string(kPrefix).size(), nullptr, 10));
      if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) (void)RemoveTree(folder + "/" + name);
    }
  }
  std::string path_;
};

}  // namespace migrate::run
