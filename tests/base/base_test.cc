#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "migrate/base/bytes.h"
#include "migrate/base/file.h"
#include "migrate/base/hash.h"

namespace migrate {
namespace {

TEST(Hash, Sha256KnownAnswers) {  // FIPS 180-4 examples
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Sha256Hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Hash, HasherIsReusableAfterFinish) {
  Sha256Hasher h;
  h.Update("junk");
  (void)h.Finish();
  h.Update("a");
  h.Update("bc");
  EXPECT_EQ(h.Finish(), Sha256Of("abc"));
}

TEST(MultisetDigest, OrderDoesNotMatterButMultiplicityDoes) {
  Sha256 a = Sha256Of("a"), b = Sha256Of("b");
  MultisetDigest x, y;
  x.Add(a), x.Add(b), x.Add(b);
  y.Add(b), y.Add(b), y.Add(a);
  EXPECT_EQ(x, y);
  y.Add(a);
  y.Remove(b);
  EXPECT_EQ(x.count, y.count);
  EXPECT_FALSE(x == y);
  auto back = MultisetDigest::FromText(x.Text());
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(*back, x);
  const std::string zeros(64, '0');
  ASSERT_TRUE(MultisetDigest::FromText("3:" + zeros + ":1").ok());
  for (const std::string& bad : {std::string("3:zz:1"), ":" + zeros + ":1", "3:" + zeros + ":",
                                 "99999999999999999999:" + zeros + ":1", "3:" + zeros + ":11111111111111111"})
    EXPECT_FALSE(MultisetDigest::FromText(bad).ok()) << bad;
}

TEST(Bytes, Base64Rfc4648) {
  const std::pair<std::string, std::string> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, coded] : cases) {
    EXPECT_EQ(Base64(plain), coded);
    EXPECT_EQ(Unbase64(coded), plain);
  }
  EXPECT_EQ(Unbase64("Zg="), std::nullopt);
  EXPECT_EQ(Unbase64("Z*=="), std::nullopt);
}

TEST(Bytes, Utf8) {
  for (std::string good :
       {"", "plain ascii of some length", "caf\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xed\x9f\xbf"})
    EXPECT_TRUE(IsUtf8(good)) << good;
  for (std::string bad :
       {"\x80", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "caf\xe9", "\xe2\x82", "12345678\xff"})
    EXPECT_FALSE(IsUtf8(bad)) << Hex(bad);
}

TEST(Bytes, VarintRoundTripAndTruncation) {
  for (uint64_t v : {0ULL, 1ULL, 127ULL, 128ULL, 300ULL, 0xffffffffffffffffULL}) {
    std::string s;
    PutVarint(&s, v);
    EXPECT_EQ(ByteReader(s).Varint(), v);
    ByteReader cut(std::string_view(s).substr(0, s.size() - 1));
    cut.Varint();
    EXPECT_FALSE(cut.ok());
  }
}

class FileTest : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/migrate_base_XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string folder_;
};

TEST_F(FileTest, AtomicWriteLeavesNoTemporary) {
  ASSERT_TRUE(WriteFileAtomic(folder_ + "/x", "one").ok());
  ASSERT_TRUE(WriteFileAtomic(folder_ + "/x", "two").ok());
  EXPECT_EQ(*ReadWholeFile(folder_ + "/x"), "two");
  EXPECT_EQ(*ListFolder(folder_), std::vector<std::string>{"x"});
}

TEST_F(FileTest, ErrorsNameThePathAndTheReason) {
  auto missing = ReadWholeFile(folder_ + "/none");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().message(), folder_ + "/none: cannot open: No such file or directory");
  auto folder = ReadWholeFile(folder_);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.status().message(), folder_ + ": is a folder, not a file");
}

TEST_F(FileTest, GlobSortsAndMayBeEmpty) {
  for (const char* n : {"b.csv", "a.csv", "c.txt"}) ASSERT_TRUE(WriteFileAtomic(folder_ + "/" + n, n).ok());
  EXPECT_EQ(*Glob(folder_ + "/*.csv"), (std::vector<std::string>{folder_ + "/a.csv", folder_ + "/b.csv"}));
  EXPECT_TRUE(Glob(folder_ + "/*.zip")->empty());
}

}  // namespace
}  // namespace migrate
