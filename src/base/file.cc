#include "migrate/base/file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace migrate {

namespace fs = std::filesystem;

Status PosixError(const std::string& path, const std::string& verb, int error) {
  std::string reason = std::generic_category().message(error);
  std::string hint;
  if (error == ENOSPC || error == EDQUOT)
    hint = "free some space on that disk, then run the same command again: it resumes";
  if (error == EACCES || error == EPERM || error == EROFS) hint = "check the owner and the permissions of that path";
  if (error == ENOENT && verb == "cannot open") hint = "check the path";
  return Status::Failed(path + ": " + verb + ": " + reason, hint);
}

File::~File() {
  if (fd_ >= 0) ::close(fd_);
}
File::File(File&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}
File& File::operator=(File&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  return *this;
}

Result<File> File::OpenRead(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return PosixError(path, "cannot open", errno);
  return File(fd, path);
}

Result<File> File::Create(const std::string& path) {
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return PosixError(path, "cannot create", errno);
  return File(fd, path);
}

Result<File> File::OpenAppend(const std::string& path) {
  int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return PosixError(path, "cannot open for appending", errno);
  return File(fd, path);
}

Status File::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return PosixError(path_, "cannot write", errno);
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return {};
}

namespace {

// Is there more of the file than a read that found its end would have it? Only a size tells: to a reader that loses the
// tail of a file, what is left looks whole.
Status CheckEnd(int fd, const std::string& path, uint64_t end) {
  struct stat s = {};
  if (::fstat(fd, &s) != 0) return PosixError(path, "cannot look at", errno);
  const auto size = static_cast<uint64_t>(s.st_size);
  char more = 0;
  if (!S_ISREG(s.st_mode) || size <= end || ::pread(fd, &more, 1, static_cast<off_t>(end)) != 0) return {};
  return Status::Failed(fmt::format("{}: a read found the end at byte {}, but the file has {}", path, end, size),
                        "the disk or its network share loses the file's tail: copy the file to another disk");
}

}  // namespace

Result<size_t> File::ReadAt(uint64_t offset, char* buffer, size_t n) const {
  size_t got = 0;
  while (got < n) {
    ssize_t k = ::pread(fd_, buffer + got, n - got, static_cast<off_t>(offset + got));
    if (k < 0 && errno == EINTR) continue;
    if (k < 0) return PosixError(path_, "cannot read", errno);
    if (k == 0) {
      MIGRATE_TRY(CheckEnd(fd_, path_, offset + got));
      break;
    }
    got += static_cast<size_t>(k);
  }
  return got;
}

Status File::Sync() {
  if (::fsync(fd_) != 0) return PosixError(path_, "cannot sync", errno);
  return {};
}

Status File::Close() {
  int fd = std::exchange(fd_, -1);
  if (fd >= 0 && ::close(fd) != 0) return PosixError(path_, "cannot close", errno);
  return {};
}

Result<FileStat> StatFile(const std::string& path) {
  struct stat s;
  if (::stat(path.c_str(), &s) != 0) return PosixError(path, "cannot open", errno);
  if (S_ISDIR(s.st_mode))
    return Status::Failed(path + ": is a folder, not a file", "a file, or a pattern such as folder/*.csv");
  if (!S_ISREG(s.st_mode)) return Status::Failed(path + ": is not a regular file", "copy its content to a file first");
  const auto nanoseconds = [](const timespec& t) { return t.tv_sec * 1'000'000'000L + t.tv_nsec; };
  return FileStat{static_cast<uint64_t>(s.st_size), nanoseconds(s.st_mtim), s.st_ino, nanoseconds(s.st_ctim)};
}

std::string RealPath(const std::string& path) {
  std::error_code error;
  fs::path real = fs::canonical(path, error);
  return error ? path : real.string();
}

bool PathExists(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

Result<std::string> ReadWholeFile(const std::string& path) {
  MIGRATE_ASSIGN(FileStat stat, StatFile(path));
  MIGRATE_ASSIGN(File file, File::OpenRead(path));
  std::string out(stat.size + 1, '\0');
  size_t size = 0;
  for (;;) {
    MIGRATE_ASSIGN(size_t n, file.ReadAt(size, out.data() + size, out.size() - size));
    size += n;
    if (size < out.size()) break;
    out.resize(out.size() * 2);
  }
  out.resize(size);
  return out;
}

Status SyncFolderOf(const std::string& path) {
  std::string folder = fs::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return PosixError(folder, "cannot open", errno);
  int rc = ::fsync(fd), error = errno;
  ::close(fd);
  if (rc != 0) return PosixError(folder, "cannot sync", error);
  return {};
}

Status RenameSynced(const std::string& from, const std::string& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) return PosixError(to, "cannot rename " + from + " to it", errno);
  return SyncFolderOf(to);
}

Status WriteFileAtomic(const std::string& path, std::string_view bytes) {
  std::string temporary = path + ".tmp";
  MIGRATE_ASSIGN(File file, File::Create(temporary));
  Status s = file.Write(bytes);
  if (s.ok()) s = file.Sync();
  if (s.ok()) s = file.Close();
  if (!s.ok()) {
    ::unlink(temporary.c_str());
    return s;
  }
  return RenameSynced(temporary, path);
}

Status MakeFolders(const std::string& path) {
  std::error_code error;
  fs::path made;
  for (const fs::path& part : fs::path(path)) {
    made /= part;
    if (::mkdir(made.c_str(), 0700) != 0 && errno != EEXIST)
      return PosixError(made.string(), "cannot make the folder", errno);
  }
  if (!fs::is_directory(path, error)) return Status::Failed(path + ": is not a folder", "move that file away");
  return {};
}

Status RemoveTree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) return PosixError(path, "cannot remove", error.value());
  return {};
}

Result<std::vector<std::string>> ListFolder(const std::string& path) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::directory_iterator it(path, error), end; !error && it != end; it.increment(error))
    names.push_back(it->path().filename().string());
  if (error) return PosixError(path, "cannot list", error.value());
  std::sort(names.begin(), names.end());
  return names;
}

Result<std::vector<std::string>> Glob(const std::string& pattern) {
  glob_t g{};
  int rc = ::glob(pattern.c_str(), GLOB_NOSORT | GLOB_ERR, nullptr, &g);
  std::vector<std::string> paths;
  for (size_t i = 0; rc == 0 && i < g.gl_pathc; ++i) paths.emplace_back(g.gl_pathv[i]);
  ::globfree(&g);
  if (rc != 0 && rc != GLOB_NOMATCH) return PosixError(pattern, "cannot list", errno);
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace migrate
