// A look at an input before anything is imported: how many rows it has, and what they will cost.
#pragma once

#include <cstdint>
#include <string>

#include "migrate/run/estimate.h"
#include "migrate/run/inputs.h"

namespace migrate::run {

struct Look {
  double rows = 0;   // rejects included
  double error = 0;  // of rows, as a share, for 19 inputs of 20; 0: counted
  std::string how;   // "counted", "COUNT(*)", "estimated from 17 places"
  Shape shape;       // of all rows: the sample, scaled
};

// Reads the input, never writes. CSV: a file of up to 4 MiB is counted; of a larger one its first 4 MiB are counted and
// the density of rows at 16 further places taken; of one that is packed or UTF-16 the first 32 MiB are counted and the
// rest is taken to be like them. Tables are counted by the database. About `sample` rows are run through the plan's
// mapping. Memory: a chunk.
Result<Look> LookAt(const plan::Plan& plan, const Input& input, size_t sample);

}  // namespace migrate::run
