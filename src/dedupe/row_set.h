// A set of rows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace migrate::dedupe {

// One bit a row: small enough to stay in the cache where what it tells of does not.
class RowSet {
 public:
  explicit RowSet(uint32_t rows) : bits_(rows / 64 + 1) {}
  bool Has(uint32_t row) const { return all_ || (bits_[row >> 6] >> (row & 63) & 1) != 0; }
  void Add(uint32_t row) { bits_[row >> 6] |= uint64_t{1} << (row & 63); }
  void AddAll() { all_ = true; }
  void Clear() {
    std::fill(bits_.begin(), bits_.end(), 0);
    all_ = false;
  }

 private:
  std::vector<uint64_t> bits_;
  bool all_ = false;
};

}  // namespace migrate::dedupe
