// A manifest: the append-only list of what a stage finished. Its line is the commit: an artifact that no line names
// does not exist and is thrown away. One JSON object a line; a last line that a crash cut short is dropped when it is
// opened.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"

namespace migrate::spool {

struct ManifestLine {
  std::string kind;  // "input", "raw", "records", "stage", ...
  uint32_t file = 0, chunk = 0;
  std::map<std::string, std::string> values;               // the rest, as texts
  uint64_t Number(const std::string& name) const;          // 0 if it is missing
  const std::string& Text(const std::string& name) const;  // "" if it is missing
};

// The whole lines of a manifest that somebody may be writing; changes nothing.
Result<std::vector<ManifestLine>> ReadManifest(const std::string& path);

// Append is thread-safe and returns when the line is on disk.
class Manifest {
 public:
  // Reads what is there (an empty manifest if there is no file). Damage before the last line is an error.
  static Result<std::unique_ptr<Manifest>> Open(const std::string& path);
  Status Append(const ManifestLine& line) { return AppendAll({&line, 1}); }
  // Several lines with one write and one sync: after a crash the first of them may be there and the others not.
  Status AppendAll(std::span<const ManifestLine> lines);
  // Takes all lines of a kind (of one file) out, for what is to be done again. Not while other threads append.
  Status Drop(const std::string& kind, std::optional<uint32_t> file = std::nullopt);
  std::vector<ManifestLine> Lines(const std::string& kind) const;
  const ManifestLine* Find(const std::string& kind, uint32_t file, uint32_t chunk) const;  // the last such, or null

 private:
  Manifest() = default;
  mutable std::mutex mutex_;
  std::string path_;
  File file_;
  uint64_t size_ = 0;  // of the whole lines in the file
  Status broken_;      // the first failed write
  std::vector<std::unique_ptr<ManifestLine>> lines_;
};

}  // namespace migrate::spool
