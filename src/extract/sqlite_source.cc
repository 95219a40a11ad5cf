#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "migrate/extract/names.h"
#include "migrate/extract/source.h"
#include "sqlite_open.h"
#include "sqlite_pages.h"
#include "sqlite_rows.h"
#include "sqlite_storage.h"

namespace migrate::extract {
namespace {

// Connections that read at the same time, beside the one that cuts. Each has a page cache of 2 MB.
constexpr int kReaders = 4;

// What a range of rows is to take at most, by the mean row.
constexpr double kRangeBytes = 32 << 20;

// How far the rows of a range were handed on.
struct RangePlace {
  Place place;        // of the next row
  int64_t next = 0;   // the least rowid that was not
  bool done = false;  // all were
};

class SqliteReader : public Reader {
 public:
  SqliteReader(std::string path, const SqliteOptions& options)
      : path_(std::move(path)), options_(options), chunk_rows_(options.chunk_rows) {}
  Status Open();
  const std::vector<Column>& columns() const override { return columns_; }
  std::vector<std::string> Findings() const override { return findings_; }
  Result<std::optional<Chunk>> Next() override;
  Status Read(const Chunk& chunk, RowSink& sink) const override;
  Status Finish() override { return snapshot_->CheckUnchanged(); }
  std::string_view RawDelimiter() const override { return ""; }

 private:
  Status FindTable(sqlite3* db);
  Status FindQuery(sqlite3* db);
  Status FindColumns(sqlite3* db);
  Status StartRanges(sqlite3* db);
  Status StartPass(sqlite3* db);
  Result<std::optional<Chunk>> NextRange();
  Result<std::optional<Chunk>> NextOfPass();
  Status ReadRange(const Chunk& chunk, RowSink& sink) const;
  Status ReadPages(const Chunk& chunk, sqlite3* db, SqliteRows* rows, RangePlace* at, RowSink& sink) const;
  Status ReadBySqlite(const Chunk& chunk, sqlite3* db, SqliteRows* rows, RangePlace* at, RowSink& sink) const;
  Status ReadPass(const Chunk& chunk, RowSink& sink) const;
  Result<std::optional<int64_t>> OneInteger(sqlite3_stmt* s, int64_t first, int64_t second);
  Status Broke(sqlite3_stmt* s, int code, const std::string& where) const;
  std::string Name() const { return options_.table.empty() ? "query" : "table " + options_.table; }

  const std::string path_;
  const SqliteOptions options_;
  std::unique_ptr<SqliteSnapshot> snapshot_;
  std::vector<Column> columns_;
  std::vector<std::string> findings_;
  std::vector<uint32_t> key_;
  std::string from_;                    // what stands after FROM: the quoted table, or the query in parentheses
  std::string table_;                   // its name as the schema spells it
  std::optional<SqliteTable> storage_;  // how it lies in the file, if it can be read page by page
  std::string rowid_;                   // a name of the rowid; "" for views, queries and tables without one
  bool may_range_ = false;              // a table that has rowids
  uint32_t chunk_rows_;                 // at most, of a range or of a chunk of a pass
  SqliteText text_ = SqliteText::kUtf8;

  std::mutex mutex_;                     // guards all below
  StatementHandle edge_, count_, pass_;  // of the cutting connection
  Chunk next_;
  bool ended_ = false;
  Status failed_;               // the first error stays: a statement stepped after one would begin anew
  int64_t low_ = 0, high_ = 0;  // rowids that are still to be cut
  uint64_t total_ = 0;          // of a pass: COUNT(*)
};

Status SqliteReader::Open() {
  if (options_.table.empty() == options_.query.empty())
    return Status::Plan(path_ + ": either a table or a query is needed");
  MIGRATE_ASSIGN(snapshot_, SqliteSnapshot::Open(path_, options_.busy_ms, kReaders));
  findings_.push_back(snapshot_->finding());
  sqlite3* db = snapshot_->cutter();
  MIGRATE_TRY(options_.table.empty() ? FindQuery(db) : FindTable(db));
  MIGRATE_TRY(FindColumns(db));
  MIGRATE_ASSIGN(key_, FindKeys(path_ + ": " + Name(), options_.key, columns_));
  for (std::string_view name : {"_rowid_", "rowid", "oid"})
    if (may_range_ && rowid_.empty() && std::none_of(columns_.begin(), columns_.end(), [&](const Column& c) {
          return sqlite3_stricmp(c.name.c_str(), std::string(name).c_str()) == 0;
        }))
      rowid_ = name;
  MIGRATE_ASSIGN(StatementHandle encoding, Prepare(path_, db, "PRAGMA encoding"));
  if (sqlite3_step(encoding.get()) == SQLITE_ROW) {
    const std::string_view name = reinterpret_cast<const char*>(sqlite3_column_text(encoding.get(), 0));
    text_ = name == "UTF-16le" ? SqliteText::kUtf16le : name == "UTF-16be" ? SqliteText::kUtf16be : SqliteText::kUtf8;
  }
  next_.begin.row = 1;
  if (!rowid_.empty() && text_ == SqliteText::kUtf8 && snapshot_->in_one_file()) {
    MIGRATE_ASSIGN(storage_, FindStorage(path_, db, table_));
    if (storage_ && storage_->columns.size() != columns_.size()) storage_.reset();
  }
  findings_.push_back(rowid_.empty() ? "read in one pass, ordered by its key"
                      : storage_     ? "read by ranges of rowids, page by page"
                                     : "read by ranges of rowids");
  return rowid_.empty() ? StartPass(db) : StartRanges(db);
}

Status SqliteReader::FindTable(sqlite3* db) {
  MIGRATE_ASSIGN(
      StatementHandle s,
      Prepare(path_, db, "SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' ORDER BY name"));
  std::vector<std::string> names;
  int rc = SQLITE_ROW;
  while ((rc = sqlite3_step(s.get())) == SQLITE_ROW) {
    const std::string name = reinterpret_cast<const char*>(sqlite3_column_text(s.get(), 0));
    const std::string type = reinterpret_cast<const char*>(sqlite3_column_text(s.get(), 1));
    if (sqlite3_stricmp(name.c_str(), options_.table.c_str()) == 0) {
      table_ = name;
      from_ = QuotedName(name);
      may_range_ = type == "table" && sqlite3_column_int(s.get(), 2) == 0;
      return {};
    }
    if (!name.starts_with("sqlite_")) names.push_back(name);
  }
  if (rc != SQLITE_DONE) return Broke(s.get(), rc, "reading the schema");
  return Status::Plan(
      fmt::format("{}: there is no table '{}'{}", path_, options_.table, DidYouMean(options_.table, names)),
      names.empty() ? "the database has no tables"
                    : fmt::format("its tables and views are: {}", fmt::join(names, ", ")));
}

// A query is one statement that only reads; a semicolon at its end is taken off.
Status SqliteReader::FindQuery(sqlite3* db) {
  const char* text = options_.query.c_str();
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  int rc = sqlite3_prepare_v2(db, text, -1, &raw, &tail);
  StatementHandle s(raw);
  if ((rc & 0xff) == SQLITE_ERROR) return Status::Plan(fmt::format("{}: query: {}", path_, sqlite3_errmsg(db)));
  if (rc != SQLITE_OK) return SqliteError(path_, "query", rc, sqlite3_errmsg(db));
  if (raw == nullptr || sqlite3_stmt_readonly(raw) == 0 || sqlite3_column_count(raw) == 0)
    return Status::Plan(path_ + ": the query is not a SELECT");
  if (sqlite3_bind_parameter_count(raw) > 0)
    return Status::Plan(path_ + ": the query has a parameter (? or :name), and nothing gives it a value",
                        "write the value into the query; ${VAR} takes it from the environment");
  sqlite3_stmt* second = nullptr;
  rc = sqlite3_prepare_v2(db, tail, -1, &second, nullptr);
  StatementHandle rest(second);
  if (rc != SQLITE_OK || second != nullptr) return Status::Plan(path_ + ": the query has more than one statement");
  std::string one(text, tail);
  if (one.ends_with(';')) one.pop_back();
  from_ = "(" + one + "\n)";  // the line end ends a comment
  return {};
}

Status SqliteReader::FindColumns(sqlite3* db) {
  // A query is asked itself: as a subquery SQLite would rename columns that have one name.
  MIGRATE_ASSIGN(StatementHandle s,
                 Prepare(path_, db, options_.table.empty() ? options_.query : "SELECT * FROM " + from_));
  for (int i = 0; i < sqlite3_column_count(s.get()); ++i) {
    const char* type = sqlite3_column_decltype(s.get(), i);
    columns_.push_back({std::string(Trimmed(sqlite3_column_name(s.get(), i))), type == nullptr ? "" : type});
  }
  for (std::string& change : MakeUnique(&columns_)) findings_.push_back(std::move(change));
  return {};
}

Status SqliteReader::StartRanges(sqlite3* db) {
  const std::string table = " FROM " + from_;
  MIGRATE_ASSIGN(int64_t any, QueryInteger(path_, db, fmt::format("SELECT EXISTS(SELECT 1{})", table)));
  ended_ = any == 0;
  MIGRATE_ASSIGN(low_, QueryInteger(path_, db, fmt::format("SELECT min({}){}", rowid_, table)));
  MIGRATE_ASSIGN(high_, QueryInteger(path_, db, fmt::format("SELECT max({}){}", rowid_, table)));
  // Rows of a photo album are not held by the thousand. The mean is of the whole file over the rowids there can be: a
  // property of the input, whatever reads it.
  MIGRATE_ASSIGN(int64_t pages, QueryInteger(path_, db, "PRAGMA page_count"));
  MIGRATE_ASSIGN(int64_t page_bytes, QueryInteger(path_, db, "PRAGMA page_size"));
  double rows = static_cast<double>(high_) - static_cast<double>(low_) + 1;
  const double bytes = static_cast<double>(pages) * static_cast<double>(page_bytes);
  constexpr double kLeastRow = 16;
  if (bytes / rows < kLeastRow) {  // rowids with gaps: they say nothing of how many there are
    MIGRATE_ASSIGN(int64_t n, QueryInteger(path_, db, "SELECT count(*)" + table));
    rows = std::max(1.0, static_cast<double>(n));
  }
  const double mean = bytes / rows;
  chunk_rows_ = static_cast<uint32_t>(std::clamp(kRangeBytes / mean, 1.0, static_cast<double>(options_.chunk_rows)));
  MIGRATE_ASSIGN(
      edge_,
      Prepare(path_, db, fmt::format("SELECT {0}{1} WHERE {0} >= ?1 ORDER BY {0} LIMIT 1 OFFSET ?2", rowid_, table)));
  MIGRATE_ASSIGN(count_,
                 Prepare(path_, db, fmt::format("SELECT count(*){} WHERE {} BETWEEN ?1 AND ?2", table, rowid_)));
  return {};
}

Status SqliteReader::StartPass(sqlite3* db) {
  if (key_.empty()) return {};  // only the columns were asked for
  std::vector<uint32_t> ordinals;
  for (uint32_t k : key_) ordinals.push_back(k + 1);
  MIGRATE_ASSIGN(int64_t total, QueryInteger(path_, db, "SELECT count(*) FROM " + from_));
  total_ = static_cast<uint64_t>(total);
  MIGRATE_ASSIGN(pass_,
                 Prepare(path_, db, fmt::format("SELECT * FROM {} ORDER BY {}", from_, fmt::join(ordinals, ", "))));
  return {};
}

Status SqliteReader::Broke(sqlite3_stmt* s, int code, const std::string& where) const {
  return SqliteError(path_, Name() + ", " + where, code, sqlite3_errmsg(sqlite3_db_handle(s)));
}

// Runs a statement of two parameters that gives at most one integer.
Result<std::optional<int64_t>> SqliteReader::OneInteger(sqlite3_stmt* s, int64_t first, int64_t second) {
  sqlite3_bind_int64(s, 1, first);
  sqlite3_bind_int64(s, 2, second);
  int rc = sqlite3_step(s);
  std::optional<int64_t> value;
  if (rc == SQLITE_ROW) value = sqlite3_column_int64(s, 0);
  Status broke =
      rc == SQLITE_ROW || rc == SQLITE_DONE ? Status() : Broke(s, rc, fmt::format("from rowid {} on", first));
  sqlite3_reset(s);
  if (!broke.ok()) return broke;
  return value;
}

Result<std::optional<Chunk>> SqliteReader::Next() {
  std::lock_guard lock(mutex_);
  if (!failed_.ok()) return failed_;
  if (options_.key.empty()) return Status::Plan(path_ + ": " + Name() + ": a key is needed");
  if (ended_) return std::optional<Chunk>();
  Result<std::optional<Chunk>> chunk = rowid_.empty() ? NextOfPass() : NextRange();
  if (!chunk.ok()) failed_ = chunk.status();
  return chunk;
}

// Where rowids lie close, a range of chunk_rows of them is a chunk, and only its count is asked; where they are sparse,
// the rowid that ends chunk_rows rows is looked up first.
Result<std::optional<Chunk>> SqliteReader::NextRange() {
  const int64_t rows = chunk_rows_;
  Chunk chunk = next_;
  // The ranges tile all rowids there can be, so that no row lies outside of them.
  chunk.key_low = chunk.index == 0 ? INT64_MIN : low_;
  const auto end_at = [&](int64_t rowid) {
    ended_ = rowid >= high_;
    chunk.key_high = ended_ ? INT64_MAX : rowid;
    return OneInteger(count_.get(), chunk.key_low, chunk.key_high);
  };
  const bool wide = low_ < high_ && static_cast<uint64_t>(high_) - static_cast<uint64_t>(low_) >= chunk_rows_;
  MIGRATE_ASSIGN(std::optional<int64_t> counted, end_at(wide ? low_ + rows - 1 : high_));
  if (counted.value_or(0) * 2 < rows && !ended_) {
    MIGRATE_ASSIGN(std::optional<int64_t> edge, OneInteger(edge_.get(), low_, rows - 1));
    MIGRATE_ASSIGN(counted, end_at(edge.value_or(high_)));
  }
  chunk.counted = static_cast<uint64_t>(counted.value_or(0));
  if (!ended_) low_ = chunk.key_high + 1;
  next_.begin.row += chunk.counted;
  ++next_.index;
  return std::optional<Chunk>(std::move(chunk));
}

Result<std::optional<Chunk>> SqliteReader::NextOfPass() {
  Chunk chunk = next_;
  SqliteRows rows(options_.source, columns_, key_, text_);
  uint64_t n = 0;
  const uint64_t before = next_.begin.row - 1;
  while (n < chunk_rows_ && chunk.bytes.size() < kChunkBytes) {
    int rc = sqlite3_step(pass_.get());
    if (rc == SQLITE_DONE) {
      ended_ = true;
      break;
    }
    if (rc != SQLITE_ROW) return Broke(pass_.get(), rc, fmt::format("after row {}", before + n));
    rows.Make(pass_.get());
    rows.row().Encode(&chunk.bytes);
    ++n;
  }
  chunk.counted = n;
  if (ended_) {
    if (before > total_)
      return Status::Failed(
          fmt::format("{}: {}: count(*) gives {} rows, reading gave {}", path_, Name(), total_, before + n),
          "does the query give the same rows each time?");
    chunk.counted = total_ - before;
    if (n == 0 && chunk.counted == 0) return std::optional<Chunk>();
  }
  chunk.key_low = static_cast<int64_t>(before + 1);
  chunk.key_high = static_cast<int64_t>(before + n);
  next_.begin.row += n;
  ++next_.index;
  return std::optional<Chunk>(std::move(chunk));
}

Status SqliteReader::Read(const Chunk& chunk, RowSink& sink) const {
  return rowid_.empty() ? ReadPass(chunk, sink) : ReadRange(chunk, sink);
}

Status SqliteReader::ReadRange(const Chunk& chunk, RowSink& sink) const {
  SqliteSnapshot::Lease lease = snapshot_->Take();
  SqliteRows rows(options_.source, columns_, key_, text_);
  RangePlace at{chunk.begin, chunk.key_low, false};
  if (storage_) MIGRATE_TRY(ReadPages(chunk, lease.db(), &rows, &at, sink));
  if (!at.done) MIGRATE_TRY(ReadBySqlite(chunk, lease.db(), &rows, &at, sink));
  return rows.row().Flush(sink);
}

// Stops, not done, before the first row that is not as the file format says.
Status SqliteReader::ReadPages(const Chunk& chunk, sqlite3* db, SqliteRows* rows, RangePlace* at, RowSink& sink) const {
  SqlitePages pages(db);
  if (!pages.ok()) return {};
  SqliteTableCursor cursor(&pages, storage_->root, chunk.key_low, chunk.key_high);
  for (;; ++at->place.row) {
    const SqliteTableCursor::Step step = cursor.Next();
    if (step == SqliteTableCursor::Step::kDisorder)
      return SqliteError(path_, fmt::format("{}, from rowid {}", Name(), at->next), SQLITE_CORRUPT,
                         "database disk image is malformed: its rowids are out of order");
    if (step != SqliteTableCursor::Step::kRow) {
      at->done = step == SqliteTableCursor::Step::kEnd;
      return {};
    }
    if (!rows->Make(cursor.rowid(), cursor.record(), storage_->columns)) return {};
    MIGRATE_TRY(rows->row().Deliver(at->place, sink));
    at->done = cursor.rowid() == chunk.key_high;
    if (at->done) return {};
    at->next = cursor.rowid() + 1;
  }
}

Status SqliteReader::ReadBySqlite(const Chunk& chunk, sqlite3* db, SqliteRows* rows, RangePlace* at,
                                  RowSink& sink) const {
  // The rowid is only for messages; a table may have as many columns as SQLite allows a result.
  const bool with_rowid = static_cast<int>(columns_.size()) < sqlite3_limit(db, SQLITE_LIMIT_COLUMN, -1);
  MIGRATE_ASSIGN(StatementHandle s, Prepare(path_, db,
                                            fmt::format("SELECT *{2} FROM {1} WHERE {0} BETWEEN ?1 AND ?2 ORDER BY {0}",
                                                        rowid_, from_, with_rowid ? ", " + rowid_ : "")));
  sqlite3_bind_int64(s.get(), 1, at->next);
  sqlite3_bind_int64(s.get(), 2, chunk.key_high);
  int64_t rowid = at->next;
  for (bool first = true;; ++at->place.row, first = false) {
    int rc = sqlite3_step(s.get());
    if (rc == SQLITE_DONE) return {};
    if (rc != SQLITE_ROW)
      return Broke(s.get(), rc, fmt::format("{} rowid {}", first || !with_rowid ? "from" : "after", rowid));
    if (with_rowid) rowid = sqlite3_column_int64(s.get(), static_cast<int>(columns_.size()));
    rows->Make(s.get());
    MIGRATE_TRY(rows->row().Deliver(at->place, sink));
  }
}

Status SqliteReader::ReadPass(const Chunk& chunk, RowSink& sink) const {
  SqliteRows rows(options_.source, columns_, key_, text_);
  ByteReader in(chunk.bytes);
  for (Place place = chunk.begin; !in.done(); ++place.row) {
    if (!rows.row().Decode(&in)) return Status::Failed(path_ + ": a chunk is damaged in memory");
    MIGRATE_TRY(rows.row().Deliver(place, sink));
  }
  return rows.row().Flush(sink);
}

}  // namespace

Result<std::unique_ptr<Reader>> OpenSqlite(const std::string& path, const SqliteOptions& options) {
  auto reader = std::make_unique<SqliteReader>(path, options);
  MIGRATE_TRY(reader->Open());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace migrate::extract
