#include "watch_sign.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <thread>

#include "migrate/base/clock.h"
#include "migrate/base/file.h"

namespace migrate::run {
namespace {

using nlohmann::json;

std::string PathOf(const std::string& workspace) { return workspace + "/watch"; }

std::string InSeconds(double seconds) {
  const std::time_t then = std::time(nullptr) + static_cast<std::time_t>(std::ceil(seconds));
  std::tm tm{};
  ::gmtime_r(&then, &tm);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &tm);
  return text.data();
}

}  // namespace

WatchSign::WatchSign(double interval_seconds) : interval_seconds_(interval_seconds), since_(NowUtc()) {}

WatchSign::~WatchSign() { Leave(); }

void WatchSign::Leave() {
  if (fd_ < 0) return;
  ::unlink(path_.c_str());
  ::close(fd_);
  fd_ = -1;
}

void WatchSign::Looking(const std::string& workspace) {
  if (path_ != PathOf(workspace)) Leave();
  path_ = PathOf(workspace);
  if (fd_ < 0 && MakeFolders(workspace).ok()) {
    fd_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      fd_ = -1;
    }
  }
  Write("looking", -1);
}

void WatchSign::Waiting(double seconds) { Write("waiting", seconds); }

void WatchSign::Write(const char* state, double seconds) {
  if (fd_ < 0) return;
  const std::string text = json({{"pid", ::getpid()},
                                 {"host", HostName()},
                                 {"operator", OperatorName()},
                                 {"since", since_},
                                 {"interval_seconds", interval_seconds_},
                                 {"state", state},
                                 {"next_at", seconds < 0 ? json() : json(InSeconds(seconds))}})
                               .dump(-1, ' ', false, json::error_handler_t::replace) +
                           "\n";
  // Whoever reads it half written finds no object in it, and reads again.
  if (::ftruncate(fd_, 0) != 0 || ::pwrite(fd_, text.data(), text.size(), 0) < 0) return;
}

void AddWatchSign(const std::string& workspace, json* j) {
  constexpr int kTries = 20;
  const std::string path = PathOf(workspace);
  for (int i = 0; i < kTries; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    const bool held = ::flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    ::close(fd);
    if (!held) return;
    auto text = ReadWholeFile(path);
    json sign = text.ok() ? json::parse(*text, nullptr, false) : json();
    if (!sign.is_object()) continue;
    (*j)["watch"] = std::move(sign);
    return;
  }
}

}  // namespace migrate::run
