// bench_mysql HOST PORT USER DATABASE TABLE KEY FOLDER [ROUNDS]: rows a second of
//   client, n  the C API streaming the table with n connections (each its share of the keys, which must be integers)
//   into
//              nothing: the pointer and the length of every value
//   ours, n    our reader as the stage extract runs it, with n threads: payload, digest, the independent count, and the
//              rows packed into segments in FOLDER
// in one run, turn by turn. Prints the median and the best of the rounds, by wall clock and by this process' processor
// time; the server's is not in it.
#include <mysql.h>

#include "bench_extract.h"
#include "migrate/extract/mysql_source.h"

namespace migrate::extract {
namespace {

struct Place {
  store::MysqlOptions login;
  std::string table, key, folder;
};

MYSQL* Connect(const store::MysqlOptions& o) {
  MYSQL* db = mysql_init(nullptr);
  const unsigned tcp = MYSQL_PROTOCOL_TCP;
  mysql_options(db, MYSQL_OPT_PROTOCOL, &tcp);
  mysql_options(db, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  if (mysql_real_connect(db, o.host.c_str(), o.user.c_str(), "", o.database.c_str(), static_cast<unsigned>(o.port),
                         nullptr, 0) == nullptr)
    Exit(Status::Failed(mysql_error(db)));
  return db;
}

// Rows of a query, streamed into nothing.
uint64_t Stream(const store::MysqlOptions& login, const std::string& sql) {
  MYSQL* db = Connect(login);
  if (mysql_real_query(db, sql.data(), sql.size()) != 0) Exit(Status::Failed(mysql_error(db)));
  MYSQL_RES* result = mysql_use_result(db);
  const unsigned columns = mysql_num_fields(result);
  uint64_t rows = 0, sum = 0;
  while (MYSQL_ROW row = mysql_fetch_row(result)) {
    const unsigned long* lengths = mysql_fetch_lengths(result);
    for (unsigned i = 0; i < columns; ++i) sum += lengths[i] + (row[i] != nullptr ? 1 : 0);
    ++rows;
  }
  if (mysql_errno(db) != 0) Exit(Status::Failed(mysql_error(db)));
  mysql_free_result(result);
  mysql_close(db);
  if (sum == 0) fmt::print(stderr, "the table holds nothing\n");
  return rows;
}

Measure Client(const Place& p, int connections) {
  MYSQL* db = Connect(p.login);
  const std::string edges = fmt::format("SELECT MIN({0}), MAX({0}) FROM {1}", p.key, p.table);
  if (mysql_real_query(db, edges.data(), edges.size()) != 0) Exit(Status::Failed(mysql_error(db)));
  MYSQL_RES* result = mysql_store_result(db);
  MYSQL_ROW row = mysql_fetch_row(result);
  const long low = std::atol(row[0]), high = std::atol(row[1]);
  mysql_free_result(result);
  mysql_close(db);
  Clock begin;
  Measure m;
  std::atomic<uint64_t> rows{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i)
    threads.emplace_back([&, i] {
      const long from = low + (high - low + 1) / connections * i;
      const long to = i + 1 == connections ? high : low + (high - low + 1) / connections * (i + 1) - 1;
      rows += Stream(p.login, fmt::format("SELECT * FROM {} WHERE {} BETWEEN {} AND {}", p.table, p.key, from, to));
    });
  for (auto& t : threads) t.join();
  m.rows = rows;
  m.Done(begin);
  return m;
}

Measure Ours(const Place& p, int threads) {
  Clock begin;
  auto server = MysqlServer::Begin(p.login, static_cast<size_t>(threads), {store::QuoteMysqlName(p.table)});
  Exit(server.status());
  auto reader = OpenMysql(*server, {.source = "bench", .database = p.login.database, .table = p.table, .key = {p.key}});
  Exit(reader.status());
  return ReadAll(reader->get(), p.folder, threads, begin);
}

int Run(int argc, char** argv) {
  if (argc < 8) {
    fmt::print(stderr, "usage: bench_mysql HOST PORT USER DATABASE TABLE KEY FOLDER [ROUNDS]\n");
    return 2;
  }
  Place p;
  p.login.host = argv[1];
  p.login.port = std::atoi(argv[2]);
  p.login.user = argv[3];
  p.login.database = argv[4];
  p.table = argv[5];
  p.key = argv[6];
  p.folder = argv[7];
  const int rounds = argc > 8 ? std::max(1, std::atoi(argv[8])) : 5;
  std::filesystem::create_directories(p.folder);
  std::vector<Measure> client[2], ours[2];
  const uint64_t rows = Client(p, 1).rows;
  for (int round = 0; round < rounds; ++round)
    for (int n : {0, 1}) {
      client[n].push_back(Client(p, n + 1));
      ours[n].push_back(Ours(p, n + 1));
      if (client[n].back().rows != rows || ours[n].back().rows != rows) Exit(Status::Failed("not all rows were read"));
    }
  const auto [median, best] = MedianAndBest(client[0]);
  fmt::print("{} rows, {} rounds\n", rows, rounds);
  Print("client, 1", client[0], median, best);
  Print("client, 2", client[1], median, best);
  Print("ours, 1", ours[0], median, best);
  Print("ours, 2", ours[1], median, best);
  RemoveSegments(p.folder);
  return 0;
}

}  // namespace
}  // namespace migrate::extract

int main(int argc, char** argv) { return migrate::extract::Run(argc, argv); }
