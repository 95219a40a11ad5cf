// bench_stream: reads rows into nothing with one thread, as the yardstick of extract; prints how many they were.
//
//   bench_stream csv FILE COLUMNS DELIMITER       csv.h; COLUMNS is 10, 11 or 15
//   bench_stream sqlite FILE TABLE                the C API stepping the table
//   bench_stream mysql HOST PORT USER DATABASE TABLE   the C API streaming the table (mysql_use_result)
//
// Time and processor time are the caller's to take (those of the server are on its side). Every value is looked at as
// what it is: pointer and length of a text, an integer, a double.
#include <fmt/core.h>
#include <mysql.h>
#include <sqlite3.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "migrate/extract/fccp.h"

namespace {

uint64_t values = 0;  // printed, so that no reading can be left out

template <unsigned columns, char delimiter, size_t... i>
uint64_t ReadCsv(const char* path, std::index_sequence<i...>) {
  io::CSVReader<columns, io::trim_chars<>, io::double_quote_escape<delimiter, '"'>> in(path);
  in.next_line();
  char* c[columns];
  uint64_t rows = 0;
  while (in.read_row(c[i]...)) {
    ++rows;
    for (char* field : c) values += static_cast<unsigned char>(field[0]);
  }
  return rows;
}

template <unsigned columns, char delimiter>
uint64_t Csv(const char* path) {
  return ReadCsv<columns, delimiter>(path, std::make_index_sequence<columns>());
}

int Fail(const char* what) {
  fmt::print(stderr, "bench_stream: {}\n", what);
  return 1;
}

int Sqlite(const char* path, const char* table) {
  sqlite3* db = nullptr;
  sqlite3_stmt* s = nullptr;
  const std::string sql = fmt::format("SELECT * FROM \"{}\"", table);
  if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK ||
      sqlite3_prepare_v2(db, sql.c_str(), -1, &s, nullptr) != SQLITE_OK)
    return Fail(sqlite3_errmsg(db));
  const int columns = sqlite3_column_count(s);
  uint64_t rows = 0;
  int rc;
  while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
    ++rows;
    for (int i = 0; i < columns; ++i) {
      const int type = sqlite3_column_type(s, i);
      if (type == SQLITE_INTEGER) values += static_cast<uint64_t>(sqlite3_column_int64(s, i));
      if (type == SQLITE_FLOAT) values += static_cast<uint64_t>(sqlite3_column_double(s, i));
      if (type == SQLITE_TEXT) values += sqlite3_column_text(s, i)[0];
      if (type == SQLITE_BLOB) values += sqlite3_column_blob(s, i) != nullptr;
      if (type == SQLITE_TEXT || type == SQLITE_BLOB) values += static_cast<uint64_t>(sqlite3_column_bytes(s, i));
    }
  }
  if (rc != SQLITE_DONE) return Fail(sqlite3_errmsg(db));
  sqlite3_finalize(s);
  sqlite3_close(db);
  fmt::print("{} rows\n", rows);
  return 0;
}

int Mysql(char** argv) {
  MYSQL* db = mysql_init(nullptr);
  const unsigned tcp = MYSQL_PROTOCOL_TCP;
  mysql_options(db, MYSQL_OPT_PROTOCOL, &tcp);
  mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (!mysql_real_connect(db, argv[0], argv[2], std::getenv("MYSQL_PWD"), argv[3],
                          static_cast<unsigned>(std::atoi(argv[1])), nullptr, 0))
    return Fail(mysql_error(db));
  const std::string sql = fmt::format("SELECT * FROM `{}`", argv[4]);
  if (mysql_real_query(db, sql.data(), sql.size()) != 0) return Fail(mysql_error(db));
  MYSQL_RES* result = mysql_use_result(db);
  const unsigned columns = mysql_num_fields(result);
  uint64_t rows = 0;
  while (MYSQL_ROW row = mysql_fetch_row(result)) {
    const unsigned long* lengths = mysql_fetch_lengths(result);
    for (unsigned i = 0; i < columns; ++i) values += lengths[i] + (row[i] != nullptr);
    ++rows;
  }
  if (mysql_errno(db) != 0) return Fail(mysql_error(db));
  mysql_free_result(result);
  mysql_close(db);
  fmt::print("{} rows\n", rows);
  return 0;
}

int CsvFile(const char* path, const std::string& layout) {
  uint64_t rows = 0;
  try {
    if (layout == "11,")
      rows = Csv<11, ','>(path);
    else if (layout == "10,")
      rows = Csv<10, ','>(path);
    else if (layout == "15;")
      rows = Csv<15, ';'>(path);
    else
      return Fail("csv: 11 columns and a comma, 10 and a comma, or 15 and a semicolon");
  } catch (const std::exception& error) {
    return Fail(error.what());
  }
  fmt::print("{} rows\n", rows);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  int rc = 2;
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "csv" && argc == 5) rc = CsvFile(argv[2], std::string(argv[3]) + argv[4]);
  if (mode == "sqlite" && argc == 4) rc = Sqlite(argv[2], argv[3]);
  if (mode == "mysql" && argc == 7) rc = Mysql(argv + 2);
  if (rc == 2) fmt::print(stderr, "usage: bench_stream csv FILE COLUMNS DELIMITER | sqlite FILE TABLE | mysql ...\n");
  fmt::print(stderr, "{:x}\n", values);
  return rc;
}
