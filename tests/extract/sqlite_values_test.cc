// Every value of every kind of table is the one that SQLite itself gives: by type, and byte for byte.
#include <fmt/core.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "migrate/base/bytes.h"
#include "migrate/record/payload.h"
#include "migrate/record/reasons.h"
#include "sqlite_testing.h"

namespace migrate::extract {
namespace {

using namespace std::string_literals;

// A value as SQLite's C API gives it, spelled so that no two different ones are alike.
std::string Spelled(sqlite3_stmt* s, int i) {
  const auto bytes = [&](const void* p) {
    return std::string(static_cast<const char*>(p), static_cast<size_t>(sqlite3_column_bytes(s, i)));
  };
  switch (sqlite3_column_type(s, i)) {
    case SQLITE_NULL:
      return "null";
    case SQLITE_INTEGER:
      return fmt::format("integer {}", sqlite3_column_int64(s, i));
    case SQLITE_FLOAT:
      return fmt::format("real {:a}", sqlite3_column_double(s, i));
    case SQLITE_TEXT: {
      std::string text = bytes(sqlite3_column_text(s, i));
      return (IsUtf8(text) ? "text " : "bytes ") + text;
    }
    default:
      return "bytes " + bytes(sqlite3_column_blob(s, i));
  }
}

std::string Spelled(const Cell& cell) {
  const std::string text(cell.bytes);
  switch (cell.type) {
    case CellType::kNull:
      return "null";
    case CellType::kInteger:
      return "integer " + text;
    case CellType::kReal:
      return fmt::format("real {:a}", std::strtod(text.c_str(), nullptr));
    case CellType::kText:
      return "text " + text;
    case CellType::kBytes:
      break;
  }
  return "bytes " + text;
}

// The rows of a SELECT through a connection of its own. `broken`: SQLite could not read all of them.
std::vector<std::vector<std::string>> RowsOf(const std::string& path, const std::string& select,
                                             bool* broken = nullptr) {
  sqlite3* db = nullptr;
  sqlite3_stmt* s = nullptr;
  EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  std::vector<std::vector<std::string>> rows;
  int rc = sqlite3_prepare_v2(db, select.c_str(), -1, &s, nullptr);
  while (rc == SQLITE_OK || rc == SQLITE_ROW) {
    rc = sqlite3_step(s);
    if (rc != SQLITE_ROW) break;
    rows.emplace_back();
    for (int i = 0; i < sqlite3_column_count(s); ++i) rows.back().push_back(Spelled(s, i));
  }
  if (broken != nullptr)
    *broken = rc != SQLITE_DONE;
  else
    EXPECT_EQ(rc, SQLITE_DONE) << sqlite3_errmsg(db);
  sqlite3_finalize(s);
  sqlite3_close(db);
  return rows;
}

std::vector<std::vector<std::string>> RowsOf(const ReadResult& read) {
  std::vector<std::vector<std::string>> rows;
  DecodedRow decoded;
  for (const auto& item : read.items) {
    const std::string& payload = item.reject ? item.raw : item.payload;
    EXPECT_TRUE(DecodePayload(payload, &decoded).ok()) << payload.substr(0, 200);
    rows.emplace_back();
    for (const Cell& cell : decoded.cells) rows.back().push_back(Spelled(cell));
  }
  return rows;
}

// Reads a table and holds it against SQLite's own reading of it. `pages`: it is to be read page by page.
void Compare(const std::string& path, const std::string& table, const SqliteOptions& options, bool pages,
             const std::string& order = "rowid") {
  ReadResult got = ReadSqlite(path, options);
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  EXPECT_EQ(got.findings.back().ends_with("page by page"), pages) << got.findings.back();
  const auto expected = RowsOf(path, fmt::format("SELECT * FROM \"{}\" ORDER BY {}", table, order));
  const auto rows = RowsOf(got);
  ASSERT_EQ(rows.size(), expected.size());
  for (size_t i = 0; i < rows.size(); ++i) ASSERT_EQ(rows[i], expected[i]) << "row " << i;
}

// A random table with random rows: types that do and do not fit, every width of integers, texts beyond a page, columns
// that came later, rows that went.
class RandomTable {
 public:
  RandomTable(Database* db, uint32_t seed) : db_(db), rng_(seed) {}

  void Make() {
    db_->Run(fmt::format("PRAGMA page_size = {}; PRAGMA auto_vacuum = {}", 512u << Below(8), Below(3)));
    static const char* const kKeys[] = {"id INTEGER PRIMARY KEY",
                                        "id INTEGER PRIMARY KEY DESC",
                                        "id INT PRIMARY KEY",
                                        "id integer primary key autoincrement",
                                        "id TEXT",
                                        "id REAL PRIMARY KEY",
                                        "id INTEGER, PRIMARY KEY (id DESC)"};
    const std::string key = kKeys[Below(std::size(kKeys))];
    const size_t comma = key.find(',');
    std::string columns = key.substr(0, comma), constraint = comma == std::string::npos ? "" : key.substr(comma);
    const uint32_t count = 1 + Below(12);
    for (uint32_t i = 0; i < count; ++i) columns += fmt::format(", c{} {}", i, Type());
    db_->Run("CREATE TABLE t (" + columns + constraint + ")");
    db_->Run("CREATE TABLE other (x)");
    Insert(2 + Below(300));
    if (Below(2) == 0) {
      db_->Run("ALTER TABLE t ADD COLUMN late " + Type());
      Insert(Below(50));
    }
    if (Below(3) == 0) {
      db_->Run("ALTER TABLE t ADD COLUMN later TEXT DEFAULT 'since'");
      Insert(Below(50));
    }
    if (Below(3) == 0) db_->Run("DELETE FROM t WHERE abs(random()) % 3 = 0");
    if (Below(4) == 0) db_->Run("VACUUM");
  }

 private:
  uint32_t Below(size_t n) { return static_cast<uint32_t>(rng_() % n); }
  std::string Type() {
    static const char* const kTypes[] = {
        "",        "INTEGER", "TEXT",    "REAL",       "FLOAT",       "DOUBLE PRECISION",
        "NUMERIC", "BLOB",    "POINT",   "VARCHAR(9)", "DATETIME",    "FLOATING POINT",
        "real",    "DECIMAL", "CHARINT", "REALTEXT",   "BLOBBY REAL", "any"};
    return kTypes[Below(std::size(kTypes))];
  }
  std::string Bytes() {
    std::string bytes(Below(20) == 0 ? Below(9000) : Below(24), '\0');
    const bool plain = Below(3) != 0;
    for (char& c : bytes) c = static_cast<char>(plain ? 'a' + Below(26) : Below(256));
    return bytes;
  }
  void BindAny(sqlite3_stmt* s, int at) {
    const std::string bytes = Bytes();
    const int size = static_cast<int>(bytes.size());
    const int64_t integer = static_cast<int64_t>(rng_()) >> Below(64);
    const double reals[] = {0.0,
                            -0.0,
                            1.5,
                            2065559857.0,
                            8005000000.0,
                            1e300,
                            -1e-300,
                            5e-324,
                            1e15,
                            9007199254740993.0,
                            std::numeric_limits<double>::infinity(),
                            std::numeric_limits<double>::quiet_NaN(),
                            -9.25e18};
    switch (Below(8)) {
      case 0:
        sqlite3_bind_null(s, at);
        break;
      case 1:
      case 2:
        sqlite3_bind_int64(s, at, Below(4) == 0 ? static_cast<int64_t>(Below(3)) : integer);
        break;
      case 3:
        sqlite3_bind_double(s, at, Below(2) == 0 ? reals[Below(std::size(reals))] : static_cast<double>(integer));
        break;
      case 4:
        sqlite3_bind_blob(s, at, bytes.data(), size, SQLITE_TRANSIENT);
        break;
      default:
        sqlite3_bind_text(s, at, bytes.data(), size, SQLITE_TRANSIENT);
    }
  }
  int64_t Rowid() {
    switch (Below(6)) {
      case 0:
        return INT64_MIN + static_cast<int64_t>(Below(3));
      case 1:
        return INT64_MAX - static_cast<int64_t>(Below(3));
      case 2:
        return static_cast<int64_t>(rng_());
      default:
        return static_cast<int64_t>(Below(2000)) - 1000;
    }
  }
  void Insert(uint32_t rows) {
    sqlite3_stmt* s = nullptr;
    ASSERT_EQ(sqlite3_prepare_v2(db_->db(), "SELECT * FROM t", -1, &s, nullptr), SQLITE_OK);
    const int columns = sqlite3_column_count(s);
    std::string names, marks;
    for (int i = 1; i < columns; ++i) names += ", "s + sqlite3_column_name(s, i);
    for (int i = 0; i < columns; ++i) marks += ", ?";
    sqlite3_finalize(s);
    // Row by row, between rows of another table; what a constraint refuses is left out.
    const bool own_rowid = Below(2) == 0;
    const std::string sql =
        fmt::format("INSERT OR IGNORE INTO t ({}{}) VALUES ({})", own_rowid ? "rowid" : "id", names, marks.substr(2));
    ASSERT_EQ(sqlite3_prepare_v2(db_->db(), sql.c_str(), -1, &s, nullptr), SQLITE_OK) << sqlite3_errmsg(db_->db());
    db_->Run("BEGIN");
    for (uint32_t r = 0; r < rows; ++r) {
      if (own_rowid || Below(2) == 0)
        sqlite3_bind_int64(s, 1, Rowid());
      else
        sqlite3_bind_null(s, 1);
      for (int i = 2; i <= columns; ++i) BindAny(s, i);
      sqlite3_step(s);
      sqlite3_reset(s);
      if (r % 16 == 0) db_->Run("INSERT INTO other VALUES (randomblob(900))");
    }
    sqlite3_exec(db_->db(), "COMMIT", nullptr, nullptr, nullptr);  // a full AUTOINCREMENT has ended it already
    sqlite3_finalize(s);
  }

  Database* db_;
  std::mt19937_64 rng_;
};

TEST(SqliteValues, RandomTablesAreWhatSqliteReads) {
  for (uint32_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Database db;
    RandomTable(&db, seed).Make();
    SqliteOptions options = Options("t");
    options.chunk_rows = 1 + seed * 7 % 400;
    Compare(db.path(), "t", options, true);
    if (HasFatalFailure()) return;
  }
}

// Like ReadAll, for a database whose count may differ from its rows.
ReadResult ReadDamaged(const std::string& path, const SqliteOptions& options) {
  ReadResult out;
  auto reader = OpenSqlite(path, options);
  out.status = reader.status();
  while (out.status.ok()) {
    auto chunk = (*reader)->Next();
    out.status = chunk.status();
    if (!chunk.ok() || !*chunk) break;
    Collected sink;
    out.status = (*reader)->Read(**chunk, sink);
    out.items.insert(out.items.end(), sink.items.begin(), sink.items.end());
    out.counted += (*chunk)->counted;
  }
  return out;
}

// A page that was damaged is never read otherwise than SQLite reads it, and what SQLite refuses is refused.
TEST(SqliteValues, DamageIsReadAsSqliteReadsItOrRefused) {
  int refused = 0, same = 0;
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    Database db;
    RandomTable(&db, seed).Make();
    db.Close();
    const std::string whole = *ReadWholeFile(db.path());
    std::mt19937 rng(seed);
    for (int round = 0; round < 60; ++round) {
      std::string bytes = whole;
      for (uint32_t n = 1 + rng() % 3; n > 0; --n) bytes[100 + rng() % (bytes.size() - 100)] = static_cast<char>(rng());
      TempFile file(bytes, ".db");
      SqliteOptions options = Options("t");
      options.chunk_rows = 50;
      const ReadResult got = ReadDamaged(file.path(), options);
      bool broken = false;
      const auto expected = RowsOf(file.path(), "SELECT * FROM t ORDER BY rowid", &broken);
      if (!got.status.ok()) {
        ++refused;
        EXPECT_FALSE(got.status.message().empty());
      } else if (!broken && got.counted == got.items.size()) {
        ++same;
        EXPECT_TRUE(RowsOf(got) == expected) << "seed " << seed << " round " << round;
      }
    }
  }
  EXPECT_GT(refused, 5);
  EXPECT_GT(same, 50);
}

TEST(SqliteValues, OverflowingCellsAndPageSizes) {
  for (int page : {512, 1024, 4096, 65536}) {
    Database db;
    db.Run(fmt::format("PRAGMA page_size = {}; CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB, w TEXT)", page));
    // Around every bound of what stays in a cell, and far beyond.
    db.Run(
        fmt::format("WITH RECURSIVE c(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM c WHERE i < 2 * {}) "
                    "INSERT INTO t SELECT i, randomblob(i), 'after' || i FROM c WHERE i % (1 + {} / 700) = 0",
                    page, page));
    db.Run("INSERT INTO t VALUES (1000000, randomblob(1000000), hex(randomblob(500000)))");
    SqliteOptions options = Options("t");
    options.chunk_rows = 97;
    Compare(db.path(), "t", options, true);
  }
}

TEST(SqliteValues, TablesThatSqliteReadsItself) {
  Database db;
  db.Run("CREATE TABLE v (id INTEGER PRIMARY KEY, a, b AS (a || '!') VIRTUAL, c)");
  db.Run("CREATE TABLE s (id INTEGER PRIMARY KEY, a, b TEXT AS (a || '!') STORED, c REAL)");
  db.Run("CREATE TABLE w (id TEXT PRIMARY KEY, a REAL, b BLOB) WITHOUT ROWID");
  db.Run("CREATE VIRTUAL TABLE f USING fts5(id, body)");
  for (const char* t : {"v (id, a, c)", "s (id, a, c)", "w (id, a, b)"})
    db.Run(
        fmt::format("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 500) "
                    "INSERT INTO {} SELECT i, i * 3, x'00ff' || i FROM c",
                    t));
  db.Run("INSERT INTO f VALUES ('k1', 'one'), ('k2', NULL)");
  SqliteOptions options;
  for (const char* t : {"v", "s", "w", "f"}) {
    SCOPED_TRACE(t);
    options = Options(t);
    options.chunk_rows = 100;
    Compare(db.path(), t, options, false, t == "w"s || t == "f"s ? "id" : "rowid");
  }
}

TEST(SqliteValues, TextsOfUtf16Databases) {
  for (const char* encoding : {"UTF-16le", "UTF-16be"}) {
    Database db;
    db.Run(fmt::format("PRAGMA encoding = '{}'; CREATE TABLE t (id INTEGER PRIMARY KEY, v)", encoding));
    db.Run("INSERT INTO t VALUES (1, 'caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80'), (2, ''), (3, 7), (4, 'a\"\n')");
    // Half a surrogate pair: no text, and kept as it is.
    const bool big = encoding[6] == 'b';
    db.Run(fmt::format("INSERT INTO t VALUES (5, CAST({} AS TEXT))", big ? "x'0041D8000042'" : "x'410000D84200'"));
    const ReadResult got = ReadSqlite(db.path(), Options("t"));
    EXPECT_EQ(Payloads(got),
              (std::vector<std::string>{"1 [1,\"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"]", "2 [2,\"\"]", "3 [3,7]",
                                        "4 [4,\"a\\\"\\n\"]",
                                        big ? R"(5 [5,{"base64":"AEHYAABC"}])" : R"(5 [5,{"base64":"QQAA2EIA"}])"}));
  }
}

TEST(SqliteValues, NumbersThatWereTexts) {
  Database db;
  db.Run("CREATE TABLE t (zip INTEGER PRIMARY KEY, phone REAL, other NUMERIC, latin TEXT)");
  db.Run(
      "INSERT INTO t VALUES (501, 2065559857.0, '0042', CAST(x'4AF67267' AS TEXT)), (502, '8005000000', 'x1', "
      "'J\xc3\xb6rg')");
  EXPECT_EQ(Payloads(ReadSqlite(db.path(), Options("t", {"zip"}))),
            (std::vector<std::string>{R"(501 [501,2065559857.0,42,{"base64":"SvZyZw=="}])",
                                      "502 [502,8005000000.0,\"x1\",\"J\xc3\xb6rg\"]"}));
  EXPECT_EQ(ReadSqlite(db.path(), Options("t", {"phone"})).items[1].key, "8005000000.0");
}

TEST(SqliteValues, KeysOfSeveralColumns) {
  Database db;
  db.Run("CREATE TABLE t (a, b, c)");
  db.Run("INSERT INTO t VALUES (1, 'x', 0), ('1', 'x', 0), (1.0, '\"', 0), (NULL, 'x', 0), (1, '', 0), (1, x'41', 0)");
  EXPECT_EQ(
      Payloads(ReadSqlite(db.path(), Options("t", {"b", "a"}))),
      (std::vector<std::string>{R"(["x","1"] [1,"x",0])", R"(["x","1"] ["1","x",0])", R"(["\"","1.0"] [1.0,"\"",0])",
                                "!null_key key column 'a' is NULL", "!null_key key column 'b' is empty",
                                "!undecodable_bytes key column 'b' holds bytes that are no text"}));
}

TEST(SqliteValues, RowsTooLongAreRejects) {
  Database db;
  db.Run("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  db.Run("INSERT INTO t VALUES (1, zeroblob(17000000)), (2, 'x'), (3, CAST(zeroblob(3000000) AS TEXT))");
  const ReadResult got = ReadSqlite(db.path(), Options("t"));
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  ASSERT_EQ(got.items.size(), 3u);
  EXPECT_EQ(got.items[0].reason, reasons::kTooLong);
  EXPECT_EQ(got.items[0].detail, "22666685 bytes, the limit is 16777216");
  EXPECT_EQ(got.items[1].key, "2");
  EXPECT_EQ(got.items[2].reason, reasons::kTooLong);  // 3 MB of NUL bytes are 18 MB of \u0000
}

TEST(SqliteValues, AsManyColumnsAsSqliteHas) {
  std::string columns;
  for (int i = 1; i < 1999; ++i) columns += fmt::format(", c{}", i);
  Database db;
  db.Run("CREATE TABLE t (id INTEGER PRIMARY KEY" + columns + ", last)");
  db.Run("CREATE TABLE g (id INTEGER PRIMARY KEY" + columns + ", last AS (c1 || 'x'))");
  db.Run("INSERT INTO t (id, c1, last) VALUES (-1, 'a', 'z'), (5, 'b', NULL)");
  db.Run("INSERT INTO g (id, c1) VALUES (-1, 'a'), (5, 'b')");
  Compare(db.path(), "t", Options("t"), true);
  Compare(db.path(), "g", Options("g"), false);
}

TEST(SqliteValues, NamesThatQueriesGive) {
  Database db;
  db.Run("CREATE TABLE a (id INTEGER PRIMARY KEY, \"na\"\"me\" TEXT, \"\xc3\xa9t\xc3\xa9\" TEXT)");
  db.Run("INSERT INTO a VALUES (1, 'x', 'y')");
  SqliteOptions options = Options("");
  options.query = "SELECT a.id, b.id, a.\"na\"\"me\", a.*, 1 + 1, 'text' FROM a JOIN a b USING (id)";
  const ReadResult got = ReadSqlite(db.path(), options);
  ASSERT_TRUE(got.status.ok()) << got.status.message();
  std::vector<std::string> names;
  for (const Column& c : got.columns) names.push_back(c.name);
  EXPECT_EQ(names, (std::vector<std::string>{"id", "id_2", "na\"me", "id_3", "na\"me_2", "\xc3\xa9t\xc3\xa9", "1 + 1",
                                             "'text'"}));
  EXPECT_EQ(Payloads(got), std::vector<std::string>{"1 [1,1,\"x\",1,\"x\",\"y\",2,\"text\"]"});
}

}  // namespace
}  // namespace migrate::extract
