#include "aws_metadata.h"

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "migrate/base/file.h"

namespace migrate::store {
namespace {

constexpr int kWaitMs = 1000;             // these services are a hop away, or not there
constexpr size_t kMostBytes = 256 << 10;  // of an answer

struct Place {
  std::string host, port = "80", path = "/";
};

struct Answer {
  int status = 0;
  std::string body;
};

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// "http://host:port/path"; nullopt for anything else.
std::optional<Place> PlaceOf(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme) return std::nullopt;
  url.remove_prefix(kScheme.size());
  Place place;
  const size_t slash = url.find('/');
  if (slash != std::string_view::npos) place.path = url.substr(slash);
  std::string_view host = url.substr(0, slash);
  const size_t bracket = host.find(']'), colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) place.port = host.substr(colon + 1);
  host = host.substr(0, colon);
  if (bracket != std::string_view::npos) host = host.substr(1, bracket - 1);
  place.host = host;
  return host.empty() ? std::nullopt : std::optional(place);
}

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  int fd() const { return fd_; }
  bool Wait(short events) const {
    pollfd one{fd_, events, 0};
    return ::poll(&one, 1, kWaitMs) == 1;
  }

 private:
  int fd_;
};

Result<std::string> Exchange(const Place& place, const std::string& request) {
  const std::string where = fmt::format("{}:{}", place.host, place.port);
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(place.host.c_str(), place.port.c_str(), &wanted, &found) != 0)
    return Status::Failed(where + ": unknown host");
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> list(found, &::freeaddrinfo);
  Socket s(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (s.fd() < 0) return PosixError(where, "cannot connect", errno);
  if (::connect(s.fd(), found->ai_addr, found->ai_addrlen) != 0 && errno != EINPROGRESS)
    return PosixError(where, "cannot connect", errno);
  int error = ETIMEDOUT;
  socklen_t size = sizeof error;
  if (s.Wait(POLLOUT)) ::getsockopt(s.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return PosixError(where, "cannot connect", error);
  if (::send(s.fd(), request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return PosixError(where, "cannot send", errno);
  std::string answer;
  char buffer[4096];
  while (answer.size() < kMostBytes) {
    if (!s.Wait(POLLIN)) return PosixError(where, "no answer", ETIMEDOUT);
    const ssize_t n = ::recv(s.fd(), buffer, sizeof buffer, 0);
    if (n < 0) return PosixError(where, "cannot read", errno);
    if (n == 0) return answer;
    answer.append(buffer, static_cast<size_t>(n));
  }
  return Status::Failed(where + ": the answer does not end");
}

// HTTP 1.0: the answer comes in one piece and ends with the connection.
Result<Answer> Ask(const char* method, const Place& place, const std::string& header) {
  MIGRATE_ASSIGN(std::string text,
                 Exchange(place, fmt::format("{} {} HTTP/1.0\r\nHost: {}\r\nAccept: */*\r\nContent-Length: 0\r\n{}\r\n",
                                             method, place.path, place.host, header)));
  const size_t head = text.find("\r\n\r\n");
  if (head == std::string::npos || text.compare(0, 7, "HTTP/1.") != 0 || text.size() < 13)
    return Status::Failed(fmt::format("{}:{}: the answer is no HTTP", place.host, place.port));
  return Answer{std::atoi(text.c_str() + 9), text.substr(head + 4)};
}

std::optional<AwsCredentials> KeysOf(const std::string& body) {
  const nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
  if (!answer.is_object()) return std::nullopt;
  auto text = [&](const char* name) {
    const auto found = answer.find(name);
    return found != answer.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  AwsCredentials keys{text("AccessKeyId"), text("SecretAccessKey"), text("Token")};
  if (keys.access_key_id.empty() || keys.secret_access_key.empty()) return std::nullopt;
  return keys;
}

}  // namespace

Result<std::optional<AwsCredentials>> ContainerCredentials() {
  const std::string relative = Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  const std::string full = Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (relative.empty() && full.empty()) return std::optional<AwsCredentials>();
  const std::optional<Place> place = PlaceOf(relative.empty() ? full : "http://169.254.170.2" + relative);
  // Whoever can set a variable must not be able to send the container's authorization anywhere.
  static constexpr std::string_view kHosts[] = {"169.254.170.2", "169.254.170.23", "fd00:ec2::23",
                                                "127.0.0.1",     "localhost",      "::1"};
  if (!place || std::find(std::begin(kHosts), std::end(kHosts), place->host) == std::end(kHosts))
    return Status::Plan("AWS IAM: AWS_CONTAINER_CREDENTIALS_FULL_URI is no http address of a container's own service",
                        "unset it, and set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or AWS_PROFILE");
  std::string authorization = Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  if (const std::string file = Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); !file.empty()) {
    MIGRATE_ASSIGN(authorization, ReadWholeFile(file));
  }
  authorization = authorization.substr(0, authorization.find_first_of("\r\n"));
  auto answer = Ask("GET", *place, authorization.empty() ? "" : "Authorization: " + authorization + "\r\n");
  if (!answer.ok()) return answer.status().Within("AWS IAM: the container's keys");
  const auto keys = answer->status == 200 ? KeysOf(answer->body) : std::nullopt;
  if (!keys)
    return Status::Failed(
        fmt::format("AWS IAM: {}:{} has no keys for this container: HTTP {}", place->host, place->port, answer->status),
        "does the task or pod have a role?");
  return keys;
}

Result<std::optional<AwsCredentials>> InstanceCredentials() {
  const std::optional<AwsCredentials> none;
  if (Variable("AWS_EC2_METADATA_DISABLED") == "true") return none;
  const std::string endpoint = Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  std::optional<Place> place = PlaceOf(endpoint.empty() ? "http://169.254.169.254" : endpoint);
  if (!place) return Status::Plan("AWS IAM: AWS_EC2_METADATA_SERVICE_ENDPOINT is no address that begins with http://");
  place->path = "/latest/api/token";
  auto session = Ask("PUT", *place, "X-aws-ec2-metadata-token-ttl-seconds: 60\r\n");
  if (!session.ok() || session->status != 200) return none;
  if (session->body.find_first_of("\r\n") != std::string::npos) return none;
  const std::string header = "X-aws-ec2-metadata-token: " + session->body + "\r\n";
  place->path = "/latest/meta-data/iam/security-credentials/";
  auto role = Ask("GET", *place, header);
  if (!role.ok() || role->status != 200) return none;
  place->path += role->body.substr(0, role->body.find_first_of("\r\n "));
  auto answer = Ask("GET", *place, header);
  if (!answer.ok() || answer->status != 200) return none;
  return KeysOf(answer->body);
}

}  // namespace migrate::store
