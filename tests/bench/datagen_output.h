// Outputs of migrate-datagen: CSV files and tables with a run of the rows each, the truth, and a plan that reads them.
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
  std::string path;   // of a file; overwritten if it is there
  std::string url;    // mysql://user@host:port/database of Layout::kMysql, "" for a file of its lines
  std::string table;  // of Layout::kTable and kMysql
  Layout layout = Layout::kMain;
  uint64_t first = 0, rows = 0;
};

// Writes all sources; their bytes do not depend on `threads` (at least 1). Memory: about 4 MB a thread. Fails if an
// output cannot be written; what was written stays.
Status WriteSources(const World& world, const std::vector<Source>& sources, int threads);

// Writes a CSV `id,cluster,source,source_key`, one line a row in the order of the sources; id is the key alone where
// there is one source, else `source:source_key`. The sources need not be there: a file whose keys contain its hash is
// made again for it, without being written.
Status WriteTruth(const World& world, const std::vector<Source>& sources, const std::string& path, int threads);

// Writes a plan over the sources into the target sqlite:people.db. Paths are relative to the plan's folder where they
// lie below it.
Status WritePlan(const std::vector<Source>& sources, const std::string& path);

// Writes a small file.
Status WriteText(const std::string& path, std::string_view text);

}  // namespace migrate::datagen
