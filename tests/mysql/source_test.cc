// MySQL tables, views and queries as sources: every type exactly, every row once, whatever the key.
#include "migrate/extract/mysql_source.h"

#include <fmt/core.h>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "migrate/record/payload.h"
#include "server.h"

namespace migrate::extract {
namespace {

struct Collected : RowSink {
  std::map<std::string, std::string> rows;  // payload by key
  std::vector<Reject> rejects;
  uint64_t count = 0;
  Status OnRow(const RawRow& row) override {
    rows[std::string(row.source_key)] = row.payload;
    ++count;
    return {};
  }
  Status OnReject(const Reject& reject) override {
    rejects.push_back(reject);
    return {};
  }
};

struct Taken {
  Collected all;
  uint64_t counted = 0, chunks = 0;
  std::vector<std::string> findings;
  std::vector<Column> columns;
};

Taken Take(MysqlSourceOptions options, unsigned threads = 1, store::MysqlOptions login = TestServer()) {
  Taken taken;
  if (options.database.empty()) options.database = login.database;
  std::vector<std::string> tables;
  if (!options.table.empty())
    tables.push_back(store::QuoteMysqlName(options.database) + "." + store::QuoteMysqlName(options.table));
  auto server = MysqlServer::Begin(login, threads, tables);
  EXPECT_TRUE(server.ok()) << (server.ok() ? "" : server.status().message());
  if (!server.ok()) return taken;
  options.source = "crm";
  auto reader = OpenMysql(*server, options);
  EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.status().message());
  if (!reader.ok()) return taken;
  std::mutex mutex;
  auto work = [&] {
    for (;;) {
      auto chunk = (*reader)->Next();
      if (!chunk.ok()) {
        ADD_FAILURE() << chunk.status().message();
        return;
      }
      if (!*chunk) return;
      Collected mine;
      Status s = (*reader)->Read(**chunk, mine);
      if (!s.ok()) ADD_FAILURE() << s.message();
      EXPECT_EQ((*chunk)->counted, mine.count + mine.rejects.size());
      std::lock_guard lock(mutex);
      taken.counted += (*chunk)->counted;
      ++taken.chunks;
      taken.all.count += mine.count;
      taken.all.rows.merge(mine.rows);
      for (auto& r : mine.rejects) taken.all.rejects.push_back(std::move(r));
    }
  };
  std::vector<std::thread> pool;
  for (unsigned t = 1; t < threads; ++t) pool.emplace_back(work);
  work();
  for (auto& t : pool) t.join();
  taken.findings = (*reader)->Findings();
  taken.columns = (*reader)->columns();
  return taken;
}

TEST(MysqlTypes, EveryTypeExactly) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS types"));
  ASSERT_OK(db->Execute(R"(CREATE TABLE types (
    id INT PRIMARY KEY,
    tiny TINYINT, small SMALLINT UNSIGNED, medium MEDIUMINT, big BIGINT, ubig BIGINT UNSIGNED, zip INT(5) ZEROFILL,
    flag BIT(1), bits BIT(64), money DECIMAL(65,30), price DECIMAL(10,2), f FLOAT, d DOUBLE,
    day DATE, at DATETIME, at6 DATETIME(6), stamp TIMESTAMP(3) NULL, t TIME, y YEAR,
    c CHAR(5), v VARCHAR(50), l1 VARCHAR(50) CHARACTER SET latin1, u3 VARCHAR(50) CHARACTER SET utf8mb3,
    u4 VARCHAR(50) CHARACTER SET utf8mb4, txt TEXT, bin BINARY(4), vbin VARBINARY(10), bl BLOB,
    e ENUM('a','b''c'), s SET('x','y','z'), j JSON, g INT GENERATED ALWAYS AS (id + 1) STORED,
    n VARCHAR(5)) CHARACTER SET utf8mb4)"));
  ASSERT_OK(db->Execute(R"(INSERT INTO types (id,tiny,small,medium,big,ubig,zip,flag,bits,money,price,f,d,day,at,at6,
    stamp,t,y,c,v,l1,u3,u4,txt,bin,vbin,bl,e,s,j) VALUES
    (1,-128,65535,-8388608,-9223372036854775808,18446744073709551615,501,b'1',b'1111111111111111111111111111111111111111111111111111111111111111',
     '12345678901234567890123456789012345.123456789012345678901234567890',12.50,3.14,0.1,
     '0000-00-00','2022-11-00 00:00:00','2024-02-29 23:59:59.123456','2024-07-01 12:00:00.250','-838:59:59',1999,
     'ab','tab	"quote" \\',_latin1 x'80e9','Zoë',_utf8mb4 x'f09f9880',REPEAT('x',3),x'00ff0001','raw',x'ff00','b''c','x,z','{"k": [1, null]}'),
    (2,NULL,NULL,NULL,NULL,0,NULL,b'0',b'0',NULL,0.00,16777217,1e300,NULL,NULL,NULL,NULL,NULL,NULL,
     '','',x'','','','',x'','',x'',NULL,'',NULL),
    (3,0,0,0,0,9007199254740993,99999,NULL,NULL,-0.5,-1,1e-5,-1.5e-300,'1000-01-01','9999-12-31 23:59:59','0000-00-00 00:00:00.000000',
     NULL,'00:00:00',2155,'  a  ','  b ','','','','',x'20202020',x'20','text','a','','[]'))"));
  Taken t = Take({.table = "types", .key = {"id"}});
  EXPECT_EQ(t.counted, 3u);
  EXPECT_EQ(t.all.rows["1"],
            R"([1,-128,65535,-8388608,-9223372036854775808,18446744073709551615,"00501",1,18446744073709551615,)"
            R"("12345678901234567890123456789012345.123456789012345678901234567890","12.50",3.14,0.1,"0000-00-00",)"
            R"("2022-11-00 00:00:00","2024-02-29 23:59:59.123456","2024-07-01 12:00:00.250","-838:59:59",1999,"ab",)"
            R"("tab\t\"quote\" \\","€é","Zoë","😀","xxx",{"base64":"AP8AAQ=="},{"base64":"cmF3"},{"base64":"/wA="},)"
            R"("b'c","x,z","{\"k\": [1, null]}",2,null])");
  EXPECT_EQ(t.all.rows["2"],
            R"([2,null,null,null,null,0,null,0,0,null,"0.00",16777216.0,1e+300,null,null,null,null,null,null,"","","",)"
            R"("","","",{"base64":"AAAAAA=="},{"base64":""},{"base64":""},null,"",null,3,null])");
  EXPECT_EQ(
      t.all.rows["3"],
      R"([3,0,0,0,0,9007199254740993,"99999",null,null,"-0.500000000000000000000000000000","-1.00",1e-05,-1.5e-300,)"
      R"("1000-01-01","9999-12-31 23:59:59","0000-00-00 00:00:00.000000",null,"00:00:00",2155,"  a","  b ",)"
      R"("","","","",{"base64":"ICAgIA=="},{"base64":"IA=="},{"base64":"dGV4dA=="},"a","","[]",4,null])");
}

// What the server keeps in one way and shows in another.
TEST(MysqlTypes, OtherSetsZonesAndHiddenColumns) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS more"));
  ASSERT_OK(db->Execute(R"(CREATE TABLE more (
    id INT PRIMARY KEY, stamp TIMESTAMP NULL, t TIME(6), y YEAR, dbl VARCHAR(40) CHARACTER SET latin1,
    l2 VARCHAR(40) CHARACTER SET latin2, sj VARCHAR(40) CHARACTER SET sjis, u16 VARCHAR(40) CHARACTER SET utf16,
    v INT GENERATED ALWAYS AS (id * 2) VIRTUAL, vt VARCHAR(20) GENERATED ALWAYS AS (CONCAT('#', id)) VIRTUAL,
    bi CHAR(8) CHARACTER SET latin1 COLLATE latin1_bin, z DECIMAL(8,3) UNSIGNED ZEROFILL, neg BIT(9), p POINT,
    hid INT INVISIBLE, big LONGTEXT) CHARACTER SET utf8mb4)"));
  ASSERT_OK(db->Execute("SET time_zone = '+05:30'"));
  ASSERT_OK(db->Execute(R"(INSERT INTO more (id, stamp, t, y, dbl, l2, sj, u16, bi, z, neg, p, hid, big) VALUES
    (1, '2024-07-01 12:00:00', '-00:00:00.000001', 0, _latin1 x'c383c2a9818d8f909d', _latin2 x'a3f3', _sjis x'83658358',
     _utf16 x'd83dde000041', _latin1 x'9c', 1.5, b'100000001', POINT(1, -2), 7, REPEAT('é', 1000000)))"));
  Taken t = Take({.table = "more", .key = {"id"}});
  ASSERT_EQ(t.all.rows.size(), 1u);
  std::string big;
  for (int i = 0; i < 1000000; ++i) big += "é";
  // latin1 of MySQL is windows-1252 with its five holes as control characters; text that was encoded twice stays so.
  EXPECT_EQ(t.all.rows["1"],
            "[1,\"2024-07-01 "
            "06:30:00\",\"-00:00:00.000001\",\"0000\",\"\u00c3\u0192\u00c2\u00a9\u0081\u008d\u008f\u0090\u009d\","
            "\"Łó\",\"テス\",\"😀A\",2,\"#1\",\"œ\",\"00001.500\",257,"
            "{\"base64\":\"AAAAAAEBAAAAAAAAAAAA8D8AAAAAAAAAwA==\"},7,\"" +
                big + "\"]");
}

// The short way of plain texts into a payload against the writer of record/payload.h: every length, an odd character at
// every place of it.
TEST(MysqlTypes, TextsOfEveryLengthWithOddCharacters) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS odd"));
  ASSERT_OK(db->Execute("CREATE TABLE odd (id INT PRIMARY KEY, a TEXT, b TEXT) CHARACTER SET utf8mb4"));
  std::vector<std::string> expected;
  std::string values;
  for (const char* odd :
       {"", "\"", "\\", "\x1f", "\n", "\x7f", " ", "!", "#", "[", "]", "~", "é", "李", "😀", "\xc2\x80"})
    for (size_t length = 0; length < 26; ++length)
      for (size_t at = 0; at <= length; at += *odd == 0 ? length + 1 : 1) {
        const std::string text = std::string(at, 'a') + odd + std::string(length - at, 'z');
        values += fmt::format("{}({},{},{})", values.empty() ? "" : ",", expected.size(), store::QuoteMysqlText(text),
                              at % 3 == 0 ? "NULL" : "'plain'");
        std::string payload;
        PayloadWriter writer(&payload);
        writer.Integer(static_cast<int64_t>(expected.size()));
        writer.Text(text);
        at % 3 == 0 ? writer.Null() : writer.Text("plain");
        writer.Finish();
        expected.push_back(payload);
      }
  ASSERT_OK(db->Execute("INSERT INTO odd VALUES " + values));
  Taken t = Take({.table = "odd", .key = {"id"}});
  ASSERT_EQ(t.all.rows.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(t.all.rows[std::to_string(i)], expected[i]);
}

// Exactly the rights that docs/sources.md names: tables with several sessions, views and queries.
TEST(MysqlSource, ReadsWithTheRightsThatAreDocumented) {
  auto db = Connected();
  const std::string database = TestServer().database;
  ASSERT_OK(db->Execute("DROP USER IF EXISTS migrate_least@'%'"));
  ASSERT_OK(db->Execute("CREATE USER migrate_least@'%' IDENTIFIED BY 'pw'"));
  ASSERT_OK(db->Execute(fmt::format("GRANT SELECT, LOCK TABLES ON {}.* TO migrate_least@'%'", database)));
  ASSERT_OK(db->Execute("DROP VIEW IF EXISTS least_view"));
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS least"));
  ASSERT_OK(db->Execute("CREATE TABLE least (id INT PRIMARY KEY, v INT)"));
  ASSERT_OK(db->Execute("INSERT INTO least VALUES (1, 10), (2, 20), (3, 30)"));
  ASSERT_OK(db->Execute("CREATE VIEW least_view AS SELECT id, v FROM least WHERE id > 1"));
  store::MysqlOptions login = TestServer();
  login.user = "migrate_least";
  login.password = "pw";
  Taken table = Take({.table = "least", .key = {"id"}, .chunk_rows = 1}, 2, login);
  EXPECT_EQ(table.all.rows.size(), 3u);
  EXPECT_NE(table.findings.back().find("3 sessions, begun under LOCK TABLES"), std::string::npos);
  Taken view = Take({.table = "least_view", .key = {"id"}}, 2, login);
  EXPECT_EQ(view.all.rows.size(), 2u);
  EXPECT_NE(view.findings.back().find("begun under LOCK TABLES"), std::string::npos) << view.findings.back();
  EXPECT_EQ(Take({.query = "SELECT * FROM least WHERE v < 30", .key = {"id"}}, 2, login).all.rows.size(), 2u);
}

TEST(MysqlSource, AKeylessTableIsReadInOnePassAndSaysSo) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS keyless"));
  ASSERT_OK(db->Execute("CREATE TABLE keyless (a INT, b VARCHAR(9))"));
  ASSERT_OK(db->Execute("INSERT INTO keyless VALUES (1, 'x'), (2, 'y'), (2, 'y')"));
  Taken t = Take({.table = "keyless", .key = {"a", "b"}}, 2);
  EXPECT_EQ(t.counted, 3u);
  EXPECT_EQ(t.all.rows.size(), 2u);
  EXPECT_NE(t.findings[1].find("warning: no primary key"), std::string::npos) << t.findings[1];
}

// Keys of every shape: each row once, for any number of threads and any size of the stretches.
struct KeyCase {
  const char* name;
  const char* columns;
  const char* primary;
  const char* values;  // SELECT over seq(n) 1..997
  std::vector<std::string> key;
  bool ranges;
};
class Keys : public testing::TestWithParam<KeyCase> {};

// The table `keyed` with 997 rows.
void MakeKeyed(const KeyCase& k) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS keyed"));
  ASSERT_OK(db->Execute(fmt::format("CREATE TABLE keyed ({}{}{}) CHARACTER SET utf8mb4", k.columns,
                                    *k.primary != 0 ? ", PRIMARY KEY " : "", k.primary)));
  std::string insert = "INSERT INTO keyed ";
  insert +=
      std::string(k.values) +
      " FROM (SELECT a.n + 10 * b.n + 100 * c.n + 1 AS n FROM (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION "
      "SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) a, "
      "(SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION "
      "SELECT 7 UNION SELECT 8 UNION SELECT 9) b, (SELECT 0 n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION "
      "SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) c) seq WHERE n < 998";
  ASSERT_OK(db->Execute(insert));
}

TEST_P(Keys, EveryRowOnce) {
  const KeyCase& k = GetParam();
  MakeKeyed(k);
  std::map<std::string, std::string> first;
  for (auto [chunk_rows, threads] : std::vector<std::pair<uint64_t, unsigned>>{{1000, 1}, {100, 2}, {997, 1}, {1, 3}}) {
    Taken t = Take({.table = "keyed", .key = k.key, .chunk_rows = chunk_rows}, threads);
    EXPECT_EQ(t.counted, 997u) << k.name;
    EXPECT_EQ(t.all.count, 997u) << k.name;
    EXPECT_EQ(t.all.rows.size(), 997u) << k.name;
    if (first.empty()) first = t.all.rows;
    EXPECT_EQ(t.all.rows, first);
    const bool ranges = t.findings.back().find("snapshot") != std::string::npos &&
                        t.findings[t.findings.size() - 2].find("by ranges") != std::string::npos;
    EXPECT_EQ(ranges, k.ranges) << k.name;
    if (chunk_rows == 1 && k.ranges) {
      EXPECT_EQ(t.chunks, 997u);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, Keys,
    testing::Values(
        KeyCase{"integer", "id INT", "(id)", "SELECT n", {"id"}, true},
        KeyCase{"negative and gaps", "id BIGINT", "(id)", "SELECT (n - 500) * 1000003", {"id"}, true},
        KeyCase{"unsigned", "id BIGINT UNSIGNED", "(id)", "SELECT 18446744073709551615 - n", {"id"}, true},
        KeyCase{"text", "id VARCHAR(40)", "(id)", "SELECT CONCAT('k''\\\\é', n)", {"id"}, true},
        KeyCase{"latin1", "id VARCHAR(40) CHARACTER SET latin1", "(id)", "SELECT CONCAT('é', n)", {"id"}, true},
        KeyCase{"binary", "id VARBINARY(16), t INT", "(id)", "SELECT LEFT(UNHEX(SHA2(n, 256)), 16), n", {"t"}, true},
        KeyCase{"decimal", "id DECIMAL(20,4)", "(id)", "SELECT n / 8", {"id"}, true},
        KeyCase{"moments", "id DATETIME(6)", "(id)", "SELECT '2020-01-01' + INTERVAL n * 1.5 SECOND", {"id"}, true},
        KeyCase{"composite",
                "a INT, b VARCHAR(9), c INT",
                "(a, b, c)",
                "SELECT n % 7, CONCAT('x', n % 31), n",
                {"a", "b", "c"},
                true},
        KeyCase{"enum", "a ENUM('z','a','m'), b INT", "(a, b)", "SELECT 1 + n % 3, n", {"b"}, false},
        KeyCase{"no key", "a INT, b INT", "", "SELECT n, n", {"a"}, false}),
    [](const auto& kase) {
      std::string name = kase.param.name;
      for (char& c : name)
        if (c == ' ') c = '_';
      return name;
    });

// A table that is gone on with in another snapshot: whatever was finished before, each row comes once, with its old
// values where its chunk was finished and its new ones elsewhere.
TEST_P(Keys, GoesOnWhereAnEarlierSnapshotEnded) {
  const KeyCase& k = GetParam();
  MakeKeyed(k);
  if (!k.ranges) {  // read in one pass, which can only begin anew
    auto server = MysqlServer::Begin(TestServer(), 1, {});
    ASSERT_TRUE(server.ok());
    auto reader = OpenMysql(*server, {.source = "crm",
                                      .database = TestServer().database,
                                      .table = "keyed",
                                      .key = k.key,
                                      .finished = {{0, "", "5", 10}}});
    ASSERT_FALSE(reader.ok());
    EXPECT_NE(reader.status().hint().find("on_snapshot_loss: restart"), std::string::npos);
    return;
  }
  auto open = [&](std::vector<FinishedRange> finished) {
    auto server = MysqlServer::Begin(TestServer(), 1, {store::QuoteMysqlName("keyed")});
    EXPECT_TRUE(server.ok());
    auto reader = OpenMysql(*server, {.source = "crm",
                                      .database = TestServer().database,
                                      .table = "keyed",
                                      .key = k.key,
                                      .chunk_rows = 50,
                                      .finished = std::move(finished)});
    EXPECT_TRUE(reader.ok()) << (reader.ok() ? "" : reader.status().message());
    return *std::move(reader);
  };
  // Each chunk with the rows that it holds.
  auto read = [](Reader* reader) {
    std::vector<std::pair<Chunk, Collected>> all;
    for (;;) {
      auto chunk = reader->Next();
      EXPECT_TRUE(chunk.ok()) << (chunk.ok() ? "" : chunk.status().message());
      if (!chunk.ok() || !*chunk) return all;
      Collected rows;
      Status s = reader->Read(**chunk, rows);
      EXPECT_TRUE(s.ok()) << (s.ok() ? "" : s.message());
      EXPECT_EQ((*chunk)->counted, rows.count);
      all.emplace_back(**chunk, std::move(rows));
    }
  };
  const auto whole = read(open({}).get());
  ASSERT_EQ(whole.size(), 20u);
  std::set<std::string> snapshots;
  for (uint64_t mask : {0x0ull, 0x1ull, 0x80000ull, 0x7ffffull, 0xffffeull, 0x55555ull, 0xf0f0full, 0xfffffull}) {
    std::vector<FinishedRange> finished;
    std::map<std::string, std::string> rows;
    std::set<uint32_t> taken;
    for (size_t i = 0; i < whole.size(); ++i) {
      const Chunk& chunk = whole[i].first;
      if ((mask >> i & 1) == 0) continue;
      finished.push_back({chunk.index, chunk.low, chunk.high, chunk.counted});
      taken.insert(chunk.index);
      rows.insert(whole[i].second.rows.begin(), whole[i].second.rows.end());
    }
    uint64_t count = rows.size();
    for (const auto& [chunk, more] : read(open(finished).get())) {
      EXPECT_TRUE(taken.insert(chunk.index).second) << "a chunk's number is its own";
      snapshots.insert(chunk.snapshot);
      count += more.count;
      rows.insert(more.rows.begin(), more.rows.end());
    }
    EXPECT_EQ(count, 997u) << mask;
    EXPECT_EQ(rows.size(), 997u) << mask;
  }
  EXPECT_EQ(snapshots.size(), 7u) << "each reading is a snapshot of its own";
}

// Rows that go, come and change between two snapshots, in what was finished and in what was not.
TEST(MysqlSource, RowsOfTwoSnapshots) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS two"));
  ASSERT_OK(db->Execute("CREATE TABLE two (id INT PRIMARY KEY, v INT)"));
  std::string values;
  for (int i = 1; i <= 40; ++i) values += fmt::format("{}({},0)", i == 1 ? "" : ",", i * 10);
  ASSERT_OK(db->Execute("INSERT INTO two VALUES " + values));
  std::vector<FinishedRange> finished;
  for (int round = 0; round < 2; ++round) {
    auto server = MysqlServer::Begin(TestServer(), 1, {store::QuoteMysqlName("two")});
    ASSERT_TRUE(server.ok());
    auto reader = OpenMysql(*server, {.source = "crm",
                                      .database = TestServer().database,
                                      .table = "two",
                                      .key = {"id"},
                                      .chunk_rows = 10,
                                      .finished = finished});
    ASSERT_TRUE(reader.ok());
    Collected rows;
    for (int n = 0; round == 1 || n < 3; ++n) {
      auto chunk = (*reader)->Next();
      ASSERT_TRUE(chunk.ok()) << chunk.status().message();
      if (!*chunk) break;
      if (round == 0 && n != 1) finished.push_back({(*chunk)->index, (*chunk)->low, (*chunk)->high, (*chunk)->counted});
      ASSERT_OK((*reader)->Read(**chunk, rows));
    }
    if (round == 0) {  // chunks 0 (10 to 100) and 2 (210 to 300) stay, 1 and 3 are read again
      ASSERT_OK(db->Execute("UPDATE two SET v = 1"));
      ASSERT_OK(db->Execute("DELETE FROM two WHERE id IN (50, 150, 200, 250, 350)"));
      ASSERT_OK(
          db->Execute("INSERT INTO two VALUES (55, 1), (105, 1), (155, 1), (199, 1), (255, 1), (301, 1), (999, 1)"));
      continue;
    }
    std::set<int> keys;
    for (const auto& [key, payload] : rows.rows) {
      keys.insert(std::atoi(key.c_str()));
      EXPECT_EQ(payload, "[" + key + ",1]");
    }
    EXPECT_EQ(keys, (std::set<int>{105, 110, 120, 130, 140, 155, 160, 170, 180, 190, 199,
                                   301, 310, 320, 330, 340, 360, 370, 380, 390, 400, 999}));
  }
}

TEST(MysqlSource, ViewsQueriesAndBadKeys) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP VIEW IF EXISTS seen"));
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS base"));
  ASSERT_OK(db->Execute("CREATE TABLE base (id INT PRIMARY KEY, k VARCHAR(600), f FLOAT)"));
  ASSERT_OK(db->Execute("INSERT INTO base VALUES (1,'a',0.1),(2,NULL,0.2),(3,'',0.3),(4,REPEAT('x',600),0.4)"));
  ASSERT_OK(db->Execute("CREATE VIEW seen AS SELECT id, k FROM base WHERE id < 3"));
  Taken view = Take({.table = "seen", .key = {"id"}});
  EXPECT_EQ(view.all.rows.size(), 2u);
  EXPECT_EQ(view.all.rows["2"], "[2,null]");
  Taken query = Take({.query = "SELECT k, f, id FROM base -- all of it\n;", .key = {"id"}});
  EXPECT_EQ(query.all.rows.size(), 4u);
  EXPECT_EQ(query.all.rows["1"], R"(["a",0.1,1])");
  Taken bad = Take({.table = "base", .key = {"k"}});
  EXPECT_EQ(bad.counted, 4u);
  EXPECT_EQ(bad.all.count, 1u);
  std::set<std::string> reasons;
  for (const auto& r : bad.all.rejects) reasons.insert(r.reason);
  EXPECT_EQ(reasons, (std::set<std::string>{"null_key", "key_too_long"}));
  Taken none = Take({.query = "SELECT * FROM base WHERE id < 0", .key = {"id"}});
  EXPECT_EQ(none.counted, 0u);
  ASSERT_OK(db->Execute("DELETE FROM base"));
  EXPECT_EQ(Take({.table = "base", .key = {"id"}}).chunks, 0u);
}

TEST(MysqlSource, ErrorsNameWhatThereIs) {
  auto db = Connected();
  ASSERT_OK(db->Execute("CREATE TABLE IF NOT EXISTS keyed (id INT PRIMARY KEY)"));
  auto server = MysqlServer::Begin(TestServer(), 1, {});
  ASSERT_TRUE(server.ok());
  auto open = [&](MysqlSourceOptions o) {
    o.database = TestServer().database;
    o.source = "crm";
    auto reader = OpenMysql(*server, o);
    return reader.ok() ? std::string("opened") : reader.status().message() + " | " + reader.status().hint();
  };
  EXPECT_NE(open({.table = "keyd", .key = {"id"}}).find("did you mean 'keyed'"), std::string::npos);
  EXPECT_NE(open({.query = "SELECT 1 AS a, 2 AS a", .key = {"a"}}).find("uplicate column name"), std::string::npos);
  EXPECT_NE(open({.query = "DELETE FROM keyed", .key = {"a"}}).find("must be a SELECT"), std::string::npos);
  EXPECT_NE(open({.query = "SELECT nope FROM keyed", .key = {"a"}}).find("nope"), std::string::npos);
  EXPECT_NE(open({.query = "SELECT 1 AS a; DROP TABLE keyed", .key = {"a"}}).find("error 1064"), std::string::npos);
}

// While a table is read, the readers are killed: an error comes, or every row; never fewer.
TEST(MysqlSource, AKilledReaderIsNeverAShortTable) {
  auto db = Connected();
  ASSERT_OK(db->Execute("DROP TABLE IF EXISTS large"));
  ASSERT_OK(db->Execute("CREATE TABLE large (id INT PRIMARY KEY AUTO_INCREMENT, pad VARCHAR(200))"));
  ASSERT_OK(db->Execute("INSERT INTO large (pad) VALUES ('a'),('b'),('c'),('d')"));
  for (int i = 0; i < 14; ++i) ASSERT_OK(db->Execute("INSERT INTO large (pad) SELECT REPEAT('x', 150) FROM large"));
  int errors = 0;
  for (int round = 0; round < 6; ++round) {
    auto server = MysqlServer::Begin(TestServer(), 1, {store::QuoteMysqlName("large")});
    ASSERT_TRUE(server.ok());
    MysqlSourceOptions o{.source = "crm", .database = TestServer().database, .table = "large", .key = {"id"}};
    if (round % 2 == 1) {
      o.table.clear();
      o.query = "SELECT * FROM large";
    }
    auto reader = OpenMysql(*server, o);
    ASSERT_TRUE(reader.ok());
    uint64_t victim = 0;
    {
      MysqlServer::Lease lease = round % 2 == 1 ? (*server)->Cutter() : (*server)->Take();
      victim = lease->connection_id();
    }
    uint64_t rows = 0;
    Status failed;
    struct Killer : RowSink {
      std::function<void()> kill;
      uint64_t rows = 0, at = 0;
      Status OnRow(const RawRow&) override {
        if (++rows == at) kill();
        return {};
      }
      Status OnReject(const Reject&) override { return {}; }
    } sink;
    sink.at = 1 + static_cast<uint64_t>(round) * 9000;
    sink.kill = [&] { (void)db->Execute(fmt::format("KILL {}", victim)); };
    for (;;) {
      auto chunk = (*reader)->Next();
      if (!chunk.ok()) failed = chunk.status();
      if (!chunk.ok() || !*chunk) break;
      const uint64_t before = sink.rows;
      failed = (*reader)->Read(**chunk, sink);
      if (!failed.ok()) break;
      EXPECT_EQ(sink.rows - before, (*chunk)->counted);
    }
    rows = sink.rows;
    if (failed.ok()) {
      EXPECT_EQ(rows, 65536u);
    } else {
      ++errors;
    }
  }
  EXPECT_GE(errors, 3);
}

}  // namespace
}  // namespace migrate::extract
