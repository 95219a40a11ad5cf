#include "../../src/run/increments.h"

#include <gtest/gtest.h>

#include "../../src/run/contract.h"

namespace migrate::run {
namespace {

TEST(BelowWatermark, GoesBackByTheOverlapInTheFormOfTheValue) {
  plan::Incremental plain, day, ten, none;
  day.seconds = 86400;
  ten.number = 10;
  none.number = 0;
  const struct {
    const plan::Incremental* rule;
    bool number;
    const char *value, *expected;
  } cases[] = {
      {&plain, true, "5000", "4000"},
      {&ten, true, "5000", "4990"},
      {&none, true, "5000", "5000"},
      {&ten, true, "-9223372036854775808", "-9223372036854775808"},
      {&ten, true, "17.5", "17.5 - 10"},
      {&plain, false, "2024-03-01 00:05:00", "2024-02-29 22:55:00"},
      {&plain, false, "2024-03-01T00:05:00.123456Z", "2024-02-29T22:55:00"},
      {&day, false, "2023-03-01 12:00:00", "2023-02-28 12:00:00"},
      {&plain, false, "2024-01-01", "2023-12-31"},  // a date is a whole day
      {&day, false, "1970-01-01 00:00:00", "1969-12-31 00:00:00"},
      {&none, false, "2024-03-01 00:05:00", "2024-03-01 00:05:00"},
      {&none, false, "2024-03-01 00:05:00.9", "2024-03-01 00:05:00"},  // .90 is as late, and sorts behind it
      {&day, false, "0001-01-01 12:00:00", "0001-01-01 00:00:00"},
  };
  for (const auto& c : cases) {
    auto below = BelowWatermark(*c.rule, c.number, c.value);
    ASSERT_TRUE(below.ok()) << c.value;
    EXPECT_EQ(*below, c.expected) << c.value;
  }
}

TEST(BelowWatermark, AnOverlapThatDoesNotGoWithTheValueIsAPlanError) {
  plan::Incremental day, ten;
  day.seconds = 60;
  ten.number = 10;
  EXPECT_EQ(BelowWatermark(day, true, "5000").status().kind(), ErrorKind::kPlan);
  EXPECT_EQ(BelowWatermark(ten, false, "2024-03-01 00:05:00").status().kind(), ErrorKind::kPlan);
  ten.number = 0;
  for (const char* text : {"01HQ5K3Z", "9", "2024-13-01 00:00:00", "01/02/2024"})
    for (const auto* rule : {&day, &ten})
      EXPECT_EQ(BelowWatermark(*rule, false, text).status().kind(), ErrorKind::kPlan) << text;
}

TEST(ColumnsDiffer, NamesWhatChanged) {
  using Columns = std::vector<extract::Column>;
  const Columns before = {{"id", "INTEGER"}, {"name", "TEXT"}, {"mail", ""}};
  const struct {
    Columns now;
    const char* expected;
  } cases[] = {
      {before, ""},
      {{{"id", "INTEGER"}, {"name", "TEXT"}, {"mail", ""}, {"phone", ""}, {"fax", ""}}, "added phone, fax"},
      {{{"id", "INTEGER"}, {"mail", ""}}, "removed name"},
      {{{"id", "INTEGER"}, {"name", "TEXT"}, {"e_mail", ""}}, "renamed mail to e_mail"},
      {{{"id", "TEXT"}, {"name", "TEXT"}, {"mail", "TEXT"}},
       "type of id changed from INTEGER to TEXT; type of mail changed from none to TEXT"},
      {{{"name", "TEXT"}, {"id", "INTEGER"}, {"mail", ""}}, "the order of the columns changed"},
      {{{"id", "INTEGER"}, {"phone", ""}}, "added phone; removed name, mail"},
  };
  for (const auto& c : cases) EXPECT_EQ(ColumnsDiffer(before, c.now), c.expected);
}

}  // namespace
}  // namespace migrate::run
