#include "migrate/base/process.h"

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <string>

namespace migrate {
namespace {

std::string FirstLine(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

std::string LinkOf(const char* path) {
  std::array<char, 256> text{};
  const ssize_t n = ::readlink(path, text.data(), text.size() - 1);
  return n > 0 ? std::string(text.data(), static_cast<size_t>(n)) : std::string();
}

struct Stat {
  char state = '?';
  uint64_t started = 0;
};

// proc(5): "pid (name) state ppid ...", the start time is field 22; the name may hold anything, also ") ".
Stat StatOf(int64_t pid) {
  const std::string line = FirstLine("/proc/" + std::to_string(pid) + "/stat");
  const size_t end = line.rfind(')');
  Stat stat;
  if (end == std::string::npos) return stat;
  std::istringstream rest(line.substr(end + 1));
  rest >> stat.state;
  std::string skipped;
  for (int field = 4; field < 22; ++field) rest >> skipped;
  rest >> stat.started;
  return stat;
}

}  // namespace

ProcessId ThisProcess() {
  ProcessId id;
  id.boot = FirstLine("/proc/sys/kernel/random/boot_id");
  id.space = LinkOf("/proc/self/ns/pid");
  id.pid = ::getpid();
  id.started = StatOf(id.pid).started;
  return id;
}

bool ProvablyGone(const ProcessId& other) {
  const ProcessId self = ThisProcess();
  if (self.boot.empty() || self.space.empty() || self.boot != other.boot || self.space != other.space) return false;
  if (other.pid <= 0) return false;
  if (::kill(static_cast<pid_t>(other.pid), 0) != 0) return errno == ESRCH;
  const Stat stat = StatOf(other.pid);
  if (stat.state == 'Z' || stat.state == 'X') return true;
  return stat.started != 0 && other.started != 0 && stat.started != other.started;
}

}  // namespace migrate
