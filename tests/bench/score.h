// Pairwise and B-cubed scores of clusters against the truth, for any number of rows in bounded memory.
//
// The definitions are those of the literature (Bagga and Baldwin, "Entity-based cross-document coreferencing using the
// vector space model", 1998, for B-cubed). A row of the truth that was not clustered counts as a cluster of its own.
// Where a ratio is 0/0, precision is 1 without predicted pairs, recall is 1 without true pairs, and F1 is 0.
//
// How: both files are cut into parts by a hash of the row's id; a part's rows are joined in memory into pairs (true
// cluster, predicted cluster), which are cut once more by either cluster and sorted part by part. Ids are 128-bit
// hashes and clusters 64-bit ones (a chance of 2e-4 that any two of 84 million clusters meet). Temporary space: 48
// bytes a row, then 32.
#pragma once

#include <cstdint>
#include <string>

#include "migrate/base/status.h"

namespace migrate::score {

struct Options {
  std::string truth, predicted;  // "-" is standard input, for one of them
  std::string folder;            // for temporary files, which are removed
  uint64_t memory = 256 << 20;   // bytes, for the largest part; at least 1 MiB
};

struct Scores {
  uint64_t rows = 0, pairs_true = 0, pairs_predicted = 0, true_positives = 0;
  uint64_t clusters_true = 0, clusters_predicted = 0;
  uint64_t unpredicted = 0;  // rows of the truth that were not clustered
  double precision = 1, recall = 1, f1 = 0;
  double b3_precision = 1, b3_recall = 1, b3_f1 = 0;
};

// Both are CSV with a header. The columns `id` and `cluster` say it all, or `source` and `source_key` with `cluster` or
// `person_id`: if both files have source and source_key, these are the id. Further columns are ignored. Fails, naming
// file and line, where a column is missing, a cell of a cluster is empty, a row has another number of fields, and where
// an id is given twice or is predicted but not in the truth.
Result<Scores> Score(const Options& options);

// One line of JSON, ratios with six digits.
std::string ToJson(const Scores& scores);

}  // namespace migrate::score
