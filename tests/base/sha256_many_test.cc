#include "migrate/base/sha256_many.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "migrate/base/bytes.h"

namespace migrate {
namespace {

std::vector<Sha256Engine> Engines() {
  std::vector<Sha256Engine> engines = {Sha256Engine::kOpenSsl};
  if (BestSha256Engine() != Sha256Engine::kOpenSsl) engines.push_back(BestSha256Engine());
  return engines;
}

// FIPS 180-4 examples (NIST, "SHA256.pdf") and the empty message.
TEST(Sha256Many, KnownAnswers) {
  const std::vector<std::string_view> messages = {"abc", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                                                  ""};
  for (Sha256Engine engine : Engines()) {
    std::vector<Sha256> digests(messages.size());
    Sha256Many(messages, digests.data(), engine);
    EXPECT_EQ(Hex(AsView(digests[0])), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(Hex(AsView(digests[1])), "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(Hex(AsView(digests[2])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  }
}

// Every length around the block limits, alone and in company of every kind of other length.
TEST(Sha256Many, EveryLengthInAnyCompany) {
  std::mt19937 rng(5);
  std::string bytes(5000, '\0');
  for (char& c : bytes) c = static_cast<char>(rng());
  std::vector<std::string_view> all;
  for (size_t n = 0; n <= 300; ++n) all.push_back(std::string_view(bytes).substr(rng() % 100, n));
  for (int i = 0; i < 300; ++i) all.push_back(std::string_view(bytes).substr(rng() % 100, rng() % 4900));
  for (Sha256Engine engine : Engines()) {
    for (std::string_view one : all) {
      Sha256 digest;
      Sha256Many({&one, 1}, &digest, engine);
      ASSERT_EQ(digest, Sha256Of(one)) << one.size();
    }
    for (size_t batch : {0u, 2u, 3u, 16u, 601u}) {
      std::shuffle(all.begin(), all.end(), rng);
      std::vector<std::string_view> some(all.begin(), all.begin() + static_cast<long>(std::min(batch, all.size())));
      std::vector<Sha256> digests(some.size() + 1);
      Sha256Many(some, digests.data(), engine);
      for (size_t i = 0; i < some.size(); ++i) ASSERT_EQ(digests[i], Sha256Of(some[i])) << some[i].size();
      EXPECT_EQ(digests[some.size()], Sha256{}) << "nothing is written behind the last digest";
    }
  }
}

}  // namespace
}  // namespace migrate
