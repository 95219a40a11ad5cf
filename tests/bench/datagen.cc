// migrate-datagen: writes made-up US people, with the truth about who is who. See tests/bench/README.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <set>

#include "datagen_output.h"

namespace migrate::datagen {
namespace {

struct Options {
  uint64_t records = 0, seed = 1;
  double duplicates = 0.25;  // share of the rows
  std::vector<std::string> csv, layouts;
  std::vector<double> shares;  // of the rows, by CSV file; those without one share the rest equally with the table
  std::string sqlite, table = "contacts", truth, plan;
  int threads = 1;
};

std::string NameOf(const std::string& path) {
  std::string name = std::filesystem::path(path).stem().string();
  for (char& c : name) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper) c = static_cast<char>(c - 'A' + 'a');
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9')) c = '_';
  }
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) name = "s" + name;
  return name;
}

Result<std::vector<Source>> MakeSources(const Options& options) {
  std::vector<Source> sources;
  for (size_t i = 0; i < options.csv.size(); ++i) {
    Source source{NameOf(options.csv[i]), options.csv[i], "", Layout::kMain, 0, 0};
    if (!options.layouts.empty()) {  // the last one stands for the rest
      const std::string& layout = options.layouts[std::min(i, options.layouts.size() - 1)];
      if (!LayoutByName(layout, source.layout))
        return Status::Plan(fmt::format("--layout {}: not one of main, campaign, semicolon", layout));
    }
    sources.push_back(std::move(source));
  }
  if (!options.sqlite.empty())
    sources.push_back(Source{NameOf(options.sqlite), options.sqlite, options.table, Layout::kTable, 0, 0});
  if (sources.empty()) return Status::Plan("nothing to write: give --csv or --sqlite");
  std::set<std::string> names;
  for (const Source& source : sources)
    if (!names.insert(source.name).second)
      return Status::Plan(fmt::format("two outputs would both be the source {}", source.name));
  return sources;
}

// Rows in the order of the sources; the last source takes what rounding leaves.
Status Divide(const Options& options, std::vector<Source>& sources) {
  if (options.layouts.size() > options.csv.size()) return Status::Plan("more --layout than --csv");
  if (options.shares.size() > options.csv.size()) return Status::Plan("more --share-csv than --csv");
  double given = 0;
  for (double share : options.shares) given += share;
  if (given > 1.000001) return Status::Plan("the shares add up to more than 1");
  const size_t open = sources.size() - options.shares.size();
  uint64_t at = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    const double share = i < options.shares.size() ? options.shares[i] : (1 - given) / static_cast<double>(open);
    const auto rows = static_cast<uint64_t>(share * static_cast<double>(options.records) + 0.5);
    sources[i].first = at;
    sources[i].rows = i + 1 == sources.size() ? options.records - at : std::min(rows, options.records - at);
    at += sources[i].rows;
  }
  return Status();
}

Status Generate(const Options& options) {
  MIGRATE_ASSIGN(std::vector<Source> sources, MakeSources(options));
  MIGRATE_TRY(Divide(options, sources));
  const World world(options.seed, options.records, static_cast<uint32_t>(options.duplicates * 100'000 + 0.5));
  MIGRATE_TRY(WriteSources(world, sources, options.truth, options.threads));
  if (!options.plan.empty()) MIGRATE_TRY(WritePlan(sources, options.plan));
  for (const Source& source : sources) fmt::print(stderr, "{}: {} rows\n", source.path, source.rows);
  fmt::print(stderr, "{} rows tell of {} persons\n", world.rows(), world.persons());
  return Status();
}

int Main(int argc, char** argv) {
  Options options;
  CLI::App app("Writes made-up US people, with the truth about who is who. The same options give the same bytes.");
  app.add_option("--records", options.records, "rows over all outputs")
      ->required()
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 40));
  app.add_option("--seed", options.seed, "another seed, other people")->capture_default_str();
  app.add_option("--duplicates", options.duplicates, "share of rows that tell of a person another row tells of")
      ->check(CLI::Range(0.0, 0.9))
      ->capture_default_str();
  app.add_option("--csv", options.csv, "CSV file to write; repeat it for more files");
  app.add_option("--layout", options.layouts,
                 "main | campaign | semicolon, of each --csv; the last one stands for the rest");
  app.add_option("--share-csv", options.shares, "share of the rows, of each --csv; outputs without one divide the rest")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--sqlite", options.sqlite, "SQLite legacy database to write");
  app.add_option("--table", options.table, "its table")->capture_default_str();
  app.add_option("--truth", options.truth, "CSV to write: id,cluster,source,source_key");
  app.add_option("--plan", options.plan, "plan to write, which reads the outputs into sqlite:people.db");
  app.add_option("--threads", options.threads, "does not change the bytes")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const Status status = Generate(options);
  if (status.ok()) return 0;
  fmt::print(stderr, "migrate-datagen: {}\n", status.message());
  return status.kind() == ErrorKind::kPlan ? 2 : 1;
}

}  // namespace
}  // namespace migrate::datagen

int main(int argc, char** argv) { return migrate::datagen::Main(argc, argv); }
