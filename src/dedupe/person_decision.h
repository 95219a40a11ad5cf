// decision.json of a decision about persons (persons.h): what makes it one, and whether it holds.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "migrate/dedupe/persons.h"

namespace migrate::dedupe {

struct Decision {
  int64_t import_id = 0;
  std::string identity;         // PersonOptions::identity
  std::string base, stamp;      // the target's setting "persons_stamp" before and after
  int64_t last_import = 0;      // the greatest import_id of the target but this one
  uint32_t partitions = 1;      // by which the lists are cut
  uint64_t next_person_id = 1;  // once it is applied
  PersonCounts counts;
};

// The target's side of the above: base, stamp and last_import as they would be for a decision made now.
Status ReadStamps(const PersonOptions& options, Decision* decision);

// What becomes of the stamp when all is written: another one than the decision's, so that its lists, should they still
// be found, are not applied again.
inline std::string DoneStamp(const Decision& decision) { return decision.stamp + " done"; }

// Atomic; after the lists are finished.
Status WriteDecision(const std::string& scratch, const Decision& decision);

// The decision in scratch, if there is one, it is of this import, and it holds.
Result<std::optional<Decision>> DecisionInForce(const PersonOptions& options);

}  // namespace migrate::dedupe
