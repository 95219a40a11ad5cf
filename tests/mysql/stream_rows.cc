// stream_rows URL READ_SECONDS SQL: streams a query's rows through store/mysql.h into nothing, for tests that harm the
// server meanwhile. Writes "first" after the first row, and at the end "rows N" if the server announced the end, or
// "error after N: MESSAGE". A pause of a millisecond every 100 rows makes time for the harm.
#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <thread>

#include "server.h"

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  setenv("MIGRATE_TEST_MYSQL_URL", argv[1], 1);
  migrate::store::MysqlOptions options = migrate::TestServer();
  options.read_seconds = std::atoi(argv[2]);
  uint64_t rows = 0;
  auto failed = [&](const migrate::Status& s) {
    fmt::print("error after {}: {}{}\n", rows, s.message(), s.may_pass() ? "" : " (for good)");
    return 1;
  };
  auto session = migrate::store::MysqlSession::Connect(options);
  if (!session.ok()) return failed(session.status());
  auto stream = (*session)->Stream(argv[3]);
  if (!stream.ok()) return failed(stream.status());
  for (;;) {
    auto more = (*stream)->Next();
    if (!more.ok()) return failed(more.status());
    if (!*more) break;
    if (++rows == 1) {
      fmt::print("first {}\n", (*session)->connection_id());
      std::fflush(stdout);
    }
    if (rows % 100 == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  fmt::print("rows {}\n", rows);
  return 0;
}
