// Passwords from where a plan says they are, and when they are read anew.
#include "migrate/run/servers.h"

#include <fmt/core.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace migrate::run {
namespace {

class Passwords : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fmt::format("{}/servers_test.{}", testing::TempDir(), ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  static store::MysqlOptions Login(plan::Secret::Kind kind, const std::string& value) {
    plan::Source source;
    source.user = "u";
    source.host = "h";
    source.password = {kind, value, ""};
    return LoginTo(source);
  }
  static std::string Read(const store::MysqlOptions& login) {
    auto text = login.read_password();
    return text.ok() ? *text : "error: " + text.status().message();
  }

  std::string folder_;
};

TEST_F(Passwords, NoneIsNone) { EXPECT_FALSE(Login(plan::Secret::Kind::kNone, "").read_password); }

TEST_F(Passwords, OfTheEnvironmentAreReadAnew) {
  ::unsetenv("SERVERS_TEST_PASSWORD");
  auto login = Login(plan::Secret::Kind::kEnv, "SERVERS_TEST_PASSWORD");
  EXPECT_EQ(Read(login), "");
  plan::Secret secret{plan::Secret::Kind::kEnv, "SERVERS_TEST_PASSWORD", ""};
  EXPECT_EQ(PasswordHint(secret), "; the variable SERVERS_TEST_PASSWORD is not set");
  ::setenv("SERVERS_TEST_PASSWORD", "one", 1);
  EXPECT_EQ(Read(login), "one");
  EXPECT_EQ(PasswordHint(secret), "");
}

TEST_F(Passwords, OfAFileAreReadAnew) {
  const std::string file = folder_ + "/secret";
  auto login = Login(plan::Secret::Kind::kFile, file);
  EXPECT_EQ(Read(login), "error: " + file + ": cannot open: No such file or directory");
  std::ofstream(file) << " one two\r\nmore\n";
  EXPECT_EQ(Read(login), " one two");
  std::ofstream(file) << "three";
  EXPECT_EQ(Read(login), "three");
}

// Sessions that begin together ask a password manager once.
TEST_F(Passwords, OfACommandAreAskedForOnceAMinute) {
  const std::string command = fmt::format("echo x >> {0}/calls; echo 'pa ss'; echo more", folder_);
  auto login = Login(plan::Secret::Kind::kCommand, command);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { EXPECT_EQ(Read(login), "pa ss"); });
  for (auto& t : threads) t.join();
  EXPECT_EQ(Read(Login(plan::Secret::Kind::kCommand, command)), "pa ss") << "another session of the same login";
  EXPECT_EQ(std::filesystem::file_size(folder_ + "/calls"), 2u);
}

TEST_F(Passwords, OfACommandThatFailsAreNotKept) {
  const std::string command = fmt::format("echo s3cret; test -e {}/unlocked", folder_);
  auto login = Login(plan::Secret::Kind::kCommand, command);
  EXPECT_EQ(Read(login), "error: the command that gives the password ended with exit code 1");
  std::ofstream(folder_ + "/unlocked") << "";
  EXPECT_EQ(Read(login), "s3cret");
}

TEST_F(Passwords, OfIamAreTokensForTheHost) {
  ::setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
  ::setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
  plan::Target target;
  target.user = "u";
  target.host = "writer.example.org";
  target.password = {plan::Secret::Kind::kAwsIam, "", "eu-west-1"};
  auto login = LoginTo(target);
  EXPECT_TRUE(login.aws_iam);
  EXPECT_EQ(Read(login).rfind("writer.example.org:3306/?Action=connect&DBUser=u&", 0), 0u) << Read(login);
  auto reader = LoginTo("r", "reader.example.org", 3307, "d", target.password, target.tls);
  EXPECT_EQ(Read(reader).rfind("reader.example.org:3307/?Action=connect&DBUser=r&", 0), 0u) << Read(reader);
  EXPECT_NE(Read(reader).find("%2Feu-west-1%2Frds-db%2F"), std::string::npos);
}

}  // namespace
}  // namespace migrate::run
