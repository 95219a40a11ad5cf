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
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", s.host, s.port, s.user, static_cast<int>(s.password.kind),
                     s.password.value, s.tls.mode, s.tls.ca);
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

Result<std::shared_ptr<extract::MysqlServer>> Servers::Of(const plan::Source& source) {
  const std::string login = LoginOf(source);
  auto& server = open_[login];
  if (server) return server;
  store::MysqlOptions options;
  options.host = source.host;
  options.port = source.port;
  options.user = source.user;
  options.database = source.database;
  options.tls_mode = source.tls.mode;
  options.tls_ca = source.tls.ca;
  auto password = ReadSecret(source.password);
  if (!password.ok()) return password.status().Within("source " + source.name);
  options.password = *password;
  std::vector<std::string> tables;
  for (const auto& other : plan_.sources)
    if (other.type == plan::SourceType::kMysql && LoginOf(other) == login && !other.table.empty())
      tables.push_back(store::QuoteMysqlName(other.database) + "." + store::QuoteMysqlName(other.table));
  // More connections than these do not read faster, and a server in production has others to serve.
  constexpr size_t kMostReaders = 8;
  auto begun = extract::MysqlServer::Begin(options, std::min(readers_, kMostReaders), tables);
  if (!begun.ok()) {
    const bool unset = source.password.kind == plan::Secret::Kind::kEnv && password->empty();
    return Status(begun.status().kind(), fmt::format("source {}: {}", source.name, begun.status().message()),
                  begun.status().hint() + (unset ? "; the variable " + source.password.value + " is not set" : ""));
  }
  server = *std::move(begun);
  return server;
}

}  // namespace migrate::run
