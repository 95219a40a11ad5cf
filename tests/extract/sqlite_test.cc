#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "migrate/record/reasons.h"
#include "sqlite_testing.h"

namespace migrate::extract {
namespace {

using namespace std::string_literals;

TEST(Sqlite, AnyTypeInAnyColumn) {
  Database db;
  db.Run("CREATE TABLE t (id, v TEXT)");
  db.Run(
      "INSERT INTO t VALUES (1, 'x'), (2, NULL), (3, x'00ff'), ('k4', 1.5), (5.0, CAST(x'41ff' AS TEXT)),"
      "(9223372036854775807, 'tab\t\"'), (7, 1e999), (8, '')");
  db.Run("INSERT INTO t VALUES (NULL, 'no key'), ('', 'empty'), (x'01', 'blob'), (CAST(x'ff' AS TEXT), 'bad text')");
  ReadResult got = ReadSqlite(db.path(), Options("t"));
  EXPECT_EQ(Payloads(got),
            (std::vector<std::string>{
                R"(1 [1,"x"])", R"(2 [2,null])", R"(3 [3,{"base64":"AP8="}])", R"(k4 ["k4","1.5"])",
                R"(5.0 [5.0,{"base64":"Qf8="}])", R"(9223372036854775807 [9223372036854775807,"tab\t\""])",
                R"(7 [7,"Inf"])", R"(8 [8,""])", "!null_key key column 'id' is NULL",
                "!null_key key column 'id' is empty", "!undecodable_bytes key column 'id' holds bytes that are no text",
                "!undecodable_bytes key column 'id' holds bytes that are no text"}));
  EXPECT_EQ(got.items[0].hash, Sha256Of("old\0"s + "1\0[1,\"x\"]"s));
}

TEST(Sqlite, ColumnsTypesAndQuotedNames) {
  Database db;
  db.Run(R"(CREATE TABLE "my ""odd"" table" (id INTEGER PRIMARY KEY, "first name" VARCHAR(20),
            both TEXT GENERATED ALWAYS AS ("first name" || '!') VIRTUAL, rowid TEXT))");
  db.Run(R"(INSERT INTO "my ""odd"" table" (id, "first name", rowid) VALUES (4, 'Ann', 'r'))");
  ReadResult got = ReadSqlite(db.path(), Options("MY \"odd\" table"));
  ASSERT_EQ(got.columns.size(), 4u);
  EXPECT_EQ(got.columns[1].name, "first name");
  EXPECT_EQ(got.columns[1].type, "VARCHAR(20)");
  EXPECT_EQ(got.columns[2].type, "TEXT");
  EXPECT_EQ(Payloads(got), std::vector<std::string>{R"(4 [4,"Ann","Ann!","r"])"});
}

// Tables by rowid ranges, without rowids, views and queries give the same rows, in any chunks.
TEST(Sqlite, EveryPathGivesTheSameRows) {
  Database db;
  db.Run("CREATE TABLE a (id INTEGER PRIMARY KEY, n TEXT)");
  db.Run(
      "WITH RECURSIVE c(i) AS (SELECT -50 UNION ALL SELECT i + 1 FROM c WHERE i < 49)"
      "INSERT INTO a SELECT i * i * i, 'n' || i FROM c");
  db.Run("INSERT INTO a VALUES (-9223372036854775808, 'least'), (9223372036854775807, 'greatest')");
  db.Run("CREATE TABLE b (id INTEGER PRIMARY KEY, n TEXT) WITHOUT ROWID");
  db.Run("INSERT INTO b SELECT * FROM a");
  db.Run("CREATE VIEW v AS SELECT * FROM a");
  ReadResult expected = ReadSqlite(db.path(), Options("a"));
  ASSERT_EQ(expected.items.size(), 102u);
  EXPECT_EQ(expected.findings.back(), "read by ranges of rowids, page by page");
  for (uint32_t chunk_rows : {1u, 2u, 7u, 101u, 102u, 103u})
    for (const char* what : {"a", "b", "v", "query", "query;"}) {
      SqliteOptions options = Options(what);
      options.chunk_rows = chunk_rows;
      if (what[0] == 'q') {
        options.table = "";
        options.query = what == "query;"s ? "SELECT id, n FROM a; -- all" : "SELECT id, n FROM a -- all";
      }
      ReadResult got = ReadSqlite(db.path(), options);
      EXPECT_EQ(Payloads(got), Payloads(expected)) << what << " in chunks of " << chunk_rows;
      EXPECT_GE(got.chunks, (102 + chunk_rows - 1) / chunk_rows) << what;
      EXPECT_LE(got.chunks, 102 * 2 / chunk_rows + 1) << what;
      EXPECT_EQ(got.counted, 102u);
    }
}

TEST(Sqlite, Utf16Databases) {
  Database db;
  db.Run(
      "PRAGMA encoding = 'UTF-16'; CREATE TABLE t (id TEXT, v); INSERT INTO t VALUES ('k\xc3\xa9', "
      "'\xf0\x9f\x98\x80')");
  EXPECT_EQ(Payloads(ReadSqlite(db.path(), Options("t"))),
            std::vector<std::string>{"k\xc3\xa9 [\"k\xc3\xa9\",\"\xf0\x9f\x98\x80\"]"});
}

TEST(Sqlite, EmptyTables) {
  Database db;
  db.Run("CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE VIEW v AS SELECT * FROM t");
  for (const char* name : {"t", "v"}) {
    ReadResult got = ReadSqlite(db.path(), Options(name));
    EXPECT_TRUE(got.status.ok()) << got.status.message();
    EXPECT_EQ(got.chunks, 0u);
  }
}

TEST(Sqlite, ErrorsSayWhatAndWhatToDo) {
  Database db;
  db.Run("CREATE TABLE contacts (id INTEGER PRIMARY KEY, email TEXT); CREATE VIEW people AS SELECT * FROM contacts");
  struct Case {
    std::string table, query, key, message, hint;
  };
  const std::string p = db.path();
  for (const Case& c : std::vector<Case>{
           {"contcats", "", "id", p + ": there is no table 'contcats' (did you mean 'contacts'?)",
            "its tables and views are: contacts, people"},
           {"contacts", "", "e-mail",
            p + ": table contacts: there is no column 'e-mail' for the key (did you mean 'email'?)",
            "its columns are: id, email"},
           {"", "SELECT id FROM none_such", "id", p + ": query: no such table: none_such", ""},
           {"", "DELETE FROM contacts", "id", p + ": the query is not a SELECT", ""},
           {"", "SELECT id FROM contacts; SELECT 2", "id", p + ": the query has more than one statement", ""},
           {"contacts", "", "", p + ": table contacts: a key is needed", ""}}) {
    SqliteOptions options =
        Options(c.table, c.key.empty() ? std::vector<std::string>{} : std::vector<std::string>{c.key});
    options.query = c.query;
    ReadResult got = ReadSqlite(p, options);
    ASSERT_FALSE(got.status.ok());
    EXPECT_EQ(got.status.kind(), ErrorKind::kPlan);
    EXPECT_EQ(got.status.message(), c.message);
    EXPECT_EQ(got.status.hint(), c.hint);
  }
  TempFile text("id,name\n1,this is a CSV file and no database\n");
  Status s = ReadSqlite(text.path(), Options("t")).status;
  EXPECT_EQ(s.kind(), ErrorKind::kPlan);
  EXPECT_EQ(s.message(), text.path() + ": is not a SQLite database");
  EXPECT_EQ(ReadSqlite(db.folder() + "/none.db", Options("t")).status.message(),
            db.folder() + "/none.db: cannot open: No such file or directory");
  EXPECT_FALSE(ReadSqlite(db.folder(), Options("t")).status.ok());
}

TEST(Sqlite, LockedByAWriter) {
  Database db;
  db.Run("CREATE TABLE t (id INTEGER PRIMARY KEY); BEGIN EXCLUSIVE");
  Status s = ReadSqlite(db.path(), Options("t")).status;
  EXPECT_EQ(s.kind(), ErrorKind::kFailed);
  EXPECT_EQ(s.message(), db.path() + ": the database is locked: a writer holds it");
}

TEST(Sqlite, OneSnapshotWhileAWriterCommits) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  db.Run(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100) INSERT INTO t SELECT i, 'old' "
      "FROM c");
  SqliteOptions options = Options("t");
  options.chunk_rows = 10;
  auto reader = OpenSqlite(db.path(), options);
  ASSERT_TRUE(reader.ok()) << reader.status().message();
  db.Run("UPDATE t SET v = 'new'; INSERT INTO t VALUES (101, 'new')");
  ReadResult got = ReadAll(**reader);
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  ASSERT_EQ(got.items.size(), 100u);
  for (const auto& item : got.items) EXPECT_NE(item.payload.find("\"old\""), std::string::npos);
}

TEST(Sqlite, LeavesNoFilesBeside) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  db.Close();
  ASSERT_FALSE(PathExists(db.path() + "-wal"));
  for (fs::perms perms : {fs::perms::owner_all, fs::perms::owner_read | fs::perms::owner_exec}) {
    fs::permissions(db.folder(), perms);
    auto reader = OpenSqlite(db.path(), Options("t"));
    ASSERT_TRUE(reader.ok()) << reader.status().message();
    EXPECT_EQ(std::distance(fs::directory_iterator(db.folder()), fs::directory_iterator()), 1);
    EXPECT_EQ(ReadAll(**reader).items.size(), 1u);
  }
}

TEST(Sqlite, AChangeUnderAnImmutableFileIsSeen) {
  Database db;
  db.Run("PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  db.Close();
  auto reader = OpenSqlite(db.path(), Options("t"));
  ASSERT_TRUE(reader.ok());
  struct timespec times[2] = {{1, 0}, {1, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, db.path().c_str(), times, 0), 0);
  EXPECT_EQ(ReadAll(**reader).status.message(), db.path() + ": changed while it was read");
}

TEST(Sqlite, DamageNamesTableAndRowid) {
  Database db;
  db.Run("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
  db.Run(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 5000) "
      "INSERT INTO t SELECT i, hex(randomblob(100)) FROM c");
  db.Close();
  // Overwrite the pages in the middle of the table.
  int fd = ::open(db.path().c_str(), O_WRONLY);
  std::string junk(4096 * 20, '\xa5');
  ASSERT_EQ(::pwrite(fd, junk.data(), junk.size(), static_cast<off_t>(fs::file_size(db.path()) / 8192 * 4096)),
            static_cast<ssize_t>(junk.size()));
  ::close(fd);
  SqliteOptions options = Options("t");
  options.chunk_rows = 100;
  ReadResult got = ReadSqlite(db.path(), options);
  ASSERT_FALSE(got.status.ok());
  EXPECT_EQ(got.status.kind(), ErrorKind::kFailed);
  EXPECT_NE(got.status.message().find(db.path() + ": table t, "), std::string::npos) << got.status.message();
  EXPECT_NE(got.status.message().find("rowid"), std::string::npos) << got.status.message();
  EXPECT_NE(got.status.message().find("malformed"), std::string::npos) << got.status.message();
  EXPECT_NE(got.status.hint().find(".recover"), std::string::npos);
}

TEST(Sqlite, ManyThreadsGiveTheRowsOfOne) {
  Database db;
  db.Run("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); CREATE VIEW w AS SELECT * FROM t");
  db.Run(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 20000) "
      "INSERT INTO t SELECT i, 'v' || i FROM c");
  for (const char* table : {"t", "w"}) {
    SqliteOptions options = Options(table);
    ReadResult one = ReadSqlite(db.path(), options);
    std::set<std::string> expected;
    for (const auto& item : one.items) expected.insert(item.payload);
    options.chunk_rows = 100;
    auto reader = OpenSqlite(db.path(), options);
    ASSERT_TRUE(reader.ok());
    std::mutex mutex;
    std::set<std::string> seen;
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (;;) {
          auto chunk = (*reader)->Next();
          if (!chunk.ok() || !*chunk) return;
          Collected sink;
          EXPECT_TRUE((*reader)->Read(**chunk, sink).ok());
          std::lock_guard lock(mutex);
          for (const auto& item : sink.items) seen.insert(item.payload);
        }
      });
    for (auto& t : threads) t.join();
    EXPECT_EQ(seen, expected);
  }
}

}  // namespace
}  // namespace migrate::extract
