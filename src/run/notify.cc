#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/run/observe.h"

namespace migrate::run {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kOutputKept = 2000;         // of the end of what it prints
constexpr size_t kVariableBytes = 16 << 10;  // a message with a thousand places is no variable any more

std::vector<std::string> Environment(const Ended& e) {
  std::vector<std::string> all;
  for (char** v = environ; *v != nullptr; ++v) {
    const std::string name(*v, std::strcspn(*v, "="));
    const bool secret = std::find(e.secrets.begin(), e.secrets.end(), name) != e.secrets.end();
    if (!secret && !name.starts_with("MIGRATE_")) all.emplace_back(*v);
  }
  auto add = [&](const char* name, const std::string& value) {
    std::string text = value.substr(0, kVariableBytes);
    std::erase(text, '\0');
    all.push_back(fmt::format("{}={}", name, text));
  };
  add("MIGRATE_EXIT", std::to_string(e.exit_code));
  add("MIGRATE_PLAN", e.plan_file);
  add("MIGRATE_IMPORT", e.import);
  add("MIGRATE_SUMMARY", e.summary);
  add("MIGRATE_REPORT", e.report);
  return all;
}

struct Started {
  pid_t pid = -1;
  int output = -1;
};

// posix_spawn and not fork: the process has threads, and much memory.
Result<Started> Start(const std::string& command, const Ended& ended) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return PosixError("the notify command", "cannot start", errno);
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, ends[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  for (int s : {SIGINT, SIGTERM, SIGPIPE}) sigaddset(&defaults, s);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &defaults);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::vector<std::string> environment = Environment(ended);
  std::vector<char*> variables;
  for (std::string& v : environment) variables.push_back(v.data());
  variables.push_back(nullptr);
  std::string sh = "sh", c = "-c", text = command;
  char* arguments[] = {sh.data(), c.data(), text.data(), nullptr};
  Started started;
  const int error = ::posix_spawn(&started.pid, "/bin/sh", &files, &attributes, arguments, variables.data());
  posix_spawn_file_actions_destroy(&files);
  posix_spawnattr_destroy(&attributes);
  ::close(ends[1]);
  started.output = ends[0];
  if (error == 0) return started;
  ::close(ends[0]);
  return PosixError("the notify command", "cannot start", error);
}

// Takes what was printed since; false at its end.
bool TakeOutput(int fd, int wait_ms, std::string* tail) {
  pollfd p{fd, POLLIN, 0};
  if (::poll(&p, 1, wait_ms) <= 0) return true;
  char buffer[4096];
  const ssize_t n = ::read(fd, buffer, sizeof buffer);
  if (n <= 0) return n < 0 && errno == EINTR;
  tail->append(buffer, static_cast<size_t>(n));
  if (tail->size() > kOutputKept) tail->erase(0, tail->size() - kOutputKept);
  return true;
}

Status Judge(int status, const std::string& tail) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  std::string how =
      WIFEXITED(status) ? fmt::format("exit code {}", WEXITSTATUS(status)) : fmt::format("signal {}", WTERMSIG(status));
  std::string last = tail;
  while (!last.empty() && (last.back() == '\n' || last.back() == '\r')) last.pop_back();
  last = last.substr(last.find_last_of('\n') + 1);
  return Status::Failed("the notify command ended with " + how + (last.empty() ? "" : ": " + last),
                        "run it by hand with the variables of docs/runbook.md to see why");
}

}  // namespace

Status Notify(const std::string& command, double timeout_seconds, const Ended& ended) {
  MIGRATE_ASSIGN(Started child, Start(command, ended));
  const auto deadline = Clock::now() + std::chrono::duration<double>(timeout_seconds);
  std::string tail;
  bool open = true, killed = false;
  int status = 0;
  // A child of it that lives on may keep the pipe open: the command's own end counts.
  while (::waitpid(child.pid, &status, WNOHANG) == 0) {
    if (!killed && Clock::now() > deadline) {
      ::kill(-child.pid, SIGKILL);
      killed = true;
    }
    if (open)
      open = TakeOutput(child.output, 20, &tail);
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  for (int i = 0; i < 64 && open; ++i) {
    const size_t before = tail.size();
    open = TakeOutput(child.output, 0, &tail);
    if (tail.size() == before) break;
  }
  ::close(child.output);
  if (killed)
    return Status::Failed(fmt::format("the notify command was killed after {} s", timeout_seconds),
                          "let it hand its work over and end");
  return Judge(status, tail);
}

}  // namespace migrate::run
