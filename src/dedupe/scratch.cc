#include "migrate/dedupe/scratch.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <random>

namespace migrate::dedupe {

File ScratchFile(const std::string& folder) {
  // The folder may be shared with other machines.
  std::random_device random;
  const std::string path = fmt::format("{}/match.{}.{:08x}{:08x}.tmp", folder, getpid(), random(), random());
  auto file = File::Create(path);
  if (!file.ok()) throw ScratchFailure(file.status());
  if (unlink(path.c_str()) != 0) throw ScratchFailure(PosixError(path, "cannot be removed", errno));
  return *std::move(file);
}

void WriteScratch(File* file, std::string_view bytes) {
  if (const Status s = file->Write(bytes); !s.ok()) throw ScratchFailure(s);
}

void ReadScratch(const File& file, uint64_t offset, char* to, size_t bytes) {
  const auto read = file.ReadAt(offset, to, bytes);
  if (!read.ok()) throw ScratchFailure(read.status());
  if (*read != bytes)
    throw ScratchFailure(Status::Failed(file.path() + ": shorter than what was written to it",
                                        "check the disk that the workspace is on, then run again"));
}

void PartedFile::Append(size_t part, std::string_view bytes) {
  if (bytes.empty()) return;
  const std::lock_guard lock(mutex_);
  WriteScratch(&file_, bytes);
  pieces_[part].emplace_back(size_, bytes.size());
  size_ += bytes.size();
}

}  // namespace migrate::dedupe
