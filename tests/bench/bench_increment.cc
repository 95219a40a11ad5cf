// bench_increment PEOPLE.csv [FOLDER] [SHARE]
//
// Matches all rows of a file of tools/gen_people.py but the last SHARE (0.01), keeping the state in FOLDER, then
// matches that last share as an increment, and prints the seconds of both, of the clock and of the processor. Columns:
// id,truth,first_name,last_name,dob,email,phone,street,city,state,zip. Values are taken as they are, phones as digits.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <fstream>

#include "migrate/dedupe/match_increment.h"

namespace migrate::dedupe {
namespace {

struct Stopwatch {
  std::chrono::steady_clock::time_point wall = std::chrono::steady_clock::now();
  std::clock_t cpu = std::clock();
  std::string Lap() {
    const auto now = std::chrono::steady_clock::now();
    const std::clock_t used = std::clock();
    const std::string text =
        fmt::format("{:7.2f} s, processor {:7.2f} s", std::chrono::duration<double>(now - wall).count(),
                    static_cast<double>(used - cpu) / CLOCKS_PER_SEC);
    wall = now;
    cpu = used;
    return text;
  }
};

Record Parse(const std::string& line, uint64_t row) {
  static constexpr Field kColumns[] = {Field::kFirstName, Field::kLastName, Field::kBirthDate,
                                       Field::kEmail,     Field::kPhone,    Field::kStreet,
                                       Field::kCity,      Field::kState,    Field::kZip};
  Record r;
  r.record_id = HashMix(row, 1) >> 1;
  size_t column = 0, from = 0;
  for (size_t to = 0; to <= line.size(); ++to) {
    if (to < line.size() && line[to] != ',') continue;
    if (column >= 2 && column - 2 < std::size(kColumns)) r[kColumns[column - 2]] = line.substr(from, to - from);
    from = to + 1;
    ++column;
  }
  std::string digits;
  for (const char c : r[Field::kPhone])
    if (c >= '0' && c <= '9') digits.push_back(c);
  r[Field::kPhone] = digits.size() == 10 ? "+1" + digits : "";
  return r;
}

int Fail(const Status& status) {
  fmt::print(stderr, "bench_increment: {}\n", status.message());
  return 1;
}

int Run(const std::string& path, const std::string& folder, double share) {
  std::ifstream in(path);
  std::string line;
  std::vector<Record> all;
  std::getline(in, line);
  while (std::getline(in, line)) all.push_back(Parse(line, all.size()));
  const size_t before = all.size() - static_cast<size_t>(static_cast<double>(all.size()) * share);
  std::sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(before),
            [](const Record& a, const Record& b) { return a.record_id < b.record_id; });
  Stopwatch watch;
  MatchOptions options;
  options.threads = 2;
  MatchStateWriter writer(folder, 2);
  options.keep = writer.keep();
  Matcher matcher(options);
  for (size_t i = 0; i < before; ++i) {
    if (const Status added = matcher.Add(all[i]); !added.ok()) return Fail(added);
    writer.Add(all[i]);
  }
  auto batch = matcher.Run();
  if (!batch.ok()) return Fail(batch.status());
  fmt::print("batch of {:>9}: {}\n", before, watch.Lap());
  for (const StepSeconds& s : batch->stats.seconds) fmt::print("  {:12} {:7.2f} s\n", s.step, s.seconds);
  if (const Status kept = writer.Finish(*batch, {}, {}); !kept.ok()) return Fail(kept);
  fmt::print("keeping          : {}\n", watch.Lap());
  auto state = MatchState::Load(folder, 2);
  if (!state.ok()) return Fail(state.status());
  fmt::print("loading          : {}\n", watch.Lap());
  std::vector<MatchChange> changes;
  for (size_t i = before; i < all.size(); ++i) changes.push_back({all[i].record_id, all[i]});
  options.keep = nullptr;
  options.model = &batch->model;
  auto again = MatchAgain(state->get(), changes, {}, options);
  if (!again.ok()) return Fail(again.status());
  fmt::print("increment {:>7}: {}\n", changes.size(), watch.Lap());
  for (const StepSeconds& s : again->stats.seconds) fmt::print("  {:12} {:7.2f} s\n", s.step, s.seconds);
  fmt::print("  compared {} records, clustered {}, of which {} may have changed\n", again->compared, again->clustered,
             again->record_ids.size());
  if (const Status saved = (*state)->Save(folder); !saved.ok()) return Fail(saved);
  fmt::print("saving           : {}\n", watch.Lap());
  return 0;
}

}  // namespace
}  // namespace migrate::dedupe

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: bench_increment PEOPLE.csv [FOLDER] [SHARE]\n");
    return 2;
  }
  return migrate::dedupe::Run(argv[1], argc > 2 ? argv[2] : "bench_increment.state",
                              argc > 3 ? std::stod(argv[3]) : 0.01);
}
