// The lists are packed by a thread of their own: what it does must be what the caller sees.
#include "../../src/dedupe/person_lists.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <random>

namespace migrate::dedupe {
namespace {

constexpr uint32_t kPartitions = 3;

class PersonListsTest : public testing::Test {
 protected:
  void SetUp() override {
    char folder[] = "/tmp/person_lists_XXXXXX";
    folder_ = ::mkdtemp(folder);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return folder_ + "/person.seg"; }

  // Bytes that do not pack, so that blocks wait.
  std::string Entry(size_t bytes) {
    std::string s(bytes, 0);
    for (char& c : s) c = static_cast<char>(rng_());
    return s;
  }

  std::string folder_;
  std::mt19937 rng_{7};
};

TEST_F(PersonListsTest, ManyBlocksComeBackAsTheyWere) {
  std::vector<std::string> put[kPartitions];
  auto list = ListWriter::Create(path(), kPartitions);
  ASSERT_TRUE(list.ok());
  for (int i = 0; i < 40000; ++i) {
    const uint32_t p = rng_() % kPartitions;
    put[p].push_back(Entry(rng_() % 400));
    ASSERT_TRUE((*list)->Add(p, put[p].back()).ok());
  }
  ASSERT_TRUE((*list)->Close().ok());
  ASSERT_TRUE(spool::SegmentWriter::FinishAll(std::vector{(*list)->segment()}).ok());
  std::shared_ptr<spool::SegmentReader> segment = *spool::SegmentReader::Open(path());
  EXPECT_GT(segment->blocks().size(), 30u);
  for (uint32_t p = 0; p < kPartitions; ++p) {
    ListReader reader(segment, p, 5);
    std::string_view entry;
    for (size_t i = 5; i < put[p].size(); ++i) {
      ASSERT_TRUE(*reader.Next(&entry));
      ASSERT_EQ(entry, put[p][i]) << p << " " << i;
    }
    EXPECT_FALSE(*reader.Next(&entry));
  }
}

TEST_F(PersonListsTest, OneThatIsGivenUpLeavesNoFile) {
  {
    auto list = ListWriter::Create(path(), kPartitions);
    ASSERT_TRUE(list.ok());
    for (int i = 0; i < 5000; ++i) ASSERT_TRUE((*list)->Add(0, Entry(300)).ok());
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

// A full disk, as a limit of the size of files.
TEST_F(PersonListsTest, AFailureOfThePackerReachesTheCaller) {
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  for (const bool at_close : {false, true}) {
    auto list = ListWriter::Create(path(), kPartitions);
    ASSERT_TRUE(list.ok());
    rlimit small = before;
    small.rlim_cur = 50 << 10;
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
    Status s;
    for (int i = 0; s.ok() && i < (at_close ? 300 : 100000); ++i) s = (*list)->Add(0, Entry(300));
    EXPECT_EQ(s.ok(), at_close) << s.message();
    s = (*list)->Close();
    EXPECT_FALSE(s.ok());
    EXPECT_NE(s.message().find("person.seg"), std::string::npos) << s.message();
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  }
  EXPECT_FALSE(std::filesystem::exists(path()));
}

}  // namespace
}  // namespace migrate::dedupe
