#include "migrate/run/servers.h"

#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "migrate/base/file.h"

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

std::string LoginOf(const plan::Source& s) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", s.host, s.port, s.user, static_cast<int>(s.password.kind),
                     s.password.value, s.tls.mode, s.tls.ca, s.read_timeout);
}

}  // namespace

Result<std::string> ReadSecret(const plan::Secret& secret) {
  switch (secret.kind) {
    case plan::Secret::Kind::kNone:
      return std::string();
    case plan::Secret::Kind::kEnv: {
      const char* value = std::getenv(secret.value.c_str());
      return std::string(value == nullptr ? "" : value);
    }
    case plan::Secret::Kind::kFile: {
      MIGRATE_ASSIGN(std::string text, ReadWholeFile(secret.value));
      return FirstLine(text);
    }
    case plan::Secret::Kind::kCommand:
      return OutputOf(secret.value);
    case plan::Secret::Kind::kAwsIam:
      break;
  }
  return Status::Plan("password: this version cannot make AWS IAM tokens",
                      "use password: {command: \"aws rds generate-db-auth-token ...\"}");
}

Result<store::MysqlOptions> Servers::Login(const plan::Source& source) const {
  store::MysqlOptions options;
  options.host = source.host;
  options.port = source.port;
  options.user = source.user;
  options.database = source.database;
  options.tls_mode = source.tls.mode;
  options.tls_ca = source.tls.ca;
  options.read_seconds = static_cast<int>(source.read_timeout);
  auto password = ReadSecret(source.password);
  if (!password.ok()) return password.status().Within("source " + source.name);
  options.password = *password;
  return options;
}

Result<std::shared_ptr<extract::MysqlServer>> Servers::Of(const plan::Source& source) {
  const std::string login = LoginOf(source);
  auto& server = open_[login];
  if (server) return server;
  MIGRATE_ASSIGN(store::MysqlOptions options, Login(source));
  std::vector<std::string> tables;
  for (const auto& other : plan_.sources)
    if (other.type == plan::SourceType::kMysql && LoginOf(other) == login && !other.table.empty())
      tables.push_back(store::QuoteMysqlName(other.database) + "." + store::QuoteMysqlName(other.table));
  // More connections than these do not read faster, and a server in production has others to serve.
  constexpr size_t kMostReaders = 8;
  auto begun = extract::MysqlServer::Begin(options, std::min(readers_, kMostReaders), tables);
  if (!begun.ok()) {
    const bool unset = source.password.kind == plan::Secret::Kind::kEnv && options.password.empty();
    return Status(begun.status().kind(), fmt::format("source {}: {}", source.name, begun.status().message()),
                  begun.status().hint() + (unset ? "; the variable " + source.password.value + " is not set" : ""))
        .MayPass(begun.status().may_pass());
  }
  server = *std::move(begun);
  return server;
}

void Servers::Forget(const plan::Source& source) { open_.erase(LoginOf(source)); }

std::shared_ptr<extract::Throttle> Servers::ThrottleOf(const plan::Source& source) {
  if (!source.throttle.Any()) return nullptr;
  auto& throttle = throttles_[source.name];
  if (throttle) return throttle;
  const plan::Throttle& t = source.throttle;
  const extract::ThrottleLimits limits{.rows_per_second = t.rows_per_second,
                                       .bytes_per_second = t.bytes_per_second,
                                       .max_replica_lag = t.max_replica_lag,
                                       .max_threads_running = t.max_threads_running};
  // Read when the first session of it is opened: a password that is made anew each time may be old by then.
  auto probe = [this, &source, asks = t.max_replica_lag.has_value(),
                ask = extract::LoadProbe()]() mutable -> Result<extract::ServerLoad> {
    if (!ask) {
      MIGRATE_ASSIGN(store::MysqlOptions options, Login(source));
      ask = extract::MysqlLoadProbe(options, asks);
    }
    Result<extract::ServerLoad> load = ask();
    if (!load.ok()) ask = nullptr;
    return load;
  };
  throttle = std::make_shared<extract::Throttle>("source " + source.name, limits, hooks_, std::move(probe));
  return throttle;
}

}  // namespace migrate::run
