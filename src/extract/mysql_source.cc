#include "migrate/extract/mysql_source.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <future>
#include <optional>
#include <utility>

#include "migrate/base/bytes.h"
#include "migrate/extract/names.h"
#include "mysql_rows.h"
#include "table_row.h"

namespace migrate::extract {
namespace {

using store::MysqlColumn;
using store::MysqlKind;
using store::MysqlSession;
using store::MysqlStream;
using store::QuoteMysqlName;

// A column of the primary key, as ranges need it.
struct KeyColumn {
  std::string quoted;
  enum class Kind { kNumber, kText, kBytes } kind;
  std::string Literal(std::string_view value) const {
    switch (kind) {
      case Kind::kNumber:
        return std::string(value);
      case Kind::kBytes:
        return store::QuoteMysqlBytes(value);
      case Kind::kText:
        break;
    }
    return store::QuoteMysqlText(value);
  }
};

// Rows behind (`op` ">") or up to ("<") `edge` in the order of the key; the edge itself belongs to "<".
std::string Beside(const std::vector<KeyColumn>& key, const std::vector<std::string>& edge, char op) {
  std::string out;
  for (size_t last = key.size(); last-- > 0;) {
    const bool inclusive = op == '<' && last + 1 == key.size();
    std::string here = fmt::format("{} {}{} {}", key[last].quoted, op, inclusive ? "=" : "", edge[last]);
    out = out.empty() ? here : fmt::format("({} OR ({} = {} AND {}))", here, key[last].quoted, edge[last], out);
  }
  return out;
}

// A range's edge between two processes: the literals, which hold neither a comma nor a line end.
std::string EdgeText(const std::vector<std::string>& edge) { return fmt::format("{}", fmt::join(edge, ", ")); }

std::vector<std::string> EdgeOf(const std::string& text) {
  std::vector<std::string> edge;
  for (size_t at = 0; !text.empty() && at <= text.size();) {
    const size_t end = std::min(text.find(", ", at), text.size());
    edge.push_back(text.substr(at, end - at));
    at = end + 2;
  }
  return edge;
}

// Counts what a stream gives, and holds it back as its throttle says. Without one it does nothing.
class Pace {
 public:
  explicit Pace(Throttle* throttle)
      : throttle_(throttle), streaming_(throttle), at_once_(throttle ? throttle->RowsAtOnce() : 0) {}
  Status Row(size_t bytes) {
    if (throttle_ == nullptr) return {};
    bytes_ += bytes;
    return ++rows_ < at_once_ && bytes_ < kBytesAtOnce ? Status() : Settle();
  }
  Status Settle() {
    if (throttle_ == nullptr) return {};
    return throttle_->Take(std::exchange(rows_, 0), std::exchange(bytes_, 0));
  }

 private:
  static constexpr uint64_t kBytesAtOnce = 64 << 10;
  Throttle* throttle_;
  Throttle::Streaming streaming_;
  uint64_t at_once_, rows_ = 0, bytes_ = 0;
};

class MysqlReader : public Reader {
 public:
  MysqlReader(std::shared_ptr<MysqlServer> server, const MysqlSourceOptions& options)
      : server_(std::move(server)), options_(options) {}
  Status Open();
  const std::vector<Column>& columns() const override { return columns_; }
  std::vector<std::string> Findings() const override {
    std::vector<std::string> all = findings_;
    if (options_.throttle) all.push_back(options_.throttle->Finding());
    return all;
  }
  Result<std::optional<Chunk>> Next() override;
  Status Read(const Chunk& chunk, RowSink& sink) const override;
  // The snapshot cannot change, and a connection that was lost has been an error already.
  Status Finish() override { return {}; }
  std::string_view RawDelimiter() const override { return ""; }

 private:
  Status FindTable(MysqlSession* db);
  Status FindPrimaryKey(MysqlSession* db);
  Status FindQuery(MysqlSession* db);
  Status FindColumns(MysqlSession* db, const std::string& select);
  Result<std::optional<Chunk>> NextRange();
  Result<std::optional<Chunk>> NextOfPass();
  Status SkipFinished();
  Result<uint64_t> Count(MysqlSession* db, const std::string& where);
  Status ReadRange(const Chunk& chunk, RowSink& sink) const;
  Status ReadPass(const Chunk& chunk, RowSink& sink) const;
  std::string Name() const {
    return options_.table.empty() ? server_->name() + ": query" : server_->name() + ": table " + options_.table;
  }

  const std::shared_ptr<MysqlServer> server_;
  const MysqlSourceOptions options_;
  std::vector<Column> columns_;
  std::vector<MysqlKind> kinds_;
  std::vector<std::string> findings_;
  std::vector<uint32_t> key_;
  std::string from_, list_;         // what stands after FROM, and after SELECT
  std::vector<KeyColumn> primary_;  // empty: one pass
  uint64_t chunk_rows_ = 16384;

  std::mutex mutex_;  // guards all below
  Chunk next_;
  bool ended_ = false;
  Status failed_;
  std::vector<std::string> edge_;  // ranges: literals of the last key that was cut off
  size_t finished_ = 0;            // of options_.finished: so many lie before edge_
  std::unique_ptr<Pace> pace_;     // of the pass
  std::optional<MysqlServer::Lease> pass_session_;
  std::unique_ptr<MysqlStream> pass_;
  uint64_t total_ = 0;  // of a pass: COUNT(*)
  // The last member: it is waited for before the others end.
  std::future<Result<std::optional<Chunk>>> ahead_;
};

Status MysqlReader::Open() {
  if (options_.table.empty() == options_.query.empty())
    return Status::Plan(server_->name() + ": either a table or a query is needed");
  MysqlServer::Lease db = server_->Cutter();
  findings_.push_back("server " + db->version());
  MIGRATE_TRY(options_.table.empty() ? FindQuery(db.get()) : FindTable(db.get()));
  MIGRATE_ASSIGN(key_, FindKeys(Name(), options_.key, columns_));
  if (!options_.key.empty()) findings_.push_back(server_->finding());
  next_.begin.row = 1;
  next_.snapshot = server_->snapshot_id();
  if (primary_.empty() && !options_.finished.empty())
    return Status::Failed(Name() + ": its primary key was another in the snapshot before",
                          "set on_snapshot_loss: restart for this source, and run the same command again");
  return {};
}

Status MysqlReader::FindTable(MysqlSession* db) {
  const std::string where =
      fmt::format("table_schema = {} AND table_name = ", store::QuoteMysqlText(options_.database));
  MIGRATE_ASSIGN(auto tables,
                 db->Query(fmt::format(
                     "SELECT table_name, table_type, avg_row_length, engine FROM information_schema.tables WHERE "
                     "table_schema = {} ORDER BY table_name",
                     store::QuoteMysqlText(options_.database))));
  std::vector<std::string> names;
  const MysqlSession::Row* found = nullptr;
  for (const auto& row : tables) {
    names.push_back(row[0].value_or(""));
    if (names.back() == options_.table) found = &row;
  }
  if (found == nullptr)
    return Status::Plan(
        fmt::format("{}: there is no table '{}'{}", server_->name(), options_.table, DidYouMean(options_.table, names)),
        names.empty() ? "the database has no tables, or the account may not see them"
                      : fmt::format("its tables and views are: {}", fmt::join(names, ", ")));
  // Listed by name, for `*` leaves invisible columns out.
  MIGRATE_ASSIGN(auto columns, db->Query("SELECT column_name FROM information_schema.columns WHERE " + where +
                                         store::QuoteMysqlText(options_.table) + " ORDER BY ordinal_position"));
  std::string select;
  for (const auto& row : columns) select += (select.empty() ? "" : ", ") + QuoteMysqlName(row[0].value_or(""));
  from_ = QuoteMysqlName(options_.database) + "." + QuoteMysqlName(options_.table);
  MIGRATE_TRY(FindColumns(db, "SELECT " + select + " FROM " + from_));
  const uint64_t mean = std::strtoull((*found)[2].value_or("0").c_str(), nullptr, 10);
  chunk_rows_ = options_.chunk_rows > 0 ? options_.chunk_rows
                                        : std::clamp<uint64_t>(kChunkBytes / std::max<uint64_t>(mean, 64), 256, 65536);
  // What is not wanted is not asked for: a stream that is left before its end takes its connection with it.
  if (options_.limit > 0) chunk_rows_ = std::min(chunk_rows_, options_.limit);
  if ((*found)[1].value_or("") == "BASE TABLE") MIGRATE_TRY(FindPrimaryKey(db));
  const std::string engine = (*found)[3].value_or("");
  if (!engine.empty() && engine != "InnoDB" && engine != "ROCKSDB")
    findings_.push_back("warning: tables of engine " + engine +
                        " have no snapshots: nothing may write to it while it is read");
  if (!primary_.empty())
    findings_.push_back(fmt::format("read by ranges of its primary key, {} rows each", chunk_rows_));
  else if ((*found)[1].value_or("") == "BASE TABLE")
    findings_.push_back("warning: no primary key that can be cut into ranges: read in one pass by one session");
  else
    findings_.push_back("a view: read in one pass by one session");
  return {};
}

Status MysqlReader::FindPrimaryKey(MysqlSession* db) {
  MIGRATE_ASSIGN(
      auto parts,
      db->Query(fmt::format(
          "SELECT s.column_name, c.data_type, s.sub_part FROM information_schema.statistics s JOIN "
          "information_schema.columns c ON c.table_schema = s.table_schema AND c.table_name = s.table_name AND "
          "c.column_name = s.column_name WHERE s.table_schema = {} AND s.table_name = {} AND s.index_name = 'PRIMARY' "
          "ORDER BY s.seq_in_index",
          store::QuoteMysqlText(options_.database), store::QuoteMysqlText(options_.table))));
  static const std::vector<std::pair<std::string, KeyColumn::Kind>> kKinds = {
      {"tinyint", KeyColumn::Kind::kNumber},   {"smallint", KeyColumn::Kind::kNumber},
      {"mediumint", KeyColumn::Kind::kNumber}, {"int", KeyColumn::Kind::kNumber},
      {"bigint", KeyColumn::Kind::kNumber},    {"decimal", KeyColumn::Kind::kNumber},
      {"char", KeyColumn::Kind::kText},        {"varchar", KeyColumn::Kind::kText},
      {"date", KeyColumn::Kind::kText},        {"datetime", KeyColumn::Kind::kText},
      {"timestamp", KeyColumn::Kind::kText},   {"binary", KeyColumn::Kind::kBytes},
      {"varbinary", KeyColumn::Kind::kBytes}};
  for (const auto& part : parts) {
    std::string type = part[1].value_or("");
    std::transform(type.begin(), type.end(), type.begin(), [](unsigned char c) { return std::tolower(c); });
    auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& k) { return k.first == type; });
    // Others do not compare with literals as they sort (ENUM, FLOAT), or are indexed by a prefix only.
    if (kind == kKinds.end() || part[2]) {
      primary_.clear();
      return {};
    }
    primary_.push_back({QuoteMysqlName(part[0].value_or("")), kind->second});
  }
  return {};
}

// A query is one statement that only reads; a semicolon at its end is taken off.
Status MysqlReader::FindQuery(MysqlSession* db) {
  std::string query(Trimmed(options_.query));
  while (!query.empty() && (query.back() == ';' || query.back() == '\n' || query.back() == ' ')) query.pop_back();
  if (!options_.database.empty()) MIGRATE_TRY(db->Execute("USE " + QuoteMysqlName(options_.database)));
  from_ = "(" + query + "\n) AS migrate_query";  // the line end ends a comment
  MIGRATE_TRY(FindColumns(db, query));
  auto counted = db->Describe("SELECT * FROM " + from_);
  if (!counted.ok()) return counted.status();
  findings_.push_back("a query: read in one pass by one session");
  return {};
}

Status MysqlReader::FindColumns(MysqlSession* db, const std::string& select) {
  static constexpr std::array<const char*, 8> kNames = {"integer", "decimal", "float", "double",
                                                        "bits",    "text",    "time",  "binary"};
  MIGRATE_ASSIGN(auto columns, db->Describe(select));
  for (const MysqlColumn& c : columns) {
    const std::string quoted = QuoteMysqlName(c.name);
    // As text a FLOAT has six digits only; as the double that it is, all of them.
    list_ += (list_.empty() ? "" : ", ") + (c.kind == MysqlKind::kFloat ? "(" + quoted + " + 0e0)" : quoted);
    kinds_.push_back(c.zerofill ? MysqlKind::kText : c.kind);
    columns_.push_back({std::string(Trimmed(c.name)), kNames[static_cast<size_t>(kinds_.back())]});
  }
  for (std::string& change : MakeUnique(&columns_)) findings_.push_back(std::move(change));
  return {};
}

Result<uint64_t> MysqlReader::Count(MysqlSession* db, const std::string& where) {
  MIGRATE_ASSIGN(std::string n, db->QueryText("SELECT COUNT(*) FROM " + from_ + where, "0"));
  return std::strtoull(n.c_str(), nullptr, 10);
}

Result<std::optional<Chunk>> MysqlReader::Next() {
  std::lock_guard lock(mutex_);
  if (!failed_.ok()) return failed_;
  if (options_.key.empty()) return Status::Plan(Name() + ": a key is needed");
  if (!ahead_.valid() && ended_) return std::optional<Chunk>();  // in this order: the task may be at it
  Result<std::optional<Chunk>> chunk = primary_.empty() ? NextOfPass() : ahead_.valid() ? ahead_.get() : NextRange();
  if (!chunk.ok()) failed_ = chunk.status();
  if (!chunk.ok() || !*chunk) ended_ = true;
  // The next range is cut while this one is read, where that has a session of its own.
  if (!primary_.empty() && !ended_ && server_->cuts_beside())
    ahead_ = std::async(std::launch::async, [this] { return NextRange(); });
  return chunk;
}

// Moves behind the ranges that an earlier snapshot gave, as far as they follow without a gap.
Status MysqlReader::SkipFinished() {
  for (; finished_ < options_.finished.size(); ++finished_) {
    const FinishedRange& range = options_.finished[finished_];
    if (range.low != EdgeText(edge_)) return {};
    const std::vector<std::string> high = EdgeOf(range.high);
    if (!high.empty() && high.size() != primary_.size())
      return Status::Failed(Name() + ": its primary key was another in the snapshot before",
                            "set on_snapshot_loss: restart for this source, and run the same command again");
    next_.index = range.index + 1;
    next_.begin.row += range.counted;
    edge_ = high;
    if (high.empty()) {
      ended_ = true;
      finished_ = options_.finished.size();
      return {};
    }
  }
  return {};
}

// The next stretch: as many rows as a chunk has, or, between ranges that are finished, all that lie there. Called under
// mutex_, or by the one task that runs between two calls of Next.
//
// Where there is a row at offset n - 1, the server has counted n rows up to it, in the order of the key: that is the
// independent count. COUNT(*) over the range would compare the range with itself, and miss what a range leaves out.
Result<std::optional<Chunk>> MysqlReader::NextRange() {
  MIGRATE_TRY(SkipFinished());
  if (ended_) return std::optional<Chunk>();
  if (options_.throttle) MIGRATE_TRY(options_.throttle->Take(0, 0));
  MysqlServer::Lease db = server_->Cutter();
  std::string where = edge_.empty() ? "" : Beside(primary_, edge_, '>');
  Chunk chunk = next_;
  chunk.low = EdgeText(edge_);
  const bool gap = finished_ < options_.finished.size();
  if (gap) {
    edge_ = EdgeOf(options_.finished[finished_].low);
  } else {
    std::vector<std::string> names;
    for (const KeyColumn& k : primary_) names.push_back(k.quoted);
    const std::string order = fmt::format("{}", fmt::join(names, ", "));
    MIGRATE_ASSIGN(auto rows, db->Query(fmt::format("SELECT {0} FROM {1}{2}{3} ORDER BY {0} LIMIT 1 OFFSET {4}", order,
                                                    from_, where.empty() ? "" : " WHERE ", where, chunk_rows_ - 1)));
    ended_ = rows.empty();
    edge_.clear();
    for (size_t i = 0; !ended_ && i < primary_.size(); ++i)
      edge_.push_back(primary_[i].Literal(rows[0][i].value_or("")));
  }
  if (!ended_) where += (where.empty() ? "" : " AND ") + Beside(primary_, edge_, '<');
  chunk.high = EdgeText(edge_);
  chunk.bytes = where.empty() ? "" : " WHERE " + where;
  chunk.counted = chunk_rows_;
  if (gap || ended_) {
    MIGRATE_ASSIGN(chunk.counted, Count(db.get(), chunk.bytes));
  }
  if (ended_ && chunk.counted == 0) return std::optional<Chunk>();
  next_.begin.row += chunk.counted;
  ++next_.index;
  return std::optional<Chunk>(std::move(chunk));
}

Result<std::optional<Chunk>> MysqlReader::NextOfPass() {
  if (!pass_) {
    pass_session_.emplace(server_->Cutter());
    if (!options_.database.empty()) MIGRATE_TRY((*pass_session_)->Execute("USE " + QuoteMysqlName(options_.database)));
    MIGRATE_ASSIGN(total_, Count(pass_session_->get(), ""));
    const std::string limit = options_.limit > 0 ? fmt::format(" LIMIT {}", options_.limit) : "";
    if (options_.limit > 0) total_ = std::min(total_, options_.limit);
    if (options_.throttle) MIGRATE_TRY(options_.throttle->Take(0, 0));
    pace_ = std::make_unique<Pace>(options_.throttle.get());
    MIGRATE_ASSIGN(pass_, (*pass_session_)->Stream("SELECT " + list_ + " FROM " + from_ + limit));
  }
  Chunk chunk = next_;
  MysqlRows rows(options_.source, columns_, key_, kinds_);
  uint64_t n = 0;
  const uint64_t before = next_.begin.row - 1;
  while (n < chunk_rows_ && chunk.bytes.size() < kChunkBytes) {
    MIGRATE_ASSIGN(bool more, pass_->Next());
    if (!more) {
      ended_ = true;
      pass_.reset();
      pass_session_.reset();
      pace_.reset();
      break;
    }
    rows.Make(*pass_);
    rows.row().Encode(&chunk.bytes);
    ++n;
    MIGRATE_TRY(pace_->Row(rows.bytes()));
  }
  chunk.counted = n;
  if (ended_) {
    if (before > total_)
      return Status::Failed(fmt::format("{}: COUNT(*) gives {} rows, reading gave {}", Name(), total_, before + n),
                            "does the query give the same rows each time?");
    chunk.counted = total_ - before;
    if (n == 0 && chunk.counted == 0) return std::optional<Chunk>();
  }
  next_.begin.row += n;
  ++next_.index;
  return std::optional<Chunk>(std::move(chunk));
}

Status MysqlReader::Read(const Chunk& chunk, RowSink& sink) const {
  return primary_.empty() ? ReadPass(chunk, sink) : ReadRange(chunk, sink);
}

Status MysqlReader::ReadRange(const Chunk& chunk, RowSink& sink) const {
  MysqlServer::Lease db = server_->Take();
  Pace pace(options_.throttle.get());
  std::string order;
  for (const KeyColumn& k : primary_) order += (order.empty() ? "" : ", ") + k.quoted;
  MIGRATE_ASSIGN(auto stream, db->Stream("SELECT " + list_ + " FROM " + from_ + chunk.bytes + " ORDER BY " + order));
  MysqlRows rows(options_.source, columns_, key_, kinds_);
  for (Place place = chunk.begin;; ++place.row) {
    MIGRATE_ASSIGN(bool more, stream->Next());
    if (!more) break;
    rows.Make(*stream);
    MIGRATE_TRY(rows.row().Deliver(place, sink));
    MIGRATE_TRY(pace.Row(rows.bytes()));
  }
  MIGRATE_TRY(pace.Settle());
  return rows.row().Flush(sink);
}

Status MysqlReader::ReadPass(const Chunk& chunk, RowSink& sink) const {
  TableRow row(options_.source, columns_, key_);
  ByteReader in(chunk.bytes);
  for (Place place = chunk.begin; !in.done(); ++place.row) {
    if (!row.Decode(&in)) return Status::Failed(Name() + ": a chunk is damaged in memory");
    MIGRATE_TRY(row.Deliver(place, sink));
  }
  return row.Flush(sink);
}

}  // namespace

Result<std::shared_ptr<MysqlServer>> MysqlServer::Begin(const store::MysqlOptions& options, size_t readers,
                                                        const std::vector<std::string>& tables) {
  auto server = std::make_shared<MysqlServer>();
  MIGRATE_ASSIGN(server->snapshot_, store::MysqlSnapshot::Begin(options, readers == 0 ? 1 : readers + 1, tables));
  server->name_ = store::NameOf(options);
  server->taken_.resize(server->snapshot_->size());
  return server;
}

MysqlServer::Lease MysqlServer::Take() {
  std::unique_lock lock(mutex_);
  const size_t first = taken_.size() > 1 ? 1 : 0;  // session 0 is the cutter's where there are others
  size_t i = first;
  freed_.wait(lock, [&] {
    for (i = first; i < taken_.size(); ++i)
      if (!taken_[i]) return true;
    return false;
  });
  taken_[i] = true;
  return {this, i};
}

MysqlServer::Lease MysqlServer::Cutter() {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return !taken_[0]; });
  taken_[0] = true;
  return {this, 0};
}

void MysqlServer::GiveBack(size_t index) {
  {
    std::lock_guard lock(mutex_);
    taken_[index] = false;
  }
  freed_.notify_all();
}

Result<std::unique_ptr<Reader>> OpenMysql(std::shared_ptr<MysqlServer> server, const MysqlSourceOptions& options) {
  auto reader = std::make_unique<MysqlReader>(std::move(server), options);
  MIGRATE_TRY(reader->Open());
  return std::unique_ptr<Reader>(std::move(reader));
}

}  // namespace migrate::extract
