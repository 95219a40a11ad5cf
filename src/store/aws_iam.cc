#include "migrate/store/aws_iam.h"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "aws_metadata.h"
#include "migrate/base/file.h"
#include "migrate/base/hash.h"

namespace migrate::store {
namespace {

constexpr int kTokenSeconds = 900;  // what RDS grants
constexpr int64_t kTokenReuseSeconds = 600;

std::string Hmac(std::string_view key, std::string_view message) {
  unsigned char out[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(message.data()),
       message.size(), out, &size);
  return std::string(reinterpret_cast<const char*>(out), size);
}

std::string Hex(std::string_view bytes) {
  std::string out;
  for (unsigned char c : bytes) out += fmt::format("{:02x}", c);
  return out;
}

// RFC 3986: everything but the unreserved characters; in a path the slash stays.
std::string Encoded(std::string_view text, bool path = false) {
  std::string out;
  for (unsigned char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    out += unreserved || (path && c == '/') ? std::string(1, static_cast<char>(c)) : fmt::format("%{:02X}", c);
  }
  return out;
}

std::string Lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

// "20130524T000000Z"
std::string AmzDate(int64_t unix_seconds) {
  const std::time_t at = static_cast<std::time_t>(unix_seconds);
  std::tm utc{};
  ::gmtime_r(&at, &utc);
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                     utc.tm_min, utc.tm_sec);
}

std::string_view Trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The settings of one section of an INI file, as Amazon's tools write it; nullopt if there is none of that name.
std::optional<std::map<std::string, std::string>> Section(std::string_view text, const std::string& name) {
  std::optional<std::map<std::string, std::string>> found;
  bool inside = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view whole = text.substr(0, end), line = Trimmed(whole);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      inside = Trimmed(line.substr(1, line.find(']') - 1)) == name;
      if (inside && !found) found.emplace();
      continue;
    }
    const size_t equals = line.find('=');
    // Indented lines belong to a nested setting ("s3 =").
    if (!inside || equals == std::string_view::npos || whole[0] == ' ' || whole[0] == '\t') continue;
    (*found)[Lower(std::string(Trimmed(line.substr(0, equals))))] = Trimmed(line.substr(equals + 1));
  }
  return found;
}

constexpr char kHowToGiveKeys[] =
    "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or name a profile that holds keys by "
    "AWS_PROFILE; `eval \"$(aws configure export-credentials --format env)\"` sets them from any login of the AWS CLI";

// The keys of `profile` in `file`; nullopt if file or profile is not there.
Result<std::optional<AwsCredentials>> FromFile(const std::string& file, const std::string& section) {
  if (file.empty() || !PathExists(file)) return std::optional<AwsCredentials>();
  MIGRATE_ASSIGN(std::string text, ReadWholeFile(file));
  auto settings = Section(text, section);
  if (!settings) return std::optional<AwsCredentials>();
  AwsCredentials found{(*settings)["aws_access_key_id"], (*settings)["aws_secret_access_key"],
                       (*settings)["aws_session_token"]};
  if (!found.access_key_id.empty() && !found.secret_access_key.empty()) return std::optional(found);
  for (const char* other : {"role_arn", "sso_session", "sso_start_url", "credential_process", "login_session"})
    if (settings->count(other) != 0)
      return Status::Plan(
          fmt::format("AWS IAM: {}: [{}] holds no keys but {}, which migrate does not follow", file, section, other),
          kHowToGiveKeys);
  if (!found.access_key_id.empty() || !found.secret_access_key.empty())
    return Status::Plan(
        fmt::format("AWS IAM: {}: [{}] has only one of aws_access_key_id and aws_secret_access_key", file, section),
        kHowToGiveKeys);
  return std::optional<AwsCredentials>();
}

}  // namespace

std::string SigV4Key(const std::string& secret_access_key, const std::string& date, const std::string& region,
                     const std::string& service) {
  return Hmac(Hmac(Hmac(Hmac("AWS4" + secret_access_key, date), region), service), "aws4_request");
}

std::string Presign(const PresignedGet& request, const AwsCredentials& credentials, int64_t unix_seconds) {
  const std::string time = AmzDate(unix_seconds), date = time.substr(0, 8);
  const std::string scope = fmt::format("{}/{}/{}/aws4_request", date, request.region, request.service);
  std::vector<std::pair<std::string, std::string>> query;
  for (const auto& [key, value] : request.query) query.emplace_back(Encoded(key), Encoded(value));
  query.emplace_back("X-Amz-Algorithm", "AWS4-HMAC-SHA256");
  query.emplace_back("X-Amz-Credential", Encoded(credentials.access_key_id + "/" + scope));
  query.emplace_back("X-Amz-Date", time);
  query.emplace_back("X-Amz-Expires", std::to_string(request.expires_seconds));
  if (!credentials.session_token.empty())
    query.emplace_back("X-Amz-Security-Token", Encoded(credentials.session_token));
  query.emplace_back("X-Amz-SignedHeaders", "host");
  std::sort(query.begin(), query.end());
  std::string text;
  for (const auto& [key, value] : query) text += (text.empty() ? "" : "&") + key + "=" + value;
  const std::string path = Encoded(request.path, true);
  const std::string canonical =
      fmt::format("GET\n{}\n{}\nhost:{}\n\nhost\n{}", path, text, request.host, request.payload_sha256);
  const std::string to_sign = fmt::format("AWS4-HMAC-SHA256\n{}\n{}\n{}", time, scope, Sha256Hex(canonical));
  const std::string key = SigV4Key(credentials.secret_access_key, date, request.region, request.service);
  return fmt::format("{}{}?{}&X-Amz-Signature={}", request.host, path, text, Hex(Hmac(key, to_sign)));
}

std::string RdsToken(const std::string& host, int port, const std::string& region, const std::string& user,
                     const AwsCredentials& credentials, int64_t unix_seconds) {
  PresignedGet request;
  request.host = fmt::format("{}:{}", Lower(host), port);
  request.query = {{"Action", "connect"}, {"DBUser", user}};
  request.region = region;
  request.service = "rds-db";
  request.expires_seconds = kTokenSeconds;
  request.payload_sha256 = Sha256Hex("");
  return Presign(request, credentials, unix_seconds);
}

Result<AwsCredentials> FindAwsCredentials() {
  AwsCredentials given{Variable("AWS_ACCESS_KEY_ID"), Variable("AWS_SECRET_ACCESS_KEY"), Variable("AWS_SESSION_TOKEN")};
  if (!given.access_key_id.empty() && !given.secret_access_key.empty()) return given;
  if (!given.access_key_id.empty() || !given.secret_access_key.empty())
    return Status::Plan("AWS IAM: only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set", kHowToGiveKeys);
  const std::string home = Variable("HOME"), named = Variable("AWS_PROFILE");
  const std::string profile = named.empty() ? "default" : named;
  auto file = [&](const char* variable, const char* name) {
    const std::string path = Variable(variable);
    return !path.empty() || home.empty() ? path : home + "/.aws/" + name;
  };
  const std::string keys = file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
                    config = file("AWS_CONFIG_FILE", "config");
  MIGRATE_ASSIGN(auto found, FromFile(keys, profile));
  if (found) return *found;
  MIGRATE_ASSIGN(found, FromFile(config, profile == "default" ? profile : "profile " + profile));
  if (found) return *found;
  MIGRATE_ASSIGN(found, ContainerCredentials());
  if (found) return *found;
  MIGRATE_ASSIGN(found, InstanceCredentials());
  if (found) return *found;
  return Status::Plan(
      fmt::format(
          "AWS IAM: no AWS keys: AWS_ACCESS_KEY_ID is not set, there is no profile [{}] with keys in {} or {}, and no "
          "role of a container or EC2 instance",
          profile, keys.empty() ? "~/.aws/credentials" : keys, config.empty() ? "~/.aws/config" : config),
      kHowToGiveKeys);
}

std::function<Result<std::string>()> RdsTokens(std::string host, int port, std::string region, std::string user,
                                               std::function<Result<AwsCredentials>()> find,
                                               std::function<int64_t()> now) {
  struct Last {
    std::mutex mutex;
    std::string token;
    int64_t made = 0;
  };
  auto last = std::make_shared<Last>();
  return [=]() -> Result<std::string> {
    std::lock_guard lock(last->mutex);
    const int64_t at = now();
    // A clock that was put back counts as old: the token would be signed for a time to come.
    if (last->token.empty() || at < last->made || at - last->made > kTokenReuseSeconds) {
      MIGRATE_ASSIGN(const AwsCredentials credentials, find());
      last->token = RdsToken(host, port, region, user, credentials, at);
      last->made = at;
    }
    return last->token;
  };
}

}  // namespace migrate::store
