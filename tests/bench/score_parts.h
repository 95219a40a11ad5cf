// Fixed-size entries, cut by hash into files of which one fits in memory at a time.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "migrate/base/status.h"

namespace migrate::score {

// The files FOLDER/NAME.0 ... of `count` parts; removed with the object. Entry: trivially copyable, compared byte by
// byte nowhere. Memory: 64 KB a part while it is written. Keeps `count` files open until Finish, so count stays
// below 500.
template <class Entry>
class Parts {
 public:
  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    for (size_t i = 0; i < files_.size(); ++i) {
      if (files_[i]) std::fclose(files_[i]);
      std::remove(Path(i).c_str());
    }
  }

  Status Open(const std::string& folder, const std::string& name, size_t count) {
    base_ = folder + "/" + name;
    for (size_t i = 0; i < count; ++i) {
      files_.push_back(std::fopen(Path(i).c_str(), "wb"));
      if (!files_.back()) return Error(i, "open");
      std::setvbuf(files_.back(), nullptr, _IOFBF, 64 << 10);
    }
    counts_.resize(count);
    return Status();
  }
  Status Add(uint64_t hash, const Entry& entry) {
    // The upper bits: entries of a part are told apart by the lower ones.
    const size_t part = static_cast<size_t>((hash >> 40) % files_.size());
    ++counts_[part];
    return std::fwrite(&entry, sizeof entry, 1, files_[part]) == 1 ? Status() : Error(part, "write");
  }
  Status Finish() {
    for (size_t i = 0; i < files_.size(); ++i)
      if (std::fclose(std::exchange(files_[i], nullptr)) != 0) return Error(i, "write");
    return Status();
  }
  // All entries of a part; its file is removed.
  Result<std::vector<Entry>> Take(size_t part) {
    std::vector<Entry> entries(counts_[part]);
    FILE* file = std::fopen(Path(part).c_str(), "rb");
    if (!file) return Error(part, "open");
    const size_t n = std::fread(entries.data(), sizeof(Entry), entries.size(), file);
    std::fclose(file);
    if (n != entries.size()) return Error(part, "read");
    std::remove(Path(part).c_str());
    return entries;
  }
  size_t size() const { return files_.size(); }

 private:
  std::string Path(size_t part) const { return fmt::format("{}.{}", base_, part); }
  Status Error(size_t part, const char* what) const {
    return Status::Failed(fmt::format("{}: cannot {}: {}", Path(part), what, std::strerror(errno)),
                          "a temporary file; --folder takes them elsewhere");
  }

  std::string base_;
  std::vector<FILE*> files_;
  std::vector<uint64_t> counts_;
};

}  // namespace migrate::score
