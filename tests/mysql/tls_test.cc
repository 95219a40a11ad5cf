// Logging in to a real server: which certificates pass, which ways of logging in are taken over which connection.
//
// The server of MIGRATE_TEST_MYSQL_FILE, as tests/servers/servers.py makes it: its certificate is for localhost and
// 127.0.0.1, by the authority tls/ca.pem beside that file. 2130706433 is another way to write 127.0.0.1 that resolves
// to it and stands in no certificate, so it serves as a host that is not loopback by name.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "migrate/store/aws_iam.h"
#include "server.h"

namespace migrate::store {
namespace {

constexpr char kOtherName[] = "2130706433";
constexpr char kDenied[] = "Access denied";
constexpr char kUntrusted[] = "self-signed certificate in certificate chain";
constexpr char kWrongName[] = "Validation of SSL server certificate failed";

std::string Folder() {
  const char* file = std::getenv("MIGRATE_TEST_MYSQL_FILE");
  const std::string path = file == nullptr ? "" : file;
  return path.substr(0, path.rfind('/')) + "/tls/";
}

MysqlOptions LocalServer() {
  const char* file = std::getenv("MIGRATE_TEST_MYSQL_FILE");
  auto url = ReadWholeFile(file == nullptr ? "" : file);
  if (!url.ok()) {
    ADD_FAILURE() << "MIGRATE_TEST_MYSQL_FILE: " << url.status().message();
    std::exit(1);
  }
  MysqlOptions o;
  o.user = "root";
  o.host = "127.0.0.1";
  o.port = std::atoi(url->c_str() + url->rfind(':') + 1);
  o.database = "test";
  return o;
}

// What came of connecting: the cipher, "" for plaintext, or "error: ...".
std::string Outcome(const MysqlOptions& o) {
  auto session = MysqlSession::Connect(o);
  if (!session.ok())
    return "error: " + session.status().message() +
           (session.status().hint().empty() ? "" : " (" + session.status().hint() + ")");
  auto rows = (*session)->Query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
  return rows.ok() && !rows->empty() ? (*rows)[0][1].value_or("") : "error: no status";
}

struct TlsCase {
  const char *host, *mode, *ca, *expected;  // expected: "tls", "plain", or a part of the error
};

TEST(Tls, WhichServersPass) {
  ::unsetenv("SSL_CERT_FILE");
  const TlsCase cases[] = {
      // The default: plaintext to loopback, else everything is checked.
      {"127.0.0.1", "", "", "plain"},
      {"localhost", "", "", "plain"},
      {kOtherName, "", "", kUntrusted},
      {"127.1", "", "", kUntrusted},  // resolves to loopback, but a name that begins so need not
      {kOtherName, "", "ca.pem", kWrongName},
      {kOtherName, "", "other-ca.pem", kUntrusted},
      {"127.0.0.1", "disabled", "", "plain"},
      {"127.0.0.1", "required", "", "tls"},
      {kOtherName, "required", "", "tls"},
      {kOtherName, "required", "other-ca.pem", "tls"},
      {"127.0.0.1", "verify_ca", "ca.pem", "tls"},
      {kOtherName, "verify_ca", "ca.pem", "tls"},
      {kOtherName, "verify_ca", "other-ca.pem", kUntrusted},
      {kOtherName, "verify_ca", "", kUntrusted},
      {"127.0.0.1", "verify_identity", "ca.pem", "tls"},
      {"localhost", "verify_identity", "ca.pem", "tls"},
      {kOtherName, "verify_identity", "ca.pem", kWrongName},
      {"127.0.0.1", "verify_identity", "other-ca.pem", kUntrusted},
      {"127.0.0.1", "verify_identity", "", kUntrusted},
      {"127.0.0.1", "verify_identity", "none.pem", "none.pem: cannot open: No such file"},
      {"127.0.0.1", "verify_ca", "server.key", "error"},
      {"127.0.0.1", "verify_ca", "names", "holds no certificate"},
  };
  for (const TlsCase& c : cases) {
    MysqlOptions o = LocalServer();
    o.host = c.host;
    o.tls_mode = c.mode;
    o.tls_ca = *c.ca == '\0' ? "" : Folder() + c.ca;
    const std::string is = Outcome(o), what = fmt::format("{} mode '{}' ca '{}': {}", c.host, c.mode, c.ca, is);
    if (std::string(c.expected) == "tls") {
      EXPECT_EQ(is.rfind("TLS_", 0), 0u) << what;
    } else if (std::string(c.expected) == "plain") {
      EXPECT_EQ(is, "") << what;
    } else {
      EXPECT_EQ(is.rfind("error: ", 0), 0u) << what;
      EXPECT_NE(is.find(c.expected), std::string::npos) << what;
    }
  }
}

TEST(Tls, ErrorsSayWhatToDo) {
  MysqlOptions o = LocalServer();
  o.host = kOtherName;
  o.tls_ca = Folder() + "ca.pem";
  const std::string head = fmt::format("error: root@{}:{}/test: cannot connect: TLS/SSL error: ", o.host, o.port);
  EXPECT_EQ(Outcome(o),
            head + kWrongName +
                " (error 2026) (the server's certificate must be for '2130706433' and signed by an authority "
                "that tls.ca holds)");
  o.tls_ca = "";
  EXPECT_EQ(Outcome(o),
            head + kUntrusted +
                " (error 2026) (the server's certificate must be for '2130706433' and signed by an authority "
                "that this system trusts; tls.ca names others)");
}

TEST(Tls, TheSystemsAuthorities) {
  MysqlOptions o = LocalServer();
  ::setenv("SSL_CERT_FILE", (Folder() + "ca.pem").c_str(), 1);
  for (const char* mode : {"verify_ca", "verify_identity"}) {
    o.tls_mode = mode;
    EXPECT_EQ(Outcome(o).rfind("TLS_", 0), 0u) << mode << ": " << Outcome(o);
  }
  o.host = kOtherName;
  EXPECT_NE(Outcome(o).find(kWrongName), std::string::npos) << Outcome(o);
  ::setenv("SSL_CERT_FILE", (Folder() + "other-ca.pem").c_str(), 1);
  for (const char* mode : {"verify_ca", "verify_identity"}) {
    o.tls_mode = mode;
    EXPECT_NE(Outcome(o).find(kUntrusted), std::string::npos) << mode << ": " << Outcome(o);
  }
  ::unsetenv("SSL_CERT_FILE");
}

// Accounts of every way of logging in that the server has, over every connection. A full login by caching_sha2_password
// comes first over each: FLUSH PRIVILEGES empties the server's cache, which else lets in by a scramble alone.
TEST(Login, EveryWayOverEveryConnection) {
  auto root = Connected();
  std::vector<std::pair<std::string, bool>> ways;  // plugin, and whether it needs no TLS for another host
  if (root->mariadb()) {
    ASSERT_OK(root->Execute("INSTALL PLUGIN IF NOT EXISTS ed25519 SONAME 'auth_ed25519'"));
    ways = {{"mysql_native_password", true}, {"ed25519", true}};
  } else {
    ways = {{"caching_sha2_password", false}, {"sha256_password", false}};
    const auto native = root->QueryText(
        "SELECT plugin_status FROM information_schema.plugins WHERE plugin_name = 'mysql_native_password'");
    if (native.ok() && *native == "ACTIVE") ways.push_back({"mysql_native_password", true});
  }
  for (const auto& [plugin, plain_elsewhere] : ways) {
    ASSERT_OK(root->Execute("DROP USER IF EXISTS way@'%'"));
    ASSERT_OK(root->Execute(
        root->mariadb() ? fmt::format("CREATE USER way@'%' IDENTIFIED VIA {} USING PASSWORD('Pass w0rd!')", plugin)
                        : fmt::format("CREATE USER way@'%' IDENTIFIED WITH {} BY 'Pass w0rd!'", plugin)));
    ASSERT_OK(root->Execute("GRANT SELECT ON test.* TO way@'%'"));
    for (const char* host : {"127.0.0.1", kOtherName})
      for (const char* mode : {"disabled", "required", "verify_ca"}) {
        ASSERT_OK(root->Execute("FLUSH PRIVILEGES"));
        const std::string what = fmt::format("{} to {} with {}", plugin, host, mode);
        MysqlOptions o = LocalServer();
        o.user = "way";
        o.host = host;
        o.tls_mode = mode;
        o.tls_ca = Folder() + "ca.pem";
        o.password = "Pass w0rd";
        const bool plain = o.tls_mode == "disabled";
        const bool refused = plain && o.host == kOtherName && !plain_elsewhere;
        const std::string wrong = Outcome(o);
        EXPECT_NE(wrong.find(refused ? "without TLS this way of logging in" : kDenied), std::string::npos)
            << what << ": " << wrong;
        o.password = "Pass w0rd!";
        for (int again = 0; again < 2; ++again) {
          const std::string is = Outcome(o);
          if (refused)
            EXPECT_NE(is.find("without TLS this way of logging in"), std::string::npos) << what << ": " << is;
          else if (plain)
            EXPECT_EQ(is, "") << what;
          else
            EXPECT_EQ(is.rfind("TLS_", 0), 0u) << what << ": " << is;
          EXPECT_EQ(is.find("Pass w0rd"), std::string::npos) << what;
        }
      }
  }
  ASSERT_OK(root->Execute("DROP USER way@'%'"));
}

TEST(Login, ThePasswordIsReadAtEachConnect) {
  auto root = Connected();
  std::string current = "first";
  int reads = 0;
  MysqlOptions o = LocalServer();
  o.user = "changing";
  o.password = "unused";
  o.read_password = [&]() -> Result<std::string> {
    ++reads;
    return current;
  };
  ASSERT_OK(root->Execute("DROP USER IF EXISTS changing@'%'"));
  ASSERT_OK(root->Execute("CREATE USER changing@'%' IDENTIFIED BY 'first'"));
  ASSERT_OK(root->Execute("GRANT SELECT ON test.* TO changing@'%'"));
  EXPECT_EQ(Outcome(o), "");
  ASSERT_OK(root->Execute("ALTER USER changing@'%' IDENTIFIED BY 'second'"));
  EXPECT_NE(Outcome(o).find(kDenied), std::string::npos);
  current = "second";
  EXPECT_EQ(Outcome(o), "");
  EXPECT_EQ(reads, 3);
  o.read_password = []() -> Result<std::string> { return Status::Failed("no password today", "try tomorrow"); };
  EXPECT_EQ(Outcome(o), fmt::format("error: changing@127.0.0.1:{}/test: no password today (try tomorrow)", o.port));
  ASSERT_OK(root->Execute("DROP USER changing@'%'"));
}

// Over TLS a connection that breaks is another error than without; the stream must not take it for its end.
TEST(Tls, AStreamThatIsCutOffIsAnErrorOrWhole) {
  auto root = Connected();
  MysqlOptions o = LocalServer();
  o.tls_mode = "required";
  const std::string digits =
      "(SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL "
      "SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7)";
  int errors = 0;
  for (const char* kill : {"KILL QUERY", "KILL CONNECTION"})
    for (uint64_t at : {1u, 700u, 5000u, 30000u}) {
      auto connected = MysqlSession::Connect(o);
      // On a busy machine either side may give the login up; over TLS that may look like a wrong version of it.
      for (int i = 0; i < 5 && !connected.ok() && connected.status().may_pass(); ++i)
        connected = MysqlSession::Connect(o);
      ASSERT_TRUE(connected.ok()) << connected.status().message();
      auto victim = *std::move(connected);
      auto stream =
          victim->Stream(fmt::format("SELECT REPEAT('x', 300) FROM {0} a, {0} b, {0} c, {0} d, {0} e, {0} f", digits));
      ASSERT_TRUE(stream.ok()) << stream.status().message();
      uint64_t rows = 0;
      for (;;) {
        auto more = (*stream)->Next();
        if (!more.ok()) {
          ++errors;
          EXPECT_NE(more.status().hint().find("run the same command again"), std::string::npos)
              << more.status().message() << more.status().hint();
          break;
        }
        if (!*more) {
          EXPECT_EQ(rows, 262144u) << kill << " at " << at;
          break;
        }
        if (++rows == at) ASSERT_OK(root->Execute(fmt::format("{} {}", kill, victim->connection_id())));
      }
    }
  EXPECT_GE(errors, 4) << "the kills must have hit";
}

// Tokens of IAM go nowhere but to a server that was checked.
TEST(Login, TokensNeedACheckedServer) {
  for (const char* mode : {"disabled", "required", "verify_ca"}) {
    MysqlOptions o = LocalServer();
    o.tls_mode = mode;
    o.tls_ca = Folder() + "ca.pem";
    o.aws_iam = true;
    o.read_password = []() -> Result<std::string> {
      ADD_FAILURE() << "nothing is read for a login that is refused";
      return std::string("token");
    };
    auto refused = MysqlSession::Connect(o);
    ASSERT_FALSE(refused.ok()) << mode;
    EXPECT_EQ(refused.status().kind(), ErrorKind::kPlan);
    EXPECT_NE(refused.status().message().find(fmt::format("tls.mode is {}", mode)), std::string::npos)
        << refused.status().message();
  }
  MysqlOptions o = LocalServer();
  o.aws_iam = true;
  EXPECT_NE(Outcome(o).find(kUntrusted), std::string::npos) << "loopback is checked too: " << Outcome(o);
}

}  // namespace
}  // namespace migrate::store
