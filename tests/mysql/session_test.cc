// The session against a real server: streams end only where the server says so; snapshots hold; errors say what to do.
#include "migrate/store/mysql.h"

#include <fmt/core.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "server.h"

namespace migrate::store {
namespace {

// A table of `rows` rows (powers of two times 1000) of about 200 bytes.
void MakeNumbers(MysqlSession* db, int doublings) {
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS numbers"));
  ASSERT_OK(db->Execute("CREATE TABLE numbers (id INT PRIMARY KEY AUTO_INCREMENT, pad CHAR(200)) "));
  ASSERT_OK(db->Execute("INSERT INTO numbers (pad) VALUES ('0'),('1'),('2'),('3'),('4'),('5'),('6'),('7')"));
  for (int i = 0; i < doublings; ++i)
    ASSERT_OK(db->Execute("INSERT INTO numbers (pad) SELECT REPEAT(pad, 50) FROM numbers"));
}

uint64_t NumbersIn(MysqlSession* db) {
  auto n = db->QueryText("SELECT COUNT(*) FROM numbers");
  return n.ok() ? std::strtoull(n->c_str(), nullptr, 10) : 0;
}

TEST(Session, StreamsAllRowsAndNulls) {
  auto db = Connected();
  auto stream = db->Stream("SELECT 1, NULL, 'a' UNION ALL SELECT 2, '', 'b'");
  ASSERT_TRUE(stream.ok()) << stream.status().message();
  ASSERT_TRUE(*(*stream)->Next());
  EXPECT_EQ((*stream)->Value(0), "1");
  EXPECT_EQ((*stream)->Value(1), std::nullopt);
  ASSERT_TRUE(*(*stream)->Next());
  EXPECT_EQ((*stream)->Value(1), "");
  EXPECT_FALSE(*(*stream)->Next());
  EXPECT_FALSE(*(*stream)->Next());
  stream->reset();
  EXPECT_EQ(*db->QueryText("SELECT 7"), "7") << "the session serves on";
}

// What the C++ connector reports as a clean end: every way in which a stream can be cut off must be an error.
class CutStream : public testing::TestWithParam<const char*> {};

TEST_P(CutStream, IsAnErrorOrWhole) {
  auto db = Connected();
  MakeNumbers(db.get(), 14);
  const uint64_t total = NumbersIn(db.get());
  ASSERT_EQ(total, 131072u);
  int errors = 0;
  for (uint64_t at : {1u, 2u, 500u, 3000u, 20000u, 70000u}) {
    auto victim = Connected();
    auto stream = victim->Stream("SELECT * FROM numbers");
    ASSERT_TRUE(stream.ok());
    uint64_t rows = 0;
    Status failed;
    for (;;) {
      auto more = (*stream)->Next();
      if (!more.ok()) {
        failed = more.status();
        break;
      }
      if (!*more) break;
      if (++rows == at) ASSERT_OK(db->Execute(fmt::format("{} {}", GetParam(), victim->connection_id())));
    }
    if (failed.ok()) {
      EXPECT_EQ(rows, total) << "a stream that ends without an error holds every row";
    } else {
      ++errors;
      EXPECT_NE(failed.message().find("after row"), std::string::npos) << failed.message();
      EXPECT_FALSE((*stream)->Next().ok()) << "the error stays";
    }
  }
  EXPECT_GE(errors, 3) << "the kills must have hit";
}

INSTANTIATE_TEST_SUITE_P(Kill, CutStream, testing::Values("KILL QUERY", "KILL CONNECTION"));

TEST(Session, AnErrorInMidStreamIsAnError) {
  auto db = Connected();
  MakeNumbers(db.get(), 6);
  // The subquery gives two rows for the later ids only: the server finds out in mid-stream (error 1242).
  auto stream = db->Stream(
      "SELECT id, (SELECT m.id FROM numbers m WHERE m.id < 3 AND numbers.id > 300) FROM numbers ORDER BY id");
  Status failed = stream.ok() ? Status() : stream.status();
  while (failed.ok()) {
    auto more = (*stream)->Next();
    if (!more.ok())
      failed = more.status();
    else if (!*more)
      break;
  }
  ASSERT_FALSE(failed.ok());
  EXPECT_NE(failed.message().find("1242"), std::string::npos) << failed.message();
}

TEST(Session, ErrorsSayWhatToDo) {
  MysqlOptions wrong = TestServer();
  wrong.user = "nobody_here";
  wrong.password = "s3cret-word";
  auto denied = MysqlSession::Connect(wrong);
  ASSERT_FALSE(denied.ok());
  EXPECT_EQ(denied.status().kind(), ErrorKind::kPlan);
  EXPECT_NE(denied.status().hint().find("check user"), std::string::npos);
  EXPECT_EQ((denied.status().message() + denied.status().hint()).find("s3cret-word"), std::string::npos);

  MysqlOptions nobody = TestServer();
  nobody.port = 1;
  auto refused = MysqlSession::Connect(nobody);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.status().kind(), ErrorKind::kFailed);
  EXPECT_NE(refused.status().hint().find("is the server running"), std::string::npos) << refused.status().message();

  auto db = Connected();
  auto missing = db->Describe("SELECT * FROM no_such_table");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.status().kind(), ErrorKind::kPlan);
  EXPECT_FALSE(db->Describe("SET @a = 1").ok());
}

TEST(Session, QuotingSurvivesEverything) {
  auto db = Connected();
  std::string all;
  for (int c = 1; c < 128; ++c) all.push_back(static_cast<char>(c));
  for (const std::string& text : {all, std::string("O'Brien \\ \" ` %"), std::string("Zoë 李 😀"), std::string("")}) {
    auto back = db->QueryText("SELECT " + QuoteMysqlText(text));
    ASSERT_TRUE(back.ok()) << back.status().message();
    EXPECT_EQ(*back, text);
  }
  std::string bytes;
  for (int c = 0; c < 256; ++c) bytes.push_back(static_cast<char>(c));
  EXPECT_EQ(*db->QueryText("SELECT " + QuoteMysqlBytes(bytes)), bytes);
  EXPECT_EQ(QuoteMysqlName("a`b"), "`a``b`");
}

// Money moves between two rows in one transaction again and again: whoever sees one snapshot sees one sum, and all
// sessions see the same rows.
TEST(Snapshot, AllSessionsSeeOneState) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS account"));
  ASSERT_OK(db->Execute("CREATE TABLE account (id INT PRIMARY KEY, cents BIGINT)"));
  ASSERT_OK(db->Execute("INSERT INTO account VALUES (1, 1000000), (2, 0)"));
  std::atomic<bool> stop{false};
  std::atomic<int> moved{0};
  std::thread writer([&] {
    auto w = Connected();
    while (!stop) {
      if (!w->Execute("START TRANSACTION").ok()) continue;
      (void)w->Execute("UPDATE account SET cents = cents - 1 WHERE id = 1");
      (void)w->Execute("UPDATE account SET cents = cents + 1 WHERE id = 2");
      if (w->Execute("COMMIT").ok()) ++moved;
    }
  });
  while (moved < 20) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  for (int round = 0; round < 10; ++round) {
    auto snapshot = MysqlSnapshot::Begin(TestServer(), 3, {QuoteMysqlName("account")});
    ASSERT_TRUE(snapshot.ok()) << snapshot.status().message();
    ASSERT_EQ((*snapshot)->size(), 3u) << (*snapshot)->finding();
    const int before = moved;
    while (moved < before + 5) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::string first;
    for (size_t i = 0; i < 3; ++i) {
      auto rows = (*snapshot)->session(i)->Query("SELECT cents FROM account ORDER BY id");
      ASSERT_TRUE(rows.ok()) << rows.status().message();
      const std::string state = *(*rows)[0][0] + "+" + *(*rows)[1][0];
      EXPECT_EQ(std::stoll(*(*rows)[0][0]) + std::stoll(*(*rows)[1][0]), 1000000);
      if (i == 0) first = state;
      EXPECT_EQ(state, first) << "round " << round << " session " << i;
    }
  }
  stop = true;
  writer.join();
}

// An account that may only read gets one session, and is told so; with LOCK TABLES it gets them all.
TEST(Snapshot, PrivilegesDecideHowManySessions) {
  auto db = Connected();
  MakeNumbers(db.get(), 1);
  for (const char* user : {"reader_only", "reader_lock"}) {
    ASSERT_OK(db->Execute(fmt::format("DROP USER IF EXISTS {}@'%'", user)));
    ASSERT_OK(db->Execute(fmt::format("CREATE USER {}@'%' IDENTIFIED BY 'pw'", user)));
    ASSERT_OK(db->Execute(fmt::format("GRANT SELECT ON {}.* TO {}@'%'", TestServer().database, user)));
  }
  ASSERT_OK(db->Execute(fmt::format("GRANT LOCK TABLES ON {}.* TO reader_lock@'%'", TestServer().database)));
  MysqlOptions o = TestServer();
  o.user = "reader_only";
  o.password = "pw";
  auto one = MysqlSnapshot::Begin(o, 3, {QuoteMysqlName("numbers")});
  ASSERT_TRUE(one.ok()) << one.status().message();
  EXPECT_EQ((*one)->size(), 1u);
  EXPECT_NE((*one)->finding().find("the account may not lock"), std::string::npos) << (*one)->finding();
  o.user = "reader_lock";
  auto all = MysqlSnapshot::Begin(o, 3, {QuoteMysqlName("numbers")});
  ASSERT_TRUE(all.ok()) << all.status().message();
  EXPECT_EQ((*all)->size(), 3u) << (*all)->finding();
  EXPECT_NE((*all)->finding().find("LOCK TABLES"), std::string::npos);
}

}  // namespace
}  // namespace migrate::store
