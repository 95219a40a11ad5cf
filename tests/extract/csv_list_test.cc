#include "migrate/extract/csv_list.h"

#include "csv_testing.h"

namespace migrate::extract {
namespace {

using Rows = std::vector<std::vector<std::string>>;

TEST(FixedList, ReadsWantedColumnsInWantedOrder) {
  TempFile file("# nicknames\nname, nick ,weight\nRobert,Bob,1\n\n# a comment\n\"William\",\"Bill \"\"B\"\"\",2\n");
  auto rows = ReadFixedList(file.path(), {"nick", "name"});
  ASSERT_TRUE(rows.ok()) << rows.status().message();
  EXPECT_EQ(*rows, (Rows{{"Bob", "Robert"}, {"Bill \"B\"", "William"}}));
}

TEST(FixedList, ErrorsNameTheLine) {
  struct Case {
    std::string text, error;
  };
  for (const Case& c : std::vector<Case>{{"a,b\n1,2\n3\n", ":3: fewer fields than the header"},
                                         {"a,b\n1,2,3\n", ":2: more fields than the header"},
                                         {"a,b\n1,\"2\n", ":2: a quote is not closed"},
                                         {"a,c\n", ":1: the header has no column 'b'"},
                                         {"a,b,a\n", ":1: the header has the column 'a' twice"},
                                         {"", ":1: the header is missing"}}) {
    TempFile file(c.text);
    auto rows = ReadFixedList(file.path(), {"a", "b"});
    ASSERT_FALSE(rows.ok()) << c.text;
    EXPECT_EQ(rows.status().message(), file.path() + c.error);
  }
  EXPECT_EQ(ReadFixedList("/nowhere/x.csv", {"a"}).status().message(),
            "/nowhere/x.csv: cannot open: No such file or directory");
}

}  // namespace
}  // namespace migrate::extract
