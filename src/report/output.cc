#include "migrate/report/output.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>

#include "migrate/base/file.h"

namespace migrate::report {
namespace {

constexpr size_t kBufferBytes = 64 << 10;

// Collects small writes; what a subclass sees are blocks.
class BufferedOutput : public Output {
 public:
  Status Write(std::string_view bytes) override {
    buffer_.append(bytes);
    return buffer_.size() < kBufferBytes ? Status() : Flush();
  }
  Status Finish() override {
    MIGRATE_TRY(Flush());
    return Close();
  }

 protected:
  virtual Status Put(std::string_view block) = 0;
  virtual Status Close() { return {}; }

 private:
  Status Flush() {
    Status s = buffer_.empty() ? Status() : Put(buffer_);
    buffer_.clear();
    return s;
  }
  std::string buffer_;
};

class Stdout : public BufferedOutput {
 protected:
  Status Put(std::string_view block) override {
    while (!block.empty()) {
      ssize_t n = ::write(STDOUT_FILENO, block.data(), block.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return PosixError("standard output", "cannot write", errno);
      block.remove_prefix(static_cast<size_t>(n));
    }
    return {};
  }
};

class DirectFile : public BufferedOutput {
 public:
  explicit DirectFile(File file) : file_(std::move(file)) {}

 protected:
  Status Put(std::string_view block) override { return file_.Write(block); }
  Status Close() override { return file_.Close(); }
  File file_;
};

class RenamedFile : public DirectFile {
 public:
  RenamedFile(File file, std::string path) : DirectFile(std::move(file)), path_(std::move(path)) {}
  ~RenamedFile() override {
    if (!done_) ::unlink(file_.path().c_str());
  }

 protected:
  Status Close() override {
    MIGRATE_TRY(file_.Sync());
    MIGRATE_TRY(file_.Close());
    MIGRATE_TRY(RenameSynced(file_.path(), path_));
    done_ = true;
    return {};
  }

 private:
  std::string path_;
  bool done_ = false;
};

class Appended : public Output {
 public:
  explicit Appended(std::string* text) : text_(text) {}
  Status Write(std::string_view bytes) override {
    text_->append(bytes);
    return {};
  }
  Status Finish() override { return {}; }

 private:
  std::string* text_;
};

}  // namespace

std::unique_ptr<Output> StdoutOutput() { return std::make_unique<Stdout>(); }

Result<std::unique_ptr<Output>> FileOutput(const std::string& path) {
  struct stat s;
  bool exists = ::stat(path.c_str(), &s) == 0;
  if (exists && S_ISDIR(s.st_mode))
    return Status::Plan(path + ": is a folder, not a file", "name a file in it, such as " + path + "/links.csv");
  struct stat link;
  const bool dangling = !exists && ::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
  if (dangling || (exists && !S_ISREG(s.st_mode))) {
    MIGRATE_ASSIGN(File direct, File::Create(path));
    return std::unique_ptr<Output>(new DirectFile(std::move(direct)));
  }
  // A rename would put the file in the place of a link, and leave what it points to as it was.
  char real[PATH_MAX];
  const std::string place = exists && ::realpath(path.c_str(), real) != nullptr ? std::string(real) : path;
  MIGRATE_ASSIGN(File file, File::Create(place + ".tmp"));
  return std::unique_ptr<Output>(new RenamedFile(std::move(file), place));
}

std::unique_ptr<Output> StringOutput(std::string* text) { return std::make_unique<Appended>(text); }

}  // namespace migrate::report
