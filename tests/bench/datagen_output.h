// Files of migrate-datagen: CSV files and tables with a run of the rows each, the truth, and a plan that reads them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datagen_layouts.h"
#include "datagen_people.h"
#include "migrate/base/status.h"

namespace migrate::datagen {

// One source: the rows at positions [first, first + rows) of the world.
struct Source {
  std::string name;   // in the plan and in the truth
  std::string path;   // overwritten if it is there
  std::string table;  // of Layout::kTable
  Layout layout = Layout::kMain;
  uint64_t first = 0, rows = 0;
};

// Writes all sources and, if `truth_path` is not empty, a CSV `id,cluster,source,source_key`, one line a row in the
// order of the sources; id is the key alone where there is one source, else `source:source_key`. The bytes do not
// depend on `threads` (at least 1). Memory: about 4 MB a thread. Fails if a file cannot be written; what was written
// stays.
Status WriteSources(const World& world, const std::vector<Source>& sources, const std::string& truth_path, int threads);

// Writes a plan over the sources into the target sqlite:people.db. Paths are relative to the plan's folder where they
// lie below it.
Status WritePlan(const std::vector<Source>& sources, const std::string& path);

}  // namespace migrate::datagen
