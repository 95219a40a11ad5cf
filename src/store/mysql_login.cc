#include "mysql_login.h"

#include <arpa/inet.h>
#include <errmsg.h>
#include <fmt/core.h>
#include <mysqld_error.h>
#include <openssl/x509.h>

#include <cstdlib>

#include "migrate/base/file.h"

namespace migrate::store {
namespace {

// A name that begins with 127. is no address; it may stand for any host.
bool IsLoopback(const std::string& host) {
  in_addr address{};
  if (::inet_pton(AF_INET, host.c_str(), &address) == 1) return (ntohl(address.s_addr) >> 24) == 127;
  return host == "localhost" || host == "::1";
}

// The library checks the chain if it is given authorities, and the host name too if it is to verify. Its own default
// authorities come only with the latter, so for verify_ca they are named: OpenSSL's.
void SetTls(MYSQL* handle, const MysqlOptions& o, const std::string& mode) {
  const my_bool verify = mode == "verify_identity", enforce = mode != "disabled";
  mysql_options(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
  if (!enforce) return;
  mysql_options(handle, MYSQL_OPT_SSL_ENFORCE, &enforce);
  if (mode == "required") return;
  if (!o.tls_ca.empty()) {
    mysql_options(handle, MYSQL_OPT_SSL_CA, o.tls_ca.c_str());
  } else if (mode == "verify_ca") {
    const char* file = std::getenv(X509_get_default_cert_file_env());
    const char* folder = std::getenv(X509_get_default_cert_dir_env());
    if (file == nullptr) file = X509_get_default_cert_file();
    if (PathExists(file)) mysql_options(handle, MYSQL_OPT_SSL_CA, file);
    mysql_options(handle, MYSQL_OPT_SSL_CAPATH, folder != nullptr ? folder : X509_get_default_cert_dir());
  }
}

// Left to itself the library follows the server's wish for any way of logging in, also for the password in clear
// without TLS (mysql_clear_password, dialog).
void SetPlugins(MYSQL* handle, const MysqlOptions& o, const std::string& mode) {
  if (mode == "disabled" && !IsLoopback(o.host)) {
    // The first answer is by the server's default, which the account need not use.
    mysql_options(handle, MYSQL_DEFAULT_AUTH, "mysql_native_password");
    mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH, "mysql_native_password,client_ed25519");
    return;
  }
  mysql_options(handle, MARIADB_OPT_RESTRICTED_AUTH,
                o.aws_iam
                    ? "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,mysql_clear_password"
                    : "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519");
}

}  // namespace

std::string TlsModeOf(const MysqlOptions& o) {
  if (!o.tls_mode.empty()) return o.tls_mode;
  return IsLoopback(o.host) && !o.aws_iam ? "disabled" : "verify_identity";
}

Status CheckLogin(const MysqlOptions& o) {
  const std::string mode = TlsModeOf(o);
  if (o.aws_iam && mode != "verify_identity")
    return Status::Plan(
        fmt::format("{}: a token of AWS IAM goes only to a server whose certificate is checked, and tls.mode is {}",
                    NameOf(o), mode),
        "use tls: {mode: verify_identity, ca: PATH of Amazon's global-bundle.pem} (docs/aurora.md)");
  if (mode == "disabled" || mode == "required" || o.tls_ca.empty()) return {};
  auto authorities = ReadWholeFile(o.tls_ca);
  if (!authorities.ok())
    return Status::Plan(NameOf(o) + ": tls.ca: " + authorities.status().message(), authorities.status().hint());
  if (authorities->find("-----BEGIN ") == std::string::npos)
    return Status::Plan(fmt::format("{}: tls.ca: {} holds no certificate", NameOf(o), o.tls_ca),
                        "a PEM file is needed: text with lines such as -----BEGIN CERTIFICATE-----");
  return {};
}

void SetLogin(MYSQL* handle, const MysqlOptions& o) {
  SetTls(handle, o, TlsModeOf(o));
  SetPlugins(handle, o, TlsModeOf(o));
}

std::string LoginHint(const MysqlOptions& o, unsigned code) {
  const std::string mode = TlsModeOf(o);
  if (code == ER_ACCESS_DENIED_ERROR && o.aws_iam)
    return fmt::format(
        "the keys' policy must allow rds-db:connect for user {}, the account must be IDENTIFIED WITH "
        "AWSAuthenticationPlugin AS 'RDS', the region must be the cluster's, the host its own endpoint, and this "
        "machine's clock right (docs/aurora.md)",
        o.user);
  if (code == CR_PLUGIN_NOT_ALLOWED && mode == "disabled" && !IsLoopback(o.host))
    return "without TLS this way of logging in would give the password to whoever answers: use "
           "tls: {mode: verify_identity}";
  if (code == CR_PLUGIN_NOT_ALLOWED)
    return "migrate logs in by caching_sha2_password, sha256_password, mysql_native_password, ed25519 and AWS IAM: "
           "give this account one of these";
  if (code != CR_SSL_CONNECTION_ERROR) return "";
  if (mode == "required") return "does the server offer TLS?";
  const std::string authorities = o.tls_ca.empty() ? "this system trusts; tls.ca names others" : "tls.ca holds";
  if (mode == "verify_ca") return "the server's certificate must be signed by an authority that " + authorities;
  return fmt::format("the server's certificate must be for '{}' and signed by an authority that {}", o.host,
                     authorities);
}

}  // namespace migrate::store
