// Logging in to Amazon RDS and Aurora by AWS IAM: instead of a password the server is given a token, a URL that is
// signed with the caller's AWS keys and holds for 15 minutes. Nothing is asked of AWS to make one; only the signature
// counts.
//
//   MIGRATE_ASSIGN(AwsCredentials credentials, FindAwsCredentials());
//   std::string token = RdsToken("db.example.com", 3306, "us-east-1", "migrate", credentials, std::time(nullptr));
//
// The token is a password while it holds: it goes to the server in clear, over TLS and to a server whose certificate
// fits (store/mysql.h), and is never shown.
//
// Sources: "Create a signed AWS API request" and "Authenticating Requests: Using Query Parameters (AWS Signature
// Version 4)" of Amazon's documentation; "IAM database authentication" in the Aurora User Guide.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::store {

struct AwsCredentials {
  std::string access_key_id, secret_access_key;
  std::string session_token;  // of temporary credentials; "" is none
};

// A GET whose signature stands in its query. `host` as the Host header has it (with the port, unless it is the scheme's
// own); `payload_sha256` is 64 hex digits or UNSIGNED-PAYLOAD.
struct PresignedGet {
  std::string host, path = "/";
  std::vector<std::pair<std::string, std::string>> query;  // not encoded
  std::string region, service;
  int expires_seconds = 900;
  std::string payload_sha256;
};

// The URL without its scheme: "host/path?query&X-Amz-Signature=...". `unix_seconds` is the time of signing.
std::string Presign(const PresignedGet& request, const AwsCredentials& credentials, int64_t unix_seconds);

// The key of one day, region and service (32 bytes); `date` is YYYYMMDD.
std::string SigV4Key(const std::string& secret_access_key, const std::string& date, const std::string& region,
                     const std::string& service);

// The token for logging in as `user` (action "connect" of service "rds-db"), good for 15 minutes from `unix_seconds`.
// The host must be the cluster's or instance's own endpoint, not an alias of it; its case does not matter.
std::string RdsToken(const std::string& host, int port, const std::string& region, const std::string& user,
                     const AwsCredentials& credentials, int64_t unix_seconds);

// The AWS keys of this process, read now, from the first place that has any:
//   1. the variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
//   2. the profile AWS_PROFILE (else "default") in the file AWS_SHARED_CREDENTIALS_FILE (else ~/.aws/credentials), then
//   in
//      AWS_CONFIG_FILE (else ~/.aws/config)
//   3. the container's role (ECS, EKS): AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI
//   4. the EC2 instance's role, by its metadata service (not with AWS_EC2_METADATA_DISABLED=true); where there is none,
//      that takes a second to find out
// Profiles that get their keys elsewhere (role_arn, sso_session, credential_process) are an error that says how to hand
// their keys over. Errors never hold a key; they are kPlan, but for a container's service that fails (kFailed).
Result<AwsCredentials> FindAwsCredentials();

// A function that gives a token and makes a new one once the last is older than 10 minutes, so that every login has at
// least 5 minutes left. Thread-safe; copies share the token. `find` and `now` (seconds since 1970) are called for each
// new token.
std::function<Result<std::string>()> RdsTokens(std::string host, int port, std::string region, std::string user,
                                               std::function<Result<AwsCredentials>()> find,
                                               std::function<int64_t()> now);

}  // namespace migrate::store
