// Identity and proof of a source row (DESIGN.md "Identity and proof").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/base/hash.h"

namespace migrate {

// The first 8 bytes, big-endian, of SHA-256(source ‖ 0x00 ‖ source_key), top bit cleared.
uint64_t RecordId(std::string_view source, std::string_view source_key);

// RecordId of many keys of one source, two at a time (base/sha256_many.h). Not thread-safe.
class RecordIds {
 public:
  explicit RecordIds(std::string_view source) : prefix_(source) { prefix_.push_back('\0'); }
  void Add(std::string_view source_key);
  // Of the keys since the last call, in order; valid until the next Add.
  const std::vector<uint64_t>& Finish();

 private:
  std::string prefix_, buffer_;
  std::vector<size_t> ends_;
  std::vector<std::string_view> messages_;
  std::vector<Sha256> hashes_;
  std::vector<uint64_t> ids_;
};

// Computes both hashes of a row of one source; keeps the source's name. Not thread-safe: one a worker.
class RowDigester {
 public:
  explicit RowDigester(std::string_view source) : prefix_(source) { prefix_.push_back('\0'); }
  // SHA-256(source ‖ 0x00 ‖ source_key ‖ 0x00 ‖ payload)
  Sha256 Row(std::string_view source_key, std::string_view payload);

 private:
  std::string prefix_;
  Sha256Hasher hasher_;
  std::string buffer_;
};

// Which partition a record belongs to. MySQL's PARTITION BY HASH(record_id) is MOD; in SQLite, which has no partitions,
// ranges of record_id let each partition be one stretch of the B-tree, so loading them in turn fills it in key order.
struct Partitioner {
  enum class Kind : uint8_t { kRange, kModulo };
  Kind kind = Kind::kRange;
  uint32_t count = 32;
  uint32_t Of(uint64_t record_id) const {
    // record_id has 63 bits; the multiplication cannot overflow 64 bits after the shift (count <= 2^16).
    return kind == Kind::kModulo ? static_cast<uint32_t>(record_id % count)
                                 : static_cast<uint32_t>(((record_id >> 16) * count) >> 47);
  }
  // First record_id of a kRange partition (count gives 2^63).
  uint64_t RangeBegin(uint32_t partition) const {
    return ((((static_cast<uint64_t>(partition) << 47) + count - 1) / count) << 16);
  }
};

// "b***@s***.net", "R*****": what a log or a report may show of a value. Keeps the first character of each word, of
// digits none but the last two; never longer than 40 characters.
std::string Masked(std::string_view utf8);

}  // namespace migrate
