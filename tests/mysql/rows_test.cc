// Rows into a table and streams out of it, on the connections that a target has.
#include <fmt/core.h>

#include <optional>
#include <string>
#include <vector>

#include "migrate/store/scan_here.h"
#include "server.h"

namespace migrate::store {
namespace {

using Row = std::vector<std::optional<std::string>>;

std::unique_ptr<Connection> Target() {
  auto db = OpenMysql(TestServer(), OpenMode::kReadWrite);
  if (!db.ok()) {
    ADD_FAILURE() << db.status().message();
    std::exit(1);
  }
  return *std::move(db);
}

class Rows : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK(db_->Execute("DROP TABLE IF EXISTS rows_test"));
    ASSERT_OK(
        db_->Execute("CREATE TABLE rows_test (id BIGINT NOT NULL, a VARCHAR(300) CHARACTER SET utf8mb4, b LONGBLOB, "
                     "c INT, PRIMARY KEY (id)) ENGINE=InnoDB"));
  }
  void TearDown() override { EXPECT_OK(db_->Execute("DROP TABLE IF EXISTS rows_test")); }

  std::unique_ptr<RowWriter> Writer(OnExisting on_existing = OnExisting::kError) {
    auto rows = db_->Rows("rows_test", {"id", "a", "b", "c"}, on_existing);
    EXPECT_OK(rows.status());
    return *std::move(rows);
  }

  static Status Add(RowWriter* rows, const Row& row) {
    rows->Bind(1, std::stoll(*row[0]));
    row[1] ? rows->BindText(2, *row[1]) : rows->BindNull(2);
    row[2] ? rows->BindBlob(3, *row[2]) : rows->BindNull(3);
    row[3] ? rows->Bind(4, std::stoll(*row[3])) : rows->BindNull(4);
    return rows->Add();
  }

  static std::vector<Row> Read(std::unique_ptr<Statement> q) {
    std::vector<Row> rows;
    for (;;) {
      auto more = q->Step();
      EXPECT_OK(more.status());
      if (!more.ok() || !*more) return rows;
      Row& row = rows.emplace_back();
      for (int c = 0; c < q->Columns(); ++c)
        row.push_back(q->IsNull(c) ? std::nullopt : std::optional<std::string>(q->Text(c)));
    }
  }
  std::vector<Row> All() { return Read(*db_->Scan("SELECT id, a, b, c FROM rows_test ORDER BY id")); }

  std::unique_ptr<Connection> db_ = Target();
};

TEST_F(Rows, ArriveAsTheyWereBoundWhateverColumnsAreFilled) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes.push_back(static_cast<char>(i));
  const std::vector<Row> want = {
      {"1", std::nullopt, std::nullopt, std::nullopt},  // nothing but the key so far
      {"2", std::nullopt, std::nullopt, "7"},
      {"3", "a\tb\\N\n\\", bytes, std::nullopt},
      {"4", "", "", "-1"},  // empty is not NULL
      {"5", std::nullopt, std::nullopt, std::nullopt},
      {"6", "ÿ", bytes + bytes, "0"},
  };
  auto rows = Writer();
  for (const Row& row : want) ASSERT_OK(Add(rows.get(), row));
  ASSERT_OK(rows->Flush());
  EXPECT_EQ(All(), want);
}

TEST_F(Rows, OfTwoOpenWritersKeepTheirColumnsApart) {
  auto a = Writer(), b = Writer(OnExisting::kReplace);
  ASSERT_OK(Add(a.get(), {"1", std::nullopt, std::nullopt, std::nullopt}));
  ASSERT_OK(Add(b.get(), {"2", "x", std::nullopt, "5"}));
  ASSERT_OK(Add(a.get(), {"3", std::nullopt, std::nullopt, std::nullopt}));
  ASSERT_OK(a->Flush());
  ASSERT_OK(b->Flush());
  EXPECT_EQ(All(), (std::vector<Row>{{"1", std::nullopt, std::nullopt, std::nullopt},
                                     {"2", "x", std::nullopt, "5"},
                                     {"3", std::nullopt, std::nullopt, std::nullopt}}));
}

TEST_F(Rows, ThatReplaceOthersLeaveNothingOfThem) {
  auto first = Writer();
  ASSERT_OK(Add(first.get(), {"1", "old", "old", "1"}));
  ASSERT_OK(first->Flush());
  auto other = Target();  // which has not learned of any column
  auto rows = other->Rows("rows_test", {"id", "a", "b", "c"}, OnExisting::kReplace);
  ASSERT_OK(rows.status());
  ASSERT_OK(Add(rows->get(), {"1", std::nullopt, "new", std::nullopt}));
  ASSERT_OK((*rows)->Flush());
  EXPECT_EQ(All(), (std::vector<Row>{{"1", std::nullopt, "new", std::nullopt}}));
}

TEST_F(Rows, ThatAreThereAlreadyAreAnErrorThatNamesTheKey) {
  auto rows = Writer();
  ASSERT_OK(Add(rows.get(), {"17", "x", std::nullopt, std::nullopt}));
  ASSERT_OK(rows->Flush());
  ASSERT_OK(Add(rows.get(), {"16", "y", std::nullopt, std::nullopt}));
  ASSERT_OK(Add(rows.get(), {"17", "y", std::nullopt, std::nullopt}));
  const Status failed = rows->Flush();
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.message().find("rows_test"), std::string::npos) << failed.message();
  EXPECT_NE(failed.message().find("17"), std::string::npos) << failed.message();
}

TEST_F(Rows, ARowWithoutOneOfItsColumnsIsRefused) {
  auto rows = Writer();
  rows->Bind(1, 1);
  rows->BindNull(2);
  rows->BindNull(3);
  EXPECT_FALSE(rows->Add().ok());
}

TEST_F(Rows, ScanHereIsWithinTheSnapshotAndScanIsNot) {
  auto rows = Writer();
  for (int i = 1; i <= 3; ++i) ASSERT_OK(Add(rows.get(), {std::to_string(i), "x", std::nullopt, std::nullopt}));
  ASSERT_OK(rows->Flush());
  auto reader = Target();
  ASSERT_OK(reader->BeginRead());
  ASSERT_OK(db_->Execute("DELETE FROM rows_test WHERE id = 2"));
  const auto count = [](Result<std::unique_ptr<Statement>> q) { return q.ok() ? Read(*std::move(q)).size() : 99; };
  EXPECT_EQ(count(ScanHere(reader.get(), "SELECT id FROM rows_test")), 3u);
  EXPECT_EQ(count(reader->Scan("SELECT id FROM rows_test")), 2u);
  auto open = ScanHere(reader.get(), "SELECT id FROM rows_test");
  ASSERT_OK(open.status());
  ASSERT_TRUE(*(*open)->Step());
  EXPECT_FALSE(reader->QueryInteger("SELECT 1").ok()) << "the stream has the session";
}

}  // namespace
}  // namespace migrate::store
