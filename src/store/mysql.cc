#include "migrate/store/mysql.h"

#include <errmsg.h>
#include <fmt/core.h>
#include <fmt/ranges.h>
#include <mysql.h>
#include <mysqld_error.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cctype>
#include <mutex>
#include <set>

#include "migrate/base/bytes.h"
#include "migrate/base/clock.h"
#include "migrate/base/doing.h"
#include "mysql_columns.h"
#include "mysql_login.h"

namespace migrate::store {
namespace {

MYSQL* Handle(void* handle) { return static_cast<MYSQL*>(handle); }

// The beginning of a statement, for messages: without its conditions, which may hold keys of persons.
std::string Head(const std::string& sql) {
  const size_t where = sql.find(" WHERE ");
  std::string head = sql.substr(0, std::min<size_t>(120, where));
  for (char& c : head)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return head + (head.size() < sql.size() ? "..." : "");
}

// What the operator can do about an error of the server or of the client library.
const char* HintOf(unsigned code) {
  switch (code) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
      return "check user, password and the account's grants (docs/sources.md lists what reading needs)";
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
      return "GRANT SELECT on it to this account";
    case ER_BAD_DB_ERROR:
      return "check the name of the database behind the last slash of the url";
    case CR_CONN_HOST_ERROR:
    case CR_CONNECTION_ERROR:
      return "is the server running, and may this machine reach that port?";
    case CR_UNKNOWN_HOST:
      return "check the host name in the url";
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SSL_CONNECTION_ERROR:  // in mid-session; LoginHint speaks for the beginning
      return "the connection broke: run the same command again; what is finished stays";
    case ER_QUERY_INTERRUPTED:
      return "somebody killed the query: run the same command again; what is finished stays";
    case ER_CON_COUNT_ERROR:
      return "the server has no connection to spare: run with fewer --threads, or raise max_connections";
    case ER_TOO_MANY_USER_CONNECTIONS:
    case ER_USER_LIMIT_REACHED:
      return "run with fewer --threads, or raise this limit of the account";
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
      return "what a source reads must be a SELECT";
    default:
      return "";
  }
}

// Errors that only a change of the plan mends.
bool IsPlanError(unsigned code) {
  switch (code) {
    case ER_ACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_BAD_DB_ERROR:
    case ER_NO_SUCH_TABLE:
    case ER_BAD_FIELD_ERROR:
    case ER_PARSE_ERROR:
    case ER_DUP_FIELDNAME:
    case ER_NON_UNIQ_ERROR:
    case ER_VIEW_INVALID:
    case ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION:
      return true;
    default:
      return false;
  }
}

// Errors that a new connection, minutes later at most, may not meet again: lost, killed, not yet there, a lock, or a
// writer that was demoted (FACTS: what is to be retried).
bool IsPassing(unsigned code) {
  constexpr unsigned kConnectionKilled = 1927, kIdleTooLong = 4031, kSessionKilled = 3169;
  switch (code) {
    case CR_CONNECTION_ERROR:
    case CR_CONN_HOST_ERROR:
    case CR_UNKNOWN_HOST:  // while an endpoint's name moves to another server
    case CR_SERVER_GONE_ERROR:
    case CR_SERVER_LOST:
    case CR_SERVER_LOST_EXTENDED:
    case CR_SSL_CONNECTION_ERROR:
    case ER_CON_COUNT_ERROR:
    case ER_TOO_MANY_USER_CONNECTIONS:  // lost ones count until the server notices
    case ER_USER_LIMIT_REACHED:
    case ER_SERVER_SHUTDOWN:
    case ER_ABORTING_CONNECTION:
    case ER_NEW_ABORTING_CONNECTION:
    case ER_NET_READ_ERROR:
    case ER_NET_READ_INTERRUPTED:
    case ER_NET_ERROR_ON_WRITE:
    case ER_NET_WRITE_INTERRUPTED:
    case ER_QUERY_INTERRUPTED:
    case ER_LOCK_WAIT_TIMEOUT:
    case ER_LOCK_DEADLOCK:
    case ER_OPTION_PREVENTS_STATEMENT:
    case ER_READ_ONLY_MODE:
    case kConnectionKilled:
    case kIdleTooLong:
    case kSessionKilled:
      return true;
    default:
      return false;
  }
}

Status ErrorOf(unsigned code, const std::string& message) {
  if (IsPlanError(code)) return Status::Plan(message, HintOf(code));
  return Status::Failed(message, HintOf(code)).MayPass(IsPassing(code));
}

// The client library turns keepalive on with the system's two hours; a host that is gone is to be found sooner.
void KeepAlive(MYSQL* handle) {
  const int socket = static_cast<int>(mysql_get_socket(handle));
  const int on = 1, idle_seconds = 30, between_seconds = 10, probes = 6;
  setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPIDLE, &idle_seconds, sizeof idle_seconds);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPINTVL, &between_seconds, sizeof between_seconds);
  setsockopt(socket, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  // Keepalive rests while something that was sent waits for its acknowledgement.
  const unsigned unacknowledged_ms = 90'000;
  setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

// Has this process connected to this server before? `now`: it has, from now on.
bool HasConnected(const std::string& name, bool now) {
  static std::mutex mutex;
  static std::set<std::string> names;
  std::lock_guard lock(mutex);
  return now ? names.insert(name).second : names.contains(name);
}

MysqlKind KindOf(const MYSQL_FIELD& field) {
  constexpr unsigned kBinaryCharset = 63;
  switch (field.type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
      return MysqlKind::kInteger;
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return MysqlKind::kDecimal;
    case MYSQL_TYPE_FLOAT:
      return MysqlKind::kFloat;
    case MYSQL_TYPE_DOUBLE:
      return MysqlKind::kDouble;
    case MYSQL_TYPE_BIT:
      return MysqlKind::kBits;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
      return MysqlKind::kTime;
    case MYSQL_TYPE_JSON:
      return MysqlKind::kText;  // its character set reads "binary", its bytes are utf8mb4
    case MYSQL_TYPE_GEOMETRY:
      return MysqlKind::kBinary;
    default:
      return field.charsetnr == kBinaryCharset ? MysqlKind::kBinary : MysqlKind::kText;
  }
}

std::string HexLiteral(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "x'";
  for (unsigned char c : bytes) {
    out.push_back(kDigits[c >> 4]);
    out.push_back(kDigits[c & 15]);
  }
  out.push_back('\'');
  return out;
}

}  // namespace

std::vector<MysqlColumn> ColumnsOf(MYSQL_RES* result) {
  std::vector<MysqlColumn> columns;
  const MYSQL_FIELD* fields = mysql_fetch_fields(result);
  for (unsigned i = 0; i < mysql_num_fields(result); ++i)
    columns.push_back({std::string(fields[i].name, fields[i].name_length), KindOf(fields[i]),
                       (fields[i].flags & ZEROFILL_FLAG) != 0 && KindOf(fields[i]) == MysqlKind::kInteger &&
                           fields[i].type != MYSQL_TYPE_YEAR});
  return columns;
}

std::string NameOf(const MysqlOptions& o) {
  return fmt::format("{}@{}:{}{}{}", o.user, o.host, o.port, o.database.empty() ? "" : "/", o.database);
}

std::string QuoteMysqlName(std::string_view name) {
  std::string out = "`";
  for (char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
  return out;
}

std::string QuoteMysqlText(std::string_view utf8) {
  const bool plain = std::all_of(utf8.begin(), utf8.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ' || c == '-' ||
           c == '_' || c == '.' || c == ':' || c == '@';
  });
  if (plain) return "'" + std::string(utf8) + "'";
  return "_utf8mb4 " + HexLiteral(utf8);
}

std::string QuoteMysqlBytes(std::string_view bytes) { return HexLiteral(bytes); }

Result<std::unique_ptr<MysqlSession>> MysqlSession::Connect(const MysqlOptions& o) {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  MIGRATE_TRY(CheckLogin(o));
  const Doing doing("connecting to", NameOf(o));
  std::string password = o.password;
  if (o.read_password) {
    auto read = o.read_password();
    if (!read.ok()) return read.status().Within(NameOf(o));
    password = *std::move(read);
  }
  // The library takes what stands before a zero byte for the whole.
  for (const std::string* name : {&o.host, &o.user, &o.database})
    if (name->find('\0') != std::string::npos)
      return Status::Plan("the url of a server holds a zero byte (%00)", "check host, user and database in the url");
  MYSQL* handle = mysql_init(nullptr);
  if (handle == nullptr) return Status::Failed(NameOf(o) + ": cannot connect: out of memory");
  std::unique_ptr<MysqlSession> session(new MysqlSession(handle, NameOf(o)));
  const unsigned connect = static_cast<unsigned>(o.connect_seconds), read = static_cast<unsigned>(o.read_seconds);
  const unsigned protocol = MYSQL_PROTOCOL_TCP;
  mysql_options(handle, MYSQL_OPT_CONNECT_TIMEOUT, &connect);
  mysql_options(handle, MYSQL_OPT_READ_TIMEOUT, &read);
  mysql_options(handle, MYSQL_OPT_WRITE_TIMEOUT, &read);
  mysql_options(handle, MYSQL_OPT_PROTOCOL, &protocol);
  mysql_options(handle, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  SetLogin(handle, o);
  const unsigned local_files = o.load_data ? 1 : 0;
  mysql_options(handle, MYSQL_OPT_LOCAL_INFILE, &local_files);
  // A certificate may be for "localhost"; without one to check, the address is what does not depend on /etc/hosts.
  const std::string host = o.host == "localhost" && TlsModeOf(o) != "verify_identity" ? "127.0.0.1" : o.host;
  if (mysql_real_connect(handle, host.c_str(), o.user.c_str(), password.c_str(),
                         o.database.empty() ? nullptr : o.database.c_str(), static_cast<unsigned>(o.port), nullptr,
                         CLIENT_MULTI_RESULTS | CLIENT_FOUND_ROWS) == nullptr) {
    const std::string hint = LoginHint(o, mysql_errno(handle));
    Status error = session->Error("cannot connect");
    // Cut in the middle, a TLS connection ends with this error; here it may as well be a certificate that does not fit,
    // unless it did before.
    if (mysql_errno(handle) == CR_SSL_CONNECTION_ERROR) error = error.MayPass(HasConnected(session->name_, false));
    return hint.empty() ? error : Status(error.kind(), error.message(), hint).MayPass(error.may_pass());
  }
  HasConnected(session->name_, true);
  KeepAlive(handle);
  session->version_ = mysql_get_server_info(handle);
  session->mariadb_ = session->version_.find("MariaDB") != std::string::npos;
  MIGRATE_TRY(session->Setup());
  return session;
}

// Limits of the server's own would end a long read in the middle, or a stream whose reader is paused (a throttle, a
// slow disk) for hours. Of the SQL mode stays what decides how the text of a query is read.
Status MysqlSession::Setup() {
  MIGRATE_TRY(Execute("SET NAMES utf8mb4"));
  MIGRATE_ASSIGN(std::string mode, QueryText("SELECT @@SESSION.sql_mode"));
  std::vector<std::string> kept;
  for (const char* flag : {"ANSI_QUOTES", "PIPES_AS_CONCAT", "IGNORE_SPACE", "NO_BACKSLASH_ESCAPES"})
    if (("," + mode + ",").find(fmt::format(",{},", flag)) != std::string::npos) kept.push_back(flag);
  MIGRATE_TRY(
      Execute(fmt::format("SET SESSION autocommit = 1, completion_type = 0, sql_select_limit = 18446744073709551615, "
                          "sql_big_selects = 1, max_join_size = 18446744073709551615, sql_safe_updates = 0, "
                          "sql_mode = '{}', time_zone = '+00:00', net_write_timeout = 86400, "
                          "net_read_timeout = 3600, wait_timeout = 604800",
                          fmt::join(kept, ","))));
  Status unlimited = Execute(mariadb_ ? "SET SESSION max_statement_time = 0" : "SET SESSION max_execution_time = 0");
  // Servers before MySQL 5.7.8 and MariaDB 10.1 have no such limit.
  return mysql_errno(Handle(handle_)) == ER_UNKNOWN_SYSTEM_VARIABLE ? Status() : unlimited;
}

MysqlSession::~MysqlSession() { mysql_close(Handle(handle_)); }

Status MysqlSession::Error(const std::string& what) const {
  const unsigned code = mysql_errno(Handle(handle_));
  const std::string message = fmt::format("{}: {}: {} (error {})", name_, what, mysql_error(Handle(handle_)), code);
  return ErrorOf(code, message);
}

Status MysqlSession::Execute(const std::string& sql) {
  const Doing doing("waiting for", name_ + ": `" + Head(sql) + "`");
  MYSQL* h = Handle(handle_);
  if (mysql_real_query(h, sql.data(), sql.size()) != 0) return Error("`" + Head(sql) + "`");
  MYSQL_RES* result = mysql_store_result(h);
  if (result != nullptr) mysql_free_result(result);
  if (mysql_errno(h) != 0) return Error("`" + Head(sql) + "`");
  return {};
}

Result<std::unique_ptr<MysqlStream>> MysqlSession::Stream(const std::string& sql) {
  const Doing doing("waiting for", name_ + ": `" + Head(sql) + "`");
  MYSQL* h = Handle(handle_);
  if (mysql_real_query(h, sql.data(), sql.size()) != 0) return Error("`" + Head(sql) + "`");
  MYSQL_RES* result = mysql_use_result(h);
  if (result == nullptr) {
    if (mysql_errno(h) != 0) return Error("`" + Head(sql) + "`");
    return Status::Failed(fmt::format("{}: `{}` gives no rows, for it is no query", name_, Head(sql)));
  }
  return std::unique_ptr<MysqlStream>(new MysqlStream(this, result, Head(sql)));
}

Result<std::vector<MysqlSession::Row>> MysqlSession::Query(const std::string& sql) {
  MIGRATE_ASSIGN(auto stream, Stream(sql));
  std::vector<Row> rows;
  for (;;) {
    MIGRATE_ASSIGN(bool more, stream->Next());
    if (!more) return rows;
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < stream->columns().size(); ++i) {
      auto v = stream->Value(i);
      row.push_back(v ? std::optional<std::string>(*v) : std::nullopt);
    }
  }
}

Result<std::string> MysqlSession::QueryText(const std::string& sql, std::string fallback) {
  MIGRATE_ASSIGN(auto rows, Query(sql));
  return rows.empty() || rows[0].empty() || !rows[0][0] ? fallback : *rows[0][0];
}

Result<std::vector<MysqlColumn>> MysqlSession::Describe(const std::string& sql) {
  std::unique_ptr<MYSQL_STMT, my_bool (*)(MYSQL_STMT*)> stmt(mysql_stmt_init(Handle(handle_)), &mysql_stmt_close);
  if (!stmt) return Status::Failed(name_ + ": cannot prepare a statement: out of memory");
  if (mysql_stmt_prepare(stmt.get(), sql.data(), sql.size()) != 0) {
    const unsigned code = mysql_stmt_errno(stmt.get());
    const std::string message =
        fmt::format("{}: `{}`: {} (error {})", name_, Head(sql), mysql_stmt_error(stmt.get()), code);
    return ErrorOf(code, message);
  }
  std::unique_ptr<MYSQL_RES, void (*)(MYSQL_RES*)> meta(mysql_stmt_result_metadata(stmt.get()), &mysql_free_result);
  if (!meta) return Status::Plan(fmt::format("{}: `{}` is no SELECT", name_, Head(sql)));
  return ColumnsOf(meta.get());
}

uint64_t MysqlSession::connection_id() const { return mysql_thread_id(Handle(handle_)); }

MysqlStream::MysqlStream(MysqlSession* session, void* result, std::string head)
    : session_(session),
      result_(result),
      head_(std::move(head)),
      columns_(ColumnsOf(static_cast<MYSQL_RES*>(result))) {}

MysqlStream::~MysqlStream() {
  // Freeing a result reads what is left of it; what nobody wants may be millions of rows.
  // A few rows are read, so that a reader who has all it wanted leaves the session usable.
  for (int i = 0; i < 100 && !ended_ && failed_.ok(); ++i) (void)Next();
  if (!ended_ && failed_.ok()) mariadb_cancel(Handle(session_->handle_));
  mysql_free_result(static_cast<MYSQL_RES*>(result_));
}

Result<bool> MysqlStream::Next() {
  if (!failed_.ok()) return failed_;
  if (ended_) return false;
  MYSQL_RES* result = static_cast<MYSQL_RES*>(result_);
  row_ = mysql_fetch_row(result);
  if (row_ != nullptr) {
    lengths_ = mysql_fetch_lengths(result);
    ++rows_;
    return true;
  }
  // A NULL row is the end only if the server did not send an error in its place.
  if (mysql_errno(Handle(session_->handle_)) != 0) {
    failed_ = session_->Error(fmt::format("after row {} of `{}`", rows_, head_));
    return failed_;
  }
  ended_ = true;
  return false;
}

std::optional<std::string_view> MysqlStream::Value(size_t column) const {
  const MYSQL_ROW row = static_cast<MYSQL_ROW>(row_);
  if (row[column] == nullptr) return std::nullopt;
  return std::string_view(row[column], lengths_[column]);
}

// FLUSH TABLES WITH READ LOCK would hold the whole server, and on MySQL every statement on a table that some long query
// uses would wait for that query even after the lock was given up. LOCK TABLES concerns the tables that are read.
Result<std::unique_ptr<MysqlSnapshot>> MysqlSnapshot::Begin(const MysqlOptions& options, size_t sessions,
                                                            const std::vector<std::string>& tables) {
  auto snapshot = std::make_unique<MysqlSnapshot>();
  if (tables.empty()) sessions = 1;
  std::unique_ptr<MysqlSession> holder;
  if (sessions > 1) {
    MIGRATE_ASSIGN(holder, MysqlSession::Connect(options));
  }
  for (size_t i = 0; i < sessions; ++i) {
    MIGRATE_ASSIGN(auto session, MysqlSession::Connect(options));
    MIGRATE_TRY(session->Execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ"));
    snapshot->sessions_.push_back(std::move(session));
  }
  snapshot->finding_ = "snapshot: one session, consistent by itself";
  if (holder) {
    MIGRATE_TRY(holder->Execute("SET SESSION lock_wait_timeout = 5"));
    Status locked = holder->Execute(fmt::format("LOCK TABLES {} READ", fmt::join(tables, " READ, ")));
    if (locked.ok()) {
      snapshot->finding_ = fmt::format("snapshot: {} sessions, begun under LOCK TABLES", sessions);
    } else {
      snapshot->finding_ =
          "snapshot: one session, for the account may not lock the tables, or a writer held them for 5 s (" +
          locked.message() + ")";
      snapshot->sessions_.resize(1);
    }
  }
  for (const auto& session : snapshot->sessions_)
    MIGRATE_TRY(session->Execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"));
  if (holder) MIGRATE_TRY(holder->Execute("UNLOCK TABLES"));
  snapshot->id_ = fmt::format("{} connection {}", NowUtc(), snapshot->sessions_.front()->connection_id());
  return snapshot;
}

}  // namespace migrate::store
