#include "datagen_mysql.h"

#include <fmt/format.h>
#include <mysql.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>

#include "datagen_output.h"
#include "datagen_text.h"

namespace migrate::datagen {
namespace {

constexpr uint64_t kTransactionRows = 200'000, kBufferRows = 512;

struct Closer {
  void operator()(MYSQL* db) const { mysql_close(db); }
};
using Session = std::unique_ptr<MYSQL, Closer>;

struct Place {
  std::string user, host, database;
  unsigned port = 3306;
};

// mysql://user@host:port/database
Result<Place> Parse(const std::string& url) {
  const Status wrong = Status::Plan(fmt::format("--mysql {}: not of the form mysql://user@host:port/database", url));
  const std::string scheme = "mysql://";
  const size_t at = url.find('@'), slash = url.find('/', scheme.size());
  if (url.rfind(scheme, 0) != 0 || at == std::string::npos || slash == std::string::npos || at > slash) return wrong;
  Place place;
  place.user = url.substr(scheme.size(), at - scheme.size());
  place.host = url.substr(at + 1, slash - at - 1);
  place.database = url.substr(slash + 1);
  if (const size_t colon = place.host.find(':'); colon != std::string::npos) {
    for (char c : place.host.substr(colon + 1))
      if (c < '0' || c > '9') return wrong;
    place.port = static_cast<unsigned>(std::strtoul(place.host.c_str() + colon + 1, nullptr, 10));
    place.host.resize(colon);
  }
  if (place.user.empty() || place.host.empty() || place.database.empty()) return wrong;
  return place;
}

Status Error(const Source& source, MYSQL* db) {
  return Status::Failed(fmt::format("{}, table {}: {}", source.url, source.table, mysql_error(db)));
}

Status Execute(const Source& source, MYSQL* db, const std::string& sql) {
  return mysql_real_query(db, sql.data(), sql.size()) == 0 ? Status() : Error(source, db);
}

Result<Session> Connect(const Source& source) {
  MIGRATE_ASSIGN(const Place place, Parse(source.url));
  Session db(mysql_init(nullptr));
  const unsigned tcp = MYSQL_PROTOCOL_TCP, on = 1;
  mysql_options(db.get(), MYSQL_OPT_PROTOCOL, &tcp);
  mysql_options(db.get(), MYSQL_OPT_LOCAL_INFILE, &on);
  mysql_options(db.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(db.get(), place.host.c_str(), place.user.c_str(), std::getenv("MYSQL_PWD"),
                          place.database.c_str(), place.port, nullptr, 0))
    return Error(source, db.get());
  // Zero dates are what old tables hold; a stricter mode would refuse them.
  MIGRATE_TRY(Execute(source, db.get(), "SET SESSION sql_mode = ''"));
  return db;
}

// The lines of a range of rows, as LOAD DATA asks for them.
struct Lines {
  const World* world = nullptr;
  const Source* source = nullptr;
  uint64_t next = 0, end = 0;  // numbers in the source, from 0
  std::string buffer;
  size_t at = 0;
  Row row;

  int Read(char* out, unsigned size) {
    if (at == buffer.size()) {
      buffer.clear();
      at = 0;
      for (const uint64_t stop = std::min(end, next + kBufferRows); next < stop; ++next) {
        world->MakeRow(source->first + next, row);
        AppendMysqlLine(next + 1, row, buffer);
      }
    }
    const size_t n = std::min<size_t>(size, buffer.size() - at);
    std::memcpy(out, buffer.data() + at, n);
    at += n;
    return static_cast<int>(n);
  }
};

Status LoadRange(const World& world, const Source& source, uint64_t from, uint64_t to, std::atomic<bool>& failed) {
  MIGRATE_ASSIGN(const Session db, Connect(source));
  Lines lines;
  lines.world = &world;
  lines.source = &source;
  lines.next = from;
  mysql_set_local_infile_handler(
      db.get(),
      [](void** handle, const char*, void* user) {
        *handle = user;
        return 0;
      },
      [](void* handle, char* out, unsigned size) { return static_cast<Lines*>(handle)->Read(out, size); }, [](void*) {},
      [](void*, char*, unsigned) { return 0; }, &lines);
  const std::string load =
      fmt::format("LOAD DATA LOCAL INFILE 'rows' INTO TABLE `{}` CHARACTER SET utf8mb4", source.table);
  while (lines.next < to && !failed) {
    const uint64_t begun = lines.next;
    lines.end = std::min(to, begun + kTransactionRows);
    MIGRATE_TRY(Execute(source, db.get(), load));
    if (mysql_affected_rows(db.get()) != lines.end - begun || mysql_warning_count(db.get()) != 0)
      return Status::Failed(fmt::format("{}, table {}: rows {} to {} did not arrive as they were sent: {}", source.url,
                                        source.table, begun + 1, lines.end, mysql_info(db.get())));
  }
  return Status();
}

void Field(std::string_view text, bool null, std::string& out) {
  if (text.empty() && null) out += "\\N";
  for (char c : text) {
    if (c == '\\' || c == '\t' || c == '\n') out += '\\';
    out += c;
  }
  out += '\t';
}

}  // namespace

void AppendMysqlLine(uint64_t number, const Row& row, std::string& out) {
  const bool null = row.variety % 5 != 0;
  AppendNumber(number, 1, out);
  out += '\t';
  Field(row.first, null, out);
  Field(row.last, null, out);
  Field(row.suffix, null, out);
  Field(row.sex_known ? (row.female ? "F" : "M") : "", true, out);
  if (row.birth.year)
    AppendIso(row.birth, out);
  else
    out += null ? "\\N" : "0000-00-00";
  out += '\t';
  Field(row.email, null, out);
  if (row.phone)
    AppendPhone(row.phone, row.phone_style, row.phone_extension, out);
  else
    out += row.phone_text.empty() && null ? "\\N" : row.phone_text;
  out += '\t';
  if (row.phone2)
    AppendNumber(row.phone2, 1, out);
  else
    out += "\\N";
  out += '\t';
  Field(row.street, null, out);
  Field(row.unit, null, out);
  Field(row.city, null, out);
  Field(row.state, null, out);
  Field(row.zip, null, out);
  out += row.opt_out_known ? (row.opt_out & 5 ? "1\t" : "0\t") : "\\N\t";
  out += row.opt_out_known ? (row.opt_out & 6 ? "1\t" : "0\t") : "\\N\t";
  AppendTime(row.updated_at, out);
  out += '\n';
}

std::string CreateMysqlTable(const std::string& table) {
  return fmt::format(
      "CREATE TABLE `{}` (customer_id BIGINT UNSIGNED NOT NULL PRIMARY KEY, first_name VARCHAR(80), last_name "
      "VARCHAR(80), suffix VARCHAR(8), gender ENUM('M','F'), birth_date DATE, email VARCHAR(160), home_phone "
      "VARCHAR(40), cell_phone BIGINT UNSIGNED, address1 VARCHAR(160), address2 VARCHAR(40), city VARCHAR(80), region "
      "CHAR(2), postal_code VARCHAR(10), do_not_call TINYINT(1), do_not_mail TINYINT(1), modified DATETIME) "
      "ENGINE=InnoDB "
      "DEFAULT CHARSET=utf8mb4",
      table);
}

Status WriteMysql(const World& world, const Source& source, int connections) {
  {
    MIGRATE_ASSIGN(const Session db, Connect(source));
    MIGRATE_TRY(Execute(source, db.get(), fmt::format("DROP TABLE IF EXISTS `{}`", source.table)));
    MIGRATE_TRY(Execute(source, db.get(), CreateMysqlTable(source.table)));
  }
  const auto n = static_cast<uint64_t>(connections);
  std::vector<std::thread> threads;
  std::vector<Status> results(n);
  std::atomic<bool> failed{false};
  for (uint64_t i = 0; i < n; ++i)
    threads.emplace_back([&, i] {
      results[i] = LoadRange(world, source, source.rows * i / n, source.rows * (i + 1) / n, failed);
      if (!results[i].ok()) failed = true;
    });
  for (std::thread& thread : threads) thread.join();
  for (const Status& result : results) MIGRATE_TRY(result);
  return Status();
}

}  // namespace migrate::datagen
