#include <gtest/gtest.h>
#include "migrate/survey/column_names.h"
namespace migrate::survey {
TEST(ColumnNames, Placeholder) { EXPECT_EQ(ReadName("E-Mail Addr.").hints.at(0).role, Role::kEmail); }
}  // namespace migrate::survey
