// A folder for a dry run, another copy of the target, or what an export sorts, which goes when its owner does. What a
// killed one left is removed by the next one beside it, if its owner (the file `owner` in it, base/process.h) is gone
// for certain: a folder of another machine or container on the same file system stays.
#pragma once

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <sstream>
#include <string>
#include <utility>

#include "migrate/base/file.h"
#include "migrate/base/process.h"
#include "migrate/base/status.h"

namespace migrate::run {

class ScratchFolder {
 public:
  // In `where`, "" is $TMPDIR. `kind` is a part of its name.
  static Result<ScratchFolder> Make(const std::string& where, const std::string& kind = "dry-run") {
    const char* tmp = std::getenv("TMPDIR");
    const std::string folder = !where.empty() ? where : tmp != nullptr ? tmp : "/tmp";
    const std::string prefix = "migrate-" + kind + "-";
    SweepAbandoned(folder, prefix);
    std::string name = fmt::format("{}/{}{}-XXXXXX", folder, prefix, ::getpid());
    if (::mkdtemp(name.data()) == nullptr) return PosixError(name, "cannot make the folder", errno);
    ScratchFolder made(name);
    MIGRATE_TRY(WriteFileAtomic(name + "/owner", ToText(ThisProcess())));
    return made;
  }
  ScratchFolder(ScratchFolder&& o) noexcept : path_(std::exchange(o.path_, "")) {}
  ~ScratchFolder() {
    if (!path_.empty()) (void)RemoveTree(path_);
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}

  static std::string ToText(const ProcessId& p) {
    return fmt::format("{}\n{}\n{}\n{}\n", p.boot, p.space, p.pid, p.started);
  }
  static ProcessId FromText(const std::string& text) {
    ProcessId p;
    std::istringstream in(text);
    std::string pid, started;
    std::getline(in, p.boot);
    std::getline(in, p.space);
    std::getline(in, pid);
    std::getline(in, started);
    p.pid = std::strtoll(pid.c_str(), nullptr, 10);
    p.started = std::strtoull(started.c_str(), nullptr, 10);
    return p;
  }

  static void SweepAbandoned(const std::string& folder, const std::string& prefix) {
    auto names = ListFolder(folder);
    if (!names.ok()) return;
    for (const auto& name : *names) {
      if (!name.starts_with(prefix)) continue;
      auto owner = ReadWholeFile(folder + "/" + name + "/owner");
      if (owner.ok() && ProvablyGone(FromText(*owner))) (void)RemoveTree(folder + "/" + name);
    }
  }
  std::string path_;
};

}  // namespace migrate::run
