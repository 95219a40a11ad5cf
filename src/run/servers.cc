#include "migrate/run/servers.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>

#include "password.h"

namespace migrate::run {
namespace {

std::string LoginOf(const plan::Source& s) {
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}\n{}", s.host, s.port, s.user, static_cast<int>(s.password.kind),
                     s.password.value, s.password.region, s.tls.mode, s.tls.ca, s.read_timeout);
}

}  // namespace

store::MysqlOptions LoginTo(const std::string& user, const std::string& host, int port, const std::string& database,
                            const plan::Secret& password, const plan::Tls& tls) {
  store::MysqlOptions options;
  options.host = host;
  options.port = port;
  options.user = user;
  options.database = database;
  options.tls_mode = tls.mode;
  options.tls_ca = tls.ca;
  options.aws_iam = password.kind == plan::Secret::Kind::kAwsIam;
  options.read_password = PasswordReader(password, user, host, port);
  return options;
}

store::MysqlOptions LoginTo(const plan::Source& s) {
  store::MysqlOptions options = LoginTo(s.user, s.host, s.port, s.database, s.password, s.tls);
  options.read_seconds = static_cast<int>(s.read_timeout);
  return options;
}

store::MysqlOptions LoginTo(const plan::Target& t) {
  store::MysqlOptions options = LoginTo(t.user, t.host, t.port, t.database, t.password, t.tls);
  options.read_seconds = 6 * 3600;  // building an index over many rows sends nothing meanwhile
  return options;
}

std::string PasswordHint(const plan::Secret& secret) {
  if (secret.kind != plan::Secret::Kind::kEnv) return "";
  const char* value = std::getenv(secret.value.c_str());
  return value == nullptr || *value == '\0' ? "; the variable " + secret.value + " is not set" : "";
}

Result<std::shared_ptr<extract::MysqlServer>> Servers::Of(const plan::Source& source) {
  const std::string login = LoginOf(source);
  auto& server = open_[login];
  if (server) return server;
  std::vector<std::string> tables;
  for (const auto& other : plan_.sources)
    if (other.type == plan::SourceType::kMysql && LoginOf(other) == login && !other.table.empty())
      tables.push_back(store::QuoteMysqlName(other.database) + "." + store::QuoteMysqlName(other.table));
  // More connections than these do not read faster, and a server in production has others to serve.
  constexpr size_t kMostReaders = 8;
  auto begun = extract::MysqlServer::Begin(LoginTo(source), std::min(readers_, kMostReaders), tables);
  if (!begun.ok())
    return Status(begun.status().kind(), fmt::format("source {}: {}", source.name, begun.status().message()),
                  begun.status().hint() + PasswordHint(source.password))
        .MayPass(begun.status().may_pass());
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
  auto probe = [&source, asks = t.max_replica_lag.has_value(),
                ask = extract::LoadProbe()]() mutable -> Result<extract::ServerLoad> {
    if (!ask) {
      store::MysqlOptions options = LoginTo(source);
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
