#include <fmt/format.h>
#include <mysql.h>
#include <mysqld_error.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>

#include "migrate/base/doing.h"
#include "migrate/base/hash.h"
#include "migrate/store/mysql.h"
#include "migrate/store/scan_here.h"
#include "mysql_columns.h"
#include "mysql_rows.h"
#include "mysql_target_error.h"
#include "mysql_text.h"

namespace migrate::store {
namespace {

MYSQL* Handle(const MysqlSession& session) { return static_cast<MYSQL*>(session.handle()); }

// Strict; and || joins texts, as in SQLite.
constexpr char kSqlMode[] =
    "SET SESSION sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT'";

// The part of a statement that messages show.
std::string Head(const std::string& sql) { return sql.substr(0, std::min<size_t>(80, sql.find_first_of("\n?"))); }

// What prepared statements and scans share: parameters, and the current row.
class MysqlStatementBase : public Statement {
 public:
  explicit MysqlStatementBase(const std::string& sql) : template_(ParseTemplate(sql)), head_(Head(sql)) {
    values_.assign(static_cast<size_t>(template_.count), "NULL");
  }
  void Bind(int i, int64_t v) override { Value(i) = fmt::format_int(v).str(); }
  void BindReal(int i, double v) override { Value(i) = fmt::format("{}", v); }
  void BindText(int i, std::string_view v) override { Value(i) = QuoteMysqlText(v); }
  void BindBlob(int i, std::string_view v) override { Value(i) = QuoteMysqlBytes(v); }
  void BindNull(int i) override { Value(i) = "NULL"; }

  int Columns() const override { return static_cast<int>(columns_.size()); }
  std::string ColumnName(int i) const override { return columns_[static_cast<size_t>(i)].name; }
  Type ColumnType(int i) const override {
    if (IsNull(i)) return Type::kNull;
    switch (columns_[static_cast<size_t>(i)].kind) {
      case MysqlKind::kInteger:
        return Type::kInteger;
      case MysqlKind::kDecimal:
      case MysqlKind::kFloat:
      case MysqlKind::kDouble:
        return Type::kReal;
      case MysqlKind::kBits:
      case MysqlKind::kBinary:
        return Type::kBlob;
      default:
        return Type::kText;
    }
  }
  int64_t Integer(int i) const override {
    const std::string_view text = Text(i);
    int64_t v = 0;
    std::from_chars(text.data(), text.data() + text.size(), v);
    return v;
  }
  double Real(int i) const override {
    const std::string_view text = Text(i);
    double v = 0;
    std::from_chars(text.data(), text.data() + text.size(), v);
    return v;
  }

 protected:
  // Parameters that the text does not use may be bound too, as in SQLite with numbered ones.
  std::string& Value(int i) {
    if (static_cast<size_t>(i) > values_.size()) values_.resize(static_cast<size_t>(i), "NULL");
    return values_[static_cast<size_t>(i - 1)];
  }
  std::string Sql() const {
    std::string sql = template_.texts[0];
    for (size_t i = 0; i < template_.parameters.size(); ++i) {
      sql += values_[static_cast<size_t>(template_.parameters[i] - 1)];
      sql += template_.texts[i + 1];
    }
    return sql;
  }

  SqlTemplate template_;
  std::string head_;
  std::vector<std::string> values_;  // as SQL literals
  std::vector<MysqlColumn> columns_;
};

// Runs on the connection's own session; the whole result is kept in memory.
class MysqlStatement : public MysqlStatementBase {
 public:
  MysqlStatement(MysqlSession* session, const std::string& sql) : MysqlStatementBase(sql), session_(session) {}

  Result<int64_t> RunCount() override {
    MIGRATE_TRY(Send());
    const auto changed = static_cast<int64_t>(mysql_affected_rows(Handle(*session_)));
    Reset();
    return changed;
  }
  Result<bool> Step() override {
    if (!result_) {
      MIGRATE_TRY(Send());
      if (!result_) return false;
    }
    row_ = mysql_fetch_row(result_.get());
    if (row_ == nullptr) {
      Reset();
      return false;
    }
    lengths_ = mysql_fetch_lengths(result_.get());
    return true;
  }
  void Reset() override {
    result_.reset();
    row_ = nullptr;
  }
  bool IsNull(int i) const override { return row_[i] == nullptr; }
  std::string_view Text(int i) const override {
    return row_[i] == nullptr ? std::string_view() : std::string_view(row_[i], lengths_[i]);
  }

 private:
  Status Send() {
    Reset();
    const std::string sql = Sql();
    MYSQL* h = Handle(*session_);
    const Doing doing("waiting for", session_->name() + ": `" + head_ + "`");
    if (mysql_real_query(h, sql.data(), sql.size()) != 0) return TargetError(*session_, "`" + head_ + "`");
    result_.reset(mysql_store_result(h));
    if (!result_ && mysql_errno(h) != 0) return TargetError(*session_, "`" + head_ + "`");
    if (result_) columns_ = ColumnsOf(result_.get());
    return {};
  }

  MysqlSession* session_;
  std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> result_{nullptr, &mysql_free_result};
  MYSQL_ROW row_ = nullptr;
  unsigned long* lengths_ = nullptr;
};

// Sessions for scans: lent out, and kept when they come back whole.
class ReaderPool {
 public:
  explicit ReaderPool(MysqlOptions options) : options_(std::move(options)) {}
  Result<std::unique_ptr<MysqlSession>> Take() {
    if (idle_.empty()) {
      MIGRATE_ASSIGN(auto fresh, MysqlSession::Connect(options_));
      MIGRATE_TRY(fresh->Execute(kSqlMode));
      return fresh;
    }
    auto session = std::move(idle_.back());
    idle_.pop_back();
    return session;
  }
  void GiveBack(std::unique_ptr<MysqlSession> session) { idle_.push_back(std::move(session)); }

 private:
  MysqlOptions options_;
  std::vector<std::unique_ptr<MysqlSession>> idle_;
};

// On a session of its own, lent by the pool; or on the connection's, and so in its snapshot.
class MysqlScan : public MysqlStatementBase {
 public:
  MysqlScan(std::shared_ptr<ReaderPool> pool, const std::string& sql)
      : MysqlStatementBase(sql), pool_(std::move(pool)) {}
  MysqlScan(MysqlSession* session, const std::string& sql) : MysqlStatementBase(sql), session_(session) {}
  ~MysqlScan() override { Reset(); }

  Result<int64_t> RunCount() override { return Status::Failed("a scan only reads: `" + head_ + "`"); }
  Result<bool> Step() override {
    if (!stream_) {
      if (pool_) {
        MIGRATE_ASSIGN(lent_, pool_->Take());
        session_ = lent_.get();
      }
      auto stream = session_->Stream(Sql());
      if (!stream.ok()) return TargetError(*session_, "`" + head_ + "`");
      stream_ = *std::move(stream);
      columns_ = stream_->columns();
    }
    MIGRATE_ASSIGN(bool more, stream_->Next());
    if (!more) {
      stream_.reset();
      if (pool_) pool_->GiveBack(std::move(lent_));
    }
    return more;
  }
  // A stream that is dropped in the middle may have ended its connection.
  void Reset() override {
    stream_.reset();
    lent_.reset();
  }
  bool IsNull(int i) const override { return !stream_->Value(static_cast<size_t>(i)).has_value(); }
  std::string_view Text(int i) const override {
    return stream_->Value(static_cast<size_t>(i)).value_or(std::string_view());
  }

 private:
  std::shared_ptr<ReaderPool> pool_;  // none: session_ is the connection's
  std::unique_ptr<MysqlSession> lent_;
  MysqlSession* session_ = nullptr;
  std::unique_ptr<MysqlStream> stream_;
};

class MysqlConnection : public Connection, public OwnScans {
 public:
  MysqlConnection(const MysqlOptions& options, std::unique_ptr<MysqlSession> session)
      : session_(std::move(session)), readers_(std::make_shared<ReaderPool>(options)), database_(options.database) {}

  Status Setup(OpenMode mode) {
    MIGRATE_TRY(Execute(kSqlMode));
    // A table that somebody else's transaction holds is waited for, but not for a day.
    MIGRATE_TRY(Execute("SET SESSION lock_wait_timeout = 300"));
    MIGRATE_TRY(Execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"));
    MIGRATE_ASSIGN(packet_, QueryInteger("SELECT @@max_allowed_packet", 1 << 20));
    if (mode == OpenMode::kReadOnly) return {};
    MIGRATE_ASSIGN(int64_t read_only, QueryInteger("SELECT @@GLOBAL.innodb_read_only OR @@GLOBAL.read_only"));
    if (read_only != 0)
      return Status::Failed(name() + ": the server is read-only: it is a replica, or a writer that was demoted",
                            "name the writer (on Aurora the cluster endpoint) in target.url")
          .MayPass();
    MIGRATE_ASSIGN(int64_t local_infile, QueryInteger("SELECT @@GLOBAL.local_infile"));
    transport_ = local_infile != 0 ? RowTransport::kLoadData : RowTransport::kStatements;
    return {};
  }

  Dialect dialect() const override { return session_->mariadb() ? Dialect::kMariadb : Dialect::kMysql; }
  Result<std::unique_ptr<Statement>> Prepare(const std::string& sql) override {
    return std::unique_ptr<Statement>(new MysqlStatement(session_.get(), sql));
  }
  Result<std::unique_ptr<Statement>> Scan(const std::string& sql) override {
    return std::unique_ptr<Statement>(new MysqlScan(readers_, sql));
  }
  Result<std::unique_ptr<Statement>> ScanHere(const std::string& sql) override {
    return std::unique_ptr<Statement>(new MysqlScan(session_.get(), sql));
  }
  Result<std::unique_ptr<RowWriter>> Rows(const std::string& table, const std::vector<std::string>& columns,
                                          OnExisting on_existing, int partition) override {
    FilledColumns& filled = filled_[{table, columns}];
    if (!filled) filled = std::make_shared<uint64_t>(0);
    return MakeMysqlRows(session_.get(), table, columns, on_existing, partition, transport_,
                         static_cast<uint64_t>(packet_), filled);
  }
  Status Execute(const std::string& sql) override {
    MYSQL* h = Handle(*session_);
    for (const std::string& statement : SplitStatements(sql)) {
      const Doing doing("waiting for", session_->name() + ": `" + Head(statement) + "`");
      if (mysql_real_query(h, statement.data(), statement.size()) != 0)
        return TargetError(*session_, "`" + Head(statement) + "`");
      if (MYSQL_RES* result = mysql_store_result(h)) mysql_free_result(result);
    }
    return {};
  }
  Status Begin() override {
    MIGRATE_TRY(Execute("START TRANSACTION"));
    open_ = true;
    return {};
  }
  Status BeginRead() override {
    MIGRATE_TRY(Execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
    MIGRATE_TRY(Execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
    open_ = true;
    return {};
  }
  Status Commit() override {
    open_ = false;
    return Execute("COMMIT");
  }
  void Rollback() override {
    if (open_) (void)Execute("ROLLBACK");
    open_ = false;
  }
  const std::string& name() const override { return session_->name(); }

  Result<bool> TakeName(int part, int wait_seconds) override {
    MIGRATE_ASSIGN(auto lock, Prepare("SELECT GET_LOCK(?, ?)"));
    const std::string name = PartName(part);
    lock->BindText(1, name);
    lock->Bind(2, wait_seconds);
    MIGRATE_ASSIGN(bool row, lock->Step());
    return row && lock->Integer(0) == 1;
  }

  // Names are taken from the lowest number on, so a stretch without any is behind the last one.
  Status EndOthers() override {
    constexpr int kStretch = 64;
    for (int begin = 0, found = 1; found > 0; begin += kStretch) {
      found = 0;
      std::string sql;
      for (int part = begin; part < begin + kStretch; ++part)
        sql += (sql.empty() ? "SELECT IS_USED_LOCK(" : " UNION ALL SELECT IS_USED_LOCK(") +
               QuoteMysqlText(PartName(part)) + ")";
      MIGRATE_ASSIGN(auto holders, session_->Query(sql));
      for (const auto& row : holders) {
        if (!row[0] || *row[0] == fmt::format_int(session_->connection_id()).str()) continue;
        ++found;
        Status ended = Execute("KILL CONNECTION " + *row[0]);
        // Gone by itself meanwhile.
        if (!ended.ok() && mysql_errno(Handle(*session_)) != ER_NO_SUCH_THREAD) return ended;
      }
    }
    return {};
  }

  std::string finding() const override {
    return transport_ == RowTransport::kLoadData
               ? ""
               : name() + ": local_infile is off on the server, so rows travel in INSERT statements, which is slower";
  }

 private:
  // At most 64 characters, the same for every account that loads into this database.
  std::string PartName(int part) const {
    std::string name = "migrate/" + database_;
    if (database_.size() > 50) name = "migrate/" + database_.substr(0, 41) + "~" + Sha256Hex(database_).substr(0, 8);
    return part == 0 ? name : name + "/" + fmt::format_int(part).str();
  }

  std::unique_ptr<MysqlSession> session_;
  std::shared_ptr<ReaderPool> readers_;
  std::string database_;
  std::map<std::pair<std::string, std::vector<std::string>>, FilledColumns> filled_;  // by table and columns
  int64_t packet_ = 1 << 20;
  RowTransport transport_ = RowTransport::kLoadData;
  bool open_ = false;
};

}  // namespace

Result<std::unique_ptr<Connection>> OpenMysql(const MysqlOptions& options, OpenMode mode) {
  MysqlOptions main = options;
  main.load_data = mode != OpenMode::kReadOnly;
  MIGRATE_ASSIGN(auto session, MysqlSession::Connect(main));
  RefuseFiles(session.get());
  auto connection = std::make_unique<MysqlConnection>(options, std::move(session));
  MIGRATE_TRY(connection->Setup(mode));
  return std::unique_ptr<Connection>(std::move(connection));
}

}  // namespace migrate::store
