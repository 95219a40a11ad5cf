// migrate-score: how well clusters agree with the truth. See tests/bench/README.md.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>

#include "score.h"

namespace migrate::score {
namespace {

int Main(int argc, char** argv) {
  Options options;
  std::string folder;
  uint64_t memory_mib = 256;
  CLI::App app("Pairwise and B-cubed precision, recall and F1 of clusters against the truth, as one line of JSON.");
  app.add_option("truth", options.truth, "CSV with id, or source and source_key, and cluster; - is standard input")
      ->required();
  app.add_option("predicted", options.predicted, "CSV with the same ids, and cluster or person_id")->required();
  app.add_option("--folder", folder, "for temporary files, 48 bytes a row (default: the system's)");
  app.add_option("--memory", memory_mib, "MiB to keep to, about")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1} << 20))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  options.memory = memory_mib << 20;
  std::error_code error;
  const std::filesystem::path base =
      folder.empty() ? std::filesystem::temp_directory_path(error) : std::filesystem::path(folder);
  options.folder = (base / fmt::format("migrate-score-{}", getpid())).string();
  std::filesystem::create_directories(options.folder, error);
  const Result<Scores> scores = Score(options);
  std::filesystem::remove_all(options.folder, error);
  if (!scores.ok()) {
    fmt::print(stderr, "migrate-score: {}\n", scores.status().message());
    return 2;
  }
  fmt::print("{}\n", ToJson(*scores));
  return 0;
}

}  // namespace
}  // namespace migrate::score

int main(int argc, char** argv) { return migrate::score::Main(argc, argv); }
