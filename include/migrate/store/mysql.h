// MySQL and MariaDB through the C API of the MariaDB client library: sessions, streamed results, snapshots.
//
//   MIGRATE_ASSIGN(auto session, store::MysqlSession::Connect(options));
//   MIGRATE_ASSIGN(auto rows, session->Stream("SELECT id, name FROM person"));
//   while (true) {
//     MIGRATE_ASSIGN(bool row, rows->Next());
//     if (!row) break;                          // the server said that this was the last one
//     use(rows->Value(0), rows->Value(1));      // views, until the next Next
//   }
//
// Next() is false only at the end that the server itself announced: a query that was killed, a connection that broke,
// a server that went away in mid-stream are errors. (The C++ connector's unbuffered results report those as a clean
// end, which is why nothing is streamed through it.)
//
// Values travel in the text protocol, as the server writes them, in UTF-8 (texts) or as they lie (binary columns).
// Not thread-safe: a session and its stream belong to one thread at a time. A session has one stream at a time.
// Memory: a stream holds one row, and the client library's network buffer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/status.h"
#include "migrate/store/connection.h"

namespace migrate::store {

struct MysqlOptions {
  std::string host;  // name or address; always by TCP
  int port = 3306;
  std::string user, password, database;
  // If set, asked for the password at each connect in the place of `password`, so that one that was changed meanwhile
  // is read anew; from several threads at once. Its errors are the connect's. No error ever holds the password.
  std::function<Result<std::string>()> read_password;
  // The password is a token of AWS IAM (store/aws_iam.h), which the server wants in clear. Only for such a login the
  // password leaves this process readable, and only over verify_identity: any other mode is refused before anything is
  // sent. Without it a server that asks for the password in clear gets an error, whoever it is.
  bool aws_iam = false;
  // disabled | required | verify_ca | verify_identity; "" is verify_identity, but disabled for a loopback address.
  //   disabled         no TLS. To another host than loopback no password goes by caching_sha2_password or
  //                    sha256_password, which without TLS would take any answering server's word for its key.
  //   required         encrypted; whoever answers is taken for the server
  //   verify_ca        the certificate is of a trusted authority
  //   verify_identity  and it is for `host`
  std::string tls_mode;
  std::string tls_ca;  // PEM file with the authorities that are trusted; "": the system's, or of SSL_CERT_FILE, _DIR
  int connect_seconds = 10;
  // Rows may be sent by LOAD DATA LOCAL. Not for sources: a server could ask for any file of this machine.
  bool load_data = false;
  // A server that sends nothing for so long while it is asked for something is taken for dead. A statement may work
  // for a while before its first row, so this is no measure of a network; a host that is gone is found by TCP keepalive
  // in about a minute and a half.
  int read_seconds = 900;
};

// "user@host:port/database", for messages; never the password.
std::string NameOf(const MysqlOptions& options);

// What a value is, as far as its reader must know.
enum class MysqlKind : uint8_t {
  kInteger,  // decimal digits, maybe a sign; up to 64 bits, signed or not
  kDecimal,  // DECIMAL: exact decimal text
  kFloat,    // FLOAT: text of single precision
  kDouble,   // DOUBLE: the shortest text that reads back as the same double
  kBits,     // BIT: big-endian bytes
  kText,     // CHAR, VARCHAR, TEXT, ENUM, SET, JSON: UTF-8
  kTime,     // DATE, TIME, DATETIME, TIMESTAMP, also zero and partial dates
  kBinary,   // BINARY, VARBINARY, BLOB, geometry: bytes
};

struct MysqlColumn {
  std::string name;
  MysqlKind kind = MysqlKind::kText;
  bool zerofill = false;  // an integer that the server pads with zeros: 00501
};

class MysqlSession;

class MysqlStream {
 public:
  ~MysqlStream();  // dropped well before its end it closes the session's connection: what is left is not fetched
  MysqlStream(const MysqlStream&) = delete;
  MysqlStream& operator=(const MysqlStream&) = delete;
  const std::vector<MysqlColumn>& columns() const { return columns_; }
  // True: a row is there. False: the end, as the server announced it. After an error every call gives that error.
  Result<bool> Next();
  // nullopt is NULL. Valid until the next Next().
  std::optional<std::string_view> Value(size_t column) const;

 private:
  friend class MysqlSession;
  MysqlStream(MysqlSession* session, void* result, std::string head);
  MysqlSession* session_;
  void* result_;  // MYSQL_RES*
  void* row_ = nullptr;
  unsigned long* lengths_ = nullptr;
  bool ended_ = false;
  Status failed_;
  std::string head_;
  uint64_t rows_ = 0;
  std::vector<MysqlColumn> columns_;
};

class MysqlSession {
 public:
  // Connects and sets the session up for exact reading: utf8mb4, UTC, no SQL mode that would hide a value, no time
  // limits. Errors name what to do: unknown host, refused, access denied (kPlan), unknown database (kPlan), TLS; none
  // holds the password. Here and below, what another connection may not meet again (a lost connection, a killed query,
  // a server that starts) says Status::may_pass.
  static Result<std::unique_ptr<MysqlSession>> Connect(const MysqlOptions& options);
  ~MysqlSession();
  MysqlSession(const MysqlSession&) = delete;
  MysqlSession& operator=(const MysqlSession&) = delete;

  Status Execute(const std::string& sql);
  Result<std::unique_ptr<MysqlStream>> Stream(const std::string& sql);
  // All rows of a small result; NULL is nullopt.
  using Row = std::vector<std::optional<std::string>>;
  Result<std::vector<Row>> Query(const std::string& sql);
  Result<std::string> QueryText(const std::string& sql, std::string fallback = "");
  // The columns that a SELECT would give; it is prepared and not run. SQL that does not parse, or names what is not
  // there, is kPlan.
  Result<std::vector<MysqlColumn>> Describe(const std::string& sql);

  bool mariadb() const { return mariadb_; }
  const std::string& version() const { return version_; }  // "8.0.31", "10.11.14-MariaDB"
  uint64_t connection_id() const;
  const std::string& name() const { return name_; }
  // For this room: the library's MYSQL*, and its last error as a Status.
  void* handle() const { return handle_; }
  Status Error(const std::string& what) const;

 private:
  friend class MysqlStream;
  MysqlSession(void* handle, std::string name) : handle_(handle), name_(std::move(name)) {}
  Status Setup();
  void* handle_;  // MYSQL*
  std::string name_, version_;
  bool mariadb_ = false;
};

// The quoting functions for MySQL: `name` with inner backticks doubled; a text as a literal that no SQL mode and no
// character set can read otherwise (hexadecimal digits where it holds anything but plain characters).
std::string QuoteMysqlName(std::string_view name);
std::string QuoteMysqlText(std::string_view utf8);
std::string QuoteMysqlBytes(std::string_view bytes);

// A MySQL or MariaDB database as target: strict SQL mode, UTC, utf8mb4, transactions READ COMMITTED (READ ONLY
// snapshots for BeginRead). Prepared statements are put together by the quoting functions above and run on one session;
// Scans stream on sessions of their own, which are kept for the next one; Rows travel by LOAD DATA LOCAL from memory,
// or, where the server has local_infile off, by statements of many rows. Nothing of the server's own settings is
// changed.
//
// kReadWrite and kCreate refuse a server that is read-only (an error that may_pass: a demoted writer after a failover).
// The database itself must exist. Memory: 4 MiB a RowWriter, the network buffers, and small results.
Result<std::unique_ptr<Connection>> OpenMysql(const MysqlOptions& options, OpenMode mode);

// Several sessions of one server whose transactions all see the same state.
//
// They begin (REPEATABLE READ, consistent snapshot, read only) while LOCK TABLES ... READ holds writers off the tables
// that will be read, for the moment that the beginnings take; a lock that does not come within 5 s is given up. Where
// the account may not lock, there is one session only, which is consistent by itself; finding() says which way it went.
class MysqlSnapshot {
 public:
  // `tables` are quoted names; without any (queries) there is one session.
  static Result<std::unique_ptr<MysqlSnapshot>> Begin(const MysqlOptions& options, size_t sessions,
                                                      const std::vector<std::string>& tables);
  size_t size() const { return sessions_.size(); }
  MysqlSession* session(size_t i) const { return sessions_[i].get(); }
  const std::string& finding() const { return finding_; }
  // Tells snapshots apart, also those of two processes: "2026-03-01T04:05:06Z connection 17".
  const std::string& id() const { return id_; }

 private:
  std::vector<std::unique_ptr<MysqlSession>> sessions_;
  std::string finding_, id_;
};

}  // namespace migrate::store
