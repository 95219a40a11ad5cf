// `run --verify-source`: some records against the rows of the sources as they are now, read and normalized once more.
//
// Rows are drawn by seed, the same number (but for one) of each source and partition, where there are so many. A drawn
// record is
//   same      a row of the source has its row_sha256, and normalizes to what is stored
//   changed   no row has it, and the file that it came from is another one now (by its SHA-256), or a server's table
//   gone      no row has its key any more, and the file is another one, or away
//   elsewhere the same, but the record came by another plan, whose inputs are not read here
//   damaged   the stored row is not what its own digest says; or its file is unchanged and holds another row, or none;
//             or it normalizes to something else under the very rules of its import
// Only `damaged` is a mismatch. Each is shown side by side, column by column, values masked.
//
// Memory: the drawn records and the rows that have their keys.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "context.h"

namespace migrate::run {

struct VerifiedColumn {
  std::string name, source, target;  // masked
};
struct VerifiedRow {
  std::string source, key, place, verdict;  // place: of the row in its source, "" if there is none
  std::vector<VerifiedColumn> columns;      // that differ
};
struct SourceVerification {
  uint64_t seed = 0;
  uint64_t drawn = 0, strata = 0;
  uint64_t same = 0, changed = 0, gone = 0, elsewhere = 0, damaged = 0;
  std::vector<VerifiedRow> rows;  // the first kMostVerified that are not the same, damaged ones first
  std::vector<std::string> notes;
};
inline constexpr size_t kMostVerified = 100;

// VerifySource with reconcile.sample rows and another seed for each reconciliation: what is damaged goes into *report
// as damage, the rest into c->verification; a note says the counts, and warnings show the first rows that are not the
// same.
Status AddVerification(Context* c, reconcile::Report* report);

// The target is open in *c, and its inputs are found and hashed. Inputs that cannot be read are in the notes.
Result<SourceVerification> VerifySource(Context* c, uint64_t sample, uint64_t seed);

nlohmann::json VerificationJson(const SourceVerification& v);

}  // namespace migrate::run
