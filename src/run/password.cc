#include "password.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <mutex>

#include "migrate/base/file.h"
#include "migrate/store/aws_iam.h"

namespace migrate::run {
namespace {

std::string FirstLine(const std::string& text) { return text.substr(0, text.find_first_of("\r\n")); }

Result<std::string> OutputOf(const std::string& command) {
  FILE* pipe = ::popen(command.c_str(), "re");
  if (pipe == nullptr) return PosixError("password command", "cannot start", errno);
  std::string text;
  char buffer[4096];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
  const int status = ::pclose(pipe);
  if (status != 0)
    return Status::Failed(
        fmt::format("the command that gives the password ended with {}",
                    WIFEXITED(status) ? fmt::format("exit code {}", WEXITSTATUS(status)) : std::string("a signal")),
        "run it by hand to see why; it must print the password and end with 0");
  return FirstLine(text);
}

// A password manager may take a second and a touch of a key for each answer, and a run opens many sessions at once.
Result<std::string> OutputOfLately(const std::string& command) {
  using Clock = std::chrono::steady_clock;
  struct Answer {
    std::string text;
    Clock::time_point at;
  };
  static std::mutex mutex;
  static std::map<std::string, Answer>* const answers = new std::map<std::string, Answer>();
  std::lock_guard lock(mutex);
  auto known = answers->find(command);
  if (known != answers->end() && Clock::now() - known->second.at < std::chrono::minutes(1)) return known->second.text;
  MIGRATE_ASSIGN(std::string text, OutputOf(command));
  (*answers)[command] = {text, Clock::now()};
  return text;
}

// The terminal of this process, its echo off until the end of the scope.
class QuietTerminal {
 public:
  QuietTerminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {
    if (fd_ < 0 || ::tcgetattr(fd_, &before_) != 0) return;
    termios quiet = before_;
    // Ctrl-C comes as a character that ends the line: the program's own handling would leave the terminal without echo.
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ISIG);
    quiet.c_cc[VEOL] = kCtrlC;
    quiet_ = ::tcsetattr(fd_, TCSAFLUSH, &quiet) == 0;
  }
  ~QuietTerminal() {
    if (quiet_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
    if (fd_ >= 0) ::close(fd_);
  }
  QuietTerminal(const QuietTerminal&) = delete;
  QuietTerminal& operator=(const QuietTerminal&) = delete;
  bool ok() const { return quiet_; }
  void Write(const std::string& text) const { (void)!::write(fd_, text.data(), text.size()); }
  // Up to the line's end; false if there is none, or Ctrl-C is typed.
  bool ReadLine(std::string* line) const {
    for (char c; ::read(fd_, &c, 1) == 1 && c != kCtrlC; line->push_back(c))
      if (c == '\n' || c == '\r') return true;
    return false;
  }

 private:
  static constexpr char kCtrlC = 3;
  int fd_;
  termios before_{};
  bool quiet_ = false;
};

Result<std::string> Ask(const std::string& who) {
  QuietTerminal terminal;
  if (!terminal.ok())
    return Status::Plan("password: {prompt: true} needs a terminal to ask on, and there is none",
                        "for runs without one: {env: NAME}, {file: PATH}, {command: \"...\"} or {aws_iam: ...}");
  terminal.Write(fmt::format("password of {}: ", who));
  std::string line;
  const bool whole = terminal.ReadLine(&line);
  terminal.Write("\n");
  if (!whole)
    return Status::Failed("no password was typed", "run the same command again, or see `password` in docs/plan.md");
  return line;
}

Result<std::string> AskOnce(const std::string& who) {
  static std::mutex mutex;
  static std::map<std::string, std::string>* const answers = new std::map<std::string, std::string>();
  std::lock_guard lock(mutex);
  auto known = answers->find(who);
  if (known != answers->end()) return known->second;
  MIGRATE_ASSIGN(std::string text, Ask(who));
  (*answers)[who] = text;
  return text;
}

}  // namespace

std::function<Result<std::string>()> PasswordReader(const plan::Secret& secret, const std::string& user,
                                                    const std::string& host, int port) {
  const std::string value = secret.value, who = fmt::format("{}@{}:{}", user, host, port);
  switch (secret.kind) {
    case plan::Secret::Kind::kNone:
      break;
    case plan::Secret::Kind::kEnv:
      return [value]() -> Result<std::string> {
        const char* text = std::getenv(value.c_str());
        return std::string(text == nullptr ? "" : text);
      };
    case plan::Secret::Kind::kFile:
      return [value]() -> Result<std::string> {
        MIGRATE_ASSIGN(std::string text, ReadWholeFile(value));
        return FirstLine(text);
      };
    case plan::Secret::Kind::kCommand:
      return [value] { return OutputOfLately(value); };
    case plan::Secret::Kind::kPrompt:
      return [who] { return AskOnce(who); };
    case plan::Secret::Kind::kAwsIam:
      return store::RdsTokens(host, port, secret.region, user, &store::FindAwsCredentials,
                              [] { return static_cast<int64_t>(std::time(nullptr)); });
  }
  return {};
}

}  // namespace migrate::run
