// The server that these tests run against: MIGRATE_TEST_MYSQL_URL, or the URL in the file MIGRATE_TEST_MYSQL_FILE.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "migrate/base/file.h"
#include "migrate/store/mysql.h"

namespace migrate {

inline store::MysqlOptions TestServer() {
  const char* given = std::getenv("MIGRATE_TEST_MYSQL_URL");
  const char* file = std::getenv("MIGRATE_TEST_MYSQL_FILE");
  std::string url = given != nullptr  ? given
                    : file != nullptr ? ReadWholeFile(file).ok() ? *ReadWholeFile(file) : ""
                                      : "";
  // mysql://user@host:port/database; the password comes apart, as in a plan.
  store::MysqlOptions o;
  const size_t at = url.find('@'), colon = url.rfind(':'), slash = url.rfind('/');
  if (url.rfind("mysql://", 0) != 0 || at == std::string::npos || colon < at || slash < colon) {
    ADD_FAILURE() << "MIGRATE_TEST_MYSQL_URL or MIGRATE_TEST_MYSQL_FILE must name a server, got '" << url << "'";
    std::exit(1);
  }
  o.user = url.substr(8, at - 8);
  o.host = url.substr(at + 1, colon - at - 1);
  o.port = std::atoi(url.substr(colon + 1, slash - colon - 1).c_str());
  o.database = url.substr(slash + 1);
  if (const char* password = std::getenv("MIGRATE_TEST_MYSQL_PASSWORD")) o.password = password;
  return o;
}

inline std::unique_ptr<store::MysqlSession> Connected() {
  auto session = store::MysqlSession::Connect(TestServer());
  if (!session.ok()) {
    ADD_FAILURE() << session.status().message();
    std::exit(1);
  }
  return *std::move(session);
}

#define EXPECT_OK(expr)                                       \
  do {                                                        \
    ::migrate::Status ok_ = (expr);                           \
    EXPECT_TRUE(ok_.ok()) << (ok_.ok() ? "" : ok_.message()); \
  } while (false)
#define ASSERT_OK(expr)                                       \
  do {                                                        \
    ::migrate::Status ok_ = (expr);                           \
    ASSERT_TRUE(ok_.ok()) << (ok_.ok() ? "" : ok_.message()); \
  } while (false)

}  // namespace migrate
