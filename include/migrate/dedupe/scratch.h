// Scratch: what does not fit the memory, in files without a name below a folder. Their place on the disk is free again
// as soon as they are closed, or the process ends, however it ends.
//
// What fails here is thrown as ScratchFailure, so that it passes through the threads of ParallelParts; Matcher::Run
// makes a Status of it.
#pragma once

#include <cstdint>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "migrate/base/file.h"
#include "migrate/base/status.h"
#include "migrate/dedupe/column.h"

namespace migrate::dedupe {

class ScratchFailure : public std::exception {
 public:
  explicit ScratchFailure(Status status) : status_(std::move(status)) {}
  const Status& status() const { return status_; }
  const char* what() const noexcept override { return status_.message().c_str(); }

 private:
  Status status_;
};

// Creates such a file.
File ScratchFile(const std::string& folder);
void WriteScratch(File* file, std::string_view bytes);
// Exactly `bytes` from `offset` on.
void ReadScratch(const File& file, uint64_t offset, char* to, size_t bytes);

// Bytes under parts, put down in pieces in any order and read back part by part. Memory: 16 bytes a piece.
class PartedFile {
 public:
  PartedFile(const std::string& folder, size_t parts) : file_(ScratchFile(folder)), pieces_(parts) {}

  // By several threads at once.
  void Append(size_t part, std::string_view bytes);
  template <class T>
  void Append(size_t part, const Column<T>& values) {
    Append(part, {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)});
  }

  // Appends what lies under a part, in the order in which it was put down. Not while something is appended.
  template <class T>
  void Read(size_t part, Column<T>* out) const {
    for (const auto& [offset, bytes] : pieces_[part])
      ReadScratch(file_, offset, reinterpret_cast<char*>(out->Extend(bytes / sizeof(T))), bytes);
  }
  // Calls take(values) with one piece of a part after the other.
  template <class T, class Take>
  void EachPiece(size_t part, Take take) const {
    Column<T> values;
    for (const auto& [offset, bytes] : pieces_[part]) {
      values.Truncate(0);
      ReadScratch(file_, offset, reinterpret_cast<char*>(values.Extend(bytes / sizeof(T))), bytes);
      take(static_cast<const Column<T>&>(values));
    }
  }
  uint64_t BytesOf(size_t part) const {
    uint64_t sum = 0;
    for (const auto& [offset, bytes] : pieces_[part]) sum += bytes;
    return sum;
  }

 private:
  File file_;
  std::mutex mutex_;
  uint64_t size_ = 0;
  std::vector<std::vector<std::pair<uint64_t, uint64_t>>> pieces_;  // by part: offset, bytes
};

}  // namespace migrate::dedupe
