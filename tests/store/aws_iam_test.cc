// Tokens against the vectors that Amazon publishes, and one made by another implementation; where keys come from.
#include "migrate/store/aws_iam.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "migrate/base/hash.h"

namespace migrate::store {
namespace {

std::string HexOf(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (unsigned char c : bytes) (out += kDigits[c >> 4]) += kDigits[c & 15];
  return out;
}

// "Examples of how to derive a signing key" of Amazon's documentation, in its older and its newer edition.
TEST(SigV4, SigningKeysOfTheDocumentation) {
  const std::string secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
  EXPECT_EQ(HexOf(SigV4Key(secret, "20120215", "us-east-1", "iam")),
            "f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d");
  EXPECT_EQ(HexOf(SigV4Key(secret, "20150830", "us-east-1", "iam")),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

// "Authenticating Requests: Using Query Parameters" of the S3 API Reference: canonical request, string to sign,
// signature.
TEST(SigV4, PresignedUrlOfTheDocumentation) {
  PresignedGet get;
  get.host = "examplebucket.s3.amazonaws.com";
  get.path = "/test.txt";
  get.region = "us-east-1";
  get.service = "s3";
  get.expires_seconds = 86400;
  get.payload_sha256 = "UNSIGNED-PAYLOAD";
  EXPECT_EQ(Presign(get, {"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""}, 1369353600),
            "examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

// The vector in the tests of Amazon's own library for Python (botocore, test_generate_db_auth_token).
TEST(RdsToken, TokenOfAmazonsLibrary) {
  const std::string expected =
      "prod-instance.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=someusername"
      "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Frds-db%2Faws4_request"
      "&X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=d1138cdbc0ca63eec012ec0fc6c2267e03642168f5884a7795320d4c18374c61";
  for (const char* host : {"prod-instance.us-east-1.rds.amazonaws.com", "Prod-Instance.us-east-1.RDS.amazonaws.com"})
    EXPECT_EQ(RdsToken(host, 3306, "us-east-1", "someusername", {"akid", "skid", ""}, 1478540373), expected);
}

// Made by tests/servers/sigv4.py, which the login tests use as the server's side.
TEST(RdsToken, SessionTokenAndUnusualNames) {
  const std::string token =
      RdsToken("db.eu-west-1.rds.amazonaws.com", 3307, "eu-west-1", "rené/O'Neil+x @~",
               {"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "IQoJb3JpZ2luX2VjE//+==/x y"}, 1709251199);
  EXPECT_EQ(
      token,
      "db.eu-west-1.rds.amazonaws.com:3307/?Action=connect&DBUser=ren%C3%A9%2FO%27Neil%2Bx%20%40~"
      "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20240229%2Feu-west-1%2Frds-db%2Faws4_request"
      "&X-Amz-Date=20240229T235959Z&X-Amz-Expires=900"
      "&X-Amz-Security-Token=IQoJb3JpZ2luX2VjE%2F%2F%2B%3D%3D%2Fx%20y&X-Amz-SignedHeaders=host"
      "&X-Amz-Signature=0a6a90e4256e9b4219fba92ecf16d8adeecadf558d02ce0e398213b284de18f5");
}

TEST(RdsTokens, AreMadeAnewAfterTenMinutes) {
  int64_t now = 1478540373;
  int asked = 0;
  auto tokens = RdsTokens(
      "h", 3306, "us-east-1", "u",
      [&]() -> Result<AwsCredentials> {
        ++asked;
        return AwsCredentials{"akid", "skid", ""};
      },
      [&] { return now; });
  const std::string first = *tokens();
  now += 600;
  EXPECT_EQ(*tokens(), first);
  now += 1;
  const std::string second = *tokens();
  EXPECT_NE(second, first);
  EXPECT_NE(second.find("X-Amz-Date=20161107T174934Z"), std::string::npos) << second;
  now -= 30;
  EXPECT_NE(*tokens(), second) << "a clock that was put back";
  EXPECT_EQ(asked, 3);
}

TEST(RdsTokens, AnErrorIsNotKept) {
  bool there = false;
  auto tokens = RdsTokens(
      "h", 3306, "us-east-1", "u",
      [&]() -> Result<AwsCredentials> {
        if (!there) return Status::Plan("no keys");
        return AwsCredentials{"akid", "skid", ""};
      },
      [] { return int64_t{1478540373}; });
  ASSERT_FALSE(tokens().ok());
  there = true;
  EXPECT_TRUE(tokens().ok());
}

TEST(RdsTokens, ServeSeveralThreads) {
  auto tokens = RdsTokens(
      "h", 3306, "us-east-1", "u",
      []() -> Result<AwsCredentials> {
        return AwsCredentials{"akid", "skid", ""};
      },
      [] { return int64_t{1478540373}; });
  const std::string expected = *tokens();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < 100; ++n) EXPECT_EQ(*tokens(), expected);
    });
  for (auto& t : threads) t.join();
}

class Credentials : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                             "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                             "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"})
      ::unsetenv(name);
    ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
    home_ = testing::TempDir() + "/aws_iam_test." + std::to_string(::getpid());
    std::filesystem::create_directories(home_ + "/.aws");
    ::setenv("HOME", home_.c_str(), 1);
  }
  void TearDown() override { std::filesystem::remove_all(home_); }
  void Write(const std::string& name, const std::string& text) { std::ofstream(home_ + "/" + name) << text; }

  std::string home_;
};

TEST_F(Credentials, FromTheEnvironmentFirst) {
  Write(".aws/credentials", "[default]\naws_access_key_id=file\naws_secret_access_key=file\n");
  ::setenv("AWS_ACCESS_KEY_ID", "AKENV", 1);
  auto half = FindAwsCredentials();
  ASSERT_FALSE(half.ok());
  EXPECT_EQ(half.status().message(), "AWS IAM: only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set");
  ::setenv("AWS_SECRET_ACCESS_KEY", "SKENV", 1);
  ::setenv("AWS_SESSION_TOKEN", "ST", 1);
  auto found = FindAwsCredentials();
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->access_key_id + " " + found->secret_access_key + " " + found->session_token, "AKENV SKENV ST");
}

TEST_F(Credentials, FromProfiles) {
  Write(".aws/credentials",
        "# mine\r\n[default]\r\naws_access_key_id = AKD\r\naws_secret_access_key= SK/D=+\r\n\r\n"
        "[ work ]\nAWS_ACCESS_KEY_ID=AKW\naws_secret_access_key=SKW\naws_session_token=STW==\n"
        "s3 =\n  aws_access_key_id = nested\n; end\n[empty]\n[half]\naws_access_key_id=AKH\n");
  Write(".aws/config",
        "[profile other]\naws_access_key_id=AKO\naws_secret_access_key=SKO\n"
        "[profile role]\nrole_arn=arn:aws:iam::1:role/x\nsource_profile=default\n[profile empty]\nregion=x\n");
  const struct {
    const char *profile, *expected;
  } cases[] = {
      {"", "AKD SK/D=+ "},
      {"default", "AKD SK/D=+ "},
      {"work", "AKW SKW STW=="},
      {"other", "AKO SKO "},
      {"role",
       "error: AWS IAM: HOME/.aws/config: [profile role] holds no keys but role_arn, which migrate does not follow"},
      {"half",
       "error: AWS IAM: HOME/.aws/credentials: [half] has only one of aws_access_key_id and aws_secret_access_key"},
      {"empty",
       "error: AWS IAM: no AWS keys: AWS_ACCESS_KEY_ID is not set, there is no profile [empty] with keys in "
       "HOME/.aws/credentials or HOME/.aws/config, and no role of a container or EC2 instance"},
  };
  for (const auto& c : cases) {
    ::setenv("AWS_PROFILE", c.profile, 1);
    auto found = FindAwsCredentials();
    std::string is = found.ok() ? found->access_key_id + " " + found->secret_access_key + " " + found->session_token
                                : "error: " + found.status().message();
    for (size_t at; (at = is.find(home_)) != std::string::npos;) is.replace(at, home_.size(), "HOME");
    EXPECT_EQ(is, c.expected) << c.profile;
    if (!found.ok()) {
      EXPECT_EQ(found.status().kind(), ErrorKind::kPlan);
      EXPECT_NE(found.status().hint().find("export-credentials"), std::string::npos);
    }
  }
}

TEST_F(Credentials, FilesThatVariablesName) {
  Write("elsewhere", "[default]\naws_access_key_id=AKX\naws_secret_access_key=SKX\n");
  ::setenv("AWS_SHARED_CREDENTIALS_FILE", (home_ + "/elsewhere").c_str(), 1);
  ASSERT_TRUE(FindAwsCredentials().ok());
  EXPECT_EQ(FindAwsCredentials()->access_key_id, "AKX");
  ::unsetenv("AWS_SHARED_CREDENTIALS_FILE");
  EXPECT_FALSE(FindAwsCredentials().ok());
}

}  // namespace
}  // namespace migrate::store
