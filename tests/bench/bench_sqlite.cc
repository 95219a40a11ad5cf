// bench_sqlite FILE TABLE KEY FOLDER [ROUNDS]: rows a second of
//   api        the C API stepping a table with one thread and reading every value as what it is: the pointer and the
//              length of a text, int64, double
//   ours, n    our reader as the stage extract runs it, with n threads: payload, digest, the independent count, and the
//              rows packed into segments in FOLDER (made last by one more thread, which only waits for the disk)
// in one run, turn by turn. Prints the median and the best of the rounds, by wall clock and by processor time: on a
// machine that others use, the second tells more. The file should fit in memory; the first reading warms it.
#include <sqlite3.h>

#include "bench_extract.h"

namespace migrate::extract {
namespace {

// What a row's values come to, so that no reading of one can be left out.
uint64_t Touch(sqlite3_stmt* s, int column) {
  switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
      return static_cast<uint64_t>(sqlite3_column_int64(s, column));
    case SQLITE_FLOAT:
      return static_cast<uint64_t>(sqlite3_column_double(s, column));
    case SQLITE_TEXT: {
      const unsigned char* text = sqlite3_column_text(s, column);
      return text[0] + static_cast<uint64_t>(sqlite3_column_bytes(s, column));
    }
    case SQLITE_BLOB: {
      const void* bytes = sqlite3_column_blob(s, column);
      return (bytes != nullptr ? 1u : 0u) + static_cast<uint64_t>(sqlite3_column_bytes(s, column));
    }
    default:
      return 0;
  }
}

Measure CApi(const std::string& path, const std::string& table) {
  Clock begin;
  Measure m;
  sqlite3* db = nullptr;
  sqlite3_stmt* s = nullptr;
  sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  sqlite3_prepare_v2(db, ("SELECT * FROM \"" + table + "\"").c_str(), -1, &s, nullptr);
  const int columns = sqlite3_column_count(s);
  uint64_t sum = 0;
  while (sqlite3_step(s) == SQLITE_ROW) {
    ++m.rows;
    for (int i = 0; i < columns; ++i) sum += Touch(s, i);
  }
  sqlite3_finalize(s);
  sqlite3_close(db);
  m.Done(begin);
  if (sum == 0) fmt::print(stderr, "the table holds nothing\n");
  return m;
}

Measure Ours(const std::string& path, const SqliteOptions& options, const std::string& folder, int threads) {
  Clock begin;
  auto reader = OpenSqlite(path, options);
  Exit(reader.status());
  return ReadAll(reader->get(), folder, threads, begin);
}

int Run(int argc, char** argv) {
  if (argc < 5) {
    fmt::print(stderr, "usage: bench_sqlite FILE TABLE KEY FOLDER [ROUNDS]\n");
    return 2;
  }
  SqliteOptions options;
  options.source = "bench";
  options.table = argv[2];
  options.key = {argv[3]};
  const std::string folder = argv[4];
  const int rounds = argc > 5 ? std::max(1, std::atoi(argv[5])) : 5;
  std::filesystem::create_directories(folder);
  std::vector<Measure> api, one, two;
  const uint64_t rows = CApi(argv[1], options.table).rows;
  for (int round = 0; round < rounds; ++round) {
    api.push_back(CApi(argv[1], options.table));
    one.push_back(Ours(argv[1], options, folder, 1));
    two.push_back(Ours(argv[1], options, folder, 2));
    if (one.back().rows != rows || two.back().rows != rows) Exit(Status::Failed("not all rows were read"));
  }
  const auto [median, best] = MedianAndBest(api);
  fmt::print("{} rows, {} rounds\n", rows, rounds);
  Print("C API, 1 thread", api, median, best);
  Print("ours, 1 thread", one, median, best);
  Print("ours, 2 threads", two, median, best);
  RemoveSegments(folder);
  return 0;
}

}  // namespace
}  // namespace migrate::extract

int main(int argc, char** argv) { return migrate::extract::Run(argc, argv); }
