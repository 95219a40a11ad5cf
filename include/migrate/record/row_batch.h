// Rows of one source on their way to a sink, a batch at a time, so that their digests are computed together
// (base/sha256_many.h). What is hashed, source ‖ 0x00 ‖ source_key ‖ 0x00 ‖ payload, is put together once, in the
// batch, and the key and payload of the rows that come out are views into it.
//
//   if (!batch.HasRoom(key.size(), payload_bytes)) for (const RawRow& row : batch.Take()) sink.OnRow(row);
//   char* out = batch.Begin(place, key, raw, payload_bytes);
//   batch.End(... one past the last byte of the payload ...);
//   ...
//   for (const RawRow& row : batch.Take()) sink.OnRow(row);            // the last ones
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "migrate/record/record.h"

namespace migrate {

// Memory: kBytes, or its longest row where that is longer. Not thread-safe: one a worker.
class RowBatch {
 public:
  static constexpr size_t kRows = 32;
  static constexpr size_t kBytes = 32 << 10;
  // What Begin's room has beyond the bytes that were asked for: a payload may be written in pieces of 32 bytes.
  static constexpr size_t kSlack = 32;

  explicit RowBatch(std::string_view source);

  // False: Take() first. An empty batch has room for any row.
  bool HasRoom(size_t key_bytes, size_t payload_bytes) const {
    return waiting_ == 0 || (waiting_ < kRows && prefix_.size() + key_bytes + 1 + payload_bytes + kSlack <= Left());
  }
  // Begins a row; HasRoom() has been asked. `raw` (see RawRow) must stay where it is until the row was taken. Returns
  // where up to `payload_bytes` bytes of payload go.
  char* Begin(const Place& place, std::string_view source_key, std::string_view raw, size_t payload_bytes);
  void End(const char* payload_end);
  // The rows since the last call, in order, with their digests. They live until the next Begin().
  std::span<const RawRow> Take();

 private:
  size_t Left() const { return bytes_.size() - used_; }

  const std::string prefix_;  // source ‖ 0x00
  std::vector<char> bytes_;
  size_t used_ = 0, waiting_ = 0;
  size_t message_ = 0, payload_ = 0;  // of the row that was begun: where they start
  std::vector<RawRow> rows_;
  std::vector<std::string_view> messages_;
  std::vector<Sha256> digests_;
};

}  // namespace migrate
