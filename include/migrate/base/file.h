// Files: RAII handle, whole-file helpers, and the one way in which a file comes into being: written to a temporary
// name, synced, renamed, its folder synced. Errors name the path and the reason; a full disk says what to do.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"

namespace migrate {

// "PATH: VERB: reason" of an errno, the only place where errno becomes a message.
Status PosixError(const std::string& path, const std::string& verb, int error);

class File {
 public:
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  static Result<File> OpenRead(const std::string& path);
  static Result<File> Create(const std::string& path);      // truncates; mode 0600
  static Result<File> OpenAppend(const std::string& path);  // creates; mode 0600

  Status Write(std::string_view bytes);                                  // all of it
  Result<size_t> ReadAt(uint64_t offset, char* buffer, size_t n) const;  // fewer than n only at the end
  Status Sync();
  Status Close();  // reports what the destructor would swallow
  int fd() const { return fd_; }
  const std::string& path() const { return path_; }

 private:
  File(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  int fd_ = -1;
  std::string path_;
};

// What tells whether a file changed while it was read.
struct FileStat {
  uint64_t size = 0;
  int64_t mtime_ns = 0;
  uint64_t inode = 0;
  int64_t ctime_ns = 0;  // no program can put it back, as it can mtime
  bool operator==(const FileStat&) const = default;
};
// Regular files only: a folder or a device is an error that says so.
Result<FileStat> StatFile(const std::string& path);
bool PathExists(const std::string& path);
// Without symbolic links, as SQLite finds the files beside a database; the path itself if it cannot be resolved.
std::string RealPath(const std::string& path);

Result<std::string> ReadWholeFile(const std::string& path);
Status WriteFileAtomic(const std::string& path, std::string_view bytes);  // mode 0600
Status SyncFolderOf(const std::string& path);
Status RenameSynced(const std::string& from, const std::string& to);
Status MakeFolders(const std::string& path);                           // with parents, mode 0700 for those it makes
Status RemoveTree(const std::string& path);                            // no error if it is not there
Result<std::vector<std::string>> ListFolder(const std::string& path);  // names, sorted bytewise
// Paths that match a glob, sorted bytewise; empty if none does.
Result<std::vector<std::string>> Glob(const std::string& pattern);

}  // namespace migrate
