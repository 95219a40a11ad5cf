// A manifest: the append-only list of what a stage finished. Its line is the commit: an artifact that no line names
// does not exist and is thrown away. One JSON object a line, with its own XXH64 as "check"; a last line that a crash
// cut short is dropped when it is opened.
//
// Several processes may work on one import (shards), on several machines with one folder. Appending to one file from
// several machines is not safe, so each writer has a file of its own beside the manifest, which it makes anew and
// nobody else ever writes: manifest.jsonl and manifest.WRITER.jsonl. Its first line {"kind":"of","run_key":...} names
// the work; files that name another one than the last "work" line of manifest.jsonl do not count. All are read as one:
//   - Of lines of one kind, file and chunk in several files one counts: who did a part again did the same.
//   - Lines of an input that one process reads as a whole (AsWhole) carry its name as `attempt`. Of the kinds "raw" and
//     "bound" those count that have the attempt of the input's "extracted" line; without such a line those without one.
//   - A line "dropped" of manifest.jsonl takes lines of a kind (and file) out of all other files.
//   - An unfinished last line of somebody else's file is passed over: it may be being written.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
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

// The whole lines of all files of a manifest that somebody may be writing; changes nothing, damaged ones are left out.
Result<std::vector<ManifestLine>> ReadManifest(const std::string& path);

// Append is thread-safe and returns when the line is on disk.
class Manifest {
 public:
  // Reads what is there (an empty manifest if there is no file), to write manifest.jsonl itself: one process at a time.
  // Damage before the last line is an error.
  static Result<std::unique_ptr<Manifest>> Open(const std::string& path);
  // Reads what is there, to write a file of this process beside it, made with the first line. Any number of processes.
  static Result<std::unique_ptr<Manifest>> OpenBeside(const std::string& path);
  // What ReadManifest gives, as one text.
  static Result<std::string> Look(const std::string& path);

  // After Open, while nobody else is at work: all lines into manifest.jsonl, and the other files are removed.
  Status TakeIn();
  Status Append(const ManifestLine& line) { return AppendAll({&line, 1}); }
  // Several lines with one write and one sync: after a crash the first of them may be there and the others not.
  Status AppendAll(std::span<const ManifestLine> lines);
  // Takes all lines of a kind (of one file) out, for what is to be done again. Not while other threads append. After
  // OpenBeside only of this process's own file.
  Status Drop(const std::string& kind, std::optional<uint32_t> file = std::nullopt);
  // After OpenBeside: this process reads the input as a whole, from now on.
  void AsWhole(uint32_t file);
  // In the order of files and chunks; of one chunk in the order in which they were added.
  std::vector<ManifestLine> Lines(const std::string& kind) const;
  const ManifestLine* Find(const std::string& kind, uint32_t file, uint32_t chunk) const;  // the last such, or null

 private:
  friend Result<std::vector<ManifestLine>> ReadManifest(const std::string& path);
  struct Entry {
    std::unique_ptr<ManifestLine> line;
    bool own = true;  // in the file that this object writes
  };
  enum class Reader : uint8_t { kWriter, kBeside, kLook };
  Manifest() = default;
  Status Read(Reader reader);
  Status ReadOthers(bool lenient);
  Status MakeOwnFile();
  std::string OwnPath() const;

  mutable std::mutex mutex_;
  std::string path_;    // of manifest.jsonl
  std::string writer_;  // after OpenBeside: this process
  File file_;
  uint64_t size_ = 0;  // of the whole lines in the file
  Status broken_;      // the first failed write
  std::vector<Entry> lines_;
  std::set<uint32_t> whole_;
};

}  // namespace migrate::spool
