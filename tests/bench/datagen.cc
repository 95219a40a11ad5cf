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
  std::vector<std::string> csv, layouts, traps;
  // Of the rows, by CSV file, and of the tables; outputs without one divide the rest. Below 0: not given.
  std::vector<double> shares;
  double sqlite_share = -1, mysql_share = -1;
  std::string sqlite, table = "contacts", mysql, mysql_file, mysql_table = "customers", truth, plan;
  bool only_truth = false;
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
    Source source{NameOf(options.csv[i]), options.csv[i], "", "", Layout::kMain, 0, 0};
    if (!options.layouts.empty()) {  // the last one stands for the rest
      const std::string& layout = options.layouts[std::min(i, options.layouts.size() - 1)];
      if (!LayoutByName(layout, source.layout))
        return Status::Plan(fmt::format("--layout {}: not one of main, campaign, semicolon, tabs, quoted", layout));
    }
    sources.push_back(std::move(source));
  }
  if (!options.sqlite.empty())
    sources.push_back(Source{NameOf(options.sqlite), options.sqlite, "", options.table, Layout::kTable, 0, 0});
  if (!options.mysql.empty() && !options.mysql_file.empty())
    return Status::Plan("--mysql and --mysql-file are the same rows: give one of them");
  if (options.mysql_table.find('`') != std::string::npos) return Status::Plan("--mysql-table: no ` please");
  if (!options.mysql.empty() || !options.mysql_file.empty())
    sources.push_back(Source{NameOf(options.mysql_table), options.mysql_file, options.mysql, options.mysql_table,
                             Layout::kMysql, 0, 0});
  if (sources.empty()) return Status::Plan("nothing to write: give --csv, --sqlite, --mysql or --mysql-file");
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
  std::vector<double> shares;
  double given = 0;
  size_t open = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    double share = i < options.shares.size() ? options.shares[i] : -1;
    if (sources[i].layout == Layout::kTable) share = options.sqlite_share;
    if (sources[i].layout == Layout::kMysql) share = options.mysql_share;
    shares.push_back(share);
    if (share < 0)
      ++open;
    else
      given += share;
  }
  if (given > 1.000001) return Status::Plan("the shares add up to more than 1");
  uint64_t at = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    const double share = shares[i] >= 0 ? shares[i] : (1 - given) / static_cast<double>(open);
    const auto rows = static_cast<uint64_t>(share * static_cast<double>(options.records) + 0.5);
    sources[i].first = at;
    sources[i].rows = i + 1 == sources.size() ? options.records - at : std::min(rows, options.records - at);
    at += sources[i].rows;
  }
  return Status();
}

Result<Traps> MakeTraps(const Options& options) {
  Traps traps;
  for (const std::string& trap : options.traps) {
    const size_t equals = std::min(trap.find('='), trap.size());
    char* end = nullptr;
    const std::string share = trap.substr(std::min(equals + 1, trap.size()));
    const double value = std::strtod(share.c_str(), &end);
    if (share.empty() || *end != '\0' || !SetTrap(trap.substr(0, equals), value, traps))
      return Status::Plan(
          fmt::format("--trap {}: not NAME=SHARE with a share of 0 to 1 of one of: {}", trap, TrapsText(Traps())));
  }
  return traps;
}

Status Generate(const Options& options) {
  MIGRATE_ASSIGN(std::vector<Source> sources, MakeSources(options));
  MIGRATE_TRY(Divide(options, sources));
  MIGRATE_ASSIGN(const Traps traps, MakeTraps(options));
  const World world(options.seed, options.records, static_cast<uint32_t>(options.duplicates * 100'000 + 0.5), traps);
  if (!options.only_truth) MIGRATE_TRY(WriteSources(world, sources, options.threads));
  if (!options.truth.empty()) MIGRATE_TRY(WriteTruth(world, sources, options.truth, options.threads));
  if (!options.plan.empty()) MIGRATE_TRY(WritePlan(sources, options.plan));
  for (const Source& source : sources)
    fmt::print(stderr, "{}: {} rows\n", source.url.empty() ? source.path : source.url + " " + source.table,
               source.rows);
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
                 "main | campaign | semicolon | tabs | quoted, of each --csv; the last one stands for the rest");
  app.add_option("--share-csv", options.shares, "share of the rows, of each --csv; outputs without one divide the rest")
      ->check(CLI::Range(0.0, 1.0));
  app.add_option("--sqlite", options.sqlite, "SQLite legacy database to write");
  app.add_option("--table", options.table, "its table")->capture_default_str();
  app.add_option("--share-sqlite", options.sqlite_share, "share of the rows in it")->check(CLI::Range(0.0, 1.0));
  app.add_option("--mysql", options.mysql,
                 "mysql://user@host:port/database to write a legacy table to, over as many connections as threads; the "
                 "password is read from MYSQL_PWD");
  app.add_option("--mysql-file", options.mysql_file, "its rows as a file for LOAD DATA instead");
  app.add_option("--mysql-table", options.mysql_table, "the table; dropped if it is there")->capture_default_str();
  app.add_option("--share-mysql", options.mysql_share, "share of the rows in it")->check(CLI::Range(0.0, 1.0));
  app.add_option("--trap", options.traps,
                 "NAME=SHARE, repeatable; the names and what they are without it:\n" + TrapsText(Traps()));
  app.add_flag("--only-truth", options.only_truth, "writes the truth (and the plan) of such outputs, not the outputs");
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
