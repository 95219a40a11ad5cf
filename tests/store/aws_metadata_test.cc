// The keys of containers and EC2 instances, from a service on loopback that answers as Amazon documents it.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "migrate/store/aws_iam.h"

namespace migrate::store {
namespace {

// Answers each request with what `answer` makes of it: the whole HTTP answer, as bytes.
class Service {
 public:
  explicit Service(std::function<std::string(const std::string&)> answer) : answer_(std::move(answer)) {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&at), size), 0);
    EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), 0);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
  ~Service() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  void Serve() {
    for (int one; (one = ::accept(fd_, nullptr, nullptr)) >= 0; ::close(one)) {
      std::string request;
      char c;
      while (request.find("\r\n\r\n") == std::string::npos && ::read(one, &c, 1) == 1) request += c;
      const std::string text = answer_(request);
      (void)!::send(one, text.data(), text.size(), MSG_NOSIGNAL);
    }
  }
  std::function<std::string(const std::string&)> answer_;
  int fd_ = -1, port_ = 0;
  std::thread thread_;
};

std::string Ok(const std::string& body) { return "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + body; }
const std::string kNotFound = "HTTP/1.1 404 Not Found\r\n\r\n<html>";
constexpr char kKeys[] =
    R"({"Code":"Success","AccessKeyId":"ASIA1","SecretAccessKey":"se\/c+ret","Token":"to==ken","Expiration":"2030-01-01T00:00:00Z"})";

bool Begins(const std::string& text, const std::string& head) { return text.rfind(head, 0) == 0; }
bool Holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

class Metadata : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE",
                             "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
                             "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                             "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
                             "AWS_EC2_METADATA_SERVICE_ENDPOINT", "HOME"})
      ::unsetenv(name);
  }
  // "id secret token", or "error: ..."
  static std::string Found() {
    auto keys = FindAwsCredentials();
    return keys.ok() ? keys->access_key_id + " " + keys->secret_access_key + " " + keys->session_token
                     : "error: " + keys.status().message();
  }
};

TEST_F(Metadata, OfAnInstance) {
  Service service([](const std::string& request) {
    if (Begins(request, "PUT /latest/api/token HTTP/1.0\r\n") &&
        Holds(request, "X-aws-ec2-metadata-token-ttl-seconds: "))
      return Ok("SESSION==");
    if (!Holds(request, "X-aws-ec2-metadata-token: SESSION==\r\n"))
      return std::string("HTTP/1.1 401 Unauthorized\r\n\r\n");
    if (Begins(request, "GET /latest/meta-data/iam/security-credentials/ ")) return Ok("my-role\n");
    if (Begins(request, "GET /latest/meta-data/iam/security-credentials/my-role ")) return Ok(kKeys);
    return kNotFound;
  });
  ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url().c_str(), 1);
  EXPECT_EQ(Found(), "ASIA1 se/c+ret to==ken");
  ::setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
  EXPECT_TRUE(Holds(Found(), "no AWS keys")) << Found();
}

TEST_F(Metadata, WhatIsNoInstance) {
  for (const std::string& answer : {kNotFound, std::string(), std::string("HTTP/1."), Ok("a\r\nb"), Ok("{}"),
                                    std::string("SSH-2.0-x\r\n\r\n"), Ok(std::string(300000, 'x'))}) {
    Service service([&](const std::string&) { return answer; });
    ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", service.url().c_str(), 1);
    EXPECT_TRUE(Holds(Found(), "no AWS keys")) << answer.substr(0, 40);
  }
  ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1", 1);
  EXPECT_TRUE(Holds(Found(), "no AWS keys"));
  ::setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ftp://x", 1);
  EXPECT_TRUE(Holds(Found(), "no address that begins with http://")) << Found();
}

TEST_F(Metadata, OfAContainer) {
  Service service([](const std::string& request) {
    return Begins(request, "GET /v1/credentials?x=1 ") && Holds(request, "\r\nAuthorization: pod-token\r\n")
               ? Ok(kKeys)
               : kNotFound;
  });
  const std::string file = testing::TempDir() + "/aws_metadata_test." + std::to_string(::getpid());
  std::ofstream(file) << "pod-token\n";
  ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", (service.url() + "/v1/credentials?x=1").c_str(), 1);
  ::setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.c_str(), 1);
  EXPECT_EQ(Found(), "ASIA1 se/c+ret to==ken");
  std::ofstream(file) << "other\n";
  EXPECT_TRUE(Holds(Found(), "has no keys for this container: HTTP 404")) << Found();
  ::unsetenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  ::setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "pod-token", 1);
  EXPECT_EQ(Found(), "ASIA1 se/c+ret to==ken");
  std::filesystem::remove(file);
}

TEST_F(Metadata, AuthorizationGoesToNobodyElse) {
  for (const char* url : {"http://198.51.100.7/x", "https://127.0.0.1/x", "http://169.254.170.2.example.org/",
                          "http://169.254.170.2@example.org/x", "file:///etc/passwd", "http:///x"}) {
    ::setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    EXPECT_TRUE(Holds(Found(), "no http address of a container's own service")) << url << ": " << Found();
  }
}

}  // namespace
}  // namespace migrate::store
