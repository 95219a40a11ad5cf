// The reader of SQLite's pages over damaged databases. The first byte chooses a database that SQLite made (small pages
// with overflow chains, an interior level, or both), then each three bytes are a place and what is put there. Checked:
// nothing is read outside of a page; and where SQLite's own integrity check finds nothing wrong, the reader finds the
// rows that SQLite finds, or leaves them to it (kUnclear).
#include <sqlite3.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "fuzz_check.h"
#include "sqlite_pages.h"

namespace {

using migrate::fuzz::Check;

using Database = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;

Database Open() {
  sqlite3* db = nullptr;
  Check(sqlite3_open(":memory:", &db) == SQLITE_OK, "a database in memory");
  return {db, &sqlite3_close};
}

std::string Make(int page_bytes, int rows, int text_bytes) {
  Database db = Open();
  const std::string sql =
      "PRAGMA page_size=" + std::to_string(page_bytes) +
      "; CREATE TABLE t (a, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(rows) + ") INSERT INTO t SELECT i, printf('%." + std::to_string(text_bytes) + "c', 'x') FROM n;";
  Check(sqlite3_exec(db.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK, "a table");
  sqlite3_int64 size = 0;
  std::unique_ptr<unsigned char, void (*)(void*)> bytes(sqlite3_serialize(db.get(), "main", &size, 0), &sqlite3_free);
  return {reinterpret_cast<const char*>(bytes.get()), static_cast<size_t>(size)};
}

const std::vector<std::string>& Bases() {
  static const auto* const bases =
      new std::vector<std::string>{Make(512, 3, 1200), Make(512, 60, 20), Make(512, 40, 700), Make(4096, 5, 10)};
  return *bases;
}

bool Query(sqlite3* db, const char* sql, std::vector<std::string>* values) {
  sqlite3_stmt* s = nullptr;
  bool ok = sqlite3_prepare_v2(db, sql, -1, &s, nullptr) == SQLITE_OK;
  int rc = SQLITE_DONE;
  while (ok && (rc = sqlite3_step(s)) == SQLITE_ROW) {
    const void* text = sqlite3_column_text(s, 0);
    values->emplace_back(text == nullptr ? "" : static_cast<const char*>(text));
    if (values->size() > 100000) break;
  }
  sqlite3_finalize(s);
  return ok && rc == SQLITE_DONE;
}

// Where bytes go that are only read so that the sanitizers see it.
volatile uint64_t g_sum;

// The rowids that the cursor gives; false if it leaves the table to SQLite, or sees disorder.
bool ReadPages(sqlite3* db, uint32_t root, std::vector<std::string>* rowids, bool* disorder) {
  migrate::extract::SqlitePages pages(db);
  if (!pages.ok()) return false;
  migrate::extract::SqliteTableCursor cursor(&pages, root, INT64_MIN, INT64_MAX);
  for (;;) {
    const auto step = cursor.Next();
    using Step = migrate::extract::SqliteTableCursor::Step;
    *disorder = step == Step::kDisorder;
    if (step == Step::kEnd) return true;
    if (step != Step::kRow || rowids->size() > 100000) return false;
    for (char c : cursor.record()) g_sum = g_sum + static_cast<uint8_t>(c);
    rowids->push_back(std::to_string(cursor.rowid()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const std::string& base = Bases()[data[0] % Bases().size()];
  Database db = Open();
  auto* bytes = static_cast<unsigned char*>(sqlite3_malloc64(base.size()));
  std::memcpy(bytes, base.data(), base.size());
  for (size_t i = 1; i + 2 < size; i += 3)
    bytes[(data[i] | static_cast<size_t>(data[i + 1]) << 8) % base.size()] = data[i + 2];
  if (sqlite3_deserialize(db.get(), "main", bytes, static_cast<sqlite3_int64>(base.size()),
                          static_cast<sqlite3_int64>(base.size()), SQLITE_DESERIALIZE_FREEONCLOSE) != SQLITE_OK)
    return 0;
  sqlite3_exec(db.get(), "PRAGMA cell_size_check=ON; BEGIN", nullptr, nullptr, nullptr);
  std::vector<std::string> root, check, expected, found;
  const bool whole = Query(db.get(), "SELECT rootpage FROM sqlite_schema WHERE name = 't'", &root) && root.size() == 1;
  // Without SQLite's word for it any page may be the root.
  const auto page = whole ? static_cast<uint32_t>(std::strtoul(root[0].c_str(), nullptr, 10)) : 2u;
  bool disorder = false;
  const bool read = ReadPages(db.get(), page, &found, &disorder);
  const bool sound = whole && Query(db.get(), "PRAGMA integrity_check", &check) && check.size() == 1 &&
                     check[0] == "ok" && Query(db.get(), "SELECT rowid FROM t ORDER BY rowid", &expected);
  Check(!sound || !disorder, "a sound table is in order");
  Check(!sound || !read || found == expected, "the pages of a sound table hold SQLite's rows");
  return 0;
}
