// bench_csv FILE [ROUNDS]: rows a second of csv.h with one thread (11 columns) and of our reader with 1 and 2 threads,
// digests and payloads included, in one run; and how long the hash of the whole file takes. The best of ROUNDS (3)
// each, turn by turn, so that a busy machine hits all alike.
#include <fmt/core.h>
#include "migrate/extract/fccp.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "migrate/extract/csv_scan.h"
#include "migrate/extract/source.h"

namespace migrate::extract {
namespace {

// CPU time of the whole process: what a run costs when other work shares the machine.
double CpuSeconds() {
  timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

double Seconds() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

struct Measure {
  double rows_per_s = 0, rows_per_cpu_s = 0;
  uint64_t rows = 0, bytes = 0;
};

Measure CsvH(const std::string& path) {
  double begin = Seconds(), cpu = CpuSeconds();
  Measure m;
  io::CSVReader<11, io::trim_chars<>, io::double_quote_escape<',', '"'>> in(path);
  in.next_line();
  char* c[11];
  while (in.read_row(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10])) {
    ++m.rows;
    for (char* field : c) m.bytes += static_cast<unsigned char>(field[0]);
  }
  m.rows_per_s = static_cast<double>(m.rows) / (Seconds() - begin);
  m.rows_per_cpu_s = static_cast<double>(m.rows) / (CpuSeconds() - cpu);
  return m;
}

struct Sum : RowSink {
  uint64_t rows = 0, rejects = 0, bytes = 0;
  MultisetDigest digest;
  Status OnRow(const RawRow& row) override {
    ++rows;
    bytes += row.payload.size();
    digest.Add(row.row_sha256);
    return {};
  }
  Status OnReject(const Reject&) override {
    ++rejects;
    return {};
  }
};

Measure Ours(const std::string& path, int threads) {
  double begin = Seconds(), cpu = CpuSeconds();
  CsvOptions options;
  options.source = "bench";
  auto reader = OpenCsv(path, options);
  if (!reader.ok()) {
    fmt::print(stderr, "{}\n", reader.status().message());
    std::exit(1);
  }
  options.key = {(*reader)->columns()[0].name};
  reader = OpenCsv(path, options);
  std::vector<Sum> sums(static_cast<size_t>(threads));
  std::vector<std::thread> workers;
  for (Sum& sum : sums)
    workers.emplace_back([&reader, &sum] {
      for (;;) {
        auto chunk = (*reader)->Next();
        if (!chunk.ok() || !*chunk || !(*reader)->Read(**chunk, sum).ok()) return;
      }
    });
  for (std::thread& w : workers) w.join();
  Measure m;
  for (const Sum& s : sums) m.rows += s.rows + s.rejects, m.bytes += s.bytes;
  m.rows_per_s = static_cast<double>(m.rows) / (Seconds() - begin);
  m.rows_per_cpu_s = static_cast<double>(m.rows) / (CpuSeconds() - cpu);
  return m;
}

// Cutting alone: reading the file and counting its rows.
Measure CutOnly(const std::string& path) {
  double begin = Seconds(), cpu = CpuSeconds();
  CsvOptions options;
  auto reader = OpenCsv(path, options);
  Measure m;
  while (true) {
    auto chunk = (*reader)->Next();
    if (!chunk.ok() || !*chunk) break;
    m.rows += (*chunk)->counted;
    m.bytes += (*chunk)->bytes.size();
  }
  m.rows_per_s = static_cast<double>(m.rows) / (Seconds() - begin);
  m.rows_per_cpu_s = static_cast<double>(m.rows) / (CpuSeconds() - cpu);
  return m;
}

}  // namespace
}  // namespace migrate::extract

int main(int argc, char** argv) {
  using migrate::extract::Measure;
  if (argc != 2 && argc != 3) {
    fmt::print(stderr, "usage: bench_csv FILE [ROUNDS] (a CSV file of 11 columns)\n");
    return 2;
  }
  const std::string path = argv[1];
  Measure csv_h, one, two, cut;
  auto best = [](Measure* so_far, Measure m) {
    so_far->rows = m.rows;
    so_far->bytes = m.bytes;
    so_far->rows_per_s = std::max(so_far->rows_per_s, m.rows_per_s);
    so_far->rows_per_cpu_s = std::max(so_far->rows_per_cpu_s, m.rows_per_cpu_s);
  };
  const int rounds = argc == 3 ? std::atoi(argv[2]) : 3;
  double hash_s = 1e9;
  for (int round = 0; round < rounds; ++round) {
    best(&csv_h, migrate::extract::CsvH(path));
    best(&one, migrate::extract::Ours(path, 1));
    best(&two, migrate::extract::Ours(path, 2));
    best(&cut, migrate::extract::CutOnly(path));
    const double begin = migrate::extract::Seconds();
    if (!migrate::Sha256OfFile(path).ok()) return 1;
    hash_s = std::min(hash_s, migrate::extract::Seconds() - begin);
  }
  auto print = [&](const char* what, const Measure& m) {
    fmt::print("{:<17} {:>9.0f} rows/s, {:.2f} of csv.h; {:>9.0f} rows per CPU second, {:.2f} of csv.h; {} rows\n",
               what, m.rows_per_s, m.rows_per_s / csv_h.rows_per_s, m.rows_per_cpu_s,
               m.rows_per_cpu_s / csv_h.rows_per_cpu_s, m.rows);
  };
  print("csv.h, 1 thread:", csv_h);
  print("ours, 1 thread:", one);
  print("ours, 2 threads:", two);
  fmt::print("cutting and counting alone: {:.0f} rows per CPU second, {:.2f} GB/s\n", cut.rows_per_cpu_s,
             cut.rows_per_cpu_s * static_cast<double>(cut.bytes) / static_cast<double>(cut.rows) / 1e9);
  fmt::print("SHA-256 of the file: {:.2f} s (before extract, no part of the rates above)\n", hash_s);
  return 0;
}
