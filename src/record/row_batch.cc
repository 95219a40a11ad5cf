#include "migrate/record/row_batch.h"

#include <cstring>

#include "migrate/base/sha256_many.h"

namespace migrate {

RowBatch::RowBatch(std::string_view source)
    : prefix_(std::string(source) + '\0'), bytes_(kBytes), rows_(kRows), messages_(kRows), digests_(kRows) {}

char* RowBatch::Begin(const Place& place, std::string_view source_key, std::string_view raw, size_t payload_bytes) {
  if (waiting_ == 0) {
    used_ = 0;
    const size_t need = prefix_.size() + source_key.size() + 1 + payload_bytes + kSlack;
    if (need > bytes_.size()) bytes_.resize(need);
  }
  message_ = used_;
  char* out = bytes_.data() + used_;
  std::memcpy(out, prefix_.data(), prefix_.size());
  out += prefix_.size();
  RawRow& row = rows_[waiting_];
  row.place = place;
  row.raw = raw;
  row.source_key = {out, source_key.size()};
  if (!source_key.empty()) std::memcpy(out, source_key.data(), source_key.size());
  out += source_key.size();
  *out++ = '\0';
  payload_ = static_cast<size_t>(out - bytes_.data());
  return out;
}

void RowBatch::End(const char* payload_end) {
  used_ = static_cast<size_t>(payload_end - bytes_.data());
  rows_[waiting_].payload = {bytes_.data() + payload_, used_ - payload_};
  messages_[waiting_] = {bytes_.data() + message_, used_ - message_};
  ++waiting_;
}

std::span<const RawRow> RowBatch::Take() {
  const size_t n = waiting_;
  waiting_ = 0;
  Sha256Many({messages_.data(), n}, digests_.data());
  for (size_t i = 0; i < n; ++i) rows_[i].row_sha256 = digests_[i];
  return {rows_.data(), n};
}

}  // namespace migrate
