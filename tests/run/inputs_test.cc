#include "migrate/run/inputs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "migrate/plan/load.h"

namespace migrate::run {
namespace {

class FindInputsTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              (std::string("migrate-inputs-") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    for (const char* name : {"a1.csv", "a2.csv"}) std::ofstream(folder_ / name) << "id,name\n1,Lee\n";
    std::ofstream(folder_ / "plan.yaml")
        << "name: p\ntarget: {url: \"sqlite:t.db\"}\nsources:\n  a: {type: csv, path: \"a*.csv\", key: id, fields: "
           "{last_name: name}}\n";
    loaded_ = plan::LoadPlan((folder_ / "plan.yaml").string());
    ASSERT_TRUE(loaded_.plan);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::vector<std::string> Found(const std::set<std::string>* only) {
    InputErrors errors;
    std::vector<std::string> names;
    for (const Input& i : FindInputs(*loaded_.plan, &errors, only))
      names.push_back(std::filesystem::path(i.path).filename().string());
    EXPECT_EQ(errors.text, only == nullptr && names.empty() ? errors.text : "");
    return names;
  }
  std::filesystem::path folder_;
  plan::LoadResult loaded_;
};

TEST_F(FindInputsTest, AFileThatCameAfterTheFilesWereLookedAtWaits) {
  const std::vector<std::string> both = {"a1.csv", "a2.csv"}, first = {"a1.csv"};
  EXPECT_EQ(Found(nullptr), both);
  const std::set<std::string> settled = {(folder_ / "a1.csv").string()}, none;
  EXPECT_EQ(Found(&settled), first);
  EXPECT_TRUE(Found(&none).empty());
}

TEST_F(FindInputsTest, ASourceOfWhichNothingIsThereIsListedWhereThatIsAskedFor) {
  for (const char* name : {"a1.csv", "a2.csv"}) std::filesystem::remove(folder_ / name);
  InputErrors plain, errors;
  EXPECT_TRUE(FindInputs(*loaded_.plan, &plain).empty());
  std::vector<MissingSource> missing;
  EXPECT_TRUE(FindInputs(*loaded_.plan, &errors, nullptr, &missing).empty());
  EXPECT_EQ(errors.text, "");
  ASSERT_EQ(missing.size(), 1u);
  EXPECT_EQ(missing[0].source, 0u);
  EXPECT_EQ(missing[0].text, plain.text);
  EXPECT_NE(plain.text.find("no file matches"), std::string::npos) << plain.text;
}

}  // namespace
}  // namespace migrate::run
