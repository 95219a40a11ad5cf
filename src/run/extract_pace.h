// The percentage of extract, whose rows nobody has counted beforehand.
#pragma once

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <vector>

#include "migrate/progress/progress.h"
#include "migrate/run/inputs.h"

namespace migrate::run {

// How many rows there will be, guessed from the bytes that were read so far: for the percentage alone. Only where all
// inputs are text files as they lie; of tables and archives the place in the file says nothing.
class ExtractPace {
 public:
  explicit ExtractPace(const std::vector<Input>& inputs) {
    for (const Input& i : inputs) {
      if (i.state != Input::State::kImport) continue;
      guesses_ &= i.what == "csv" && !i.path.ends_with(".gz") && !i.path.ends_with(".zst");
      total_ += i.bytes;
    }
  }
  void Begin(const Input& input) {
    std::lock_guard lock(mutex_);
    before_ += input_bytes_;
    input_bytes_ = input.bytes;
    reached_ = 0;
  }
  // A chunk that ends there has been read; `meter` counts its rows already.
  void Reached(uint64_t byte_end, progress::Meter* meter) {
    std::lock_guard lock(mutex_);
    reached_ = std::max(reached_, byte_end);
    // An archive under another name.
    if (reached_ > input_bytes_) guesses_ = false;
    const uint64_t bytes = before_ + reached_;
    if (!guesses_ || bytes == 0) return meter->SetTotal(0);
    meter->SetTotal(static_cast<uint64_t>(static_cast<double>(meter->rows()) * static_cast<double>(total_) /
                                          static_cast<double>(bytes)));
  }

 private:
  std::mutex mutex_;
  bool guesses_ = true;
  uint64_t total_ = 0, before_ = 0, input_bytes_ = 0, reached_ = 0;
};

}  // namespace migrate::run
